"""Whether an entry of the log may change the catalogue (protocol §8): pure, with typed reasons.

The checkpoint proves that an entry is in the log; it does not prove that the node said what the
entry claims. This does: hashes, signature, key at that serial, version chain. What fails is set
aside with its code and reported, and the log is followed on.

Versions in the log grow, and need not be dense: one that was returned, rejected or overtaken while
it waited is never published. Two that follow each other must be chained by `prev`.

One failure does not keep an entry from counting: a statement that was not delivered, or other bytes
in its place. The entry itself is vouched for, so a withdrawal always works; but terms nobody could
verify are not shown.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import Final

from shared_schema.catalogue_state import (
    TRANSITIONS,
    ListingChange,
    ListingHead,
    Terms,
    is_change,
)
from shared_schema.declaration_versions import READERS
from shared_schema.dsse import Envelope, verify_envelope
from shared_schema.entry_parts import NodeKey
from shared_schema.key_directory import KeyDirectory, KeyNotActive
from shared_schema.log_entry import ListingOffered, LogEntry, UnknownEntry
from shared_schema.refusal import DomainError
from shared_schema.signing_key import KeyRefused, PublicKey, SignatureInvalid
from shared_schema.statement import (
    SignedStatement,
    declaration_of,
    read_statement,
    unknown_critical,
)


class QuarantineCode(StrEnum):
    """Why an entry is set aside. Codes are API."""

    ENTRY_MALFORMED = "entry_malformed"  # the leaf is no entry
    DIRECTORY_CONFLICT = "directory_conflict"  # contradicts the nodes and keys before it
    OBJECT_MISSING = "object_missing"  # the statement was not delivered
    OBJECT_MISMATCH = "object_mismatch"  # other bytes were delivered in its place
    STATEMENT_MALFORMED = "statement_malformed"
    STATEMENT_DIFFERS = "statement_differs"  # it says something else than the entry
    KEY_UNKNOWN = "key_unknown"  # nobody had enrolled it at that serial
    KEY_REVOKED = "key_revoked"  # revoked before that serial
    KEY_OF_ANOTHER = "key_of_another"  # another node's
    KEY_WRONG_USE = "key_wrong_use"  # a cosigner or recovery key
    KEY_UNUSABLE = "key_unusable"  # enrolled, but weak or of an algorithm unknown here
    NODE_SUSPENDED = "node_suspended"  # at that serial
    NODE_RETIRED = "node_retired"  # at that serial
    SIGNATURE_INVALID = "signature_invalid"
    LISTING_UNKNOWN = "listing_unknown"  # changed before it was ever offered
    LISTING_OF_ANOTHER = "listing_of_another"  # another node's listing id
    SUBJECT_CHANGED = "subject_changed"  # another patent than before
    TOMBSTONED = "tombstoned"  # said of a withdrawn listing
    VERSION_REPEATED = "version_repeated"
    EQUIVOCATION = "equivocation"  # a known version with another content
    VERSION_UNKNOWN = "version_unknown"  # the hub changes a version that was never in the log
    PREVIOUS_DIFFERS = "previous_differs"  # prev is not the hash of the version before


# Reported, but the entry counts: see the module's docstring.
HARMLESS: Final = frozenset({QuarantineCode.OBJECT_MISSING, QuarantineCode.OBJECT_MISMATCH})

_INACTIVE: Final = {
    "key.unknown": QuarantineCode.KEY_UNKNOWN,
    "key.revoked": QuarantineCode.KEY_REVOKED,
    "key.wrong_use": QuarantineCode.KEY_WRONG_USE,
    "key.node_suspended": QuarantineCode.NODE_SUSPENDED,
    "key.node_retired": QuarantineCode.NODE_RETIRED,
}
_OPERATIONS: Final = {
    "listing_offered": "offer",
    "listing_withdrawn": "withdraw",
    "listing_suspended": "suspend",
    "listing_resumed": "resume",
}


@dataclass(frozen=True, slots=True)
class Quarantine:
    """One reason with its facts; `detail` holds no personal data."""

    code: QuarantineCode
    detail: str


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict on one entry.

    `counts` says whether the reducer may use it; `statement` holds the envelope's bytes once they
    are verified. What was parsed from them is let go: a page of it would keep the collector busy.
    """

    statement: bytes | None = None
    terms: Terms | None = None
    quarantine: Quarantine | None = None

    @property
    def counts(self) -> bool:
        """Whether the entry changes the catalogue."""
        return self.quarantine is None or self.quarantine.code in HARMLESS


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement that fits its entry, but whose signature is still to be checked under `key`."""

    statement: bytes
    envelope: Envelope
    key: PublicKey
    terms: Terms | None


def check_entry(
    entry: LogEntry | UnknownEntry,
    *,
    serial: int,
    object_bytes: bytes | None,
    directory: KeyDirectory,
    head: ListingHead | None,
) -> Checked:
    """Judge one entry: its statement, then its place in the listing's version chain.

    `directory` must include all entries before `serial`; later ones do no harm, since keys are
    judged by serial. `object_bytes` are untrusted.
    """
    claim = read_claim(entry, serial=serial, object_bytes=object_bytes, directory=directory)
    checked = prove_claim(claim)
    broken = check_order(entry, head) if checked.counts else None
    return checked if broken is None else Checked(quarantine=broken)


def read_claim(
    entry: LogEntry | UnknownEntry,
    *,
    serial: int,
    object_bytes: bytes | None,
    directory: KeyDirectory,
) -> Checked | Claim:
    """The first part of the check, which needs no other listing's state: all but the signature."""
    if not is_change(entry) or entry.object_hash is None:
        return Checked()
    try:
        key = _active_key(entry, serial, directory)
        signed = _delivered(entry.object_hash, object_bytes)
        return Claim(signed.raw, signed.envelope, key, _terms(entry, signed))
    except _SetAside as reason:
        return Checked(quarantine=Quarantine(reason.code, reason.detail))


def prove_claim(claim: Checked | Claim) -> Checked:
    """The second part: the signature. It runs outside the interpreter's lock, so on two threads."""
    if isinstance(claim, Checked):
        return claim
    try:
        verify_envelope(claim.envelope, claim.key)
    except SignatureInvalid as refused:
        return Checked(quarantine=Quarantine(QuarantineCode.SIGNATURE_INVALID, refused.detail))
    return Checked(claim.statement, claim.terms)


def check_order(entry: LogEntry | UnknownEntry, head: ListingHead | None) -> Quarantine | None:
    """What keeps an entry from following `head`, the listing's state before it."""
    if not is_change(entry):
        return None
    try:
        if head is None:
            _begins(entry)
        else:
            _concerns(entry, head)
            _continues(entry, head)
    except _SetAside as reason:
        return Quarantine(reason.code, reason.detail)
    return None


class _SetAside(Exception):
    def __init__(self, code: QuarantineCode, detail: str) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


def _active_key(entry: ListingChange, serial: int, directory: KeyDirectory) -> PublicKey:
    try:
        key = directory.key_at(str(entry.key_id), serial, use="statement")
        verifier = _verifier(key.key)
    except KeyNotActive as refused:
        raise _SetAside(_INACTIVE[refused.code], refused.detail) from refused
    except KeyRefused as refused:
        raise _SetAside(QuarantineCode.KEY_UNUSABLE, refused.detail) from refused
    if key.node != entry.origin:
        raise _SetAside(QuarantineCode.KEY_OF_ANOTHER, f"the key is of node {key.node}")
    return verifier


@lru_cache(maxsize=1024)
def _verifier(key: NodeKey) -> PublicKey:
    return key.verifier()


def _delivered(named: str, object_bytes: bytes | None) -> SignedStatement:
    if object_bytes is None:
        raise _SetAside(QuarantineCode.OBJECT_MISSING, named)
    if (found := sha256(object_bytes).hexdigest()) != named:
        raise _SetAside(QuarantineCode.OBJECT_MISMATCH, f"{found} instead of {named}")
    try:
        return read_statement(object_bytes)
    except DomainError as refused:
        raise _SetAside(QuarantineCode.STATEMENT_MALFORMED, _first_code(refused)) from refused


def _terms(entry: ListingChange, signed: SignedStatement) -> Terms | None:
    if (member := _difference(entry, signed)) is not None:
        raise _SetAside(QuarantineCode.STATEMENT_DIFFERS, member)
    if not isinstance(entry, ListingOffered):
        return None
    said = signed.statement
    if said.schema_id not in READERS or unknown_critical(said):
        return Terms(needs_newer_reader=True)
    try:
        return Terms(declaration_of(said))
    except DomainError as refused:
        raise _SetAside(QuarantineCode.STATEMENT_MALFORMED, _first_code(refused)) from refused


def _begins(entry: ListingChange) -> None:
    if not isinstance(entry, ListingOffered):
        raise _SetAside(QuarantineCode.LISTING_UNKNOWN, str(entry.listing))


def _concerns(entry: ListingChange, head: ListingHead) -> None:
    if head.origin != entry.origin:
        raise _SetAside(QuarantineCode.LISTING_OF_ANOTHER, head.origin)
    if entry.application_number not in {head.application_number, None}:
        raise _SetAside(QuarantineCode.SUBJECT_CHANGED, head.application_number)
    if (head.state, entry.kind) not in TRANSITIONS:
        raise _SetAside(QuarantineCode.TOMBSTONED, f"since entry {head.serial}")


def _continues(entry: ListingChange, head: ListingHead) -> None:
    spoken = f"version {entry.version} after {head.version}"
    if entry.statement_hash is None:  # the hub's own change is about a version that exists
        if entry.version > head.version:
            raise _SetAside(QuarantineCode.VERSION_UNKNOWN, spoken)
        return
    if entry.version == head.version and entry.statement_hash != head.statement_hash:
        raise _SetAside(QuarantineCode.EQUIVOCATION, spoken)
    if entry.version <= head.version:
        raise _SetAside(QuarantineCode.VERSION_REPEATED, spoken)
    follows = entry.version == head.version + 1
    if follows and entry.prev_statement_hash != head.statement_hash:
        raise _SetAside(QuarantineCode.PREVIOUS_DIFFERS, head.statement_hash)


def _difference(entry: ListingChange, signed: SignedStatement) -> str | None:
    """The first member in which the entry says something else than the statement."""
    said = signed.statement
    pairs = (
        ("statement_hash", entry.statement_hash, signed.payload_hash),
        ("kind", _OPERATIONS[entry.kind], said.op),
        ("origin", entry.origin, said.origin),
        ("listing", entry.listing, said.listing),
        ("version", entry.version, said.version),
        ("prev_statement_hash", entry.prev_statement_hash, said.prev),
        (
            "application_number",
            entry.application_number or said.subject.application_number,
            said.subject.application_number,
        ),
    )
    return next((name for name, claimed, proven in pairs if claimed != proven), None)


def _first_code(refused: DomainError) -> str:
    """Where and how it is malformed, without what was written there."""
    first = refused.errors[0] if refused.errors else None
    return f"{first.pointer} {first.code}" if first else refused.problem.code
