"""What the log says of this node's listings: states, proofs, and the timeline that shows them."""

from dataclasses import dataclass, field
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_schema.entry_parts import Names, NodeKey, NodeScope
from shared_schema.instants import format_instant
from shared_schema.log_entry import NodeEnrolled
from shared_schema.log_proof import ProofInvalid, inclusion_proof
from shared_schema.log_refusal import LogRefused
from shared_schema.proof_text import write_proof
from subplatform.catalogue_mirror.pull import Mirroring, pull
from subplatform.declarations.states import State
from subplatform.outbox.tables import IntakeReceiptRow
from subplatform.recommendation.confirm import confirm_published
from subplatform.recommendation.errors import ProofNotFound
from subplatform.recommendation.proofs import check_proof, collect_proofs
from subplatform.recommendation.suspend import Suspension, suspend
from subplatform.recommendation.tables import InclusionProofRow
from subplatform.recommendation.timeline import Timeline, proof_file, read_timeline
from subplatform.recommendation.withdraw import Withdrawal, withdraw
from tests.shared_platform.hub_log_peer import Federation, Offered
from tests.subplatform.hub_peer import ANCHOR, NODE, NODE_KEY
from tests.subplatform.recommending import BY, Recommending, put_into, state_of

Sessions = async_sessionmaker[AsyncSession]


@dataclass
class Province:
    """One node that recommends, and the log in which its statements appear.

    The log is signed with another key than the intake's receipts, so each proof has its anchor.
    """

    sessions: Sessions
    federation: Federation = field(default_factory=Federation)

    def __post_init__(self) -> None:
        self.node = Recommending(self.sessions)
        self.hub = self.federation.hub
        self.federation.node_keys[NODE] = NODE_KEY
        self.hub.append(
            NodeEnrolled(
                at=self.hub.now,
                node=NODE,
                names=Names(zh="节点", en="Node"),
                keys=(NodeKey.of(NODE_KEY.public, use="statement"),),
                scope=NodeScope(regions=("44",), kinds=("licence",)),
            )
        )
        self.following = Mirroring(self.hub, self.hub.anchor, self.node.clock, (confirm_published,))

    def log_all(self) -> None:
        """The hub approves everything that has arrived."""
        logged = set(self.hub.named)
        for signed in self.node.peer.arrivals:
            if signed.object_hash not in logged:
                self.federation.log_statement(signed)

    def offered(self, listing: UUID) -> Offered:
        versions = [one for one in self.node.peer.arrivals if one.statement.listing == listing]
        return Offered(NODE, listing, versions[0].statement.subject.application_number, versions)

    async def prove(self, serial: int, size: int) -> bytes:
        proof = inclusion_proof(serial, size, lambda *place: self.hub.tree[place])
        return write_proof(proof).encode()

    async def pull(self) -> None:
        await pull(self.sessions, self.following)

    async def published(self, count: int = 1) -> list[UUID]:
        listings = await self.node.recommended(count)
        self.log_all()
        await self.pull()
        return listings

    async def collect(self) -> int:
        return await collect_proofs(self.sessions, self.prove, node=NODE, now=self.node.clock.now())

    async def timeline(self, listing: UUID) -> Timeline:
        async with self.sessions() as session:
            return await read_timeline(session, listing, anchor=self.hub.anchor)


@pytest.fixture
def province(node_sessions: Sessions) -> Province:
    return Province(node_sessions)


async def test_public_is_what_the_log_says(province: Province) -> None:
    logged, waiting = await province.node.recommended(2)
    province.federation.log_statement(province.offered(logged).last)

    await province.pull()

    row = await province.node.row(logged)
    assert (row.state, row.serial) == ("published", 2)
    assert await state_of(province.node, waiting) == "recommended"


async def test_what_the_hub_does_by_itself_is_followed(province: Province) -> None:
    (listing,) = await province.published()
    offered = province.offered(listing)

    province.federation.hub_change(offered, "suspend")
    await province.pull()
    suspended = await province.node.row(listing)
    province.federation.hub_change(offered, "resume")
    await province.pull()
    resumed = await province.node.row(listing)
    province.federation.hub_change(offered, "withdraw")
    await province.pull()

    assert suspended.state == "suspended"
    assert suspended.suspension is not None
    assert suspended.suspension["codes"] == ["patent_lapsed"]
    assert (resumed.state, resumed.suspension) == ("published", None)
    assert await state_of(province.node, listing) == "withdrawn"


async def test_an_older_entry_says_nothing_about_a_newer_statement(province: Province) -> None:
    (listing,) = await province.published()
    reason = Suspension("holder_wish", "暂停")
    node = province.node
    async with node.sessions.begin() as session:
        await suspend(session, listing, reason, signer=node.signer, by=BY, now=node.now)

    async with node.sessions.begin() as session:
        assert await confirm_published(session, node.now) == 0

    assert await state_of(node, listing) == "suspended"


async def test_a_withdrawal_is_complete_when_the_log_has_it(province: Province) -> None:
    (listing,) = await province.published()
    node, wish = province.node, Withdrawal("holder_wish", "撤回")
    async with node.sessions.begin() as session:
        await withdraw(session, listing, wish, signer=node.signer, by=BY, now=node.now)
    await node.deliver_all()
    province.log_all()

    await province.pull()

    assert await state_of(node, listing) == "withdrawn"
    lines = (await province.timeline(listing)).entries
    assert [line.kind for line in lines] == ["listing_offered", "listing_withdrawn"]


async def test_an_expired_listing_is_not_published_again(province: Province) -> None:
    (listing,) = await province.published()
    await put_into(province.node, listing, State.EXPIRED)

    await province.pull()

    assert await state_of(province.node, listing) == "expired"


async def test_proofs_are_collected_once_and_verify_with_the_anchor_alone(
    province: Province,
) -> None:
    listings = await province.published(3)

    assert await province.collect() == 3
    assert await province.collect() == 0

    async with province.sessions() as session:
        proof = await proof_file(session, listings[0])
    serial, checkpoint = check_proof(proof, province.hub.leaves[2], province.hub.anchor)
    assert (serial, checkpoint.size) == (2, province.hub.size)
    with pytest.raises(ProofInvalid):
        check_proof(proof, province.hub.leaves[3], province.hub.anchor)
    with pytest.raises(LogRefused):
        check_proof(proof, province.hub.leaves[2], ANCHOR)


async def test_a_proof_that_proves_nothing_is_not_kept(province: Province) -> None:
    (listing,) = await province.published()

    async def wrong(serial: int, size: int) -> bytes:
        assert serial < size
        return write_proof([b"\0" * 32] * 2).encode()

    with pytest.raises(ProofInvalid):
        await collect_proofs(province.sessions, wrong, node=NODE, now=province.node.now)
    async with province.sessions() as session:
        with pytest.raises(ProofNotFound):
            await proof_file(session, listing)


async def test_before_the_first_pull_there_is_nothing_to_prove(province: Province) -> None:
    assert await province.collect() == 0


async def test_the_timeline_shows_statements_decisions_and_entries(province: Province) -> None:
    (listing,) = await province.published()
    signed = province.offered(listing).last
    province.node.peer.say(
        "decision",
        verdict="approved",
        listing=str(listing),
        version=1,
        statement_hash=signed.payload_hash,
        serial=2,
    )
    await province.node.read_inbox()
    await province.collect()

    timeline = await province.timeline(listing)

    (line,) = timeline.statements
    assert (line.op, line.version, line.delivery, line.serial) == ("offer", 1, "sent", 2)
    assert line.decision is not None
    assert line.decision["verdict"] == "approved"
    assert line.inclusion == "verified"
    assert line.intake == "invalid"  # the anchor is the log's; this hub's receipts have another key
    async with province.sessions() as session:
        by_receipts = await read_timeline(session, listing, anchor=ANCHOR)
        unenrolled = await read_timeline(session, listing, anchor=None)
    assert by_receipts.statements[0].intake == "verified"
    assert by_receipts.statements[0].inclusion == "invalid"
    assert unenrolled.statements[0].intake == "missing"
    (entry,) = timeline.entries
    assert (entry.serial, entry.kind, entry.by, entry.version) == (
        2,
        "listing_offered",
        "origin",
        1,
    )
    assert entry.at is not None
    assert format_instant(entry.at) <= format_instant(province.hub.now)


async def test_a_receipt_in_a_batch_proves_each_of_its_statements(province: Province) -> None:
    first, second = await province.node.recommended(2)

    async with province.sessions() as session:
        lines = [
            (await read_timeline(session, listing, anchor=ANCHOR)).statements[0]
            for listing in (first, second)
        ]

    assert [(line.intake, line.inclusion, line.serial) for line in lines] == [
        ("verified", "missing", None)
    ] * 2


async def test_tampered_evidence_is_called_invalid(province: Province) -> None:
    (listing,) = await province.published()
    await province.collect()
    async with province.sessions.begin() as session:
        await session.execute(update(IntakeReceiptRow).values(stored=b"{}"))
        await session.execute(update(InclusionProofRow).values(proof=b"nothing"))

    (line,) = (await province.timeline(listing)).statements

    assert (line.intake, line.inclusion) == ("invalid", "invalid")
