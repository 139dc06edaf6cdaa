"""An entry that came back, with the statement it names, as the hub's own rows are made of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared_platform.catalogue.apply import CheckedPage
from shared_schema.catalogue_state import ListingChange, is_change
from shared_schema.log_entry import LogEntry, UnknownEntry
from shared_schema.statement import SignedStatement, read_statement


@dataclass(frozen=True, slots=True)
class Restored:
    """One entry at its serial; `signed` is None where it names no statement or none came."""

    serial: int
    leaf: bytes
    entry: LogEntry
    signed: SignedStatement | None = None


def restored_entries(page: CheckedPage) -> list[Restored]:
    """The entries of a page that this version reads and every reader counts, in their order."""
    found = []
    for read, checked in zip(page.entries, page.statements, strict=True):
        entry = read.entry
        if entry is None or isinstance(entry, UnknownEntry) or not checked.counts:
            continue
        has_statement = is_change(entry) and checked.statement is not None
        signed = read_statement(checked.statement) if has_statement and checked.statement else None
        found.append(Restored(read.serial, read.leaf, entry, signed))
    return found


def changes_of(restored: Sequence[Restored]) -> list[tuple[Restored, ListingChange]]:
    """Those about listings."""
    return [(one, one.entry) for one in restored if is_change(one.entry)]
