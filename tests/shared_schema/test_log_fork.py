"""Evidence of a fork: what it shows under the log's key, and what shows nothing."""

from itertools import product

import pytest

from shared_schema.log_following import Vouched
from shared_schema.log_fork import (
    EvidenceRefused,
    ForkEvidence,
    ForkVerdict,
    has_two_pasts,
    judge_fork,
    read_evidence,
)
from shared_schema.sync_refusals import CheckpointRefused
from tests.shared_platform.hub_log_peer import Federation, HubLog, a_number

OURS, THEIRS = 1, 2


def a_log(seed: int, size: int) -> HubLog:
    """Two logs of different seeds are signed by one key and differ from the first entry on."""
    federation = Federation(seed=seed)
    federation.hub.signers = Federation().hub.signers
    federation.enrol(f"node-{seed}")
    while federation.hub.size < size:
        federation.offer(f"node-{seed}", a_number(federation.hub.size + 100 * seed))
    return federation.hub


@pytest.fixture(scope="module")
def ours() -> HubLog:
    return a_log(OURS, 12)


@pytest.fixture(scope="module")
def theirs() -> HubLog:
    return a_log(THEIRS, 12)


@pytest.mark.parametrize(
    ("first", "second"), [pair for pair in product(range(1, 12), range(2, 13)) if pair[0] < pair[1]]
)
async def test_the_larger_logs_own_proof_shows_its_other_past(
    ours: HubLog, theirs: HubLog, first: int, second: int
) -> None:
    proof = await theirs.consistency(first, second)
    evidence = ForkEvidence.of(theirs.note(second), ours.note(first), proof=proof)

    shown = judge_fork(read_evidence(evidence.write()), ours.anchor)

    is_power_of_two = first & (first - 1) == 0
    expected = ForkVerdict.NOT_SHOWN if is_power_of_two else ForkVerdict.TWO_PASTS
    assert shown.verdict is expected, "a proof from a power of two begins with the root in dispute"
    assert (shown.first.size, shown.second.size) == (first, second)
    if shown.verdict is ForkVerdict.TWO_PASTS:
        assert shown.other_root is not None
        assert shown.other_root == theirs.ranges[first].root()


def test_two_roots_of_one_size_need_no_proof(ours: HubLog, theirs: HubLog) -> None:
    shown = judge_fork(ForkEvidence.of(ours.note(7), theirs.note(7)), ours.anchor)

    assert shown.verdict is ForkVerdict.TWO_ROOTS


def test_two_notes_alone_show_nothing_yet(ours: HubLog, theirs: HubLog) -> None:
    shown = judge_fork(ForkEvidence.of(ours.note(7), theirs.note(9)), ours.anchor)

    assert shown.verdict is ForkVerdict.NOT_SHOWN


@pytest.mark.parametrize(("first", "second"), [(3, 9), (4, 9), (7, 7)])
async def test_checkpoints_of_one_log_are_no_fork(ours: HubLog, first: int, second: int) -> None:
    proof = await ours.consistency(first, second) if first < second else None

    with pytest.raises(EvidenceRefused) as refused:
        judge_fork(ForkEvidence.of(ours.note(first), ours.note(second), proof=proof), ours.anchor)

    assert refused.value.code == "fork.one_log"


async def test_a_made_up_proof_accuses_nobody(ours: HubLog, theirs: HubLog) -> None:
    first, second = (
        Vouched(log.note(size), size, log.ranges[size].root())
        for log, size in ((ours, 7), (theirs, 9))
    )
    proof = (await theirs.consistency(7, 9)).splitlines(keepends=True)
    made_up = b"".join([proof[-1], *proof[1:]])

    assert not has_two_pasts(made_up, first, second)
    assert not has_two_pasts(b"\xff", first, second)
    evidence = ForkEvidence.of(ours.note(7), theirs.note(9), proof=made_up)
    with pytest.raises(EvidenceRefused) as refused:
        judge_fork(evidence, ours.anchor)
    assert refused.value.code == "fork.proof"


def test_a_note_by_another_key_proves_nothing(ours: HubLog) -> None:
    stranger = Federation(seed=5).hub

    with pytest.raises(CheckpointRefused):
        judge_fork(ForkEvidence.of(ours.note(7), ours.note(9, key=stranger.key)), ours.anchor)


@pytest.mark.parametrize("raw", [b"", b"{}", b'{"schema":"fork-evidence/2"}', b"\xff"])
def test_another_file_is_refused(raw: bytes) -> None:
    with pytest.raises(EvidenceRefused) as refused:
        read_evidence(raw)

    assert refused.value.code == "fork.form"


def test_the_smaller_checkpoint_stands_first(ours: HubLog, theirs: HubLog) -> None:
    evidence = ForkEvidence(first=theirs.note(9).decode(), second=ours.note(7).decode())

    with pytest.raises(EvidenceRefused) as refused:
        judge_fork(evidence, ours.anchor)

    assert refused.value.code == "fork.order"
