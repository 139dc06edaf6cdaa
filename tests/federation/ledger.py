"""What a test wrote down before anything happened, and how all that is held is compared with it."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from deploy.drill.services import Service, eventually
from subplatform.hub_client.node_keys import read_keys
from tests.federation.desks import Json
from tests.federation.federation import EXAMINERS, OPERATOR, Federation
from tests.federation.signing_node import BASE, SigningNode
from tests.subplatform.node_builders import a_list, a_number, a_row

SUPPLIED: Final = (
    "--contact-name", "王敏", "--contact-phone", "020-12345678",
    "--commitments-by", "王敏", "--commitments-on", "2023-05-01", "--holders-consent",
)  # fmt: skip
_PAGE: Final = 100
_DECISIONS: Final = 500  # in one request; each is recorded singly


@dataclass(frozen=True, slots=True)
class Ledger:
    """Patents with the sum asked for each, in yuan: what must come out, no more and no less."""

    sums: dict[str, int]

    def write_list(self, path: Path) -> Path:
        """The list as a node imports it."""
        return a_list(
            path,
            *(
                a_row(number, license_fee_type=f'{{"type":"2","value1":"30","value2":"{yuan}"}}')
                for number, yuan in self.sums.items()
            ),
        )

    def compare(self, items: Sequence[Json], *, where: str) -> None:
        """Every patent once, with its own sum, and no other."""
        found = [(one["items"]["number"], _yuan(one)) for one in items]
        of_ours = [one for one in found if one[0] in self.sums]
        assert sorted(of_ours) == sorted(self.sums.items()), where


def a_ledger(count: int, *, year: int) -> Ledger:
    """So many patents of a filing year; each test uses years of its own."""
    return Ledger({a_number(place, year=year): 1_000 + place for place in range(1, count + 1)})


async def prepare_list(node: Service, path: Path) -> None:
    """Import and check a list by the commands."""
    await node.run("import", str(path), "--profile", "guangdong", *SUPPLIED)
    await node.run("check")


async def recommend_all(node: Service) -> int:
    """Recommend what was verified; the number recommended."""
    body = {"accept_unchecked": True}
    made = await node.told("POST", "/api/v1/recommendations", body, by=OPERATOR)
    assert made["refused"] == []
    return len(made["recommended"])


def as_node(federation: Federation, name: str) -> SigningNode:
    """The node as the hub knows it: somebody who holds its keys."""
    node = federation.nodes[name]
    keys = read_keys(node.place.folder / "keys")
    held = {"statement": keys.statement, "cosigner": keys.cosigner, "recovery": keys.recovery}
    return SigningNode(federation.hub, name, keys=held)  # type: ignore[arg-type]


async def received(node: SigningNode) -> Json:
    """What the hub has of the node: `contiguous_through` and `gaps`."""
    answer = await node.send(node.request("GET", f"{BASE}/origins/{node.id}/intake?limit=1"))
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def approve_all(federation: Federation, count: int) -> None:
    """Wait until so many reviews wait, and approve them, by two people where that is asked for."""
    hub = federation.hub

    async def wait() -> list[Json] | None:
        waiting = await reviews_in(hub, "waiting")
        return waiting if len(waiting) >= count else None

    waiting = await eventually(f"{count} reviews wait", wait, seconds=60)
    await _decide(hub, waiting, "decisions", by=EXAMINERS[0])
    await _decide(hub, await reviews_in(hub, "second_review"), "confirmations", by=EXAMINERS[1])


async def _decide(hub: Service, reviews: Sequence[Json], act: str, *, by: str) -> None:
    for first in range(0, len(reviews), _DECISIONS):
        wanted = [
            {"review": one["review"], "statement_hash": one["statement_hash"]}
            for one in reviews[first : first + _DECISIONS]
        ]
        body = {"verdict": "approve", "reviews": wanted}
        decided = await hub.told("POST", f"/api/v1/reviews/{act}", body, by=by)
        assert decided["refused"] == 0, decided


async def reviews_in(hub: Service, state: str, *, finding: str | None = None) -> list[Json]:
    """All reviews in a state, page by page; with a finding of that rule if named."""
    items: list[Json] = []
    wanted = f"state={state}" + (f"&finding={finding}" if finding else "")
    after = ""
    while True:
        path = f"/api/v1/reviews?{wanted}&limit=200{after}"
        page = await hub.told("GET", path, by=EXAMINERS[0])
        items += page["items"]
        if page["next"] is None:
            return items
        after = f"&after={page['next']}"


async def everything_public(service: Service) -> list[Json]:
    """All published listings of a service, page by page."""
    items: list[Json] = []
    cursor = ""
    while True:
        page = await service.told("GET", f"/api/v1/catalogue/listings?limit={_PAGE}{cursor}")
        items += page["items"]
        if page["next"] is None:
            return items
        cursor = f"&cursor={page['next']}"


async def log_entries(hub: Service) -> list[tuple[int, dict[str, Any]]]:
    """Every entry of the log with its serial, as any reader gets them."""
    entries: list[tuple[int, dict[str, Any]]] = []
    while True:
        page = await hub.told("GET", f"{BASE}/log/entries?from={len(entries)}&limit=1000")
        entries += [
            (one["serial"], json.loads(base64.b64decode(one["entry"]))) for one in page["entries"]
        ]
        if len(entries) >= page["tree_size"]:
            return entries


async def serials_are_dense(hub: Service) -> None:
    """Serials count from 0 without a gap, and no statement stands in the log twice."""
    entries = await log_entries(hub)
    hashes = [entry["statement_hash"] for _, entry in entries if entry.get("statement_hash")]
    assert [serial for serial, _ in entries] == list(range(len(entries)))
    assert len(hashes) == len(set(hashes))


def _yuan(item: Json) -> int:
    return int(item["items"]["fee"]["payment"]["amount_fen"]) // 100
