"""Whole answers: a validator on each, compressed for who accepts it, and 304 for who has it."""

import gzip
from collections.abc import Sequence

import httpx
import pytest
import zstandard
from starlette.types import Receive, Scope, Send

from shared_platform.transport.coded_reads import (
    WORTH_BYTES,
    CodedReads,
    Foretell,
    Foretold,
    foretell_nothing,
)

SEARCH = "/api/v1/catalogue/search"
LONG = b"".join(b'{"listing":"%d","holder":"%d"}' % (at, at * 7919) for at in range(400))
SHORT = b'{"items":[]}'
PUBLIC = "public, no-cache"


class Answering:
    """Answers every request alike, in one piece or several; publicly, unless told otherwise."""

    def __init__(self, *pieces: bytes, status: int = 200, **fields: str) -> None:
        self.pieces: Sequence[bytes] = pieces
        self.status = status
        self.asked = 0
        usual = {"cache_control": PUBLIC, "content_type": "application/json"}
        if len(pieces) == 1:
            usual["content_length"] = str(len(pieces[0]))
        self.fields = {name.replace("_", "-"): v for name, v in (usual | fields).items()}

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        self.asked += 1
        headers = [(name.encode(), value.encode()) for name, value in self.fields.items()]
        start = {"type": "http.response.start", "status": self.status, "headers": headers}
        await send(start)
        for at, piece in enumerate(self.pieces, 1):
            more = at < len(self.pieces)
            await send({"type": "http.response.body", "body": piece, "more_body": more})


async def foretold(_scope: Scope) -> Foretold | None:
    return Foretold('W/"known"', PUBLIC, "accept-language")


async def raw(
    app: Answering, foretell: Foretell = foretell_nothing, **headers: str
) -> tuple[httpx.Response, bytes]:
    """The answer and its bytes as they travelled."""
    path = SEARCH
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    transport = httpx.ASGITransport(CodedReads(app, foretell=foretell))
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://service") as client,
        client.stream("GET", path, headers={"accept-encoding": "identity"} | named) as answer,
    ):
        return answer, b"".join([piece async for piece in answer.aiter_raw()])


@pytest.mark.parametrize(("accepted", "coding"), [("gzip", "gzip"), ("gzip, zstd", "zstd")])
async def test_a_long_answer_is_compressed_as_accepted(accepted: str, coding: str) -> None:
    answer, sent = await raw(Answering(LONG, etag='"7"'), accept_encoding=accepted)

    opened = gzip.decompress(sent) if coding == "gzip" else zstandard.decompress(sent)
    assert answer.headers["content-encoding"] == coding
    assert answer.headers["content-length"] == str(len(sent))
    assert (opened, len(sent) < len(LONG)) == (LONG, True)
    assert (answer.headers["etag"], answer.headers["vary"]) == ('W/"7"', "accept-encoding")


async def test_a_short_one_and_one_for_who_accepts_nothing_are_sent_as_they_are() -> None:
    assert len(SHORT) < WORTH_BYTES
    for app, accepted in ((Answering(SHORT), "zstd"), (Answering(LONG), "identity")):
        answer, sent = await raw(app, accept_encoding=accepted)

        assert "content-encoding" not in answer.headers
        assert sent == app.pieces[0]


async def test_every_whole_answer_gets_a_validator_and_who_has_it_is_told_so() -> None:
    app = Answering(SHORT, cache_control="public, no-cache")
    first, _ = await raw(app)

    again, sent = await raw(app, if_none_match=first.headers["etag"])
    weakly, _ = await raw(app, if_none_match=f"W/{first.headers['etag']}")
    other, _ = await raw(Answering(LONG), if_none_match=first.headers["etag"])

    assert (again.status_code, sent, weakly.status_code) == (304, b"", 304)
    assert again.headers["cache-control"] == "public, no-cache"
    assert "content-length" not in again.headers
    assert other.status_code == 200


@pytest.mark.parametrize(("accepted", "coding"), [("gzip", "gzip"), ("zstd", "zstd")])
async def test_a_text_that_comes_in_pieces_is_compressed_piece_by_piece(
    accepted: str, coding: str
) -> None:
    app = Answering(LONG, b"", LONG, content_type="text/csv; charset=utf-8")

    answer, sent = await raw(app, accept_encoding=accepted)

    reader = zstandard.ZstdDecompressor().decompressobj()
    opened = gzip.decompress(sent) if coding == "gzip" else reader.decompress(sent)
    assert (answer.headers["content-encoding"], opened) == (coding, LONG + LONG)
    assert len(sent) < len(LONG)


async def test_who_holds_what_was_foretold_is_told_before_the_answer_is_made() -> None:
    app = Answering(LONG)
    first, _ = await raw(app, foretold)

    again, sent = await raw(app, foretold, if_none_match=first.headers["etag"])
    other, _ = await raw(app, foretold, if_none_match='"another"')
    anything, _ = await raw(app, foretold, if_none_match="*")

    assert (again.status_code, sent, other.status_code) == (304, b"", 200)
    assert {name: again.headers[name] for name in ("etag", "cache-control", "vary")} == {
        name: first.headers[name] for name in ("etag", "cache-control", "vary")
    }
    assert first.headers["vary"] == "accept-language, accept-encoding"
    assert anything.status_code == 304, "of an answer that there is"
    assert app.asked == 3, "the second time nobody was asked"


async def test_a_refusal_is_no_answer_that_was_foretold() -> None:
    app = Answering(SHORT, status=422, cache_control="no-store")

    answer, _ = await raw(app, foretold, if_none_match="*")

    assert (answer.status_code, "etag" in answer.headers) == (422, False)


async def test_a_file_with_a_validator_of_its_own_is_not_sent_to_who_holds_it() -> None:
    whole, pieces = Answering(LONG, etag='"7"'), Answering(LONG, LONG, etag='"7"')

    for app in (whole, pieces):
        answer, sent = await raw(app, if_none_match='"7"')

        assert (answer.status_code, sent) == (304, b"")


@pytest.mark.parametrize(
    "app",
    [
        Answering(LONG, content_encoding="zstd", etag='"7"', vary="accept-encoding"),
        Answering(LONG, status=404),
        Answering(LONG, cache_control="no-store"),
        Answering(LONG, cache_control="private, no-cache"),
        Answering(LONG, set_cookie="session=1"),
    ],
    ids=["coded before", "a refusal", "of somebody signed in", "private", "with a cookie"],
)
async def test_everything_else_is_never_compressed(app: Answering) -> None:
    answer, sent = await raw(app, accept_encoding="gzip")

    assert sent == b"".join(app.pieces)
    assert answer.headers.get("content-encoding") == app.fields.get("content-encoding")


@pytest.mark.parametrize(
    "app",
    [
        Answering(LONG, content_type="application/zip"),
        Answering(LONG, LONG, content_length=str(2 * len(LONG))),
    ],
    ids=["no text", "a file of known length"],
)
async def test_what_is_compressed_already_is_sent_as_it_is(app: Answering) -> None:
    answer, sent = await raw(app, accept_encoding="gzip")

    assert ("content-encoding" in answer.headers, sent) == (False, b"".join(app.pieces))
