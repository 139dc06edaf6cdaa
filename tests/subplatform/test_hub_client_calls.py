"""The node's client towards its hub, and the keys it signs with."""

import stat
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp

from shared_platform.transport.breaker import BreakerOpen
from shared_platform.transport.outbound import Outbound, PeerAnsweredBadly, PeerUnreachable
from shared_schema.enrolment import KEY_USES
from shared_schema.identities import SeededIds
from subplatform.hub_client.hub import Hub
from subplatform.hub_client.node_keys import KeysExposed, KeysMissing, make_keys, read_keys
from tests.subplatform.hub_line import BadLine, Sender, hub_over
from tests.subplatform.hub_peer import ANCHOR, NODE, NODE_KEY, NOW, HubPeer, SetClock


def hub_before(app: ASGIApp) -> Hub:
    transport = httpx.ASGITransport(app)
    return Hub(
        ANCHOR,
        node=NODE,
        key=lambda: NODE_KEY,
        outbound=Outbound(transport=transport),
        clock=SetClock(),
        ids=SeededIds(3),
    )


async def test_a_batch_gets_one_result_for_each_statement_in_order() -> None:
    peer, sender = HubPeer(SetClock()), Sender()
    hub = hub_over(BadLine(peer), peer.clock)
    offers = list(sender.offers(2))

    written, results = await hub.post_intake([one.raw for one in offers], key="intake-0001")

    assert [(one.oseq, one.status, one.problem) for one in results] == [
        (1, 201, None),
        (2, 201, None),
    ]
    assert written.receipt.answer.request.url.endswith("/federation/v1/intake")


async def test_messages_and_the_intake_are_read() -> None:
    peer = HubPeer(SetClock())
    peer.say("notice", text="一")
    hub = hub_over(BadLine(peer), peer.clock)

    page = await hub.inbox(after=0, wait_seconds=0)
    intake = await hub.reconcile()

    assert page["next"] == 1
    assert intake["contiguous_through"] == 0


@pytest.mark.parametrize(
    "answer",
    [
        PlainTextResponse("nonsense"),
        JSONResponse([1]),
        JSONResponse("text"),
        Response(b'{"a":1,"a":2}', media_type="application/json"),
    ],
    ids=["no JSON", "a list", "a text", "a member twice"],
)
async def test_an_answer_in_another_form_is_not_believed(answer: Response) -> None:
    with pytest.raises(PeerAnsweredBadly):
        await hub_before(answer).reconcile()


async def test_enrolment_is_asked_about_by_its_id() -> None:
    app = FastAPI()

    @app.get("/federation/v1/enrolments/{enrolment}")
    async def read(enrolment: UUID) -> dict[str, str]:
        return {"enrolment": str(enrolment), "state": "waiting"}

    answer = await hub_before(app).enrolment(UUID(int=7))

    assert answer == {"enrolment": str(UUID(int=7)), "state": "waiting"}


async def test_a_hub_that_is_silent_is_given_up_for_a_while() -> None:
    peer = HubPeer(SetClock())
    line = BadLine(peer, ["unsent"] * 5)
    hub = hub_over(line, peer.clock)
    for _ in range(5):
        with pytest.raises(PeerUnreachable):
            await hub.inbox(after=0, wait_seconds=0)

    with pytest.raises(BreakerOpen):
        await hub.inbox(after=0, wait_seconds=0)
    peer.clock.advance(60)

    assert (await hub.inbox(after=0, wait_seconds=0))["messages"] == []


def test_keys_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    folder = tmp_path / "keys"

    made = make_keys(folder)
    again = make_keys(folder)

    assert again.statement.key_id == made.statement.key_id
    assert {key.use for key in made.public(now=NOW)} == set(KEY_USES)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_missing_and_exposed_keys_are_refused(tmp_path: Path) -> None:
    with pytest.raises(KeysMissing):
        read_keys(tmp_path)
    make_keys(tmp_path)
    (tmp_path / "statement.pem").chmod(0o644)

    with pytest.raises(KeysExposed):
        read_keys(tmp_path)
