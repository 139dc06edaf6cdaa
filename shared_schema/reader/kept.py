"""What the reader keeps: position, key directory, listing heads, and the terms that stand.

One SQLite file, because the standard library has it, a page is applied in one transaction, and a
national feed does not fit in memory. Without `--state` it is a temporary file. What was kept is
believed on the next run, so the file belongs where only its owner can write.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from shared_schema.anchor import FederationAnchor
from shared_schema.catalogue_fold import Folded, ReadEntry
from shared_schema.catalogue_state import ListingHead, listings_named
from shared_schema.entry_check import HARMLESS, QuarantineCode
from shared_schema.instants import Instant, format_instant, parse_instant
from shared_schema.key_directory import KeyDirectory
from shared_schema.log_entry import ListingOffered, ObjectErased
from shared_schema.log_following import LogPosition, read_vouched
from shared_schema.log_keys import NO_LOG_KEYS, LogKeys
from shared_schema.log_refusal import LogRefused
from shared_schema.merkle import CompactRange
from shared_schema.reader.refusals import FileUnusable, StateUnusable

_FORM: Final = b"kaixu-verify-state/1"
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS listing (
  listing TEXT PRIMARY KEY, first_serial INTEGER NOT NULL, terms TEXT, newer INTEGER NOT NULL,
  head TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS listing_terms ON listing (terms);
CREATE INDEX IF NOT EXISTS listing_first ON listing (first_serial);
CREATE TABLE IF NOT EXISTS terms (hash TEXT PRIMARY KEY, envelope BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS aside (
  serial INTEGER PRIMARY KEY, code TEXT NOT NULL, detail TEXT NOT NULL, hash TEXT);
CREATE INDEX IF NOT EXISTS aside_hash ON aside (hash);
CREATE TABLE IF NOT EXISTS erased (hash TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS left_out (hash TEXT PRIMARY KEY, serial INTEGER NOT NULL) WITHOUT ROWID;
"""
_SETTLE: Final = """
INSERT OR IGNORE INTO aside
SELECT serial, ?, hash, hash FROM left_out WHERE hash NOT IN (SELECT hash FROM erased) AND hash IN (
  SELECT terms FROM listing WHERE terms IS NOT NULL
  UNION ALL SELECT json_extract(head, '$.object_hash') FROM listing)
"""
_HEAD: Final = TypeAdapter(ListingHead)
_HARMLESS: Final = tuple(code.value for code in sorted(HARMLESS))


@dataclass(frozen=True, slots=True)
class SetAside:
    """An entry that was set aside, and why."""

    serial: int
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class KeptListing:
    """A listing as it stands, with the envelope of its standing terms where they were delivered."""

    head: ListingHead
    envelope: bytes | None
    needs_newer_reader: bool


class Kept:
    """The state file, open. All members may raise `sqlite3.Error` when the file is damaged."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def begin(self, anchor: FederationAnchor) -> LogPosition:
        """The position reached under this anchor; the beginning for a new file.

        Raises:
            FileUnusable: another federation's state, or another program's file.
            StateUnusable: it is damaged.
        """
        found = dict(self._db.execute("SELECT name, value FROM meta"))
        log = f"{anchor.federation}\n{anchor.log_origin}".encode()  # its address may change
        wanted = {"form": _FORM, "log": log}
        if not found:
            with self._db:
                self._db.executemany("INSERT INTO meta VALUES (?, ?)", wanted.items())
            return LogPosition()
        if found.get("form") != _FORM or found.get("log") != log:
            raise FileUnusable(
                "reader.state_of_another",
                "状态文件属于另一信任锚；请另选文件",
                "the state file belongs to another anchor; name another file",
            )
        if "note" not in found:
            return LogPosition()
        try:
            applied = CompactRange.from_bytes(found.get("range", CompactRange().to_bytes()))
            return LogPosition(applied, read_vouched(found["note"], anchor, keys=self._keys(found)))
        except LogRefused as broken:
            raise StateUnusable(broken) from broken

    def _keys(self, found: dict[str, bytes]) -> LogKeys:
        """The log's keys as proven so far, also by a run that has started over since."""
        proven = [
            KeyDirectory.model_validate_json(found[name]).log
            for name in ("directory", "former")
            if name in found
        ]
        return max(proven, key=lambda keys: len(keys.records), default=NO_LOG_KEYS)

    def directory(self) -> KeyDirectory:
        """Nodes and keys up to the position."""
        row = self._db.execute("SELECT value FROM meta WHERE name = 'directory'").fetchone()
        return KeyDirectory() if row is None else KeyDirectory.model_validate_json(row[0])

    def heads(self, entries: Iterable[ReadEntry]) -> dict[UUID, ListingHead]:
        """The heads that these entries may change."""
        found: dict[UUID, ListingHead] = {}
        for entry in (each.entry for each in entries if each.entry is not None):
            for listing in listings_named(entry):
                self._add(found, "listing", str(listing))
            if isinstance(entry, ObjectErased):
                self._add(found, "terms", entry.object_hash)
        return found

    def erased(self) -> set[str]:
        """The hashes of all erased statements; few, however long the log."""
        return {name for (name,) in self._db.execute("SELECT hash FROM erased")}

    def apply(self, folded: Folded, after: LogPosition, directory: KeyDirectory) -> None:
        """Store what a page made and the position after it, together or not at all."""
        with self._db:
            self._db.execute("BEGIN")
            self._store_entries(folded)
            self._store_terms(folded)
            for head in folded.changed.values():
                self._store_head(head)
            note = after.vouched.note
            assert note is not None  # a page is only applied under a verified checkpoint
            meta = (
                ("note", note),
                ("range", after.range.to_bytes()),
                ("directory", directory.model_dump_json().encode()),
            )
            self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", meta)
            self._store_time(folded)
            self._settle(after)

    def last_entry_at(self) -> Instant | None:
        """The time that the last readable entry says; None for a state file that has none."""
        row = self._db.execute("SELECT value FROM meta WHERE name = 'at'").fetchone()
        return None if row is None else parse_instant(row[0])

    def start_over(self) -> None:
        """Forget everything but the checkpoint and which statements were erased."""
        with self._db:
            self._db.execute("BEGIN")
            for table in ("listing", "terms", "aside", "left_out"):
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own
            self._db.execute(
                "INSERT OR REPLACE INTO meta"
                " SELECT 'former', value FROM meta WHERE name = 'directory'"
            )
            self._db.execute("DELETE FROM meta WHERE name IN ('range', 'directory')")

    def set_aside(self) -> Iterator[SetAside]:
        """The entries set aside, in order; what the log erased since is not missing any more."""
        rows = self._db.execute("SELECT serial, code, detail FROM aside ORDER BY serial")
        return (SetAside(*row) for row in rows)

    def listings(self) -> Iterator[KeptListing]:
        """All listings in the order of their first entries, tombstones included."""
        rows = self._db.execute(
            "SELECT head, envelope, newer FROM listing LEFT JOIN terms ON hash = listing.terms"
            " ORDER BY first_serial"
        )
        for head, envelope, newer in rows:
            yield KeptListing(_HEAD.validate_json(head), envelope, bool(newer))

    def count(self) -> int:
        """The number of listings."""
        (number,) = self._db.execute("SELECT count(*) FROM listing").fetchone()
        return int(number)

    def holds_judged(self, hashes: Sequence[str]) -> bool:
        """Whether an entry was set aside for the content of one of these statements."""
        marks = ", ".join("?" * len(hashes))
        harmless = ", ".join("?" * len(_HARMLESS))
        sql = f"SELECT 1 FROM aside WHERE hash IN ({marks}) AND code NOT IN ({harmless})"  # noqa: S608 - question marks
        return self._db.execute(sql, (*hashes, *_HARMLESS)).fetchone() is not None

    def _add(self, found: dict[UUID, ListingHead], column: str, value: str) -> None:
        sql = f"SELECT head FROM listing WHERE {column} = ?"  # noqa: S608 - a name of our own
        for (raw,) in self._db.execute(sql, (value,)):
            head = _HEAD.validate_json(raw)
            found[head.listing] = head

    def _store_entries(self, folded: Folded) -> None:
        for judged in folded.judged:
            entry, verdict = judged.read.entry, judged.checked
            name_left_out = getattr(entry, "object_hash", None) if judged.read.left_out else None
            if name_left_out is not None and verdict.statement is None:
                left_out = (name_left_out, judged.read.serial)
                self._db.execute("INSERT OR IGNORE INTO left_out VALUES (?, ?)", left_out)
            if isinstance(entry, ObjectErased):
                name = (entry.object_hash,)
                self._db.execute("INSERT OR IGNORE INTO erased VALUES (?)", name)
                self._db.execute("DELETE FROM terms WHERE hash = ?", name)
            if verdict.quarantine is not None:
                code, detail = verdict.quarantine.code.value, verdict.quarantine.detail
                row = (judged.read.serial, code, detail, getattr(entry, "object_hash", None))
                self._db.execute("INSERT INTO aside VALUES (?, ?, ?, ?)", row)
        harmless = ", ".join("?" * len(_HARMLESS))
        self._db.execute(
            f"DELETE FROM aside WHERE code IN ({harmless}) AND hash IN (SELECT hash FROM erased)",  # noqa: S608 - question marks
            _HARMLESS,
        )

    def _store_time(self, folded: Folded) -> None:
        said = [getattr(judged.read.entry, "at", None) for judged in folded.judged]
        last = next((at for at in reversed(said) if at is not None), None)
        if last is not None:
            row = (format_instant(last),)
            self._db.execute("INSERT OR REPLACE INTO meta VALUES ('at', ?)", row)

    def _settle(self, after: LogPosition) -> None:
        """Where a snapshot ends, a statement it left out must have been replaced, or it is missing.

        A run that was interrupted in the snapshot settles when the log has led it that far.
        """
        if after.unsettled is not None:
            self._db.execute(
                "INSERT OR REPLACE INTO meta VALUES ('unsettled', ?)", (str(after.unsettled),)
            )
        found = self._db.execute("SELECT value FROM meta WHERE name = 'unsettled'").fetchone()
        if found is None or after.size < int(found[0]):
            return
        self._db.execute(_SETTLE, (QuarantineCode.OBJECT_MISSING.value,))
        self._db.execute("DELETE FROM left_out")
        self._db.execute("DELETE FROM meta WHERE name = 'unsettled'")

    def _store_terms(self, folded: Folded) -> None:
        """The envelopes of terms that stand after the page; superseded ones are not kept."""
        standing = {head.terms_object for head in folded.changed.values()}
        rows = [
            (judged.read.entry.object_hash, judged.checked.statement)
            for judged in folded.judged
            if isinstance(judged.read.entry, ListingOffered)
            and judged.read.entry.object_hash in standing
            and judged.checked.statement is not None
        ]
        self._db.executemany("INSERT OR IGNORE INTO terms VALUES (?, ?)", rows)

    def _store_head(self, head: ListingHead) -> None:
        key = str(head.listing)
        former = self._db.execute("SELECT terms, newer FROM listing WHERE listing = ?", (key,))
        old, newer = former.fetchone() or (None, 0)
        if head.terms is not None:
            newer = int(head.terms.needs_newer_reader)
        if old is not None and old != head.terms_object:
            self._db.execute("DELETE FROM terms WHERE hash = ?", (old,))
        raw = _HEAD.dump_json(replace(head, terms=None)).decode()
        row = (key, head.first_serial, head.terms_object, newer, raw)
        self._db.execute("INSERT OR REPLACE INTO listing VALUES (?, ?, ?, ?, ?)", row)


@contextmanager
def open_kept(file: Path | None) -> Iterator[Kept]:
    """Open or make the state file; a temporary one, gone afterwards, for None.

    Raises:
        StateUnusable: it cannot be opened, is locked by another run, or is damaged.
    """
    try:
        connection = sqlite3.connect("" if file is None else file, isolation_level=None, timeout=0)
        try:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(_TABLES)
            yield Kept(connection)
        finally:
            connection.close()
    except (sqlite3.Error, ValidationError) as broken:
        raise StateUnusable(broken) from broken
