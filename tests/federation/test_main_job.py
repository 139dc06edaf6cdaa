"""The main job, from a published list to two equal copies of one catalogue, in three processes.

The tests of this file share one federation and bring patents of their own; each ends with the
three catalogues equal by bytes.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import URL

from deploy.drill.services import eventually
from tests.federation.desks import (
    Json,
    approve,
    change,
    check_and_recommend,
    decide,
    declaration_of,
    everywhere,
    is_public,
    offer,
    public,
    reaches,
    resolve,
    review_of,
    timeline,
    withdraw,
)
from tests.federation.federation import (
    EXAMINERS,
    GUANGDONG,
    MANAGER,
    OPERATOR,
    SECOND_MANAGER,
    Federation,
    a_federation,
)
from tests.federation.published_facts import (
    ABOVE_CEILING,
    ABOVE_CEILING_TERMS,
    BEES,
    BEES_IN_BEIJING,
    BEES_IN_GUANGDONG,
    DEFECTIVE,
    SCUT,
    SCUT_TERMS,
    SOUND,
    register_file,
    whole_list,
)

pytestmark = pytest.mark.timeout(240)
SUPPLIED = (
    "--contact-name", "王敏", "--contact-phone", "020-12345678",
    "--commitments-by", "王敏", "--commitments-on", "2023-05-01", "--holders-consent",
)  # fmt: skip
MOVING, OTHER_BEES, LEAVING = "2019105883297", "2015105438905", "2018104484524"
OWNED = {"application_number": MOVING, "holders": "五邑大学"}


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The register file of the first node; it knows one patent."""
    return register_file(tmp_path_factory.mktemp("register") / "register.csv", [OWNED])


@pytest.fixture(scope="module")
async def federation(
    tmp_path_factory: pytest.TempPathFactory, databases: Mapping[str, URL], register: Path
) -> AsyncIterator[Federation]:
    """A hub and two nodes; the first one reads a register file."""
    folder = tmp_path_factory.mktemp("federation")
    async with a_federation(folder, databases, registers={GUANGDONG: register}) as running:
        yield running
        for one in running.services:
            assert one.failures() == []


@dataclass(frozen=True, slots=True)
class Imported:
    """What the commands answered, and the listings of the sound rows by number."""

    rows: int
    first: Json
    again: Json
    checked: Json
    unanswered: Json
    sent: Json
    listings: dict[str, str]


@pytest.fixture(scope="module")
async def imported(federation: Federation, tmp_path_factory: pytest.TempPathFactory) -> Imported:
    """The typed-in list at the first node: imported twice, checked, recommended."""
    node = federation.guangdong
    path, rows = whole_list(tmp_path_factory.mktemp("list") / "guangdong.csv")
    command = ("import", str(path), "--profile", "guangdong", *SUPPLIED)
    first, again = await node.run(*command), await node.run(*command)
    checked = await node.run("check")
    unanswered = await node.run("recommend")
    sent = await node.run("recommend", "--accept-unchecked")
    listings = await listings_of(federation, [row["patent_id"] for row in SOUND])
    return Imported(
        rows,
        first.answer,
        again.answer,
        checked.answer,
        unanswered.answer,
        sent.answer,
        listings,
    )


async def test_a_list_is_imported_row_by_row_and_only_once(imported: Imported) -> None:
    assert imported.first["rows_read"] == imported.rows
    assert imported.first["outcomes"]["new"] == imported.rows - 1
    assert imported.first["refusals"] == {"fee.negotiable": 1}
    assert imported.again["outcomes"]["unchanged"] == imported.rows - 1


async def test_only_what_no_rule_forbids_is_recommended_and_somebody_answers_for_the_rest(
    imported: Imported,
) -> None:
    findings = imported.checked["findings"]
    objections = {one["rule"] for one in findings if one["severity"] == "error"}

    assert objections == set(DEFECTIVE)
    assert imported.checked["correction"] == len(DEFECTIVE)
    assert imported.checked["verified"] == len(SOUND)
    assert imported.unanswered["recommended"] == 0  # nobody answered for the unchecked rules
    assert (imported.sent["recommended"], imported.sent["refused"]) == (len(SOUND), [])


async def test_what_examiners_approve_is_held_by_everybody(
    federation: Federation, imported: Imported
) -> None:
    listings = imported.listings
    decided = await decide_all(federation, list(listings.values()))

    assert decided == {"approved": len(SOUND)}
    for listing in listings.values():
        await everywhere(federation, listing, state="published", version=1, standing="primary")
        await reaches(federation.guangdong, listing, "published")
    free = await public(federation.beijing, listings["2014100422094"])
    assert free is not None
    assert free["items"]["fee"]["payment"] == {"mode": "free"}
    assert free["items"]["contact"]["phone"] != "020-12345678"  # masked for the public
    await federation.agree()


async def test_what_is_above_the_ceiling_needs_two_examiners(federation: Federation) -> None:
    hub = federation.hub
    listing = await offer(federation.guangdong, ABOVE_CEILING, **ABOVE_CEILING_TERMS)
    review = await review_of(hub, listing)
    one = await decide(hub, review, "approve")
    path = f"/api/v1/reviews/{review['review']}/decision"
    body = {"verdict": "approve", "statement_hash": review["statement_hash"], "reasons": []}

    again = await hub.told("PUT", path, body, by=EXAMINERS[0])
    alone = await public(hub, listing)
    second = path.replace("decision", "confirmation")
    two = await hub.told("PUT", second, body, by=EXAMINERS[1])

    assert (review["high_risk"], review["finding_codes"]) == (True, ["DEC-07"])
    assert (one["state"], again["state"], alone) == ("second_review", "second_review", None)
    assert two["state"] == "approved"
    await everywhere(federation, listing, state="published")
    await federation.agree()


async def test_the_node_keeps_three_receipts_that_it_has_verified(federation: Federation) -> None:
    listing = await offer(federation.guangdong, "2018106982914")
    await approve(federation.hub, listing)
    await reaches(federation.guangdong, listing, "published")

    async def is_proven() -> bool:
        found = await timeline(federation.guangdong, listing)
        return bool(found["statements"][0]["inclusion"] == "verified")

    await eventually("the inclusion is proven", is_proven)
    (line,) = (await timeline(federation.guangdong, listing))["statements"]
    proof = await federation.guangdong.ask("GET", f"/api/v1/listings/{listing}/proof", by=OPERATOR)

    assert (line["intake"], line["inclusion"], line["delivery"]) == ("verified", "verified", "sent")
    assert line["decision"]["verdict"] == "approved"
    assert proof.text.startswith("c2sp.org/tlog-proof@v1\n")


async def test_a_returned_declaration_is_corrected_and_published_as_its_second_version(
    federation: Federation,
) -> None:
    hub, node = federation.hub, federation.guangdong
    listing = await offer(node, "2019100177625", period={"end": "2024-04-05"})
    first = await review_of(hub, listing)
    await decide(hub, first, "return", code="unit_suspected", text="30000 元还是 30000 万元？")

    returned = await reaches(node, listing, "correction")
    (reason,) = returned["return_reasons"]
    await change(node, listing, period={"end": "2025-04-05"})
    (again,) = await check_and_recommend(node, listing)
    await approve(hub, listing)

    assert (reason["code"], reason["text"]) == ("unit_suspected", "30000 元还是 30000 万元？")
    assert (again["listing"], again["version"]) == (listing, 2)
    for found in await everywhere(federation, listing, version=2):
        assert found["items"]["period"]["end"] == "2025-04-05"
    await federation.agree()


async def test_a_decision_on_a_version_that_was_replaced_meanwhile_is_stale(
    federation: Federation,
) -> None:
    hub, node = federation.hub, federation.guangdong
    listing = await offer(node, "2020105130882")
    seen = await review_of(hub, listing)
    await decide(hub, seen, "return", code="text_unclear")
    await reaches(node, listing, "correction")
    await check_and_recommend(node, listing)
    await review_of(hub, listing, version=2)

    body = {"verdict": "approve", "statement_hash": seen["statement_hash"], "reasons": []}
    path = f"/api/v1/reviews/{seen['review']}/decision"
    late = await hub.ask("PUT", path, body, by=EXAMINERS[1])

    assert late.status_code == 409, late.text
    assert await public(hub, listing) is None


async def test_two_nodes_with_equal_terms_are_one_primary_and_one_also_offered(
    federation: Federation,
) -> None:
    hub = federation.hub
    number = SCUT[0]
    first = await offer(federation.guangdong, number, **SCUT_TERMS)
    await approve(hub, first)
    await is_public(hub, first, standing="primary")

    second = await offer(federation.beijing, number, **SCUT_TERMS)
    await approve(hub, second)

    for found in await everywhere(federation, second, state="published", standing="also_offered"):
        assert found["primary"] == first
    await everywhere(federation, first, state="published", standing="primary")
    await federation.agree()


async def test_when_the_primary_is_withdrawn_the_other_node_takes_its_place(
    federation: Federation,
) -> None:
    hub = federation.hub
    first = await offer(federation.guangdong, SCUT[1], **SCUT_TERMS)
    await approve(hub, first)
    await is_public(hub, first, standing="primary")
    second = await offer(federation.beijing, SCUT[1], **SCUT_TERMS)
    await approve(hub, second)
    await everywhere(federation, second, standing="also_offered")

    await withdraw(federation.guangdong, first)

    await everywhere(federation, first, state="withdrawn")
    await everywhere(federation, second, state="published", standing="primary")
    await federation.agree()


async def test_other_terms_are_held_until_two_people_replace_what_is_public(
    federation: Federation,
) -> None:
    hub = federation.hub
    first = await offer(federation.guangdong, BEES, **BEES_IN_GUANGDONG)
    await approve(hub, first)
    await everywhere(federation, first, state="published")

    second = await offer(federation.beijing, BEES, **BEES_IN_BEIJING)
    held = await review_of(hub, second, "conflict_hold")
    (shown,) = [
        one
        for one in await hub.told("GET", "/api/v1/conflicts", by=MANAGER)
        if one["review"]["listing"] == second
    ]
    one = await resolve(hub, held, "replace")
    alone = await public(hub, second)
    refused = await hub.ask(
        "POST",
        f"/api/v1/conflicts/{held['review']}/resolution",
        {"choice": "replace", "statement_hash": held["statement_hash"]},
        by=MANAGER,
    )
    await resolve(hub, held, "replace", by=SECOND_MANAGER)

    assert [(side["origin"], side["terms_equal"]) for side in shown["sides"]] == [
        (GUANGDONG, False)
    ]
    assert (one["state"], alone, refused.status_code) == ("second_review", None, 403)
    await everywhere(federation, second, state="published", standing="primary")
    await everywhere(federation, first, state="withdrawn")
    await reaches(federation.guangdong, first, "withdrawn")
    await federation.agree()


async def test_other_terms_are_turned_down_when_the_existing_offer_is_kept(
    federation: Federation,
) -> None:
    hub = federation.hub
    first = await offer(federation.guangdong, OTHER_BEES, **BEES_IN_GUANGDONG)
    await approve(hub, first)
    await is_public(hub, first, state="published")
    second = await offer(federation.beijing, OTHER_BEES, **BEES_IN_BEIJING)

    await resolve(hub, await review_of(hub, second, "conflict_hold"), "keep_existing")

    await reaches(federation.beijing, second, "refused")
    told = await declaration_of(federation.beijing, second)
    assert [one["code"] for one in told["return_reasons"]] == ["conflict_existing_kept"]
    await everywhere(federation, first, state="published", standing="primary")
    assert await public(hub, second) is None
    await federation.agree()


async def test_a_withdrawn_listing_is_gone_everywhere_and_keeps_its_address(
    federation: Federation,
) -> None:
    listing = await offer(federation.beijing, LEAVING, **BEES_IN_BEIJING)
    await approve(federation.hub, listing)
    await everywhere(federation, listing, state="published")

    await withdraw(federation.beijing, listing)

    for found in await everywhere(federation, listing, state="withdrawn"):
        assert found["reason"]
    for service in federation.services:
        page = await service.told("GET", f"/api/v1/catalogue/listings?number={LEAVING}")
        assert page["items"] == []
    await reaches(federation.beijing, listing, "withdrawn")
    await federation.agree()


async def test_a_transfer_in_the_register_suspends_the_listing_and_asks_for_its_withdrawal(
    federation: Federation, register: Path
) -> None:
    node = federation.guangdong
    listing = await offer(node, MOVING)
    await approve(federation.hub, listing)
    await everywhere(federation, listing, state="published")
    await reaches(node, listing, "published")

    sold = {"holders": "广东某某科技有限公司", "transfers": "广东某某科技有限公司｜2023-06-01"}
    register_file(register, [OWNED | sold])
    rechecked = await node.told("POST", "/api/v1/rechecks", by=OPERATOR)

    assert [(one["listing"], one["codes"]) for one in rechecked["suspended"]] == [
        (listing, ["transferred"])
    ]
    await everywhere(federation, listing, state="suspended", reason="transferred")
    at_node = await declaration_of(node, listing)
    assert (at_node["state"], at_node["suspension"]["withdrawal_asked"]) == ("suspended", True)

    await withdraw(node, listing)
    await everywhere(federation, listing, state="withdrawn")
    await federation.agree()


async def test_each_service_proves_its_copy_by_a_replay_of_the_log(federation: Federation) -> None:
    listing = await offer(federation.guangdong, "2016108634606")
    await approve(federation.hub, listing)
    await everywhere(federation, listing, state="published")

    await federation.agree()

    await federation.proven()


async def listings_of(federation: Federation, numbers: list[str]) -> dict[str, str]:
    """The first node's listings by application number."""
    found: dict[str, str] = {}
    for number in numbers:
        path = f"/api/v1/declarations?number={number}"
        page = await federation.guangdong.told("GET", path, by=OPERATOR)
        found[number] = page["items"][0]["listing"]
    return found


async def decide_all(federation: Federation, listings: list[str]) -> dict[str, int]:
    """Approve these listings' reviews with one request; the states they came to."""
    reviews = [await review_of(federation.hub, listing) for listing in listings]
    wanted = [{"review": one["review"], "statement_hash": one["statement_hash"]} for one in reviews]
    body = {"verdict": "approve", "reviews": wanted}
    decided = await federation.hub.told("POST", "/api/v1/reviews/decisions", body, by=EXAMINERS[0])
    assert decided["refused"] == 0, decided
    states = [one["state"] for one in decided["results"]]
    return {state: states.count(state) for state in sorted(set(states))}
