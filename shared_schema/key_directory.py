"""The key directory: which key of which node counted at which place of the log (protocol §3).

It is a projection of the log, folded entry by entry, and the same on every copy. Places are
serials, never times: a statement that the log holds at serial s is valid under key k if k was added
before s and not revoked before s, and its node was neither suspended nor retired before s.
"""

from typing import Annotated, Final, Literal, Self, assert_never

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from shared_schema.entry_parts import KeyUse, Names, NodeKey, NodeScope
from shared_schema.key_change import KeyChange, read_change, verify_change
from shared_schema.log_entry import (
    KeyAdded,
    KeyRevoked,
    LogEntry,
    NodeEnrolled,
    NodeResumed,
    NodeRetired,
    NodeSuspended,
    UnknownEntry,
)
from shared_schema.log_keys import NO_LOG_KEYS, LogKeyEntry, LogKeyRefused, LogKeys
from shared_schema.log_refusal import LogRefused
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError
from shared_schema.strict_base64 import decode_base64

NodeState = Literal["active", "suspended", "retired"]
NodeEntry = NodeEnrolled | KeyAdded | KeyRevoked | NodeSuspended | NodeResumed | NodeRetired
DirectoryEntry = NodeEntry | LogKeyEntry

_TRANSITIONS: Final[dict[tuple[NodeState, str], NodeState]] = {
    ("active", "node_suspended"): "suspended",
    ("suspended", "node_resumed"): "active",
    ("active", "node_retired"): "retired",
    ("suspended", "node_retired"): "retired",
}


class DirectoryConflict(LogRefused):
    """An entry contradicts the directory before it; the directory stays as it was."""

    source = "protocol §3"


class KeyNotActive(LogRefused):
    """The key did not count at that place of the log: not yet, not any more, or not for this."""

    problem = ProblemType.KEY_REVOKED
    source = "protocol §3"


class KeyUnknown(KeyNotActive):
    """No node had enrolled such a key at that place of the log."""

    problem = ProblemType.NODE_UNKNOWN


class NodeNotActive(KeyNotActive):
    """The key's node was suspended or retired at that place of the log."""

    problem = ProblemType.NODE_SUSPENDED


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KeyRecord(_Record):
    """A key with the serials of the entries that added and revoked it."""

    node: str
    key: NodeKey
    added_at: int
    revoked_at: int | None = None


class NodeRecord(_Record):
    """A node with every state it took on, each with the serial from which it counts."""

    node: str
    names: Names
    scope: NodeScope
    states: Annotated[tuple[tuple[int, NodeState], ...], Field(min_length=1)]

    @property
    def enrolled_at(self) -> int:
        """The serial of its enrolment."""
        return self.states[0][0]

    def state_at(self, serial: int) -> NodeState | None:
        """The state at this place of the log; None before the enrolment."""
        return next((state for since, state in reversed(self.states) if since <= serial), None)


class KeyDirectory(_Record):
    """All nodes and keys up to `last_serial`. Never changed in place: `applied` gives the next one.

    Copies share their records: a key event costs one small dictionary, any other entry nothing.
    """

    last_serial: int = -1
    nodes: dict[str, NodeRecord] = Field(default_factory=dict)
    keys: dict[str, KeyRecord] = Field(default_factory=dict)
    log: LogKeys = NO_LOG_KEYS

    def applied(self, serial: int, entry: LogEntry | UnknownEntry) -> "KeyDirectory":
        """The directory after this entry; itself when the entry says nothing of nodes and keys.

        Raises:
            DirectoryConflict: the entry is out of order or contradicts what stands here.
        """
        if not isinstance(entry, DirectoryEntry):
            return self
        if serial <= self.last_serial:
            raise DirectoryConflict(
                "directory.order", "条目次序不符", "the entry is older than the directory"
            )
        if isinstance(entry, LogKeyEntry):
            return self._log_keys(serial, entry)
        return self._of_nodes(serial, entry)

    def _of_nodes(self, serial: int, entry: NodeEntry) -> "KeyDirectory":
        match entry:
            case NodeEnrolled():
                return self._enrolled(serial, entry)
            case KeyAdded():
                self._living(entry.node)
                keys = self._more_keys(serial, entry.node, (entry.key,))
                self._check_change(entry)
                return self.model_copy(update={"keys": keys, "last_serial": serial})
            case KeyRevoked():
                return self._revoked(serial, entry)
            case NodeSuspended() | NodeResumed() | NodeRetired():
                return self._moved(serial, entry)
            case _:
                assert_never(entry)

    @model_validator(mode="after")
    def _every_record_stands_under_its_name(self) -> Self:
        sound = all(name == record.node for name, record in self.nodes.items()) and all(
            name == record.key.key_id and record.node in self.nodes
            for name, record in self.keys.items()
        )
        if not sound:
            raise PydanticCustomError("directory.names", "编号不符 / names do not agree")
        return self

    def to_bytes(self) -> bytes:
        """The directory as JSON, for storing and for signed snapshots."""
        return self.model_dump_json().encode()

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Read what `to_bytes` wrote; trust it no more than where it came from.

        Raises:
            DirectoryConflict: the bytes are not a directory.
        """
        try:
            return cls.model_validate_json(raw)
        except ValidationError as invalid:
            raise DirectoryConflict(
                "directory.form", "不是密钥目录", "this is not a key directory"
            ) from invalid

    def key_at(self, key_id: str, serial: int, *, use: KeyUse | None = None) -> KeyRecord:
        """The key as it counted at this place of the log, for `use` if one is given.

        Raises:
            KeyUnknown: no such key had been added.
            NodeNotActive: its node was suspended or retired.
            KeyNotActive: it was revoked, or serves another use.
        """
        record = self.keys.get(key_id)
        if record is None or serial < record.added_at:
            raise KeyUnknown("key.unknown", "此处尚无该密钥", "no such key at this place")
        state = self.nodes[record.node].state_at(serial)
        if state != "active":
            raise NodeNotActive(
                f"key.node_{state}", "节点已暂停或退出", "its node is suspended or retired"
            )
        if record.revoked_at is not None and serial >= record.revoked_at:
            raise KeyNotActive("key.revoked", "密钥已吊销", "the key was revoked")
        if use is not None and record.key.use != use:
            raise KeyNotActive("key.wrong_use", "密钥另有用途", "the key serves another use")
        return record

    def node_at(self, node: str, serial: int) -> NodeRecord:
        """A node that is active at this place of the log.

        Raises:
            KeyUnknown: it had not been enrolled.
            NodeNotActive: it was suspended or retired.
        """
        record = self.nodes.get(node)
        state = record.state_at(serial) if record is not None else None
        if record is None or state is None:
            raise KeyUnknown("node.unknown", "节点未登记", "the node is not enrolled")
        if state != "active":
            raise NodeNotActive(f"node.{state}", "节点已暂停或退出", "suspended or retired")
        return record

    def keys_of(self, node: str, serial: int, *, use: KeyUse) -> tuple[KeyRecord, ...]:
        """The node's keys for one use that are not revoked at this place, oldest first.

        Whether the node itself is active is `node_at`'s question.
        """
        found = (
            record
            for record in self.keys.values()
            if record.node == node
            and record.key.use == use
            and record.added_at <= serial
            and (record.revoked_at is None or serial < record.revoked_at)
        )
        return tuple(sorted(found, key=lambda record: record.added_at))

    def _log_keys(self, serial: int, entry: LogKeyEntry) -> "KeyDirectory":
        try:
            after = self.log.applied(serial, entry)
        except LogKeyRefused as refused:
            zh, _, en = refused.detail.partition(" / ")
            raise DirectoryConflict(refused.code, zh, en) from refused
        return self.model_copy(update={"log": after, "last_serial": serial})

    def _enrolled(self, serial: int, entry: NodeEnrolled) -> "KeyDirectory":
        if entry.node in self.nodes:
            raise DirectoryConflict(
                "directory.node_known", "节点已登记", "the node is enrolled already"
            )
        record = NodeRecord(
            node=entry.node,
            names=entry.names,
            scope=entry.scope,
            states=((serial, "active"),),
        )
        nodes = {**self.nodes, entry.node: record}
        keys = self._more_keys(serial, entry.node, entry.keys)
        return self.model_copy(update={"nodes": nodes, "keys": keys, "last_serial": serial})

    def _more_keys(
        self, serial: int, node: str, added: tuple[NodeKey, ...]
    ) -> dict[str, KeyRecord]:
        keys = dict(self.keys)
        for key in added:
            if key.key_id in keys:
                raise DirectoryConflict(
                    "directory.key_known", "密钥已登记过", "the key was enrolled before"
                )
            keys[key.key_id] = KeyRecord(node=node, key=key, added_at=serial)
        return keys

    def _revoked(self, serial: int, entry: KeyRevoked) -> "KeyDirectory":
        record = self.keys.get(entry.key_id)
        if record is None or record.node != entry.node:
            raise DirectoryConflict(
                "directory.key_unknown", "该节点没有此密钥", "the node has no such key"
            )
        if record.revoked_at is not None:
            raise DirectoryConflict(
                "directory.key_revoked", "密钥已吊销", "the key is revoked already"
            )
        if entry.by == "origin":
            self._check_change(entry)
        revoked = record.model_copy(update={"revoked_at": serial})
        keys = {**self.keys, entry.key_id: revoked}
        return self.model_copy(update={"keys": keys, "last_serial": serial})

    def _check_change(self, entry: KeyAdded | KeyRevoked) -> None:
        """The entry says no more than the node's own key change, soundly signed, allows.

        Raises:
            DirectoryConflict: it does.
        """
        try:
            signed = read_change(decode_base64(entry.change or "") or b"")
            said = signed.change
            verify_change(signed, self._answering(said, entry))
        except DomainError as refused:
            raise DirectoryConflict(
                "directory.change", "密钥变更未获证明", "the key change is not proven"
            ) from refused
        if said.node != entry.node or not _agrees(said, entry):
            raise DirectoryConflict(
                "directory.change_differs",
                "条目与密钥变更不符",
                "the entry says something else than the key change",
            )

    def _answering(self, said: KeyChange, entry: KeyAdded | KeyRevoked) -> dict[str, NodeKey]:
        """The keys that may have signed a change: those not revoked at this place.

        The end of an overlap was authorised when the new key was added. Who signed that may have
        been revoked since.
        """
        own = {name: one for name, one in self.keys.items() if one.node == entry.node}
        is_overlap = isinstance(entry, KeyRevoked) and said.key is not None
        if is_overlap and said.key is not None and said.key.key_id not in own:
            return {}
        return {name: one.key for name, one in own.items() if is_overlap or one.revoked_at is None}

    def _moved(
        self, serial: int, entry: NodeSuspended | NodeResumed | NodeRetired
    ) -> "KeyDirectory":
        record = self._living(entry.node)
        state = _TRANSITIONS.get((record.states[-1][1], entry.kind))
        if state is None:
            raise DirectoryConflict(
                "directory.node_state", "节点状态不允许", "the node's state does not allow this"
            )
        moved = record.model_copy(update={"states": (*record.states, (serial, state))})
        nodes = {**self.nodes, entry.node: moved}
        return self.model_copy(update={"nodes": nodes, "last_serial": serial})

    def _living(self, node: str) -> NodeRecord:
        record = self.nodes.get(node)
        if record is None or record.states[-1][1] == "retired":
            raise DirectoryConflict(
                "directory.node_unknown", "没有此节点或已退出", "no such node, or it has retired"
            )
        return record


def _agrees(said: KeyChange, entry: KeyAdded | KeyRevoked) -> bool:
    return said.key == entry.key if isinstance(entry, KeyAdded) else said.ends == entry.key_id
