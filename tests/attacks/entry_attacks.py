"""Lies inside a log that is soundly signed: the entry is set aside, and the log is followed on.

A way is a generator: up to its `yield` all is honest, after it comes the lie. The code is the
quarantine's, with the detail that tells cases of it apart.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from shared_schema.dsse import sign_envelope
from shared_schema.entry_parts import KeyUse, NodeKey
from shared_schema.key_change import KeyChange, sign_change
from shared_schema.log_entry import KeyAdded, KeyRevoked, NodeResumed, NodeRetired, NodeSuspended
from shared_schema.signing_key import SigningKey
from shared_schema.statement import STATEMENT_TYPE, SignedStatement, read_statement
from shared_schema.strict_base64 import encode_base64
from tests.attacks.attack import Attack, Attacker, Family
from tests.shared_platform.hub_log_peer import Federation, Offered, a_number, an_offer_of

Lie = Callable[[Federation], Iterator[None]]
NODE: Final = "gz-exchange"
STRANGER: Final = SigningKey.from_seed(b"s" * 32)
FRESH: Final = SigningKey.from_seed(b"f" * 32)


def a_listing(federation: Federation) -> Offered:
    return federation.offer(NODE, a_number(20))


def of_nothing(federation: Federation) -> Offered:
    return Offered(NODE, federation.ids.new_id(), a_number(30))


def resigned(signed: SignedStatement, key: SigningKey) -> SignedStatement:
    return read_statement(sign_envelope(signed.payload, STATEMENT_TYPE, key))


def leaf(raw: bytes) -> Lie:
    def lie(federation: Federation) -> Iterator[None]:
        yield
        federation.hub.append_raw(raw)

    return lie


def entry_with(old: bytes, new: bytes) -> Lie:
    """A withdrawal whose entry is spelt otherwise."""

    def lie(federation: Federation) -> Iterator[None]:
        offered = a_listing(federation)
        yield
        federation.change(offered, "withdraw")
        honest = federation.hub.leaves[-1]
        assert old in honest
        federation.hub.rewrite_last(honest.replace(old, new, 1))

    return lie


def said_with(**members: Any) -> Lie:
    """The listing's withdrawal, signed, with other members."""

    def lie(federation: Federation) -> Iterator[None]:
        offered = a_listing(federation)
        yield
        federation.log_statement(federation.state(offered, "withdraw", **members))

    return lie


def entry_says(**members: Any) -> Lie:
    """An honest statement under an entry that says something else."""

    def lie(federation: Federation) -> Iterator[None]:
        offered = a_listing(federation)
        yield
        federation.log_statement(federation.state(offered, "withdraw"), **members)

    return lie


def signed_with(key: SigningKey) -> Lie:
    def lie(federation: Federation) -> Iterator[None]:
        offered = a_listing(federation)
        yield
        federation.log_statement(resigned(federation.state(offered, "withdraw"), key))

    return lie


def by_a_revoked_key(federation: Federation) -> Iterator[None]:
    offered = a_listing(federation)
    federation.revoke(NODE)
    yield
    federation.change(offered, "withdraw")


def by_a_key_added_later(federation: Federation) -> Iterator[None]:
    offered = a_listing(federation)
    yield
    federation.log_statement(resigned(federation.state(offered, "withdraw"), FRESH))
    add_key(federation, FRESH)


def by_another_nodes_key(federation: Federation) -> Iterator[None]:
    offered = a_listing(federation)
    federation.enrol("thief")
    yield
    signed = federation.state(offered, "withdraw")
    federation.log_statement(resigned(signed, federation.node_keys["thief"]))


def by_the_cosigner_key(federation: Federation) -> Iterator[None]:
    offered = a_listing(federation)
    add_key(federation, FRESH, use="cosigner")
    yield
    federation.log_statement(resigned(federation.state(offered, "withdraw"), FRESH))


def add_key(
    federation: Federation,
    key: SigningKey,
    *,
    node: str = NODE,
    use: KeyUse = "statement",
    by: SigningKey | None = None,
    swapped: NodeKey | None = None,
) -> None:
    """A key that the node's own key signs in, or claims to when `by` is another."""
    hub, own = federation.hub, federation.node_keys[NODE]
    added = NodeKey.of(key.public, use=use, not_after=hub.now + timedelta(days=700))
    change = KeyChange(
        node=node,
        action="add",
        key=added,
        reason="rotated",
        authorised_by=own.key_id,
        issued_at=hub.now,
    )
    signers = {one.key_id: one for one in (by or own, key)}
    text = encode_base64(sign_change(change, list(signers.values())).raw)
    hub.append(KeyAdded(at=hub.now, node=node, key=swapped or added, change=text))


def while_suspended(federation: Federation) -> Iterator[None]:
    offered = a_listing(federation)
    federation.hub.append(NodeSuspended(at=federation.hub.now, node=NODE, reason="key_lost"))
    yield
    federation.change(offered, "withdraw")


def after_retiring(federation: Federation) -> Iterator[None]:
    offered = a_listing(federation)
    federation.hub.append(NodeRetired(at=federation.hub.now, node=NODE, reason="merged"))
    yield
    federation.change(offered, "withdraw")


def signature_of_other_bytes(federation: Federation) -> Iterator[None]:
    offered = a_listing(federation)
    yield
    good = federation.state(offered, "withdraw")
    other = sign_envelope(b"other bytes", STATEMENT_TYPE, federation.node_keys[NODE])
    forged = good.raw[: good.raw.index(b'"sig"')] + other[other.index(b'"sig"') :]
    federation.log_statement(read_statement(forged))


def resurrected(federation: Federation) -> Iterator[None]:
    offered = a_listing(federation)
    federation.change(offered, "withdraw")
    yield
    federation.offer_again(offered)


def old_version_after_new(federation: Federation) -> Iterator[None]:
    offered = a_listing(federation)
    first = offered.last
    federation.offer_again(offered)
    yield
    federation.log_statement(first)


def same_version_other_terms(federation: Federation) -> Iterator[None]:
    offered = a_listing(federation)
    yield
    body = an_offer_of(offered.number, period={"end": "2027-12-31"})
    federation.log_statement(
        federation.state(offered, "offer", declaration=body, version=1, prev=None)
    )


def withdrawal_of_nothing(federation: Federation) -> Iterator[None]:
    yield
    federation.log_statement(federation.state(of_nothing(federation), "withdraw"))


def of_anothers_listing(federation: Federation) -> Iterator[None]:
    offered = a_listing(federation)
    federation.enrol("thief")
    yield
    federation.log_statement(federation.state(replace(offered, node="thief"), "withdraw"))


def of_another_patent(federation: Federation) -> Iterator[None]:
    offered = replace(a_listing(federation), number=a_number(21))
    yield
    body = an_offer_of(offered.number)
    federation.log_statement(federation.state(offered, "offer", declaration=body))


def of_a_version_to_come(federation: Federation) -> Iterator[None]:
    offered = a_listing(federation)
    offered = replace(offered, versions=[federation.state(offered, "suspend", version=9)])
    yield
    federation.hub_change(offered, "withdraw")


def without_a_declaration(federation: Federation) -> Iterator[None]:
    yield
    body = {"patent": {"application_number": a_number(30)}}
    federation.log_statement(federation.state(of_nothing(federation), "offer", body=body))


def enrolled_twice(federation: Federation) -> Iterator[None]:
    yield
    federation.enrol(NODE)


def key_enrolled_twice(federation: Federation) -> Iterator[None]:
    yield
    add_key(federation, federation.node_keys[NODE])


def key_of_nobody(federation: Federation) -> Iterator[None]:
    yield
    add_key(federation, FRESH, node="nobody")


def key_added_by_the_hub_alone(federation: Federation) -> Iterator[None]:
    yield
    add_key(federation, FRESH, by=STRANGER)


def key_added_by_the_new_key_alone(federation: Federation) -> Iterator[None]:
    yield
    add_key(federation, FRESH, by=FRESH)


def key_signed_in_by_another_node(federation: Federation) -> Iterator[None]:
    federation.enrol("thief")
    yield
    add_key(federation, FRESH, node="thief")


def another_key_than_the_change_says(federation: Federation) -> Iterator[None]:
    yield
    add_key(federation, FRESH, swapped=NodeKey.of(STRANGER.public, use="statement"))


def rotation_turned_into_revocation(federation: Federation) -> Iterator[None]:
    rotation = federation.rotation(NODE, FRESH)
    yield
    federation.hub.append(rotation.revoked)


def strangers_key_revoked(federation: Federation) -> Iterator[None]:
    yield
    hub = federation.hub
    hub.append(KeyRevoked(at=hub.now, node=NODE, key_id=STRANGER.key_id, reason="key_lost"))


def another_nodes_key_revoked(federation: Federation) -> Iterator[None]:
    federation.enrol("thief")
    yield
    key_id = federation.node_keys[NODE].key_id
    hub = federation.hub
    hub.append(KeyRevoked(at=hub.now, node="thief", key_id=key_id, reason="key_lost"))


def revoked_twice(federation: Federation) -> Iterator[None]:
    federation.revoke(NODE)
    yield
    federation.revoke(NODE)


def resumed_without_suspension(federation: Federation) -> Iterator[None]:
    yield
    federation.hub.append(NodeResumed(at=federation.hub.now, node=NODE))


def _set_aside(name: str, by: Attacker, code: str, **ways: Lie) -> Attack[Lie]:
    spelled = {way.replace("_", " "): lie for way, lie in ways.items()}
    return Attack(name, Family.ENTRY, by, None, code, spelled)


def _malformed(name: str, code: str, **ways: Lie) -> Attack[Lie]:
    return _set_aside(name, Attacker.HUB, f"entry_malformed {code}", **ways)


def _directory(name: str, code: str, **ways: Lie) -> Attack[Lie]:
    return _set_aside(name, Attacker.HUB, f"directory_conflict directory.{code}", **ways)


def _differs(member: str, **changes: Any) -> Attack[Lie]:
    return _set_aside(
        f"an entry that changes the statement's {member}", Attacker.HUB,
        f"statement_differs {member}", changed=entry_says(**{member: changes["to"]}))  # fmt: skip


ENTRY_ATTACKS: Final = (
    _malformed("a leaf that is no JSON", "json.encoding", bytes=leaf(b"\xff not an entry")),
    _malformed("a leaf cut short", "json.syntax", cut=leaf(b'{"kind":"hub_notice"')),
    _malformed(
        "a member twice in an entry", "json.duplicate_key",
        version=entry_with(b'"version":2', b'"version":1,"version":2')),
    _malformed(
        "a float in an entry", "json.float",
        version=entry_with(b'"version":2', b'"version":2.0')),
    _malformed("an entry that is a list", "entry.object", empty=leaf(b"[]")),
    _malformed("an entry of no kind", "entry.kind", left_out=leaf(b'{"v":1}')),
    _malformed("an entry of no version", "entry.version", left_out=leaf(b'{"kind":"x"}')),
    _malformed(
        "a withdrawal without its statement", "entry.contradiction",
        as_the_nodes=entry_with(b'"by":"origin"', b'"by":"hub"')),
    _malformed(
        "an entry without its listing", "missing",
        left_out=entry_with(b'"listing":', b'"listin":')),
    _set_aside(
        "a key nobody enrolled", Attacker.NODE, "key_unknown",
        strangers=signed_with(STRANGER),
        enrolled_only_later=by_a_key_added_later),
    _set_aside("a revoked key", Attacker.THIEF, "key_revoked", used_on=by_a_revoked_key),
    _set_aside(
        "another node's key", Attacker.NODE, "key_of_another", thiefs=by_another_nodes_key),
    _set_aside(
        "a key for another use", Attacker.THIEF, "key_wrong_use", cosigner=by_the_cosigner_key),
    _set_aside("a suspended node", Attacker.NODE, "node_suspended", speaks=while_suspended),
    _set_aside("a retired node", Attacker.NODE, "node_retired", speaks=after_retiring),
    _set_aside(
        "a signature of other bytes", Attacker.HUB, "signature_invalid",
        moved=signature_of_other_bytes),
    _set_aside("a tombstone resurrected", Attacker.NODE, "tombstoned", offered=resurrected),
    _set_aside(
        "an old version after the new one", Attacker.NODE, "version_repeated",
        first_again=old_version_after_new),
    _set_aside(
        "two contents of one version", Attacker.NODE, "equivocation",
        other_terms=same_version_other_terms),
    _set_aside(
        "the version chain broken", Attacker.NODE, "previous_differs",
        wrong_prev=said_with(prev="b" * 64)),
    _set_aside(
        "a change of a listing never offered", Attacker.NODE, "listing_unknown",
        withdrawn=withdrawal_of_nothing),
    _set_aside(
        "a change of another node's listing", Attacker.NODE, "listing_of_another",
        withdrawn=of_anothers_listing),
    _set_aside(
        "a listing moved to another patent", Attacker.NODE, "subject_changed",
        offered=of_another_patent),
    _set_aside(
        "the hub withdraws a version never published", Attacker.HUB, "version_unknown",
        version_9=of_a_version_to_come),
    _set_aside(
        "an offer whose declaration is none", Attacker.NODE, "statement_malformed missing",
        incomplete=without_a_declaration),
    _differs("statement_hash", to="c" * 64),
    _differs("version", to=7),
    _differs("application_number", to=a_number(9)),
    _differs("prev_statement_hash", to="d" * 64),
    _directory("a node enrolled twice", "node_known", again=enrolled_twice),
    _directory(
        "a key enrolled twice", "key_known",
        by_its_node=key_enrolled_twice),
    _directory(
        "a key added without the node's leave", "change",
        by_the_hub_alone=key_added_by_the_hub_alone,
        by_the_new_key_alone=key_added_by_the_new_key_alone,
        by_another_node=key_signed_in_by_another_node,
        old_key_ended_before_the_new_one_came=rotation_turned_into_revocation),
    _directory(
        "another key than its node signed in", "change_differs",
        swapped=another_key_than_the_change_says),
    _directory("a key added by nobody", "node_unknown", node=key_of_nobody),
    _directory(
        "a key revoked that is not the node's", "key_unknown",
        strangers=strangers_key_revoked,
        of_another_node=another_nodes_key_revoked),
    _directory("a key revoked twice", "key_revoked", again=revoked_twice),
    _directory(
        "a node resumed that was not suspended", "node_state", active=resumed_without_suspension),
)  # fmt: skip
