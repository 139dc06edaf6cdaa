"""Which checkpoint a copy goes to next: the latest, or first one that hands the log key over."""

from dataclasses import dataclass

from shared_platform.catalogue.log_source import LogSource
from shared_platform.catalogue.proven_page import prove_growth
from shared_platform.transport.outbound import PeerAnsweredBadly
from shared_schema.anchor import FederationAnchor
from shared_schema.instants import Instant
from shared_schema.key_directory import KeyDirectory
from shared_schema.log_following import (
    LogPosition,
    Vouched,
    continue_from,
    cosigners_of,
    read_vouched,
)
from shared_schema.log_fork import has_two_pasts
from shared_schema.log_handover import Handover, check_handover, read_handovers
from shared_schema.log_keys import may_be_newer
from shared_schema.log_proof import ProofInvalid
from shared_schema.refusal import DomainError
from shared_schema.sync_refusals import CheckpointRefused, ForkDetected


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom a copy asks, by which anchor it believes, and when."""

    source: LogSource
    anchor: FederationAnchor
    now: Instant


@dataclass(frozen=True, slots=True)
class Step:
    """A verified checkpoint to reach. `handover`: reaching it must prove a new log key."""

    target: Vouched
    is_last: bool = True
    handover: Handover | None = None


async def next_step(trust: Trust, position: LogPosition, directory: KeyDirectory) -> Step:
    """The source's latest checkpoint, or a step on the way to the keys that signed it.

    Raises:
        CheckpointRefused: it is not the anchor's log's, and no handover leads to its key.
        HandoverRefused: a handover is not signed by a key that counts.
        RollbackDetected: it is smaller than the known one.
        ForkDetected: it does not continue the known one.
        DomainError: the source did not answer.
    """
    cosigners = cosigners_of(trust.anchor, directory)
    note = await trust.source.checkpoint()
    try:
        offered = read_vouched(
            note, trust.anchor, now=trust.now, cosigners=cosigners, keys=directory.log
        )
    except CheckpointRefused as refused:
        if not may_be_newer(refused):
            raise
        if not position.is_complete:  # what was vouched for before comes first
            return Step(position.vouched, is_last=False)
        handover = await _handover(trust, position)
        if handover is None:
            raise
        reached = check_handover(handover, trust.anchor, directory.log, now=trust.now)
        target = await _continued(trust.source, position, reached)
        return Step(target, is_last=False, handover=handover)
    return Step(await _continued(trust.source, position, offered))


async def _handover(trust: Trust, position: LogPosition) -> Handover | None:
    """The first handover about an entry that this copy has not applied."""
    try:
        raw = await trust.source.handovers(position.size)
    except PeerAnsweredBadly:  # a source without handovers leads nowhere
        return None
    listed = read_handovers(raw)
    return next((one for one in listed if one.serial >= position.size), None)


async def _continued(source: LogSource, position: LogPosition, offered: Vouched) -> Vouched:
    """The checkpoint, proven to continue the known one.

    Raises:
        RollbackDetected: it is smaller than the known one.
        ForkDetected: it does not continue the known one.
    """
    known = position.vouched
    target = continue_from(position, offered)
    if target.size > known.size and not position.is_complete:
        try:
            await prove_growth(source, known, target)
        except ProofInvalid as refused:
            await refuse_two_pasts(source, known, target)
            raise ForkDetected(known.size, target.size, note=target.note) from refused
    return target


async def refuse_two_pasts(source: LogSource, known: Vouched, target: Vouched) -> None:
    """Ask the source for its own proof from the known checkpoint, when its entries do not fit.

    Wrong entries under an honest checkpoint are a page that lies; a proof that leads to the
    checkpoint from another past is a fork, and the source has proven it itself.

    Raises:
        ForkDetected: the proof shows another past; it is the evidence.
    """
    if known.note is None or not 0 < known.size < target.size:
        return
    try:
        proof = await source.consistency(known.size, target.size)
    except DomainError:  # no answer says nothing more than the entries did
        return
    if has_two_pasts(proof, known, target):
        raise ForkDetected(known.size, target.size, note=target.note, proof=proof)
