"""`kaixu-hub nodes`, `review` and `withdraw`: the same use cases and refusals as the API."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from shared_platform.database.engine import Database
from tests.main_platform.hub_builders import ReviewingHub, a_number, a_reviewing_hub, costing
from tests.main_platform.hub_console import Console, a_console
from tests.main_platform.hub_places import ANode

NOBODY = "019a0000-0000-7000-8000-000000000001"


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[ReviewingHub]:
    async with a_reviewing_hub(hub_committed, tmp_path) as opened:
        yield opened


@pytest.fixture
def console(
    hub_committed: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Console]:
    yield from a_console(hub_committed, tmp_path, monkeypatch)


def review_ids(said: dict[str, list[dict[str, str]]]) -> list[str]:
    return [one["review"] for one in said["items"]]


async def test_two_registrars_let_a_node_in(hub: ReviewingHub, console: Console) -> None:
    asked = await ANode(hub).enrol()
    waiting = await console.ask("nodes", "enrolments", "--state", "waiting", "--as", "reg.one")
    heard = ("confirm", asked["enrolment"], "--fingerprint", asked["fingerprint"])

    first = await console.ask("nodes", *heard, "--as", "reg.one")
    same = await console.ask("nodes", *heard, "--as", "reg.one")
    second = await console.ask("nodes", *heard, "--as", "reg.two")

    assert [one["node"] for one in waiting.facts["enrolments"]] == ["gz-centre"]
    assert (first.facts["state"], second.facts["state"]) == ("waiting", "confirmed")
    assert (same.code, same.refusal) == (1, "second_person_required")


async def test_a_wrong_fingerprint_and_a_refusal_on_the_console(
    hub: ReviewingHub, console: Console
) -> None:
    asked = await ANode(hub).enrol()
    other = ANode(hub, seed="x").wish().fingerprint()

    wrong = await console.ask(
        "nodes", "confirm", asked["enrolment"], "--fingerprint", other, "--as", "reg.one"
    )
    refused = await console.ask(
        "nodes", "refuse", asked["enrolment"], "--reason", "指纹不符", "--as", "reg.one"
    )

    assert (wrong.code, wrong.refusal) == (4, "state_conflict")
    assert (refused.facts["state"], refused.facts["reason"]) == ("refused", "指纹不符")


async def test_a_nodes_standing_and_keys_change_on_the_console(
    hub: ReviewingHub, console: Console
) -> None:
    node = await hub.admit("gz-centre")
    states = []
    for action in ("suspend", "suspend", "resume", "retire"):
        said = await console.ask(
            "nodes", action, "gz-centre", "--reason", "lapse", "--as", "reg.one"
        )
        states.append(said.facts["state"] if said.code == 0 else said.refusal)
    key = node.key("cosigner").key_id
    since = ("--suspect-from", "2026-11-20T00:00:00Z")
    proposed = await console.ask(
        "node-key", "revoke", key, "--reason", "key_compromise", *since, "--as", "reg.one"
    )
    own = await console.ask("node-key", "confirm", proposed.facts["revocation"], "--as", "reg.one")
    waiting = await console.run("node-key", "list", "--state", "waiting", "--as", "audit")
    revoked = await console.ask(
        "node-key", "confirm", proposed.facts["revocation"], "--as", "reg.two"
    )
    late = await console.ask("node-key", "drop", proposed.facts["revocation"], "--as", "reg.two")
    shown = await console.run("nodes", "list", "--as", "audit")

    assert states == ["suspended", "state_conflict", "active", "retired"]
    assert own.refusal == "second_person_required"
    assert key in waiting.out
    assert revoked.facts["state"] == "confirmed"
    assert late.refusal == "state_conflict"
    assert f"{key}  revoked" in shown.out


@pytest.mark.parametrize(
    ("arguments", "code", "refusal"),
    [
        (("nodes", "list"), 1, "not_signed_in"),
        (("nodes", "list", "--as", "nobody"), 1, "not_found"),
        (("nodes", "suspend", "x", "--reason", "lapse", "--as", "li.hua"), 1, "permission_denied"),
        (("nodes", "suspend", "x", "--reason", "lapse", "--as", "reg.one"), 1, "not_found"),
        (("nodes", "suspend", "x", "--reason", "No Code", "--as", "reg.one"), 1, "schema_invalid"),
        (("review", "claim", NOBODY, "--as", "audit"), 1, "permission_denied"),
        (("review", "claim", NOBODY, "--as", "li.hua"), 1, "not_found"),
        (("review", "show", NOBODY, "--as", "audit"), 1, "not_found"),
        (("review", "list", "--where", "colour=red", "--as", "audit"), 1, "schema_invalid"),
        (("review", "list", "--where", "state=lost", "--as", "audit"), 1, "schema_invalid"),
        (("review", "resolve", NOBODY, "replace", "--as", "li.hua"), 1, "permission_denied"),
        (("withdraw", NOBODY, "--reason", "lapse", "--as", "li.hua"), 1, "permission_denied"),
        (("withdraw", NOBODY, "--reason", "lapse", "--as", "sun.lei"), 1, "not_found"),
        (("withdraw", NOBODY, "--reason", "No", "--as", "sun.lei"), 1, "schema_invalid"),
    ],
)
async def test_a_refusal_has_a_code_and_an_exit_status(
    hub: ReviewingHub, console: Console, arguments: tuple[str, ...], code: int, refusal: str
) -> None:
    assert hub.tokens
    said = await console.ask(*arguments)

    assert (said.code, said.refusal) == (code, refusal)


async def test_an_account_that_is_off_cannot_act(hub: ReviewingHub, console: Console) -> None:
    assert hub.tokens
    await console.ask("staff", "change", "li.hua", "--off")

    said = await console.ask("review", "list", "--as", "li.hua")

    assert (said.code, said.refusal) == (1, "not_signed_in")


async def test_an_examiner_claims_shows_and_approves(hub: ReviewingHub, console: Console) -> None:
    node = await hub.admit("gz-centre")
    listing = await node.recommend(a_number(1))
    waiting = await console.ask("review", "list", "--where", "state=waiting", "--as", "li.hua")
    (review,) = review_ids(waiting.facts)
    detail = await console.ask("review", "show", review, "--as", "li.hua")
    seen = detail.facts["review"]["statement_hash"]

    claimed = await console.ask("review", "claim", review, "--as", "li.hua")
    other = await console.ask("review", "claim", review, "--as", "chen.jing")
    stale = await console.ask("review", "approve", review, "--hash", "0" * 64, "--as", "li.hua")
    approved = await console.ask("review", "approve", review, "--hash", seen, "--as", "li.hua")
    await hub.sequence()

    assert claimed.facts["claimed_by"] == "li.hua"
    assert (other.code, other.refusal) == (4, "review_state_conflict")
    assert (stale.code, stale.refusal) == (4, "stale_review")
    assert approved.facts["state"] == "approved"
    assert (await hub.published(listing))["state"] == "published"


async def test_what_is_released_returned_and_rejected(hub: ReviewingHub, console: Console) -> None:
    node = await hub.admit("gz-centre")
    first, second = await node.recommend(a_number(1)), await node.recommend(a_number(2))
    ids = [(await hub.review_of(one))["review"] for one in (first, second)]
    await console.ask("review", "claim", ids[0], "--as", "li.hua")
    released = await console.ask("review", "release", ids[0], "--as", "li.hua")
    for review in ids:
        await console.ask("review", "claim", review, "--as", "li.hua")

    bare = await console.ask("review", "return", ids[0], "--as", "li.hua")
    returned = await console.ask(
        "review", "return", ids[0], "--reason", "price_indefinite:面议", "--as", "li.hua"
    )
    rejected = await console.ask(
        "review", "reject", ids[1], "--reason", "other:重复提交", "--as", "li.hua"
    )

    assert released.facts["state"] == "waiting"
    assert bare.code == 1
    assert (returned.facts["state"], rejected.facts["state"]) == ("returned", "rejected")
    told = [message["body"] for message in await node.inbox() if message["kind"] == "decision"]
    assert [one["reasons"][0]["text"] for one in told] == ["面议", "重复提交"]


async def test_many_are_decided_by_a_filter_only_when_one_is_sure(
    hub: ReviewingHub, console: Console
) -> None:
    node = await hub.admit("gz-centre")
    for number in range(1, 4):
        await node.recommend(a_number(number))
    all_waiting = ("decide-many", "approve", "--where", "state=waiting", "--as", "li.hua")

    counted = await console.ask("review", *all_waiting)
    done = await console.ask("review", *all_waiting, "--yes")
    again = await console.ask("review", *all_waiting, "--yes")

    assert (counted.facts["matching"], counted.facts["decided"]) == (3, 0)
    assert (done.code, done.facts["decided"], done.facts["refused"]) == (0, 3, 0)
    assert (again.code, again.facts["matching"]) == (0, 0)


async def test_many_end_with_4_when_some_could_not_be_decided(
    hub: ReviewingHub, console: Console
) -> None:
    node = await hub.admit("gz-centre")
    taken = await node.recommend(a_number(1))
    await node.recommend(a_number(2))
    await hub.claim(taken, by="chen.jing")

    said = await console.ask("review", "decide-many", "approve", "--as", "li.hua", "--yes")
    text = await console.run("review", "decide-many", "approve", "--as", "li.hua", "--yes")

    assert (said.code, said.facts["decided"], said.facts["refused"]) == (4, 1, 1)
    assert "chen.jing" in text.out


async def test_a_conflict_is_listed_and_resolved(hub: ReviewingHub, console: Console) -> None:
    first, second = await hub.admit("gz-centre"), await hub.admit("sz-centre")
    await hub.publish(await first.recommend(a_number(1)))
    held = await second.recommend(a_number(1), **costing(99))
    listed = await console.ask("review", "conflicts", "--as", "sun.lei")
    shown = await console.run("review", "conflicts", "--as", "sun.lei")
    (conflict,) = listed.facts["conflicts"]

    resolved = await console.ask(
        "review",
        "resolve",
        conflict["review"]["review"],
        "keep_existing",
        "--text",
        "以登记簿为准",
        "--as",
        "sun.lei",
    )

    assert "against gz-centre" in shown.out
    assert resolved.facts["state"] == "rejected"
    assert await hub.state_of(held) == "rejected"


async def test_the_hub_withdraws_a_listing(hub: ReviewingHub, console: Console) -> None:
    node = await hub.admit("gz-centre")
    listing = await node.recommend(a_number(1))
    await hub.publish(listing)
    arguments = (str(listing.id), "--reason", "lapse", "--text", "专利权终止", "--as", "sun.lei")

    said = await console.ask("withdraw", *arguments)
    await hub.sequence()
    again = await console.ask("withdraw", *arguments)

    assert said.facts["state"] == "withdrawn"
    assert (await hub.published(listing))["state"] == "withdrawn"
    assert again.code in {1, 4}
