"""Log entries: what the hub's log says, one small JSON document each (protocol §3, §10, §11, §13).

An entry holds hashes, numbers, codes and the names of organisations. It never holds personal data,
nor who at the hub decided: entries cannot be erased. Its serial is its place in the log and is not
in it. What counts are the entry's exact bytes; they are stored, hashed and forwarded as they came,
and the models here are a reading of them that keeps members it does not know.

An entry of an unknown kind, or one whose `crit` names a member this version does not know, is read
as `UnknownEntry`: to be shown as needing a newer reader, but counted, hashed and forwarded.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal, Self, get_args

from pydantic import Field, StringConstraints, ValidationError, model_validator

from shared_schema.bounded_json import JsonLimits, JsonRefused, JsonTooLarge, parse_json
from shared_schema.declaration import Sha256Hex
from shared_schema.entry_parts import (
    EntryForm,
    KeyId,
    ListingReference,
    Names,
    NodeKey,
    NodeScope,
    Notice,
    OfferDecision,
    RuleCode,
    contradiction,
)
from shared_schema.log_refusal import LogRefused
from shared_schema.merkle import leaf_hash
from shared_schema.patent_number import ApplicationNumber
from shared_schema.schema_errors import field_errors
from shared_schema.statement import Counter, ListingId, MemberName, NodeId, ReasonCode, WireInstant

ENTRY_VERSION: Final = 1
MAX_ENTRY_BYTES: Final = 65_535  # tlog-tiles gives the length two bytes
ENTRY_LIMITS: Final = JsonLimits(max_bytes=MAX_ENTRY_BYTES, max_depth=8, floats=False)
ChangeText = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/=]{4,12288}$")]


class EntryInvalid(LogRefused):
    """Bytes are not a log entry, or a known kind of entry lacks what it must have."""

    source = "protocol §3, §10, §13"


class _Entry(EntryForm):
    """What every entry has. `at` is when the hub decided, for people; order is the serial's."""

    v: Literal[1] = 1
    at: WireInstant
    crit: Annotated[tuple[MemberName, ...], Field(max_length=32)] = ()


class LogOpened(_Entry):
    """Entry 0: which federation's log this is, so that the tree is never empty."""

    kind: Literal["log_opened"] = "log_opened"
    federation: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    log_origin: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    log_vkey: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    hash_algorithm: Literal["sha256"] = "sha256"


class LogKeyChanged(_Entry):
    """The log has a new key: from the first checkpoint that covers this entry on, it signs too.

    `proof` is the new key's own envelope (`shared_schema/log_keys.py`). Without `overlap` the old
    key ends here, as after a theft; otherwise `log_key_retired` ends it.
    """

    kind: Literal["log_key_changed"] = "log_key_changed"
    replaces: KeyId
    log_vkey: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    overlap: bool = True
    proof: ChangeText


class LogKeyRetired(_Entry):
    """A replaced key of the log signs no checkpoint that covers this entry."""

    kind: Literal["log_key_retired"] = "log_key_retired"
    key_id: KeyId


class _ListingEntry(_Entry):
    origin: NodeId
    listing: ListingId
    version: Counter


class ListingOffered(_ListingEntry):
    """A version of a listing is public, as the one of its patent or beside another one."""

    kind: Literal["listing_offered"] = "listing_offered"
    application_number: ApplicationNumber
    statement_hash: Sha256Hex
    object_hash: Sha256Hex
    prev_statement_hash: Sha256Hex | None = None
    key_id: KeyId
    standing: Literal["primary", "also_offered"]
    primary: ListingReference | None = None
    decision: OfferDecision

    @model_validator(mode="after")
    def _only_a_second_offer_names_the_primary(self) -> Self:
        if (self.primary is None) != (self.standing == "primary"):
            raise contradiction(
                "/primary", "also_offered 才写 primary / named by also_offered, and only there"
            )
        return self


class _ListingChange(_ListingEntry):
    """`version` is the statement's own when the node said it, else the version it is about."""

    application_number: ApplicationNumber | None = None
    by: Literal["origin", "hub"]
    reason: ReasonCode | None = None
    statement_hash: Sha256Hex | None = None
    object_hash: Sha256Hex | None = None
    prev_statement_hash: Sha256Hex | None = None
    key_id: KeyId | None = None

    @model_validator(mode="after")
    def _the_node_signs_and_the_hub_gives_its_reason(self) -> Self:
        signed = (self.statement_hash, self.object_hash, self.key_id)
        if self.by == "origin" and None in signed:
            raise contradiction("/statement_hash", "缺少节点的声明 / the statement is missing")
        if self.by == "hub" and (any(signed) or self.prev_statement_hash):
            raise contradiction("/statement_hash", "平台无声明 / the hub makes no statement")
        if self.by == "hub" and self.reason is None:
            raise contradiction("/reason", "平台须写明理由 / the hub must give its reason")
        return self


class ListingWithdrawn(_ListingChange):
    """A listing is gone for good. Its number is a tombstone: it can never be offered again."""

    kind: Literal["listing_withdrawn"] = "listing_withdrawn"


class ListingSuspended(_ListingChange):
    """A listing may not be accepted for now."""

    kind: Literal["listing_suspended"] = "listing_suspended"


class ListingResumed(_ListingChange):
    """A suspended listing stands again as it stood."""

    kind: Literal["listing_resumed"] = "listing_resumed"


class ConflictDecided(_Entry):
    """Which of several listings of one patent is the primary one (protocol §10)."""

    kind: Literal["conflict_decided"] = "conflict_decided"
    application_number: ApplicationNumber
    primary: ListingReference
    others: Annotated[tuple[ListingReference, ...], Field(max_length=100)] = ()
    rule: RuleCode
    decision: ReasonCode

    @model_validator(mode="after")
    def _every_listing_stands_once(self) -> Self:
        listings = [(each.origin, each.listing) for each in (self.primary, *self.others)]
        if len(set(listings)) != len(listings):
            raise contradiction("/others", "声明重复 / a listing stands twice")
        return self


class _NodeEntry(_Entry):
    node: NodeId


class NodeEnrolled(_NodeEntry):
    """A node belongs to the federation from here on, with these keys and this scope."""

    kind: Literal["node_enrolled"] = "node_enrolled"
    names: Names
    keys: Annotated[tuple[NodeKey, ...], Field(min_length=1, max_length=10)]
    scope: NodeScope


class KeyAdded(_NodeEntry):
    """A node may also sign with this key from here on.

    `change` is the node's own key change (base64 of its envelope): no hub can add a key by itself.
    """

    kind: Literal["key_added"] = "key_added"
    key: NodeKey
    change: ChangeText


class KeyRevoked(_NodeEntry):
    """From this entry on the key is worth nothing; what it signed earlier in the log stands.

    By the node, with the key change that revokes or replaces the key; or by two of the hub's staff.
    """

    kind: Literal["key_revoked"] = "key_revoked"
    key_id: KeyId
    reason: ReasonCode
    by: Literal["origin", "hub"] = "hub"
    change: ChangeText | None = None
    suspect_from: WireInstant | None = None

    @model_validator(mode="after")
    def _the_node_proves_its_own_decision(self) -> Self:
        if (self.change is None) != (self.by == "hub"):
            raise contradiction(
                "/change", "节点自行吊销才附其变更 / goes with a node's own decision, only there"
            )
        return self


class NodeSuspended(_NodeEntry):
    """Nothing the node signs counts until it is resumed."""

    kind: Literal["node_suspended"] = "node_suspended"
    reason: ReasonCode


class NodeResumed(_NodeEntry):
    """A suspended node counts again."""

    kind: Literal["node_resumed"] = "node_resumed"
    reason: ReasonCode | None = None


class NodeRetired(_NodeEntry):
    """A node has left for good; its listings stay until each is withdrawn (protocol §10)."""

    kind: Literal["node_retired"] = "node_retired"
    reason: ReasonCode


class ObjectErased(_Entry):
    """Every copy deletes the object with this hash; the entries naming it stay (protocol §11)."""

    kind: Literal["object_erased"] = "object_erased"
    object_hash: Sha256Hex
    reason: ReasonCode
    listing: ListingReference | None = None


class HubNotice(_Entry):
    """The hub tells all readers something about the log or the service."""

    kind: Literal["hub_notice"] = "hub_notice"
    code: ReasonCode
    notice: Notice


LogEntry = (
    LogOpened
    | LogKeyChanged
    | LogKeyRetired
    | ListingOffered
    | ListingWithdrawn
    | ListingSuspended
    | ListingResumed
    | ConflictDecided
    | NodeEnrolled
    | KeyAdded
    | KeyRevoked
    | NodeSuspended
    | NodeResumed
    | NodeRetired
    | ObjectErased
    | HubNotice
)
AnyLogEntry = Annotated[LogEntry, Field(discriminator="kind")]
"""The union for API documents; `read_entry` is the reader."""

_KINDS: Final[dict[str, type[LogEntry]]] = {
    str(model.model_fields["kind"].default): model for model in get_args(LogEntry)
}
ENTRY_KINDS: Final = tuple(_KINDS)


@dataclass(frozen=True, slots=True)
class UnknownEntry:
    """A well-formed entry that needs a newer reader; `raw` is forwarded unchanged."""

    raw: bytes
    kind: str
    why: Literal["version", "kind", "critical_member"]
    members: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class LoggedEntry:
    """An entry at its place: the exact bytes, and what this version reads in them."""

    serial: int
    raw: bytes
    entry: LogEntry | UnknownEntry

    @classmethod
    def read(cls, serial: int, raw: bytes) -> Self:
        """Read the entry at `serial`.

        Raises:
            EntryInvalid: the bytes are not an entry; they are counted and hashed all the same.
        """
        return cls(serial, raw, read_entry(raw))

    @property
    def leaf(self) -> bytes:
        """The leaf hash over the exact bytes."""
        return leaf_hash(self.raw)


def write_entry(entry: LogEntry | UnknownEntry) -> bytes:
    """The entry's bytes: sorted members, no spaces, UTF-8; an unknown entry as it came.

    Absent and null mean the same in an entry; this writes absent.

    Raises:
        EntryInvalid: the entry does not fit, or a member kept from elsewhere is not allowed in one.
    """
    if isinstance(entry, UnknownEntry):
        return entry.raw
    members = _present(entry)
    text = json.dumps(members, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    raw = text.encode("utf-8", "surrogatepass")
    read_entry(raw)
    return raw


def _present(entry: LogEntry) -> dict[str, object]:
    """The members to write: those kept from elsewhere as they are, our own if they say anything."""
    dumped = entry.model_dump(mode="json", exclude=None if entry.crit else {"crit"})
    own = type(entry).model_fields
    return {name: value for name, value in dumped.items() if value is not None or name not in own}


def read_entry(raw: bytes) -> LogEntry | UnknownEntry:
    """Read one entry from its exact bytes.

    Raises:
        EntryInvalid: not JSON under the guard's limits, or a known kind without what it must have.
    """
    members, kind, version = _head(raw)
    if version != ENTRY_VERSION:
        return UnknownEntry(raw, kind, "version", members)
    model = _KINDS.get(kind)
    if model is None:
        return UnknownEntry(raw, kind, "kind", members)
    critical = members.get("crit")
    if isinstance(critical, list) and not set(map(str, critical)) <= model.model_fields.keys():
        return UnknownEntry(raw, kind, "critical_member", members)
    try:
        return model.model_validate(members)
    except ValidationError as invalid:
        refused = EntryInvalid("entry.members", "条目内容不符", "the entry's members are wrong")
        refused.errors.extend(field_errors(invalid, members))
        raise refused from invalid


def _head(raw: bytes) -> tuple[dict[str, object], str, int]:
    """The members, kind and version of whatever claims to be an entry.

    Raises:
        EntryInvalid: it is not a JSON object with these two.
    """
    try:
        members = parse_json(raw, ENTRY_LIMITS)
    except (JsonRefused, JsonTooLarge) as refused:
        code = refused.errors[0].code
        raise EntryInvalid(code, "条目不是合格的 JSON", "this is not an entry's JSON") from refused
    if not isinstance(members, dict):
        raise EntryInvalid("entry.object", "条目须为 JSON 对象", "an entry is a JSON object")
    kind, version = members.get("kind"), members.get("v")
    if not isinstance(kind, str) or not kind:
        raise EntryInvalid("entry.kind", "缺少 kind", "kind is missing", pointer="/kind")
    if type(version) is not int or version < 1:
        raise EntryInvalid("entry.version", "缺少版本 v", "v is missing", pointer="/v")
    return members, kind, version
