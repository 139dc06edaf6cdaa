"""Requests that lie about who sent them, over a real socket: each is refused by its own code.

The hub runs as a process of its own; that it never failed is checked in its log at the end.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from deploy.drill.services import Service
from shared_schema.signing_key import SigningKey
from shared_schema.statement import SignedStatement
from tests.federation.federation import REGISTRARS
from tests.federation.signing_node import BASE, JSON, SigningNode
from tests.shared_schema.signed_requests import Sent

pytestmark = pytest.mark.timeout(120)
STRANGER = SigningKey.generate()
SELF = f"{BASE}/nodes/self"
INVALID = "signature_invalid"


def problem_of(answer: httpx.Response) -> dict[str, Any]:
    """The problem document, which every refusal must be (RFC 9457)."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == answer.status_code < 500
    assert problem["type"].endswith(problem["code"])
    assert problem["title"]
    assert problem["instance"]
    assert problem["server_time"]
    return problem


def refused(answer: httpx.Response, status: int, code: str, field: str | None = None) -> None:
    problem = problem_of(answer)
    fields = [error["code"] for error in problem["errors"]]
    assert (problem["status"], problem["code"]) == (status, code), problem
    assert field is None or field in fields, problem


def an_offer(node: SigningNode) -> tuple[SignedStatement, Sent]:
    statement = node.offer()
    return statement, node.put_request(statement.raw, statement.statement.oseq)


# ------------------------------------------------------------------------------------- repeating


async def test_a_statement_sent_again_gets_the_identical_receipt(sender: SigningNode) -> None:
    statement = sender.offer()

    first = await sender.put(statement)
    again = [await sender.put(statement) for _ in range(3)]

    assert first.status_code == 201
    assert [one.status_code for one in again] == [200, 200, 200]
    assert {one.content for one in again} == {first.content}


async def test_a_replayed_request_is_refused_although_its_signature_holds(
    sender: SigningNode,
) -> None:
    _, request = an_offer(sender)

    first = await sender.send(request)
    replayed = await sender.send(request)

    assert first.status_code == 201
    refused(replayed, 401, "nonce_replayed")


async def test_versions_that_overtake_each_other_are_put_in_order_by_sending_again(
    sender: SigningNode,
) -> None:
    first = sender.offer()
    second = sender.offer(after=first)
    third = sender.offer(after=second)

    met = [(await sender.put(one)).status_code for one in (first, third, second, third)]

    assert met == [201, 422, 201, 201]


async def test_a_batch_sent_again_under_its_key_gets_the_identical_answer(
    sender: SigningNode,
) -> None:
    lines = [sender.offer().raw for _ in range(3)]

    first = await sender.send(sender.batch(*lines, key="batch-0001"))
    again = await sender.send(sender.batch(*lines, key="batch-0001"))
    other = await sender.send(sender.batch(sender.offer().raw, key="batch-0001"))

    assert first.status_code == again.status_code == 200
    assert first.content == again.content
    assert again.headers["idempotent-replayed"] == "true"
    refused(other, 422, "idempotency_mismatch")


# -------------------------------------------------------------------------------------- altering


def body_swapped(node: SigningNode) -> Sent:
    _, request = an_offer(node)
    return Sent(request.message, request.body.replace(b"payloadType", b"payloadtype"))


def put_as_post(node: SigningNode) -> Sent:
    _, request = an_offer(node)
    posted = request.at(method="POST")
    return posted.at(url=posted.message.url.rsplit("/origins/", 1)[0] + "/intake")


def coding_added(node: SigningNode) -> Sent:
    _, request = an_offer(node)
    return request.with_fields(content_encoding="gzip")


def stripped(node: SigningNode) -> Sent:
    return node.request("GET", SELF).with_fields(signature=None, signature_input=None)


ALTERED: dict[str, tuple[Callable[[SigningNode], Sent], int, str, str]] = {
    "another body": (body_swapped, 401, "digest_mismatch", "digest.mismatch"),
    "another route": (put_as_post, 401, INVALID, "signature.mismatch"),
    "a content coding added": (
        coding_added, 401, "component_not_covered", "signature.content_encoding_not_covered"),
    "no signature": (stripped, 401, "signature_missing", "signature.missing"),
}  # fmt: skip


@pytest.mark.parametrize("altered", ALTERED)
async def test_a_request_that_is_not_what_was_signed_is_refused(
    sender: SigningNode, altered: str
) -> None:
    """A few of tests/attacks, over a real socket."""
    build, status, code, field = ALTERED[altered]

    answer = await sender.send(build(sender))

    refused(answer, status, code, field)


async def test_nothing_that_was_refused_has_left_a_trace(sender: SigningNode) -> None:
    statement, request = an_offer(sender)
    stolen = request.with_fields(content_type="text/plain")

    refused(await sender.send(stolen), 401, INVALID)
    found = await sender.send(
        sender.request("GET", f"{BASE}/origins/{sender.id}/intake?limit=1000")
    )

    numbers = [one["oseq"] for one in found.json()["states"]]
    assert statement.statement.oseq not in numbers


async def test_a_clock_skew_refusal_tells_the_time(sender: SigningNode) -> None:
    answer = await sender.send(
        sender.request("GET", SELF, now=sender.clock.now() - timedelta(hours=1))
    )

    problem = problem_of(answer)
    assert problem["retryable"] is True
    assert problem["server_time"].startswith(sender.clock.now().date().isoformat())
    assert "date" in answer.headers


# ---------------------------------------------------------------------------- standing of nodes


async def test_a_revoked_key_is_refused_from_that_moment(hub: Service) -> None:
    node = SigningNode(hub, "fs-centre")
    await node.join()
    statement = node.offer()
    assert (await node.put(statement)).status_code == 201

    path = f"/api/v1/keys/{node.key.key_id}/revocation"
    proposed = await hub.told("POST", path, {"reason": "key_compromise"}, by=REGISTRARS[0])
    path = f"/api/v1/key-revocations/{proposed['revocation']}/confirmation"
    await hub.told("POST", path, by=REGISTRARS[1])

    refused(await node.put(node.offer()), 403, "key_revoked")
    refused(await node.put(statement), 403, "key_revoked")
    refused(await node.send(node.request("GET", SELF)), 403, "key_revoked")


async def test_a_suspended_node_is_refused_until_it_is_resumed(hub: Service) -> None:
    node = SigningNode(hub, "dg-centre")
    await node.join()
    standing = f"/api/v1/nodes/{node.id}/standing"

    await hub.told(
        "POST", standing, {"action": "suspend", "reason": "investigation"}, by=REGISTRARS[0]
    )
    refused(await node.put(node.offer()), 403, "node_suspended")
    await hub.told("POST", standing, {"action": "resume", "reason": "resolved"}, by=REGISTRARS[0])

    assert (await node.put(node.offer())).status_code == 201


async def test_a_node_nobody_confirmed_yet_is_unknown(hub: Service) -> None:
    node = SigningNode(hub, "zh-centre")

    refused(await node.put(node.offer()), 403, "node_unknown")


async def test_one_nodes_statement_cannot_be_sent_by_another(
    hub: Service, sender: SigningNode
) -> None:
    other = SigningNode(hub, "hz-centre")
    await other.join()
    foreign = sender.offer()

    answer = await other.send(other.put_request(foreign.raw, foreign.statement.oseq))
    (line,) = await other.deliver(foreign.raw)

    refused(answer, 403, "scope_denied", "scope.origin")
    assert (line["status"], line["problem"]["code"]) == (403, "scope_denied")


async def test_signing_in_anothers_name_with_ones_own_key_is_out_of_scope(
    hub: Service, sender: SigningNode
) -> None:
    other = SigningNode(hub, "st-centre")
    await other.join()
    forged = other.offer(members={"origin": sender.id})

    answer = await other.send(other.put_request(forged.raw, forged.statement.oseq))

    refused(answer, 403, "scope_denied", "scope.origin")


async def test_staff_routes_know_no_signatures_and_nodes_no_tokens(
    hub: Service, sender: SigningNode
) -> None:
    signed = await sender.send(sender.request("GET", "/api/v1/nodes"))
    bearer = await hub.ask("GET", SELF, by=REGISTRARS[0])

    refused(signed, 401, "not_signed_in")
    refused(bearer, 401, "signature_missing")
    assert JSON in bearer.headers["content-type"].replace("problem+", "")
