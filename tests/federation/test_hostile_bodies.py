"""Bodies that no honest program sends, soundly signed, over a real socket (reliability §6.3).

Each is a problem document with its own code; one bad line of a batch harms only itself; the hub,
a process of its own, never fails.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import zstandard

from deploy.drill.services import Service
from tests.attacks.attack import Answered
from tests.attacks.body_attacks import MEBIBYTE, a_gzip_bomb, gzipped
from tests.attacks.statement_attacks import STATEMENT_ATTACKS
from tests.federation.signing_node import BASE, NDJSON, SigningNode
from tests.federation.test_hostile_requests import refused

pytestmark = pytest.mark.timeout(120)
SCHEMA = "schema_invalid"
ELSEWHERE = {
    "a million brackets",  # more than a batch may weigh
    "an offer dated back to win a conflict",  # against the number before it, which here is refused
}


async def test_every_hostile_line_of_a_batch_harms_only_itself(sender: SigningNode) -> None:
    bad = [
        (attack, way, build(sender))
        for attack in STATEMENT_ATTACKS
        for way, build in attack.ways.items()
        if attack.name not in ELSEWHERE
    ]
    good = [sender.offer().raw for _ in bad]
    lines = [line for pair in zip(good, (raw for *_, raw in bad), strict=True) for line in pair]

    results = await sender.deliver(*lines)

    assert [one["line"] for one in results] == list(range(1, len(lines) + 1))
    assert {one["status"] for one in results[::2]} == {201}
    for (attack, way, _), result in zip(bad, results[1::2], strict=True):
        codes = tuple(error["code"] for error in result["problem"]["errors"])
        met = Answered(result["status"], result["problem"]["code"], codes)
        assert attack.is_answered_by(met), (attack.name, way, result)


async def test_of_two_statements_under_one_number_in_a_batch_the_first_counts(
    sender: SigningNode,
) -> None:
    first = sender.offer()
    second = sender.offer(members={"oseq": first.statement.oseq})

    one, other, again = await sender.deliver(first.raw, second.raw, first.raw)

    assert (one["status"], again["status"]) == (201, 200)
    assert one["receipt"] == again["receipt"]
    assert (other["status"], other["problem"]["code"]) == (409, "oseq_conflict")


async def test_an_equivocation_is_kept_as_evidence_and_told_to_the_node(
    sender: SigningNode,
) -> None:
    first = sender.offer()
    second = sender.offer(members={"oseq": first.statement.oseq})
    assert (await sender.put(first)).status_code == 201

    refused(await sender.put(second), 409, "oseq_conflict", "oseq.used")

    inbox = await sender.send(sender.request("GET", f"{BASE}/inbox?after=0"))
    told = [one["body"] for one in inbox.json()["messages"] if one["kind"] == "equivocation"]
    assert second.payload_hash in [one["statement_hash"] for one in told]


async def test_a_batch_of_501_lines_is_refused_whole(sender: SigningNode) -> None:
    answer = await sender.send(sender.batch(*[b"{}"] * 501))

    refused(answer, 413, "payload_too_large", "batch.size")


async def test_a_batch_over_4_mib_is_refused_whole(sender: SigningNode) -> None:
    answer = await sender.send(sender.batch(b"x" * (4 * MEBIBYTE + 1)))

    refused(answer, 413, "payload_too_large", "batch.size")


@pytest.mark.parametrize("key", ["short", "k" * 201])
async def test_a_batch_under_an_unusable_key_is_refused(sender: SigningNode, key: str) -> None:
    answer = await sender.send(sender.batch(sender.offer().raw, key=key))

    refused(answer, 422, SCHEMA, "idempotency_key")


async def test_a_batch_without_a_key_is_refused(sender: SigningNode) -> None:
    fields = {"content-type": NDJSON}
    request = sender.request("POST", f"{BASE}/intake", sender.offer().raw, fields=fields)

    refused(await sender.send(request), 422, SCHEMA, "idempotency_key")


async def test_the_hub_stays_small_whatever_is_unpacked_in_it(
    hub: Service, sender: SigningNode
) -> None:
    _, body = a_gzip_bomb()
    before = peak_memory_mib(hub)

    for _ in range(10):
        await sender.send(sender.put_request(body, 1, encoding="gzip"))

    assert peak_memory_mib(hub) - before < 96


def peak_memory_mib(service: Service) -> int:
    """The most memory the process ever had (proc(5), VmHWM)."""
    assert service.process is not None
    status = Path(f"/proc/{service.process.pid}/status").read_text(encoding="ascii")
    (line,) = (one for one in status.splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
async def test_an_honest_compressed_statement_is_received(
    sender: SigningNode, encoding: str
) -> None:
    statement = sender.offer()
    coders = {"gzip": gzipped, "zstd": zstandard.ZstdCompressor().compress}
    body = coders[encoding](statement.raw)

    answer = await sender.send(
        sender.put_request(body, statement.statement.oseq, encoding=encoding)
    )

    assert answer.status_code == 201, answer.text


async def test_a_body_over_8_mib_is_refused_before_it_is_read(sender: SigningNode) -> None:
    answer = await sender.send(sender.put_request(b"x" * (8 * MEBIBYTE + 1), 1))

    refused(answer, 413, "payload_too_large", "body.too_large")


async def test_a_body_of_unknown_length_is_counted_while_it_arrives(sender: SigningNode) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(9):  # the last one is too much
            yield bytes(MEBIBYTE)

    async with sender.hub.client() as client:
        answer = await client.put(sender.address(1), content=pieces())

    refused(answer, 413, "payload_too_large", "body.too_large")


@pytest.mark.parametrize(
    ("fields", "path", "status", "code"),
    [
        ({"x-long": "x" * 17_000}, "", 431, "headers_too_large"),
        ({f"x-{i}": "1" for i in range(120)}, "", 431, "headers_too_large"),
        ({}, "?q=" + "x" * 4_200, 414, "uri_too_long"),
        ({}, "?after=%00", 422, "schema_invalid"),
        ({"host": "evil.example"}, "", 421, "misdirected"),
    ],
)
async def test_heads_out_of_bounds_are_refused(
    sender: SigningNode, fields: dict[str, str], path: str, status: int, code: str
) -> None:
    async with sender.hub.client() as client:
        answer = await client.get(f"{BASE}/inbox{path}", headers=fields)

    refused(answer, status, code)


async def test_gaps_are_shown_to_the_node(hub: Service) -> None:
    node = SigningNode(hub, "jm-centre")
    await node.join()
    statements = [node.offer() for _ in range(9)]

    await node.deliver(*(statements[place].raw for place in (0, 1, 4, 8)))

    found = (await node.send(node.request("GET", f"{BASE}/origins/{node.id}/intake"))).json()
    assert found["contiguous_through"] == 2
    assert found["gaps"] == [[3, 4], [6, 8]]
    assert [one["oseq"] for one in found["states"]] == [1, 2, 5, 9]
