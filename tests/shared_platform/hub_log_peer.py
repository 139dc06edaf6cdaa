"""A hub's log in memory: a real peer behind the `LogSource` interface, and liars around it.

`HubLog` signs real checkpoints over a real tree; in a `Federation`, nodes speak real statements
through `offer` and `change`, and the hub itself through `hub_change`, `decide`, `erase`. Readers
verify everything.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from shared_schema.anchor import FederationAnchor
from shared_schema.checkpoint import Checkpoint, sign_checkpoint
from shared_schema.declaration import Declaration
from shared_schema.entry_parts import (
    ListingReference,
    Names,
    NodeKey,
    NodeScope,
    OfferDecision,
)
from shared_schema.identities import SeededIds
from shared_schema.instants import Instant, parse_instant
from shared_schema.key_change import OVERLAP, KeyChange, sign_change
from shared_schema.log_entry import (
    ConflictDecided,
    KeyAdded,
    KeyRevoked,
    ListingOffered,
    ListingResumed,
    ListingSuspended,
    ListingWithdrawn,
    LogEntry,
    LogKeyChanged,
    LogKeyRetired,
    LogOpened,
    NodeEnrolled,
    ObjectErased,
    write_entry,
)
from shared_schema.log_handover import Handover, write_handovers
from shared_schema.log_keys import KeyHandover, prove_possession
from shared_schema.log_page import PageEntry, write_page
from shared_schema.log_proof import consistency_proof
from shared_schema.merkle import CompactRange, leaf_hash
from shared_schema.patent_number import check_character
from shared_schema.proof_text import write_proof
from shared_schema.signed_note import VerifierKey, format_vkey
from shared_schema.signing_key import SigningKey
from shared_schema.statement import Reason, SignedStatement, Statement, Subject, sign_statement
from shared_schema.strict_base64 import encode_base64
from tests.shared_schema.offers import a_declaration

ORIGIN = "log.hub.example/gd"
BEGAN = parse_instant("2026-01-05T01:00:00Z")
Change = Literal["withdraw", "suspend", "resume"]
CHANGES: dict[str, type[ListingWithdrawn | ListingSuspended | ListingResumed]] = {
    "withdraw": ListingWithdrawn,
    "suspend": ListingSuspended,
    "resume": ListingResumed,
}


def a_number(serial: int) -> str:
    """The `serial`-th valid invention number of 2019."""
    digits = f"20191{serial:07d}"
    return digits + check_character(digits)


def an_offer_of(number: str, **changes: object) -> Declaration:
    return a_declaration(
        patent={"application_number": number, "kind": "invention", "title": f"装置 {number}"},
        **changes,
    )


@dataclass
class Offered:
    """What the peer remembers of a listing, to continue its version chain."""

    node: str
    listing: UUID
    number: str
    versions: list[SignedStatement] = field(default_factory=list)

    @property
    def last(self) -> SignedStatement:
        return self.versions[-1]

    @property
    def reference(self) -> ListingReference:
        return ListingReference(origin=self.node, listing=self.listing)


class HubLog:  # noqa: PLR0904 - a whole hub's log
    """An honest log: entries, their objects, the tree, the checkpoint."""

    def __init__(self, *, seed: int = 1) -> None:
        self.key = SigningKey.from_seed(seed.to_bytes(32, "big"))
        verifier = VerifierKey(ORIGIN, self.key.public)
        self.anchor = FederationAnchor(
            federation="example.gd",
            hub_url="https://hub.example",
            log_origin=ORIGIN,
            log_vkey=format_vkey(verifier),
        )
        self.leaves: list[bytes] = []
        self.named: list[str | None] = []  # the object each entry names
        self.objects: dict[str, bytes] = {}
        self.range = CompactRange()
        self.ranges: dict[int, CompactRange] = {0: self.range}
        self.tree: dict[tuple[int, int], bytes] = {}
        self.asked: list[str] = []
        self.signers = [self.key]
        self.handed_over: list[Handover] = []
        opened = LogOpened(
            at=BEGAN, federation="example.gd", log_origin=ORIGIN, log_vkey=format_vkey(verifier)
        )
        self.append(opened)

    @property
    def size(self) -> int:
        return len(self.leaves)

    @property
    def now(self) -> Instant:
        return BEGAN + timedelta(minutes=self.size)

    def append(self, entry: LogEntry) -> int:
        return self.append_raw(write_entry(entry), getattr(entry, "object_hash", None))

    def append_raw(self, leaf: bytes, object_hash: str | None = None) -> int:
        self.leaves.append(leaf)
        self.named.append(object_hash)
        self.range, completed = self.range.extend([leaf_hash(leaf)])
        self.ranges[self.size] = self.range
        self.tree |= {(level, index): node for level, index, node in completed}
        return self.size - 1

    def rewrite_last(self, leaf: bytes) -> None:
        """Put another leaf in the last one's place, before anybody has seen it."""
        name = self.named.pop()
        self.leaves.pop()
        self.range = self.ranges[self.size]
        self.append_raw(leaf, name)

    def note(self, size: int | None = None, *, key: SigningKey | None = None) -> bytes:
        """The signed checkpoint of any size the log has had."""
        at = self.size if size is None else size
        root = self.ranges[at].root()
        first, *further = [key] if key else self.signers
        return sign_checkpoint(Checkpoint(ORIGIN, at, root), key=first, further_keys=further)

    def change_key(self, new: SigningKey, *, proof: str | None = None) -> int:
        """The log's next key, in the log and handed over."""
        old = self.signers[-1]
        vkey = format_vkey(VerifierKey(ORIGIN, new.public))
        handover = KeyHandover("example.gd", ORIGIN, old.key_id, vkey)
        serial = self.append(
            LogKeyChanged(
                at=self.now,
                replaces=old.key_id,
                log_vkey=vkey,
                proof=proof or prove_possession(handover, new),
            )
        )
        self.signers = [old, new]
        self.handed_over.append(Handover(serial, self.note()))
        return serial

    def retire_key(self) -> int:
        """End the overlap."""
        old = self.signers.pop(0)
        return self.append(LogKeyRetired(at=self.now, key_id=old.key_id))

    def page(self, first: int, limit: int) -> list[PageEntry]:
        found = []
        for serial in range(first, min(first + limit, self.size)):
            name = self.named[serial]
            body = self.objects.get(name) if name else None
            found.append(PageEntry(serial, self.leaves[serial], body))
        return found

    async def checkpoint(self) -> bytes:
        self.asked.append("checkpoint")
        return self.note()

    async def entries(self, first: int, *, limit: int, wait_seconds: int = 0) -> bytes:
        self.asked.append(f"entries {first} {wait_seconds}")
        return write_page(first, self.page(first, limit), tree_size=self.size)

    async def consistency(self, first: int, second: int) -> bytes:
        self.asked.append(f"consistency {first} {second}")
        proof = consistency_proof(first, second, lambda level, index: self.tree[level, index])
        return write_proof(proof).encode()

    async def handovers(self, first: int) -> bytes:
        self.asked.append(f"handovers {first}")
        return write_handovers([one for one in self.handed_over if one.serial >= first])


@dataclass(frozen=True)
class Rotation:
    """A new key and the end of the old one."""

    added: KeyAdded
    revoked: KeyRevoked


class Federation:
    """The nodes around a hub's log, and the hub's own decisions."""

    def __init__(self, *, seed: int = 1) -> None:
        self.hub = HubLog(seed=seed)
        self.ids = SeededIds(seed)
        self.node_keys: dict[str, SigningKey] = {}
        self.oseq = 0

    def enrol(self, node: str) -> str:
        key = SigningKey.from_seed(f"key of {node}".encode().ljust(32, b"."))
        self.node_keys[node] = key
        self.hub.append(
            NodeEnrolled(
                at=self.hub.now,
                node=node,
                names=Names(zh="节点", en="Node"),
                keys=(NodeKey.of(key.public, use="statement"),),
                scope=NodeScope(regions=("44",), kinds=("licence-declaration",)),
            )
        )
        return node

    def revoke(self, node: str) -> int:
        key_id = self.node_keys[node].key_id
        return self.hub.append(
            KeyRevoked(at=self.hub.now, node=node, key_id=key_id, reason="key_lost")
        )

    def rotation(self, node: str, fresh: SigningKey, *, by: SigningKey | None = None) -> Rotation:
        """The two entries by which a node replaces its statement key, `by` its old one."""
        old = self.node_keys[node]
        until = self.hub.now + timedelta(days=700)
        change = KeyChange(
            node=node,
            action="add",
            key=NodeKey.of(fresh.public, use="statement", not_after=until),
            replaces=old.key_id,
            overlap_until=self.hub.now + OVERLAP,
            reason="rotated",
            authorised_by=old.key_id,
            issued_at=self.hub.now,
        )
        text = encode_base64(sign_change(change, [by or old, fresh]).raw)
        now, key = self.hub.now, change.key
        assert key is not None
        added = KeyAdded(at=now, node=node, key=key, change=text)
        revoked = KeyRevoked(
            at=now, node=node, key_id=old.key_id, reason="rotated", by="origin", change=text
        )
        return Rotation(added, revoked)

    def state(
        self,
        offered: Offered,
        op: str,
        *,
        declaration: Declaration | None = None,
        **changes: object,
    ) -> SignedStatement:
        """Sign the listing's next statement, without logging it."""
        self.oseq += 1
        last = offered.versions[-1] if offered.versions else None
        members: dict[str, Any] = {
            "origin": offered.node,
            "listing": offered.listing,
            "oseq": self.oseq,
            "version": last.statement.version + 1 if last else 1,
            "prev": last.payload_hash if last else None,
            "op": op,
            "subject": Subject(application_number=offered.number),
            "salt": self.ids.new_token(),
            "body": declaration and declaration.model_dump(mode="json", by_alias=True),
            "reason": None if op == "offer" else Reason(code="holder_wish"),
            "issued_at": self.hub.now,
        }
        return sign_statement(Statement(**members | changes), self.node_keys[offered.node])

    def log_statement(self, signed: SignedStatement, **changes: object) -> int:
        """Append the entry of a statement, keeping its envelope."""
        said = signed.statement
        members: dict[str, Any] = {
            "at": self.hub.now,
            "origin": said.origin,
            "listing": said.listing,
            "version": said.version,
            "application_number": said.subject.application_number,
            "statement_hash": signed.payload_hash,
            "object_hash": signed.object_hash,
            "prev_statement_hash": said.prev,
            "key_id": signed.key_id,
        }
        self.hub.objects[signed.object_hash] = signed.raw
        if said.op == "offer":
            decision = OfferDecision(rule="examined", second_pair=False)
            members |= {"standing": "primary", "decision": decision}
            return self.hub.append(ListingOffered(**members | changes))
        members |= {"by": "origin", "reason": said.reason.code if said.reason else None}
        return self.hub.append(CHANGES[said.op](**members | changes))

    def offer(self, node: str, number: str, *, declaration: Declaration | None = None) -> Offered:
        offered = Offered(node, self.ids.new_id(), number)
        return self.offer_again(offered, declaration=declaration)

    def offer_again(self, offered: Offered, *, declaration: Declaration | None = None) -> Offered:
        body = declaration or an_offer_of(offered.number)
        signed = self.state(offered, "offer", declaration=body)
        offered.versions.append(signed)
        self.log_statement(signed)
        return offered

    def change(self, offered: Offered, op: Change) -> int:
        signed = self.state(offered, op)
        offered.versions.append(signed)
        return self.log_statement(signed)

    def hub_change(self, offered: Offered, op: Change, *, reason: str = "patent_lapsed") -> int:
        return self.hub.append(
            CHANGES[op](
                at=self.hub.now,
                origin=offered.node,
                listing=offered.listing,
                version=offered.last.statement.version,
                by="hub",
                reason=reason,
            )
        )

    def decide(self, primary: Offered, *others: Offered) -> int:
        return self.hub.append(
            ConflictDecided(
                at=self.hub.now,
                application_number=primary.number,
                primary=primary.reference,
                others=tuple(other.reference for other in others),
                rule="earliest_declaration",
                decision="equal_terms",
            )
        )

    def erase(self, signed: SignedStatement) -> int:
        self.hub.objects.pop(signed.object_hash, None)
        return self.hub.append(
            ObjectErased(at=self.hub.now, object_hash=signed.object_hash, reason="personal_data")
        )


@dataclass
class Liar:
    """Passes on what an honest log says, except for what it was told to change."""

    hub: HubLog
    note: Callable[[HubLog], bytes] = HubLog.note
    page: Callable[[list[PageEntry]], list[PageEntry]] = list
    body: Callable[[bytes], bytes] = bytes
    walk: Callable[[list[Handover]], list[Handover]] = list
    proof: Callable[[bytes], bytes] = bytes

    async def checkpoint(self) -> bytes:
        return self.note(self.hub)

    async def entries(self, first: int, *, limit: int, wait_seconds: int = 0) -> bytes:
        self.hub.asked.append(f"entries {first} {wait_seconds}")
        entries = self.page(self.hub.page(first, limit))
        return self.body(write_page(first, entries, tree_size=self.hub.size))

    async def consistency(self, first: int, second: int) -> bytes:
        return self.proof(await self.hub.consistency(first, second))

    async def handovers(self, first: int) -> bytes:
        listed = self.walk(list(self.hub.handed_over))
        return write_handovers([one for one in listed if one.serial >= first])
