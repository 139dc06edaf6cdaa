"""The audit page of a service: search, the state of the chain, export."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import StreamingResponse

from shared_platform.audit.check_chain import (
    TrailState,
    check_chain,
    read_evidence,
    read_trail_state,
)
from shared_platform.audit.heads import Anchored, audit_folder, read_heads
from shared_platform.audit.search import TrailQuery, search_trail
from shared_platform.audit.tables import audit_archive
from shared_platform.audit_desk.audit_words import AUDIT_WORDS, KIND_TITLES
from shared_platform.audit_desk.export_trail import (
    MEDIA_TYPES,
    Export,
    Format,
    export_lines,
    record_export,
)
from shared_platform.database.transaction import Now, Transaction
from shared_platform.public_pages.reader import Reader
from shared_platform.settings import PlatformSettings
from shared_platform.workspace.forms import Filled, FormError
from shared_platform.workspace.submit_once import see_other
from shared_platform.workspace.visit import Visit, page_caller_with
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import Words

PATH: Final = "/audit"
CHECKED: Final = 5_000
_TEMPLATE: Final = "shared_platform.audit_desk:audit.html"
_FILTERS: Final = ("actor", "act", "kind", "subject", "since", "until")
Typed = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True, slots=True)
class ShownAct:
    """One act for the template."""

    row: Row[Any]
    title: str
    kind: str
    facts: list[tuple[str, str]]


async def typed_filters(
    actor: Typed = "",
    act: Typed = "",
    kind: Typed = "",
    subject: Typed = "",
    since: Typed = "",
    until: Typed = "",
) -> dict[str, str]:
    """What the form of the page sent, as it was typed."""
    given = (actor, act, kind, subject, since, until)
    return dict(zip(_FILTERS, (one.strip() for one in given), strict=True))


Filters = Annotated[dict[str, str], Depends(typed_filters)]


def audit_pages(read: StrEnum, acts: Mapping[str, Words]) -> APIRouter:
    """The page for whoever has the permission; `acts` are the service's, with their titles."""
    router = APIRouter(include_in_schema=False)
    Auditing = Annotated[Visit, Depends(page_caller_with(read), scope="function")]  # noqa: N806

    @router.get(PATH)
    async def audit_page(
        visit: Auditing,
        typed: Filters,
        session: Transaction,
        cursor: Annotated[str, Query(max_length=60)] = "",
        check: Annotated[bool, Query()] = False,  # noqa: FBT002 - a member of the address
    ) -> Response:
        """Search the trail; tell how its chain stands, and prove its end where asked to."""
        facts = await _found(visit, session, typed, acts=acts, cursor=cursor)
        folder = _folder(visit.request)
        facts["state"] = await _chain_state(session, folder, visit.request)
        facts["verdict"] = None
        if check:
            evidence = read_evidence(folder)
            facts["verdict"] = await check_chain(session, evidence, last=CHECKED)
        status = 422 if facts["form"].errors else 200
        return show_page(visit, _TEMPLATE, facts, words=AUDIT_WORDS, status=status)

    @router.get(f"{PATH}/export")
    async def export_page(
        visit: Auditing,
        typed: Filters,
        session: Transaction,
        now: Now,
        form: Annotated[Format, Query(alias="format")] = "csv",
    ) -> Response:
        """All acts that the search asks for as a file; who took it is recorded first."""
        query, filled = _read(typed)
        if filled.errors:
            return see_other(_again(visit, typed))
        wanted = Export(query, form, _folder(visit.request))
        await record_export(session, wanted, by=visit.caller.name, now=now)
        name = f"audit-{now:%Y%m%d}.{form}"
        headers = {
            "content-disposition": f'attachment; filename="{name}"',
            "cache-control": "no-store",
        }
        lines = _streamed(visit.request, wanted)
        return StreamingResponse(lines, media_type=MEDIA_TYPES[form], headers=headers)

    return router


async def _found(
    visit: Visit,
    session: AsyncSession,
    typed: Mapping[str, str],
    *,
    acts: Mapping[str, Words],
    cursor: str,
) -> dict[str, Any]:
    """What the search shows."""
    query, form = _read(typed)
    page = await search_trail(session, query, cursor=cursor or None)
    return {
        "form": form.view(visit.reader),
        "acts": [_shown(one, acts, reader=visit.reader) for one in page.records],
        "act_titles": _titles(acts, visit.reader),
        "kinds": _titles(KIND_TITLES, visit.reader),
        "older": _again(visit, typed, cursor=page.older) if page.older else None,
        "is_older": bool(cursor),
        "exports": [(name, _again(visit, typed, export=name)) for name in MEDIA_TYPES],
        "check_address": _again(visit, typed, check="true"),
        "checked": CHECKED,
    }


@dataclass(frozen=True, slots=True)
class ChainState:
    """How the chain stands, for the template."""

    trail: TrailState
    anchored: Anchored | None
    days: int
    files: int
    archived: int


async def _chain_state(session: AsyncSession, folder: Path, request: Request) -> ChainState:
    settings: PlatformSettings = request.app.state.settings
    rows = audit_archive.c.last_place - audit_archive.c.first_place + 1
    found = select(func.count(), func.coalesce(func.sum(rows), 0)).select_from(audit_archive)
    files, archived = (await session.execute(found)).one()
    try:
        heads = read_heads(folder)
    except (ValueError, KeyError, TypeError):
        heads = []
    state = await read_trail_state(session)
    return ChainState(state, heads[-1] if heads else None, settings.audit_days, files, archived)


async def _streamed(request: Request, wanted: Export) -> AsyncIterator[bytes]:
    async with request.app.state.sessions() as session:
        async for piece in export_lines(session, wanted):
            yield piece


def _read(typed: Mapping[str, str]) -> tuple[TrailQuery, Filled[Any]]:
    """The query; a day that is none is left out of it and named in the form."""
    errors, days = [], list[date | None]()
    for name in ("since", "until"):
        try:
            days.append(date.fromisoformat(typed[name]) if typed[name] else None)
        except ValueError:
            days.append(None)
            errors.append(FormError(name, AUDIT_WORDS["audit_bad_day"]))
    texts = (typed["actor"], typed["act"], typed["kind"], typed["subject"])
    values = {name: [text] for name, text in typed.items()}
    return TrailQuery(*texts, *days), Filled(values, tuple(errors))


def _shown(row: Row[Any], acts: Mapping[str, Words], *, reader: Reader) -> ShownAct:
    title, kind = acts.get(row.act), KIND_TITLES.get(row.subject_kind)
    return ShownAct(
        row,
        reader.says(title) if title else row.act,
        reader.says(kind) if kind else row.subject_kind,
        [(name, _text(value)) for name, value in sorted(row.facts.items())],
    )


def _text(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(_text(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_text(one)}" for name, one in value.items())
    return "–" if value is None else str(value)


def _titles(titles: Mapping[str, Words], reader: Reader) -> list[tuple[str, str]]:
    """Values and titles for a menu, by title."""
    return sorted(
        ((name, reader.says(words)) for name, words in titles.items()), key=lambda one: one[1]
    )


def _again(visit: Visit, typed: Mapping[str, str], **more: str | None) -> str:
    """This search again, with something more."""
    path = f"{PATH}/export" if "export" in more else PATH
    pairs = [(name, text) for name, text in typed.items() if text]
    added = {"format" if name == "export" else name: text for name, text in more.items() if text}
    return visit.reader.link(path, [*pairs, *added.items()])


def _folder(request: Request) -> Path:
    settings: PlatformSettings = request.app.state.settings
    return audit_folder(settings.data_dir)
