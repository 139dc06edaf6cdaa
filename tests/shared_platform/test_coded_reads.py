"""Whole answers: a validator on each, compressed for who accepts it, and 304 for who has it."""

import gzip
from collections.abc import Sequence

import httpx
import pytest
import zstandard
from starlette.types import Receive, Scope, Send

from shared_platform.transport.coded_reads import WORTH_BYTES, CodedReads

SEARCH = "/api/v1/catalogue/search"
LONG = b"".join(b'{"listing":"%d","holder":"%d"}' % (at, at * 7919) for at in range(400))
SHORT = b'{"items":[]}'


class Answering:
    """Answers every request alike, in one piece or several."""

    def __init__(self, *pieces: bytes, status: int = 200, **fields: str) -> None:
        self.pieces: Sequence[bytes] = pieces
        self.status = status
        self.fields = {"content-length": str(sum(map(len, pieces)))} | {
            name.replace("_", "-"): value for name, value in fields.items()
        }

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        headers = [(name.encode(), value.encode()) for name, value in self.fields.items()]
        start = {"type": "http.response.start", "status": self.status, "headers": headers}
        await send(start)
        for at, piece in enumerate(self.pieces, 1):
            more = at < len(self.pieces)
            await send({"type": "http.response.body", "body": piece, "more_body": more})


async def raw(app: Answering, path: str = SEARCH, **headers: str) -> tuple[httpx.Response, bytes]:
    """The answer and its bytes as they travelled."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    transport = httpx.ASGITransport(CodedReads(app))
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


@pytest.mark.parametrize(
    ("app", "path"),
    [
        (Answering(LONG, LONG), SEARCH),
        (Answering(LONG, content_encoding="zstd"), SEARCH),
        (Answering(LONG, status=404), SEARCH),
        (Answering(LONG), "/federation/v1/log/entries"),
    ],
    ids=["in pieces", "coded before", "a refusal", "of the protocol"],
)
async def test_everything_else_passes_by(app: Answering, path: str) -> None:
    answer, sent = await raw(app, path, accept_encoding="gzip")

    assert sent == b"".join(app.pieces)
    assert (answer.status_code, dict(answer.headers)) == (app.status, app.fields)
