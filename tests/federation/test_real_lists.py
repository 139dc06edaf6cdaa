"""Two real published lists through two nodes and one hub; the numbers are in docs/real-lists.md.

Skipped where the lists are absent: they are not part of the repository.
"""

import csv
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from deploy.drill.services import Service, eventually
from tests.federation.desks import Json
from tests.federation.federation import BEIJING, GUANGDONG, OPERATOR, Federation
from tests.federation.ledger import (
    SUPPLIED,
    approve_all,
    everything_public,
    recommend_all,
    reviews_in,
    serials_are_dense,
)

LISTS: Final = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "published_listings"
PROFILES: Final = {GUANGDONG: "guangdong", BEIJING: "beijing"}

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(not LISTS.is_dir(), reason="the published lists are not here"),
]


@dataclass(frozen=True, slots=True)
class Went:
    """How one list went through its node."""

    imported: Json
    checked: Json
    recommended: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How both went, what was held, and what is public in the end."""

    guangdong: Went
    beijing: Went
    held: list[Json]
    public: list[Json]


async def go(federation: Federation, name: str) -> Went:
    """Import, check and recommend a list at its node, and wait until all of it is at the hub."""
    node = federation.nodes[name]
    path = LISTS / f"{PROFILES[name]}.csv"
    imported = await node.run("import", str(path), "--profile", PROFILES[name], *SUPPLIED)
    checked = await node.run("check")
    recommended = await recommend_all(node)
    await _delivered(node)
    return Went(imported.answer, checked.answer, recommended)


async def _delivered(node: Service) -> None:
    async def is_empty() -> bool:
        found = await node.told("GET", "/api/v1/deliveries/standing", by=OPERATOR)
        counts: dict[str, int] = found["counts"]
        return not counts.get("waiting") and not counts.get("leased")

    await eventually("all is delivered", is_empty, seconds=120)


@pytest.fixture(scope="module")
async def outcome(federation: Federation) -> Outcome:
    """Guangdong's list is published first, then Beijing's comes and meets it."""
    guangdong = await go(federation, GUANGDONG)
    await approve_all(federation, guangdong.recommended)
    await federation.level()
    beijing = await go(federation, BEIJING)
    held = await reviews_in(federation.hub, "conflict_hold")
    await approve_all(federation, beijing.recommended - len(held))
    await federation.agree()
    return Outcome(guangdong, beijing, held, await everything_public(federation.hub))


def numbers_in(name: str) -> set[str]:
    """The patents a list names, however it spells them."""
    with (LISTS / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return {re.sub(r"[^0-9X]", "", row["patent_id"].upper()) for row in csv.DictReader(file)}


async def test_every_row_of_both_lists_is_accounted_for(outcome: Outcome) -> None:
    for went, rows, drafts in ((outcome.guangdong, 1_916, 1_898), (outcome.beijing, 3_094, 1_443)):
        outcomes = went.imported["outcomes"]
        assert went.imported["rows_read"] == rows
        assert sum(outcomes.values()) == rows
        assert outcomes["new"] <= drafts
        assert went.checked["verified"] + went.checked["correction"] == outcomes["new"]
        assert went.recommended == went.checked["verified"]


async def test_guangdong_is_published_whole(outcome: Outcome) -> None:
    of_guangdong = [one for one in outcome.public if one["origin"] == GUANGDONG]

    assert len(of_guangdong) == outcome.guangdong.recommended
    assert {one["standing"] for one in of_guangdong} == {"primary"}


async def test_patents_of_both_lists_end_as_also_offered_or_held(outcome: Outcome) -> None:
    both = numbers_in("guangdong") & numbers_in("beijing")
    beside = {one["items"]["number"] for one in outcome.public if one["standing"] == "also_offered"}
    held = {one["application_number"] for one in outcome.held}

    assert len(both) == 172
    assert (len(beside), len(held)) == (52, 7)
    assert beside | held <= both
    assert not beside & held


async def test_each_patent_has_one_primary_listing(outcome: Outcome) -> None:
    primaries = Counter(
        one["items"]["number"] for one in outcome.public if one["standing"] == "primary"
    )

    assert set(primaries.values()) == {1}


async def test_the_log_of_both_lists_is_dense_and_proven_by_everybody(
    federation: Federation, outcome: Outcome
) -> None:
    assert outcome.public
    await serials_are_dense(federation.hub)
    await federation.proven()
