"""Folding consecutive log entries into listing heads: the one path from log to catalogue.

Pure. The caller loads the heads the page concerns and stores what comes back; a reader that keeps
everything in memory passes its whole state.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from shared_schema.catalogue_state import ListingHead, advance, listings_named
from shared_schema.entry_check import (
    Checked,
    Claim,
    Quarantine,
    QuarantineCode,
    check_order,
    prove_claim,
    read_claim,
)
from shared_schema.key_directory import DirectoryConflict, KeyDirectory
from shared_schema.log_entry import EntryInvalid, LogEntry, ObjectErased, UnknownEntry, read_entry


@dataclass(frozen=True, slots=True)
class ReadEntry:
    """An entry at its place with what was delivered for it; `entry` is None if unreadable.

    `left_out`: a snapshot says that a later statement of the listing replaced this one.
    """

    serial: int
    leaf: bytes
    entry: LogEntry | UnknownEntry | None
    object_bytes: bytes | None = None
    quarantine: Quarantine | None = None
    left_out: bool = False


@dataclass(frozen=True, slots=True)
class JudgedEntry:
    """A read entry and the final verdict on it."""

    read: ReadEntry
    checked: Checked


@dataclass(slots=True)
class Folded:
    """What a run of entries made: verdicts in order, heads that changed, the directory after."""

    judged: list[JudgedEntry] = field(default_factory=list)
    changed: dict[UUID, ListingHead] = field(default_factory=dict)


def read_entries(
    delivered: Iterable[tuple[int, bytes, bytes | None]], directory: KeyDirectory
) -> tuple[list[ReadEntry], KeyDirectory]:
    """Read leaves in order and fold nodes and keys; what cannot be read is marked, not raised."""
    entries: list[ReadEntry] = []
    for serial, leaf, object_bytes in delivered:
        entry: LogEntry | UnknownEntry | None = None
        quarantine = None
        try:
            entry = read_entry(leaf)
            directory = directory.applied(serial, entry)
        except EntryInvalid as refused:
            last = refused.errors[-1]
            detail = f"{last.pointer} {last.code}"
            quarantine = Quarantine(QuarantineCode.ENTRY_MALFORMED, detail)
        except DirectoryConflict as refused:
            quarantine = Quarantine(QuarantineCode.DIRECTORY_CONFLICT, refused.code)
        entries.append(ReadEntry(serial, leaf, entry, object_bytes, quarantine))
    return entries, directory


def mark_left_out(entries: Iterable[ReadEntry], serials: Collection[int]) -> list[ReadEntry]:
    """The entries, those of these serials marked as left out: not missing, until proven so."""
    return [replace(each, left_out=True) if each.serial in serials else each for each in entries]


def read_claims(entries: Sequence[ReadEntry], directory: KeyDirectory) -> list[Checked | Claim]:
    """Everything about the statements but their signatures, for any part of a page."""
    return [_claim(read, directory) for read in entries]


def prove_claims(claims: Sequence[Checked | Claim]) -> list[Checked]:
    """The signatures, for any part of a page."""
    return [prove_claim(claim) for claim in claims]


def fold(
    entries: Sequence[ReadEntry],
    statements: Sequence[Checked],
    heads: Mapping[UUID, ListingHead],
) -> Folded:
    """Apply entries in order to the heads they concern.

    Args:
        entries: consecutive entries.
        statements: what `prove_claims` found for each.
        heads: at least those named by the entries, and those whose terms an entry erases.
    """
    folded = Folded()
    current = dict(heads)
    by_terms = {head.terms_object: head.listing for head in heads.values() if head.terms_object}
    for read, checked in zip(entries, statements, strict=True):
        verdict = _in_order(read, checked, current)
        folded.judged.append(JudgedEntry(read, verdict))
        if read.entry is None or isinstance(read.entry, UnknownEntry) or not verdict.counts:
            continue
        for listing in _concerned(read.entry, by_terms):
            before = current.get(listing)
            after = advance(before, read.entry, serial=read.serial, terms=verdict.terms)
            if after is None or after is before:
                continue
            current[listing] = folded.changed[listing] = after
            if after.terms_object:
                by_terms[after.terms_object] = listing
    return folded


def _claim(read: ReadEntry, directory: KeyDirectory) -> Checked | Claim:
    if read.entry is None or read.quarantine is not None:
        return Checked(quarantine=read.quarantine)
    claim = read_claim(
        read.entry, serial=read.serial, object_bytes=read.object_bytes, directory=directory
    )
    return Checked() if read.left_out and _is_missing(claim) else claim


def _is_missing(claim: Checked | Claim) -> bool:
    found = claim.quarantine if isinstance(claim, Checked) else None
    return found is not None and found.code is QuarantineCode.OBJECT_MISSING


def _in_order(read: ReadEntry, checked: Checked, heads: Mapping[UUID, ListingHead]) -> Checked:
    if read.entry is None or not checked.counts:
        return checked
    named = listings_named(read.entry)
    broken = check_order(read.entry, heads.get(named[0]) if named else None)
    return checked if broken is None else Checked(quarantine=broken)


def _concerned(entry: LogEntry, by_terms: Mapping[str, UUID]) -> tuple[UUID, ...]:
    if isinstance(entry, ObjectErased):
        listing = by_terms.get(entry.object_hash)
        return () if listing is None else (listing,)
    return listings_named(entry)
