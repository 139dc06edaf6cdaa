"""Following the log into the state file: every reader's algorithm (protocol §8), page by page.

Nothing of a page is kept before it is proven; an interrupted run goes on where it was.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

from shared_schema.anchor import FederationAnchor
from shared_schema.catalogue_fold import (
    ReadEntry,
    fold,
    mark_left_out,
    prove_claims,
    read_claims,
    read_entries,
)
from shared_schema.entry_check import Checked
from shared_schema.key_directory import KeyDirectory
from shared_schema.log_entry import ObjectErased
from shared_schema.log_following import (
    LogPosition,
    Vouched,
    after_entries,
    check_growth,
    continue_from,
    reached,
    read_vouched,
    refuse_retired,
)
from shared_schema.log_handover import (
    Handover,
    check_entry_proven,
    check_handover,
    read_handovers,
)
from shared_schema.log_keys import LogKeys, may_be_newer
from shared_schema.log_page import MAX_PAGE_ENTRIES, LogPage, PageEntry, read_page
from shared_schema.log_proof import ProofInvalid
from shared_schema.log_refusal import LogRefused
from shared_schema.merkle import leaf_hash
from shared_schema.reader.kept import Kept
from shared_schema.reader.refusals import SourceUnreachable
from shared_schema.reader.snapshots import LONGEST_AGE, Beginning, HeldParts, fetched_parts
from shared_schema.reader.source import Source
from shared_schema.snapshot import check_age, open_manifest
from shared_schema.snapshot_parts import pages_of, prove_leaves
from shared_schema.sync_refusals import (
    CheckpointRefused,
    ForkDetected,
    PageContradictsLog,
    PageMissing,
)

Advance = Callable[[int, int], None]
"""Told how many entries are proven, and of how many."""

_HAS_NONE: Final = frozenset({"reader.status", "reader.file_missing"})
_THREADS: Final = 2  # signatures are checked outside the interpreter's lock


@dataclass(frozen=True, slots=True)
class Followed:
    """Where a run began and what it reached.

    `note` is the checkpoint as the source shows it now: one of a size known before may have got
    more cosignatures since.
    """

    began: int
    position: LogPosition
    note: bytes | None

    @property
    def vouched(self) -> Vouched:
        """The checkpoint that vouches for all of it."""
        return self.position.vouched


def follow(
    kept: Kept,
    source: Source | None,
    anchor: FederationAnchor,
    *,
    advance: Advance,
    beginning: Beginning | None = None,
) -> Followed:
    """Bring the state level with the source's checkpoint, beginning with a snapshot if asked.

    Without a source it ends where the snapshot does.

    Raises:
        SyncAlarm: the source contradicts its own signatures, or what it signed before.
        SnapshotRefused: nothing of the snapshot was kept.
        LogRefused: malformed answers, or fewer entries than were signed.
        SourceUnreachable: no usable answer.
        FileUnusable: the state belongs to another anchor.
    """
    position = kept.begin(anchor)
    began = position.size
    with ThreadPoolExecutor(_THREADS) as threads:
        if beginning is not None:
            position = _begin(kept, beginning, anchor, advance=advance, threads=threads)
        if source is None:
            return Followed(began, position, position.vouched.note)
        run = _Run(kept, source, anchor, advance)
        while True:
            step = _next_step(run, position, kept.directory().log)
            position = _reach(run, position, step.target, threads=threads)
            if step.handover is not None:
                check_entry_proven(step.handover, kept.directory().log)
            if step.is_last:
                return Followed(began, position, step.target.note)


def _begin(
    kept: Kept,
    beginning: Beginning,
    anchor: FederationAnchor,
    *,
    advance: Advance,
    threads: ThreadPoolExecutor,
) -> LogPosition:
    """Bring the state level with the snapshot; nothing of it is kept before all of it is proven."""
    position = kept.begin(anchor)
    raw = beginning.place.manifest()
    manifest, vouched = open_manifest(raw, anchor, kept.directory().log)
    oldest = beginning.now - LONGEST_AGE
    check_age(manifest, known_size=position.vouched.size, oldest=oldest)
    if position.size >= manifest.size:
        return position
    with fetched_parts(beginning.place, manifest) as parts:
        prove_leaves(parts.entries(0), position, vouched)
        while position.size < manifest.size:
            position = _apply_parts(kept, parts, position, vouched=vouched, told=(advance, threads))
    return position


def _apply_parts(
    kept: Kept,
    parts: HeldParts,
    position: LogPosition,
    *,
    vouched: Vouched,
    told: tuple[Advance, ThreadPoolExecutor],
) -> LogPosition:
    """Apply the proven entries after the position; from the beginning where that is asked for."""
    advance, threads = told
    directory = kept.directory()
    for page in pages_of(parts.entries(position.size), MAX_PAGE_ENTRIES):
        grown = after_entries(position, page, target=vouched)
        after = replace(grown, unsettled=vouched.size)
        entries, directory = read_entries(_delivered(page), directory)
        left_out = {each.serial for each in page if each.left_out}
        entries = mark_left_out(entries, left_out)
        _apply(kept, entries, directory, after=after, threads=threads)
        position = after
        if _must_start_over(kept, entries):
            kept.start_over()
            return LogPosition(vouched=vouched)
        advance(position.size, vouched.size)
    return position


@dataclass(frozen=True, slots=True)
class _Run:
    kept: Kept
    source: Source
    anchor: FederationAnchor
    advance: Advance


@dataclass(frozen=True, slots=True)
class _Step:
    """A verified checkpoint to reach. `handover`: reaching it must prove a new log key."""

    target: Vouched
    is_last: bool = True
    handover: Handover | None = None


def _reach(
    run: _Run, position: LogPosition, target: Vouched, *, threads: ThreadPoolExecutor
) -> LogPosition:
    """Apply the pages up to the target.

    Raises:
        SyncAlarm: they are not those of the signed log, or retire the key that signed it.
        LogRefused: malformed answers, or fewer entries than were signed.
    """
    kept, source, advance = run.kept, run.source, run.advance
    directory = kept.directory()
    advance(position.size, target.size)
    while position.size < target.size:
        wanted = min(MAX_PAGE_ENTRIES, target.size - position.size)
        raw = source.entries(position.size, limit=wanted)
        page = read_page(raw, first=position.size, limit=wanted)
        after = _proven(source, position, page, target=target)
        entries, directory = read_entries(_delivered(page.entries), directory)
        refuse_retired(target, run.anchor, directory.log)
        _apply(kept, entries, directory, after=after, threads=threads)
        position = after
        if _must_start_over(kept, entries):
            kept.start_over()
            position, directory = LogPosition(vouched=target), KeyDirectory()
        advance(position.size, target.size)
    return position


def _next_step(run: _Run, position: LogPosition, keys: LogKeys) -> _Step:
    """The source's checkpoint, or a step on the way to the keys that signed it.

    Raises:
        CheckpointRefused: it is not the anchor's log's, and no handover leads to its key.
        SyncAlarm: it, or a handover, contradicts what was signed before.
    """
    source, anchor = run.source, run.anchor
    try:
        offered = read_vouched(source.checkpoint(), anchor, keys=keys)
    except CheckpointRefused as refused:
        if not may_be_newer(refused):
            raise
        if not position.is_complete:  # what was vouched for before comes first
            return _Step(position.vouched, is_last=False)
        handover = _handover(source, position)
        if handover is None:
            raise
        reached_by = check_handover(handover, anchor, keys)
        return _Step(_target(source, position, reached_by), is_last=False, handover=handover)
    return _Step(_target(source, position, offered))


def _handover(source: Source, position: LogPosition) -> Handover | None:
    """The first handover about an entry that is not applied; None where the source has none.

    Raises:
        SourceUnreachable: no usable answer.
    """
    try:
        raw = source.handovers(position.size)
    except SourceUnreachable as refused:
        if refused.code in _HAS_NONE:
            return None
        raise
    return next((one for one in read_handovers(raw) if one.serial >= position.size), None)


def _target(source: Source, position: LogPosition, offered: Vouched) -> Vouched:
    """The checkpoint to reach, proven to continue the one reached before.

    Raises:
        SyncAlarm: it does not.
        ForkDetected: proven by the source's own consistency proof.
    """
    target = continue_from(position, offered)
    known = position.vouched
    if target.size > known.size > 0 and not position.is_complete:
        try:
            check_growth(source.consistency(known.size, target.size), known, target)
        except ProofInvalid as refused:
            raise ForkDetected(known.size, target.size) from refused
    return target


def _proven(source: Source, before: LogPosition, page: LogPage, *, target: Vouched) -> LogPosition:
    """The position after the page.

    Raises:
        PageMissing: the page is empty.
        PageContradictsLog: its entries are not those of the signed log; the first wrong one is
            named as far as the source's own proofs tell it.
    """
    if not page.entries:
        raise PageMissing(before.size, target.size)
    try:
        after = after_entries(before, page.entries, target=target)
        if not after.is_complete:
            _check_growth_of(source, after, target)
    except (PageContradictsLog, ProofInvalid) as refused:
        first = _first_wrong(source, before, page, target=target)
        led, _ = before.range.extend(leaf_hash(entry.leaf) for entry in page.entries)
        raise PageContradictsLog(
            first, page.next, expected=target.root, found=led.root()
        ) from refused
    return after


def _check_growth_of(source: Source, here: LogPosition, target: Vouched) -> None:
    raw = source.consistency(here.size, target.size)
    check_growth(raw, reached(here), target)


def _first_wrong(source: Source, before: LogPosition, page: LogPage, *, target: Vouched) -> int:
    """The first entry up to which the signed log does not continue the delivered one.

    Halves the page with the source's proofs: at most eleven questions.
    """
    good, bad = 0, len(page.entries)
    while bad - good > 1:
        middle = (good + bad) // 2
        here = after_entries(before, page.entries[:middle], target=target)
        try:
            _check_growth_of(source, here, target)
            good = middle
        except SourceUnreachable:
            break
        except LogRefused:
            bad = middle
    return before.size + good


def _delivered(page: Iterable[PageEntry]) -> list[tuple[int, bytes, bytes | None]]:
    return [(each.serial, each.leaf, each.object_bytes) for each in page]


def _apply(
    kept: Kept,
    entries: Sequence[ReadEntry],
    directory: KeyDirectory,
    *,
    after: LogPosition,
    threads: ThreadPoolExecutor,
) -> None:
    erased = kept.erased()
    judged = [_without_erased(entry, erased) for entry in entries]
    folded = fold(judged, _checked(judged, directory, threads), kept.heads(judged))
    kept.apply(folded, after, directory)


def _without_erased(read: ReadEntry, erased: set[str]) -> ReadEntry:
    """Whoever follows the log today does not get erased bytes; all readers must be equal."""
    if read.object_bytes is None or getattr(read.entry, "object_hash", None) not in erased:
        return read
    return replace(read, object_bytes=None)


def _checked(
    entries: Sequence[ReadEntry], directory: KeyDirectory, threads: ThreadPoolExecutor
) -> list[Checked]:
    claims = read_claims(entries, directory)
    width = -(-len(claims) // _THREADS)
    parts = [claims[start : start + width] for start in range(0, len(claims), width)]
    return [checked for part in threads.map(prove_claims, parts) for checked in part]


def _must_start_over(kept: Kept, entries: Sequence[ReadEntry]) -> bool:
    """Whether the page erases a statement for whose content an entry was set aside before.

    Then its listing must be judged without those bytes, which needs its entries again. It happens
    only when the erasure comes between two runs, or two pages of one.
    """
    hashes = [each.entry.object_hash for each in entries if isinstance(each.entry, ObjectErased)]
    return bool(hashes) and kept.holds_judged(hashes)
