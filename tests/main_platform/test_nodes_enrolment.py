"""A node joins: it signs its wish, two people compare the fingerprint, the log says so."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select, update

from main_platform.application import build_hub_app
from main_platform.nodes import enrol as enrol_module
from main_platform.nodes.confirm import Comparison, confirm_enrolment, expire_enrolments
from main_platform.nodes.enrol import request_enrolment
from main_platform.nodes.errors import TooManyWaiting
from main_platform.nodes.tables import NodeKeyRow
from main_platform.two_people import SecondPersonRequired
from shared_platform.audit.trail import Subject, records_of
from shared_platform.transport.peer_refusal import PeerRefusal
from shared_platform.transport.signed_client import Content
from shared_schema.entry_parts import NodeScope
from shared_schema.identities import SeededIds
from tests.main_platform.hub_places import NOW, ANode, OpenHub, answer_of, entry_kinds
from tests.main_platform.registrars import hub_of_registrars  # noqa: F401 - the fixture `hub`

ENROLMENTS = "/federation/v1/enrolments"


async def confirm(
    hub: OpenHub, enrolment: str, fingerprint: str, *, by: str = "wang.wei"
) -> httpx.Response:
    path = f"/api/v1/enrolments/{enrolment}/confirmations"
    return await hub.ask("POST", path, {"fingerprint": fingerprint}, by=by)


def code_of(answer: httpx.Response) -> str:
    return str(answer.json()["code"])


async def test_a_node_joins_when_two_people_have_heard_its_fingerprint(hub: OpenHub) -> None:
    node = ANode(hub)
    asked = await node.enrol()

    first = await confirm(hub, asked["enrolment"], asked["fingerprint"])
    between = await hub.ask("GET", "/api/v1/nodes/gz-centre", by="wang.wei")
    second = await confirm(hub, asked["enrolment"], asked["fingerprint"], by="zhao.min")

    assert asked["fingerprint"] == node.wish().fingerprint()
    assert (first.json()["state"], between.json()["state"]) == ("waiting", "requested")
    assert (second.json()["state"], second.json()["confirmations"]) == ("confirmed", 2)
    assert await entry_kinds(hub) == ["log_opened", "node_enrolled"]
    assert (await node.client().get("/federation/v1/nodes/self")).body


async def test_a_node_reads_how_its_enrolment_stands_before_it_is_in(hub: OpenHub) -> None:
    node = ANode(hub)
    asked = await node.enrol()

    found = await node.client().get(f"{ENROLMENTS}/{asked['enrolment']}")

    assert b'"waiting"' in found.body


async def test_the_same_wish_again_is_the_same_enrolment(hub: OpenHub) -> None:
    node = ANode(hub)

    first, again = await node.enrol(), await node.enrol()

    assert first == again


async def test_concurrent_wishes_of_one_node_are_one_enrolment(hub: OpenHub) -> None:
    body = Content(ANode(hub).wish().model_dump_json().encode())

    found = await asyncio.gather(*(ANode(hub).client().post(ENROLMENTS, body) for _ in range(4)))

    assert len({answer_of(one)["enrolment"] for one in found}) == 1


async def test_a_name_that_waits_cannot_be_taken_by_other_keys(hub: OpenHub) -> None:
    await ANode(hub).enrol()

    with pytest.raises(PeerRefusal) as refusal:
        await ANode(hub, seed="x").enrol()

    assert refusal.value.code == "already_exists"


async def test_a_node_cannot_bring_the_key_of_another(hub: OpenHub) -> None:
    own = ANode(hub)
    other = ANode(hub, id="sz-centre")
    await own.enrol()
    stolen = (other.wish().keys[0], *own.wish().keys[1:])

    with pytest.raises(PeerRefusal) as refusal:
        await other.enrol(keys=stolen)

    assert refusal.value.code == "already_exists"


async def test_a_wish_signed_by_another_key_than_its_own_is_refused(hub: OpenHub) -> None:
    node = ANode(hub)
    body = Content(node.wish().model_dump_json().encode())

    with pytest.raises(PeerRefusal) as refusal:
        await node.client("cosigner").post(ENROLMENTS, body)

    assert refusal.value.code == "node_unknown"


async def test_a_malformed_wish_names_what_is_missing_once_its_key_is_known(hub: OpenHub) -> None:
    node = ANode(hub)
    await node.enrol()

    with pytest.raises(PeerRefusal) as refusal:
        await node.client().post(ENROLMENTS, Content(b'{"node": "gz-centre"}'))

    assert refusal.value.code == "schema_invalid"
    assert {error.pointer for error in refusal.value.errors} == {"/names", "/keys", "/scope"}


async def test_the_fingerprint_may_be_typed_in_capitals_without_spaces(hub: OpenHub) -> None:
    asked = await ANode(hub).enrol()

    heard = asked["fingerprint"].replace(" ", "").upper()

    assert (await confirm(hub, asked["enrolment"], heard)).status_code == 200


async def test_another_fingerprint_is_never_confirmed(hub: OpenHub) -> None:
    asked = await ANode(hub).enrol()
    other = ANode(hub, seed="x").wish().fingerprint()

    refused = await confirm(hub, asked["enrolment"], other)

    assert (refused.status_code, code_of(refused)) == (409, "state_conflict")
    assert "operator" in refused.json()["detail"]


async def test_one_person_cannot_confirm_twice(hub: OpenHub) -> None:
    asked = await ANode(hub).enrol()
    await confirm(hub, asked["enrolment"], asked["fingerprint"])

    again = await confirm(hub, asked["enrolment"], asked["fingerprint"])

    assert (again.status_code, code_of(again)) == (403, "second_person_required")


async def test_two_people_at_once_activate_the_node_once(hub: OpenHub) -> None:
    asked = await ANode(hub).enrol()

    both = await asyncio.gather(
        confirm(hub, asked["enrolment"], asked["fingerprint"]),
        confirm(hub, asked["enrolment"], asked["fingerprint"], by="zhao.min"),
    )

    assert sorted(one.json()["state"] for one in both) == ["confirmed", "waiting"]
    assert await entry_kinds(hub) == ["log_opened", "node_enrolled"]


async def test_one_person_confirming_twice_at_once_counts_once(hub: OpenHub) -> None:
    asked = await ANode(hub).enrol()

    both = await asyncio.gather(
        *(confirm(hub, asked["enrolment"], asked["fingerprint"]) for _ in range(2))
    )

    assert sorted(one.status_code for one in both) == [200, 403]


async def test_a_decided_enrolment_is_decided(hub: OpenHub) -> None:
    asked = await ANode(hub).enrol()
    path = f"/api/v1/enrolments/{asked['enrolment']}/refusal"
    await hub.ask("POST", path, {"reason": "指纹不符"}, by="wang.wei")

    later = await confirm(hub, asked["enrolment"], asked["fingerprint"])
    again = await hub.ask("POST", path, {"reason": "指纹不符"}, by="wang.wei")

    assert code_of(later) == code_of(again) == "state_conflict"


async def test_a_refused_node_reads_why_and_may_ask_again_for_less(hub: OpenHub) -> None:
    node = ANode(hub)
    asked = await node.enrol(scope=NodeScope(regions=("CN",), kinds=("licence",)))
    path = f"/api/v1/enrolments/{asked['enrolment']}/refusal"
    refused = await hub.ask("POST", path, {"reason": "只负责广东"}, by="wang.wei")

    again = await node.enrol()
    await confirm(hub, again["enrolment"], again["fingerprint"])
    await confirm(hub, again["enrolment"], again["fingerprint"], by="zhao.min")

    assert refused.json()["reason"] == "只负责广东"
    assert again["enrolment"] != asked["enrolment"]
    shown = await hub.ask("GET", "/api/v1/nodes/gz-centre", by="wang.wei")
    assert shown.json()["scope"] == {"regions": ["44"], "kinds": ["licence"]}


async def test_staff_list_enrolments_by_state(hub: OpenHub) -> None:
    await ANode(hub).enrol()

    waiting = await hub.ask("GET", "/api/v1/enrolments?state=waiting", by="wang.wei")
    refused = await hub.ask("GET", "/api/v1/enrolments?state=refused", by="wang.wei")
    unknown = await hub.ask("GET", "/api/v1/enrolments?state=lost", by="wang.wei")

    assert [one["node"] for one in waiting.json()] == ["gz-centre"]
    assert refused.json() == []
    assert unknown.status_code == 422


async def test_an_enrolment_of_nobody_is_not_found(hub: OpenHub) -> None:
    nobody = SeededIds(1).new_id()

    confirmed = await confirm(hub, str(nobody), ANode(hub).wish().fingerprint())
    await ANode(hub).enrol()
    with pytest.raises(PeerRefusal) as refusal:
        await ANode(hub).client().get(f"{ENROLMENTS}/{nobody}")

    assert code_of(confirmed) == refusal.value.code == "not_found"


async def test_a_node_cannot_read_the_enrolment_of_another(hub: OpenHub) -> None:
    asked = await ANode(hub).enrol()
    other = ANode(hub, id="sz-centre")
    await other.enrol()

    with pytest.raises(PeerRefusal) as refusal:
        await other.client().get(f"{ENROLMENTS}/{asked['enrolment']}")

    assert refusal.value.code == "not_found"


async def test_no_more_enrolments_wait_than_staff_can_look_through(
    hub: OpenHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enrol_module, "MAX_WAITING", 1)
    await ANode(hub).enrol()

    async with hub.database.sessions.begin() as session:
        with pytest.raises(TooManyWaiting):
            await request_enrolment(
                session, ANode(hub, id="sz-centre").wish(), ids=SeededIds(2), now=NOW
            )


async def test_every_step_is_in_the_audit_trail(hub: OpenHub) -> None:
    await ANode(hub).join("wang.wei", "zhao.min")

    async with hub.database.sessions() as session:
        found = await records_of(session, Subject("node", "gz-centre"))

    assert [(one.actor, one.act) for one in found] == [
        ("gz-centre", "enrolment_requested"),
        ("wang.wei", "enrolment_confirmed"),
        ("zhao.min", "enrolment_confirmed"),
    ]


async def test_confirming_does_not_wake_a_revoked_key(hub: OpenHub) -> None:
    node = ANode(hub)
    asked = await node.enrol()
    async with hub.database.sessions.begin() as session:
        await session.execute(
            update(NodeKeyRow)
            .where(NodeKeyRow.key_id == node.key("cosigner").key_id)
            .values(state="revoked")
        )
    for name in ("wang.wei", "zhao.min"):
        await confirm(hub, asked["enrolment"], asked["fingerprint"], by=name)

    async with hub.database.sessions() as session:
        states = await session.scalars(select(NodeKeyRow.state).order_by(NodeKeyRow.use))

    assert states.all() == ["revoked", "active", "active"]


async def test_a_use_case_refuses_the_same_person_whoever_calls_it(hub: OpenHub) -> None:
    asked = await ANode(hub).enrol()
    heard = Comparison(asked["fingerprint"], 2)

    async def publish(_session: object, _entry: object) -> None:
        pytest.fail("nothing may be published")

    async with hub.database.sessions.begin() as session:
        await confirm_enrolment(
            session, asked["enrolment"], comparison=heard, publish=publish, by="a", now=NOW
        )
        with pytest.raises(SecondPersonRequired):
            await confirm_enrolment(
                session, asked["enrolment"], comparison=heard, publish=publish, by="a", now=NOW
            )


async def test_a_page_of_enrolments_goes_on_after_its_last(hub: OpenHub) -> None:
    for name in ("gz-centre", "sz-centre", "dg-centre"):
        await ANode(hub, id=name).enrol()
    path = "/api/v1/enrolments?state=waiting&limit=2"

    first = (await hub.ask("GET", path, by="wang.wei")).json()
    last = first[-1]["enrolment"]
    second = (await hub.ask("GET", f"{path}&after={last}", by="wang.wei")).json()
    nowhere = await hub.ask("GET", f"{path}&after={SeededIds(1).new_id()}", by="wang.wei")

    pages = [[one["node"] for one in page] for page in (first, second)]
    assert [len(page) for page in pages] == [2, 1]
    assert {*pages[0], *pages[1]} == {"gz-centre", "sz-centre", "dg-centre"}
    assert (nowhere.status_code, code_of(nowhere)) == (404, "not_found")


async def test_many_enrolments_are_refused_together_or_not_at_all(hub: OpenHub) -> None:
    ids = [(await ANode(hub, id=name).enrol())["enrolment"] for name in ("gz-centre", "sz-centre")]
    path, nobody = "/api/v1/enrolments/refusals", str(SeededIds(1).new_id())
    wrong = {"enrolments": [*ids, nobody], "reason": "来源不明"}

    none = await hub.ask("POST", path, wrong, by="wang.wei")
    waiting = await hub.ask("GET", "/api/v1/enrolments?state=waiting", by="wang.wei")
    both = await hub.ask("POST", path, {"enrolments": ids, "reason": "来源不明"}, by="wang.wei")

    assert code_of(none) == "not_found"
    assert len(waiting.json()) == 2
    assert {(one["state"], one["reason"]) for one in both.json()} == {("refused", "来源不明")}


async def test_what_nobody_decides_expires_and_may_be_asked_again(hub: OpenHub) -> None:
    old = await ANode(hub).enrol()
    hub.clock.instant = NOW + timedelta(days=14)
    fresh = await ANode(hub, id="sz-centre").enrol()
    hub.clock.instant += timedelta(seconds=1)

    async with hub.database.sessions.begin() as session:
        expired = await expire_enrolments(session, days=14, now=hub.clock.now())
    path = "/api/v1/enrolments?state=waiting"
    waiting = await hub.ask("GET", path, by="wang.wei")
    again = await ANode(hub).enrol()

    assert expired == 1
    assert [one["enrolment"] for one in waiting.json()] == [fresh["enrolment"]]
    assert again["enrolment"] != old["enrolment"]


async def test_one_address_asks_to_join_so_often_in_an_hour_and_reads_go_on(
    hub: OpenHub,
) -> None:
    settings = hub.context.settings.model_copy(update={"enrolment_limit": 2})
    hub.app = build_hub_app(replace(hub.context, settings=settings))
    asked = [await ANode(hub, id=name).enrol() for name in ("gz-centre", "sz-centre")]

    with pytest.raises(PeerRefusal) as refused:
        await ANode(hub, id="dg-centre").enrol()
    own = await ANode(hub).client().get(f"{ENROLMENTS}/{asked[0]['enrolment']}")

    assert refused.value.code == "rate_limited"
    assert 60 < (refused.value.retry_after_s or 0) <= 3_600
    assert own.status == 200
