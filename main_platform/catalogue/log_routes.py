"""The public half of the federation interface (protocol §5): no caller, no signature, cacheable."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi import Path as PathParameter

from main_platform.catalogue.errors import BeyondLog, LogNotOpened, NoSuchObject, ObjectGone
from main_platform.catalogue.handovers import read_handovers_from
from main_platform.catalogue.log_reading import (
    PageWanted,
    prove_growth,
    prove_inclusion,
    prove_inclusion_offline,
    read_entry_bundle,
    read_hash_tile,
    read_log_page,
    read_object,
    read_stored_bundle,
)
from main_platform.catalogue.log_view import LogView, SignedLog
from main_platform.catalogue.log_waiters import PUBLIC, LogWaiters
from main_platform.catalogue.well_known import describe_hub
from main_platform.nodes.key_lookup import prove_node
from shared_platform.catalogue.log_source import MAX_WAIT_SECONDS
from shared_platform.database.transaction import Now, Transaction
from shared_platform.transport.conditional import is_fresh
from shared_platform.transport.content_coding import (
    accepted_coding,
    already_coded_answer,
    coded_answer,
    is_bounded,
)
from shared_platform.transport.problem_documents import problems
from shared_platform.transport.signed_answers import json_answer
from shared_schema.instants import Instant
from shared_schema.log_handover import write_handovers
from shared_schema.log_page import MAX_PAGE_ENTRIES
from shared_schema.merkle import MAX_TREE_SIZE
from shared_schema.refusal import DomainError
from shared_schema.tiles import Bundle, parse_tile_path

_FOR_EVER: Final = {"cache-control": "public, max-age=31536000, immutable"}
_FOR_MINUTES: Final = {"cache-control": "public, max-age=600"}
_FOR_A_SECOND: Final = {"cache-control": "public, max-age=1"}
_ASK_EACH_TIME: Final = {"cache-control": "public, no-cache"}  # an erased object vanishes at once
_NEVER: Final = {"cache-control": "no-store"}
_TEXT: Final = "text/plain; charset=utf-8"
_BYTES: Final = "application/octet-stream"
_JSON: Final = "application/json"

router = APIRouter(tags=["log"])
_PREFIX: Final = "/federation/v1"


async def read_view(request: Request) -> LogView:
    """The process's view of the log, made with its first request."""
    state = request.app.state
    view: LogView | None = getattr(state, "log_view", None)
    if view is None:
        view = state.log_view = LogView(state.sessions, state.signals)
    return view


async def read_waiters(request: Request) -> LogWaiters:
    """The places of this process for long polls, made with its first request."""
    state = request.app.state
    waiters: LogWaiters | None = getattr(state, "log_waiters", None)
    if waiters is None:
        settings = state.settings
        waiters = LogWaiters(settings.log_waiting_public, settings.log_waiting_node)
        state.log_waiters = waiters
    return waiters


async def read_signed_log(view: Annotated[LogView, Depends(read_view)]) -> SignedLog:
    """The newest checkpoint.

    Raises:
        LogNotOpened: there is none.
    """
    return await view.latest()


View = Annotated[LogView, Depends(read_view)]
Waiters = Annotated[LogWaiters, Depends(read_waiters)]
Signed = Annotated[SignedLog, Depends(read_signed_log)]
Size = Annotated[int | None, Query(ge=0, le=MAX_TREE_SIZE)]


def _answers(media_type: str, description: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": description, "content": {media_type: {}}}}


@router.get("/.well-known/kaixu", summary="本网络的入口 / what this hub is and where to find it")
async def read_well_known(http: Request, now: Now) -> Response:
    """Federation, versions, limits, log key (the anchor decides), addresses, the hub's time."""
    state = http.app.state
    return json_answer(describe_hub(state.settings, state.anchor, now=now))


@router.get(
    f"{_PREFIX}/log/checkpoint",
    response_class=Response,
    summary="最新检查点 / the newest checkpoint (c2sp.org/tlog-checkpoint)",
    responses=_answers("text/plain", "签名检查点 / a signed note")
    | {304: {"description": "未变 / unchanged"}}
    | problems(LogNotOpened),
)
async def read_checkpoint(http: Request, log: Signed) -> Response:
    """The hub's signature over size and root; ask with If-None-Match."""
    headers = {"etag": log.etag, **_FOR_A_SECOND}
    if is_fresh(http, log.etag):
        return Response(status_code=304, headers=headers)
    return Response(log.note, media_type=_TEXT, headers=headers)


@router.get(
    f"{_PREFIX}/log/handovers",
    response_class=Response,
    summary="日志密钥的交接 / checkpoints that hand the log key over, oldest first",
    responses=_answers(_JSON, "handovers: serial, checkpoint"),
)
async def read_key_handovers(
    session: Transaction,
    first: Annotated[int, Query(alias="from", ge=0, le=MAX_TREE_SIZE)] = 0,
) -> Response:
    """For each change of the log's key, the first checkpoint signed by old and new key."""
    listed = write_handovers(await read_handovers_from(session, first))
    return Response(listed, media_type=_JSON, headers=_FOR_A_SECOND)


@router.get(
    f"{_PREFIX}/log/tile/{{place:path}}",
    response_class=Response,
    summary="瓦片或条目束 / a tile of hashes or a bundle of entries (c2sp.org/tlog-tiles)",
    responses=_answers(_BYTES, "瓦片 / the tile") | problems(BeyondLog, LogNotOpened),
)
async def read_tile(http: Request, place: str, log: Signed, session: Transaction) -> Response:
    """A tile or bundle by its C2SP path; full ones never change."""
    named = parse_tile_path(f"tile/{place}")
    headers = _FOR_EVER if named.is_full else _FOR_MINUTES
    if not isinstance(named, Bundle):
        tile = await read_hash_tile(session, named, size=log.size)
        return Response(tile, media_type=_BYTES, headers=headers)
    stored = await read_stored_bundle(session, named, size=log.size)
    if stored is not None and accepted_coding(http) == "zstd" and is_bounded(stored):
        return already_coded_answer(stored, media_type=_BYTES, headers=headers)
    body = await read_entry_bundle(session, named, size=log.size)
    return await coded_answer(http, body, media_type=_BYTES, headers=headers)


@router.get(
    f"{_PREFIX}/log/entries",
    response_class=Response,
    summary="增量页 / a page of entries with their statements",
    responses=_answers(_JSON, "from, next, tree_size, entries") | problems(LogNotOpened),
)
async def read_entries(
    http: Request,
    view: View,
    waiters: Waiters,
    now: Now,
    first: Annotated[int, Query(alias="from", ge=0, le=MAX_TREE_SIZE)] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_ENTRIES)] = MAX_PAGE_ENTRIES,
    bodies: Annotated[bool, Query()] = False,  # noqa: FBT002 - a query parameter
    wait: Annotated[int, Query(ge=0, le=MAX_WAIT_SECONDS)] = 0,
) -> Response:
    """Entries in order, always with `next`; at the end of the log, waits up to `wait` seconds.

    Answered at once while as many wait as may; a node that signs the request has a place of its
    own.
    """
    with waiters.place(await _waiting_node(http, now) if wait else PUBLIC) as is_free:
        log = await view.grown_beyond(first, wait_seconds=wait if is_free else 0)
    wanted = PageWanted(first, limit, bodies)
    page = await read_log_page(http.app.state.sessions, wanted, size=log.size)
    headers = _NEVER if wait else _FOR_A_SECOND
    return await coded_answer(http, page, media_type=_JSON, headers=headers)


async def _waiting_node(http: Request, now: Instant) -> str:
    """The node that signed the poll; nobody where no signature holds: the log is public.

    No nonce is spent: whoever repeats the request only takes places of the node that signed it.
    """
    if "signature-input" not in http.headers:
        return PUBLIC
    try:
        return await prove_node(http, now)
    except DomainError:
        return PUBLIC


@router.get(
    f"{_PREFIX}/objects/sha256/{{digest}}",
    response_class=Response,
    summary="声明原文 / a statement's exact bytes",
    responses=_answers(_JSON, "DSSE 信封 / the envelope")
    | {304: {"description": "未变 / unchanged"}}
    | problems(NoSuchObject, ObjectGone),
)
async def read_statement_object(
    http: Request,
    session: Transaction,
    digest: Annotated[str, PathParameter(pattern=r"^[0-9a-f]{64}$")],
) -> Response:
    """The envelope whose SHA-256 an entry names; 410 after its erasure."""
    envelope = await read_object(session, bytes.fromhex(digest))
    headers = {"etag": f'"{digest}"', **_ASK_EACH_TIME}
    if is_fresh(http, headers["etag"]):
        return Response(status_code=304, headers=headers)
    return await coded_answer(http, envelope, media_type=_JSON, headers=headers)


@router.get(
    f"{_PREFIX}/proofs/entries/{{serial}}",
    response_class=Response,
    summary="存在证明 / the proof that an entry is in the log",
    responses=_answers("text/plain", "tlog-proof；给出 size 时为裸证明 / bare with `size`")
    | problems(BeyondLog, LogNotOpened),
)
async def read_inclusion_proof(
    session: Transaction,
    log: Signed,
    serial: Annotated[int, PathParameter(ge=0, le=MAX_TREE_SIZE)],
    size: Size = None,
) -> Response:
    """With the newest checkpoint (c2sp.org/tlog-proof); with `size`, bare, for that tree."""
    if size is None:
        proof = await prove_inclusion_offline(session, serial, log)
        return Response(proof, media_type=_TEXT, headers=_FOR_A_SECOND)
    proof = await prove_inclusion(session, serial, size=log.reaching(size))
    return Response(proof, media_type=_TEXT, headers=_FOR_EVER)


@router.get(
    f"{_PREFIX}/proofs/consistency",
    response_class=Response,
    summary="只增证明 / the proof that the log only grew between two sizes",
    responses=_answers("text/plain", "每行一个散列 / one hash a line")
    | problems(BeyondLog, LogNotOpened),
)
async def read_consistency_proof(
    session: Transaction,
    log: Signed,
    first: Annotated[int, Query(alias="from", ge=0, le=MAX_TREE_SIZE)],
    to: Size = None,
) -> Response:
    """The bare proof from one size to another, or to the newest checkpoint's."""
    proof = await prove_growth(session, first, log.reaching(log.size if to is None else to))
    headers = _FOR_A_SECOND if to is None else _FOR_EVER
    return Response(proof, media_type=_TEXT, headers=headers)
