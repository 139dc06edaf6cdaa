"""Nodes change their own keys, two of the staff revoke them: what holds from that moment on."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from main_platform.catalogue.publish import publish
from main_platform.nodes.end_key import end_overlaps
from shared_platform.catalogue.head_store import load_directory
from shared_platform.database.engine import Database
from shared_platform.transport.peer_refusal import PeerRefusal
from shared_platform.transport.signed_client import Content, SignedClient, Written
from shared_schema.entry_parts import KeyUse, NodeKey
from shared_schema.key_change import OVERLAP, KeyChange, SignedKeyChange, sign_change
from shared_schema.signing_key import SigningKey
from tests.main_platform.hub_places import NOW, ANode, OpenHub, an_open_hub, answer_of, entry_kinds

FRESH = SigningKey.from_seed(b"the next key".ljust(32, b"."))
KEYS = "/federation/v1/origins/gz-centre/keys"
SELF = "/federation/v1/nodes/self"


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[OpenHub]:
    async with an_open_hub(hub_committed, tmp_path) as opened:
        for name in ("wang.wei", "zhao.min"):
            await opened.hire(name, "node_registrar")
        await ANode(opened).join("wang.wei", "zhao.min")
        yield opened


def client_of(hub: OpenHub, key: SigningKey) -> SignedClient:
    client = ANode(hub).client()
    client.key = key
    return client


def rotation(
    hub: OpenHub, use: KeyUse = "statement", *, by: KeyUse = "statement", **changes: Any
) -> SignedKeyChange:
    """The change that puts `FRESH` in the place of the node's key of that use."""
    node, now = ANode(hub), hub.clock.now()
    members: dict[str, Any] = {
        "node": node.id,
        "action": "add",
        "key": NodeKey.of(FRESH.public, use=use, not_after=now + timedelta(days=730)),
        "replaces": node.key(use).key_id,
        "overlap_until": now + OVERLAP,
        "reason": "rotated",
        "authorised_by": node.key(by).key_id,
        "issued_at": now,
    }
    return sign_change(KeyChange(**members | changes), [node.key(by), FRESH])


def revocation(hub: OpenHub, use: KeyUse = "statement", **changes: Any) -> SignedKeyChange:
    node = ANode(hub)
    members: dict[str, Any] = {
        "node": node.id,
        "action": "revoke",
        "key_id": node.key(use).key_id,
        "reason": "key_compromise",
        "authorised_by": node.key("recovery").key_id,
        "issued_at": hub.clock.now(),
    }
    return sign_change(KeyChange(**members | changes), [node.key("recovery")])


async def post(hub: OpenHub, signed: SignedKeyChange, *, use: KeyUse = "statement") -> Written:
    return await ANode(hub).client(use).post(KEYS, Content(signed.raw))


async def keys_of(hub: OpenHub) -> dict[str, dict[str, Any]]:
    found = (await hub.ask("GET", "/api/v1/nodes/gz-centre", by="wang.wei")).json()
    return {key["key_id"]: key for key in found["keys"]}


async def test_both_keys_serve_during_the_overlap_and_then_the_new_one_alone(
    hub: OpenHub,
) -> None:
    old, new = ANode(hub).client(), client_of(hub, FRESH)
    applied = await post(hub, rotation(hub))
    both = [(await one.get(SELF)).status for one in (old, new)]
    hub.clock.instant += OVERLAP
    async with hub.database.sessions.begin() as session:
        ended = await end_overlaps(session, publish=publish, now=hub.clock.now())

    with pytest.raises(PeerRefusal) as refused:
        await old.get(SELF)

    assert (applied.status, answer_of(applied)["added"]) == (201, FRESH.key_id)
    assert (both, ended) == ([200, 200], 1)
    assert refused.value.code == "key_revoked"
    assert (await new.get(SELF)).status == 200
    assert (await entry_kinds(hub))[-2:] == ["key_added", "key_revoked"]


async def test_a_reader_of_the_log_accepts_every_entry_of_a_rotation(hub: OpenHub) -> None:
    await post(hub, rotation(hub))
    hub.clock.instant += OVERLAP
    async with hub.database.sessions.begin() as session:
        await end_overlaps(session, publish=publish, now=hub.clock.now())
    await hub.context.sequencer.drain()

    async with hub.database.sessions() as session:
        directory = await load_directory(session)

    (current,) = directory.keys_of("gz-centre", directory.last_serial, use="statement")
    assert current.key.key_id == FRESH.key_id
    assert directory.keys[ANode(hub).key().key_id].revoked_at == directory.last_serial


async def test_a_repeated_change_gives_the_same_receipt_and_nothing_else(hub: OpenHub) -> None:
    signed = rotation(hub)
    first = await post(hub, signed)
    hub.clock.instant += timedelta(days=3)
    again = await client_of(hub, FRESH).post(KEYS, Content(signed.raw))

    assert (first.status, again.status) == (201, 200)
    assert again.body == first.body
    assert (await entry_kinds(hub)).count("key_added") == 1


async def test_twins_of_one_change_apply_it_once(hub: OpenHub) -> None:
    signed = rotation(hub)
    clients = [client_of(hub, key) for key in (ANode(hub).key(), ANode(hub).key("recovery"))]

    done = await asyncio.gather(*(one.post(KEYS, Content(signed.raw)) for one in clients))

    assert sorted(one.status for one in done) == [200, 201]
    assert (await entry_kinds(hub)).count("key_added") == 1


async def test_the_recovery_key_revokes_at_once_and_is_heard_on_this_route_alone(
    hub: OpenHub,
) -> None:
    done = await post(hub, revocation(hub, suspect_from=NOW - timedelta(days=2)), use="recovery")

    with pytest.raises(PeerRefusal) as old:
        await ANode(hub).client().get(SELF)
    with pytest.raises(PeerRefusal) as recovery:
        await ANode(hub).client("recovery").get(SELF)

    assert done.status == 201
    assert (old.value.code, recovery.value.code) == ("key_revoked", "node_unknown")
    found = (await keys_of(hub))[ANode(hub).key().key_id]
    assert (found["state"], found["suspect_from"]) == ("revoked", "2026-11-20T08:00:00Z")


async def test_the_recovery_key_with_the_new_key_replaces_a_stolen_one_in_one_change(
    hub: OpenHub,
) -> None:
    signed = rotation(hub, by="recovery", overlap_until=NOW, reason="key_compromise")

    await post(hub, signed, use="recovery")

    states = {name: key["state"] for name, key in (await keys_of(hub)).items()}
    assert states[ANode(hub).key().key_id] == "revoked"
    assert states[FRESH.key_id] == "active"
    assert (await client_of(hub, FRESH).get(SELF)).status == 200
    assert (await entry_kinds(hub))[-2:] == ["key_added", "key_revoked"]


async def test_an_expired_key_may_still_hand_over_to_its_successor(hub: OpenHub) -> None:
    hub.clock.instant += timedelta(days=400)
    with pytest.raises(PeerRefusal) as expired:
        await ANode(hub).client().get(SELF)

    done = await post(hub, rotation(hub))

    assert expired.value.code == "key_expired"
    assert done.status == 201
    assert (await client_of(hub, FRESH).get(SELF)).status == 200


async def test_of_a_suspended_node_the_recovery_key_alone_is_heard(hub: OpenHub) -> None:
    body = {"action": "suspend", "reason": "key_compromise"}
    await hub.ask("POST", "/api/v1/nodes/gz-centre/standing", body, by="wang.wei")

    with pytest.raises(PeerRefusal) as refused:
        await post(hub, rotation(hub))
    done = await post(hub, rotation(hub, by="recovery"), use="recovery")

    assert refused.value.code == "node_suspended"
    assert done.status == 201
    assert (await entry_kinds(hub))[-1] == "key_added"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"node": "fs-centre"}, "scope_denied"),
        ({"issued_at": NOW - timedelta(hours=25)}, "schema_invalid"),
        ({"issued_at": NOW + timedelta(hours=25)}, "schema_invalid"),
        ({"overlap_until": NOW + timedelta(days=61)}, "schema_invalid"),
        ({"key": NodeKey.of(FRESH.public, use="statement", not_after=NOW)}, "schema_invalid"),
        ({"by": "cosigner"}, "signature_invalid"),
    ],
    ids=["another node", "too old", "too new", "too long", "expired", "cosigner"],
)
async def test_a_change_that_may_not_be_is_refused(
    hub: OpenHub, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(PeerRefusal) as refused:
        await post(hub, rotation(hub, **changes))

    assert refused.value.code == code
    assert FRESH.key_id not in await keys_of(hub)


async def test_a_third_key_of_one_use_waits_for_the_end_of_the_first(hub: OpenHub) -> None:
    await post(hub, rotation(hub))
    third = SigningKey.from_seed(b"third".ljust(32, b"."))
    key = NodeKey.of(third.public, use="statement", not_after=NOW + timedelta(days=9))
    change = rotation(hub).change.model_copy(update={"key": key})

    with pytest.raises(PeerRefusal) as refused:
        await post(hub, sign_change(change, [ANode(hub).key(), third]))

    assert refused.value.code == "state_conflict"


async def test_a_theft_during_the_overlap_is_answered_at_once(hub: OpenHub) -> None:
    await post(hub, rotation(hub))
    third, recovery = SigningKey.from_seed(b"third".ljust(32, b".")), ANode(hub).key("recovery")
    change = rotation(hub).change.model_copy(
        update={
            "key": NodeKey.of(third.public, use="statement", not_after=NOW + timedelta(days=9)),
            "replaces": FRESH.key_id,
            "overlap_until": NOW,
            "authorised_by": recovery.key_id,
        }
    )

    done = await post(hub, sign_change(change, [recovery, third]), use="recovery")

    assert done.status == 201
    states = {name: key["state"] for name, key in (await keys_of(hub)).items()}
    assert (states[FRESH.key_id], states[third.key_id]) == ("revoked", "active")


async def test_a_key_that_anybody_had_before_is_refused(hub: OpenHub) -> None:
    node = ANode(hub)
    cosigner = node.key("cosigner")
    key = NodeKey.of(cosigner.public, use="statement", not_after=NOW + timedelta(days=9))
    change = rotation(hub).change.model_copy(update={"key": key})

    with pytest.raises(PeerRefusal) as refused:
        await post(hub, sign_change(change, [node.key(), cosigner]))

    assert refused.value.code == "already_exists"


async def test_the_node_reads_of_its_keys_in_its_inbox(hub: OpenHub) -> None:
    await post(hub, rotation(hub, by="recovery", overlap_until=NOW), use="recovery")

    page = json.loads((await client_of(hub, FRESH).get("/federation/v1/inbox")).body)

    told = {one["kind"]: one["body"] for one in page["messages"]}
    assert told["key_added"]["key_id"] == FRESH.key_id
    assert told["key_revoked"]["by"] == "origin"


async def test_two_people_revoke_a_key_and_one_alone_does_not(hub: OpenHub) -> None:
    path = f"/api/v1/keys/{ANode(hub).key().key_id}/revocation"
    proposed = await hub.ask("POST", path, {"reason": "key_compromise"}, by="wang.wei")
    confirmation = f"/api/v1/key-revocations/{proposed.json()['revocation']}/confirmation"
    alone = await hub.ask("POST", confirmation, by="wang.wei")
    still = await ANode(hub).client().get(SELF)
    confirmed = await hub.ask("POST", confirmation, by="zhao.min")

    with pytest.raises(PeerRefusal) as refusal:
        await ANode(hub).client().get(SELF)

    assert (alone.status_code, alone.json()["code"]) == (403, "second_person_required")
    assert (still.status, confirmed.json()["state"]) == (200, "confirmed")
    assert refusal.value.code == "key_revoked"
    assert (await entry_kinds(hub))[-1] == "key_revoked"


async def test_of_two_who_confirm_together_one_does(hub: OpenHub) -> None:
    await hub.hire("li.na", "node_registrar")
    path = f"/api/v1/keys/{ANode(hub).key().key_id}/revocation"
    proposed = await hub.ask("POST", path, {"reason": "lost"}, by="wang.wei")
    confirmation = f"/api/v1/key-revocations/{proposed.json()['revocation']}/confirmation"

    both = await asyncio.gather(
        *(hub.ask("POST", confirmation, by=name) for name in ("zhao.min", "li.na"))
    )

    assert min(one.status_code for one in both) == 200
    assert {one.status_code for one in both} <= {200, 404, 409}
    assert (await entry_kinds(hub)).count("key_revoked") == 1


async def test_a_dropped_proposal_revokes_nothing_and_makes_room_for_another(
    hub: OpenHub,
) -> None:
    path = f"/api/v1/keys/{ANode(hub).key().key_id}/revocation"
    first = (await hub.ask("POST", path, {"reason": "lost"}, by="wang.wei")).json()
    same = (await hub.ask("POST", path, {"reason": "lost"}, by="wang.wei")).json()
    other = await hub.ask("POST", path, {"reason": "other"}, by="zhao.min")
    place = f"/api/v1/key-revocations/{first['revocation']}"
    dropped = await hub.ask("DELETE", place, by="zhao.min")
    late = await hub.ask("POST", f"{place}/confirmation", by="zhao.min")

    again = await hub.ask("POST", path, {"reason": "other"}, by="zhao.min")

    assert same["revocation"] == first["revocation"]
    assert [one.status_code for one in (other, dropped, late, again)] == [409, 200, 409, 202]
    assert (await ANode(hub).client().get(SELF)).status == 200
