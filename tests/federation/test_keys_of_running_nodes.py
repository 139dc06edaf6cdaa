"""The real commands against running services: a node replaces its key, and nobody restarts."""

import pytest

from tests.federation.desks import approve, check_and_recommend, declare, is_public, terms
from tests.federation.federation import GUANGDONG, REGISTRARS, Federation
from tests.subplatform.node_builders import a_number

pytestmark = pytest.mark.timeout(240)


async def test_a_running_node_signs_with_its_new_key_from_the_next_statement_on(
    federation: Federation,
) -> None:
    node, hub = federation.guangdong, federation.hub
    recovery = str(node.place.folder / "keys" / "recovery.pem")
    rotated = await node.run("keys", "rotate")
    stolen = await node.run("keys", "rotate", "--recovery", recovery)
    listing = await declare(node, terms(a_number(70_001)))

    (sent,) = await check_and_recommend(node, listing)
    await approve(hub, listing)
    shown = await is_public(federation.beijing, listing)
    await federation.level()
    known = (await node.run("keys", "show")).answer["keys"]
    status = (await node.run("status")).answer

    states = {one["key_id"]: one["revoked_at_serial"] for one in known}
    assert shown["listing"] == sent["listing"]
    assert states[rotated.answer["key_id"]] is not None
    assert states[stolen.answer["key_id"]] is None
    assert [one["key_id"] for one in known if one["in_use"] and one["use"] == "statement"] == [
        stolen.answer["key_id"]
    ]
    assert status["keys_ending"] == []
    seen = await hub.told("GET", f"/api/v1/nodes/{GUANGDONG}", by=REGISTRARS[0])
    assert {one["warning"] for one in seen["keys"]} == {None}
    await federation.proven()
