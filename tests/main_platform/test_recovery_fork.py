"""A hub that signed another log after a restore learns it from the page that was to heal it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from main_platform.monitoring.conditions import fork_findings
from shared_platform.database.engine import Database
from shared_platform.transport.peer_refusal import PeerRefusal
from shared_platform.transport.signed_client import Content
from shared_schema.checkpoint import Checkpoint, sign_checkpoint
from shared_schema.log_fork import ForkVerdict, judge_fork, read_evidence
from shared_schema.log_page import PageEntry, write_page
from shared_schema.merkle import CompactRange, leaf_hash
from shared_schema.recovery_page import LeafHashes, Past, add_past, write_recovery
from tests.main_platform.cosigning_nodes import checkpoint, grow, log_size, vouch
from tests.main_platform.hub_builders import ReviewingHub, SendingNode, a_reviewing_hub
from tests.main_platform.hub_places import OpenHub

RECOVERY = "/federation/v1/log/recovery"


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[ReviewingHub]:
    async with a_reviewing_hub(hub_committed, tmp_path) as reviewing:
        yield reviewing


class LostLog:
    """The log that the hub signed before it was restored: longer, and of other entries."""

    def __init__(self, hub: OpenHub, *, held: int, size: int) -> None:
        self.held = held
        leaves = [b"entry %d of before" % serial for serial in range(size)]
        hashes = [leaf_hash(leaf) for leaf in leaves]
        grown, _ = CompactRange().extend(hashes)
        key = hub.context.log_key
        said = Checkpoint(key.anchor.log_origin, size, grown.root())
        self.note = sign_checkpoint(said, key=key.key)
        self.hashes = LeafHashes(0, hashes)
        entries = [PageEntry(serial, leaves[serial]) for serial in range(held, size)]
        page = write_page(held, entries, tree_size=size)
        self.page = write_recovery(page, checkpoint=self.note, rest=[])

    def past(self) -> Past:
        return self.hashes.past_at(self.held)


async def refused(node: SendingNode, body: bytes) -> PeerRefusal:
    with pytest.raises(PeerRefusal) as why:
        await node.client().post(RECOVERY, Content(body, "application/json"))
    return why.value


async def test_a_proven_other_past_is_kept_told_and_not_asked_for_again(hub: ReviewingHub) -> None:
    node = await hub.admit("gz-centre")
    await hub.sequence()
    while (held := await log_size(hub)) & (held - 1) == 0:
        await grow(hub)  # a proof from a power of two shows nothing to a third party
    lost = LostLog(hub, held=held, size=held + 5)
    asked = await vouch(node, lost.note)
    own = await checkpoint(hub)

    plain = await refused(node, lost.page)
    made_up = await refused(node, add_past(lost.page, Past(leaf_hash(b"x"), lost.past().proof)))
    proven = await refused(node, add_past(lost.page, lost.past()))
    again = await vouch(node, lost.note)

    assert asked == {"recovery_wanted": {"from": held, "to": held + 5}}
    assert [one.code for one in (*plain.errors, *made_up.errors)] == ["recovery.root"] * 2
    assert (proven.code, proven.checkpoint) == ("log_fork", own.decode())
    assert again == {"recovery_wanted": None}
    await is_on_file(hub, node)


async def is_on_file(hub: ReviewingHub, node: SendingNode) -> None:
    """Evidence that anybody can check, an alarm, and one message to the node."""
    (fork,) = (await hub.ask("GET", "/api/v1/log/forks", by="reg.one")).json()["forks"]
    file = await hub.ask("GET", f"/api/v1/log/forks/{fork['id']}", by="reg.one")
    shown = judge_fork(read_evidence(file.content), hub.context.log_key.anchor)
    inbox = await node.client().get("/federation/v1/inbox")
    async with hub.database.sessions() as session:
        alarms = await fork_findings(session, hub.clock.now())

    assert shown.verdict is ForkVerdict.TWO_PASTS
    assert inbox.body.count(b'"log_fork"') == 1
    assert [one.subject for one in alarms] == ["gz-centre"]
