"""Attacks on statements by an enrolled node: sound requests around what no honest one sends.

`Build` makes the envelope's bytes. What depends on earlier statements stands in `CHAIN_ATTACKS`:
a way delivers what is honest first and returns the lie.
"""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from shared_schema.dsse import sign_envelope
from shared_schema.instants import whole_second
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError
from shared_schema.statement import Reason, SignedStatement, read_statement
from tests.attacks.attack import Attack, Attacker, Family
from tests.federation.signing_node import SigningNode, enveloped, payload_of

MEBIBYTE: Final = 1024 * 1024
# The real clause of 201910146229.9: first 9,000, once 9,000, "27,000 in all".
INSTALMENTS: Final = {
    "mode": "instalments",
    "first_fen": 900_000,
    "each_fen": 900_000,
    "times": 1,
    "total_fen": 2_700_000,
}
NOTE: Final = "一种录音方法"  # stands in every offer, where hostile text is put


Build = Callable[[SigningNode], bytes]


def with_title(title: str) -> Build:
    """An offer whose payload holds this JSON text where the title was."""

    def build(node: SigningNode) -> bytes:
        return enveloped(node, payload_of(node.offer(), f'"{NOTE}"', title))

    return build


def with_member(member: str) -> Build:
    """An offer with one more member at the top of its payload."""

    def build(node: SigningNode) -> bytes:
        return enveloped(node, payload_of(node.offer(), "{", "{" + member + ","))

    return build


def payload(content: bytes) -> Build:
    return lambda node: enveloped(node, content)


def envelope(content: bytes) -> Build:
    return lambda _node: content


def recoded(encoding: str) -> Build:
    def build(node: SigningNode) -> bytes:
        return enveloped(node, payload_of(node.offer()).decode().encode(encoding))

    return build


def changed(old: str, new: str) -> Build:
    return lambda node: enveloped(node, payload_of(node.offer(), old, new))


def without_t(node: SigningNode) -> bytes:
    """Whatever the day is where the clock stands."""
    spelled = re.sub(rb'("issued_at":"[0-9-]{10})T', rb"\1 ", payload_of(node.offer()))
    return enveloped(node, spelled)


def offering(**changes: object) -> Build:
    return lambda node: node.offer(**changes).raw  # type: ignore[arg-type]


def stating(**members: object) -> Build:
    return lambda node: node.offer(members=members).raw


def wrongly_signed(node: SigningNode) -> bytes:
    return node.offer(key=node.keys["cosigner"]).raw


def signature_of_another(node: SigningNode) -> bytes:
    one, other = json.loads(node.offer().raw), json.loads(node.offer().raw)
    return json.dumps(one | {"signatures": other["signatures"]}).encode()


def signed_by_the_recovery_key(node: SigningNode) -> bytes:
    return node.offer(key=node.keys["recovery"]).raw


def payload_of_another(node: SigningNode) -> bytes:
    one, other = json.loads(node.offer().raw), json.loads(node.offer().raw)
    return json.dumps(one | {"payload": other["payload"]}).encode()


def issued_ahead(seconds: int) -> Build:
    def build(node: SigningNode) -> bytes:
        ahead = whole_second(node.clock.now()) + timedelta(seconds=seconds + 1)
        return node.offer(members={"issued_at": ahead}).raw

    return build


def signed_twice(node: SigningNode) -> bytes:
    statement = json.loads(node.offer().raw)
    second = json.loads(enveloped(node, b"{}", key=node.keys["cosigner"]))["signatures"]
    return json.dumps(statement | {"signatures": statement["signatures"] + second}).encode()


def of_another_type(node: SigningNode) -> bytes:
    return sign_envelope(payload_of(node.offer()), "application/json", node.key)


def envelope_with_a_member_twice(node: SigningNode) -> bytes:
    return node.offer().raw.replace(b'{"payload"', b'{"payload":"","payload"', 1)


def loose_base64(node: SigningNode) -> bytes:
    document = json.loads(node.offer().raw)
    return json.dumps(document | {"payload": document["payload"] + "\n"}).encode()


def nested(depth: int) -> str:
    return '"deep":' + "[" * depth + "]" * depth


def long_title(length: int) -> Build:
    return with_title('"' + "长" * length + '"')


def of_another_node(node: SigningNode) -> bytes:
    return node.offer(members={"origin": "node-two"}).raw


def _attack(
    name: str, problem: ProblemType, code: str, by: Attacker = Attacker.NODE, **ways: Build
) -> Attack[Build]:
    spelled = {way.replace("_", " "): build for way, build in ways.items()}
    return Attack(name, Family.STATEMENT, by, problem, code, spelled)


def _malformed(name: str, code: str, **ways: Build) -> Attack[Build]:
    return _attack(name, ProblemType.SCHEMA_INVALID, code, Attacker.NODE, **ways)


STATEMENT_ATTACKS: Final = (
    # not JSON, or not one JSON; in the envelope and in the payload
    _malformed(
        "no JSON", "json.syntax",
        text=envelope(b"not json"),
        cut=envelope(b'{"payload":'),
        empty_payload=payload(b""),
        NUL_as_a_byte=with_title('"a\0b"')),
    _malformed(
        "bytes that are no UTF-8", "json.encoding",
        envelope=envelope(b'{"payload":"\xff\xfe"}'),
        UTF_16=recoded("utf-16"),
        GB_18030=recoded("gb18030"),
        lone_surrogate_as_bytes=with_title('"\ud800"')),
    _malformed("a byte order mark", "json.bom", envelope=envelope(b"\xef\xbb\xbf{}")),
    _malformed(
        "a member twice", "json.duplicate_key",
        in_the_envelope=envelope_with_a_member_twice, in_the_payload=with_member('"v":1')),
    _attack(
        "a million brackets", ProblemType.PAYLOAD_TOO_LARGE, "json.size",
        envelope=envelope(b"[" * MEBIBYTE)),
    _malformed(
        "more values than any statement has", "json.nodes",
        brackets_400_000_deep=envelope(b"[" * 400_000),
        list_of_20_001=with_member('"x":[' + "1," * 20_000 + "1]"),
        object_of_20_001_keys=with_member(",".join(f'"k{i}":1' for i in range(20_001)))),
    _malformed("17 levels", "json.depth", payload=with_member(nested(17))),
    _malformed("20,001 characters", "json.string_length", title=long_title(20_001)),
    _malformed(
        "a number that is not finite", "json.number_not_finite",
        NaN=with_member('"x":NaN'), Infinity=with_member('"x":-Infinity')),
    _malformed(
        "a float", "json.float", half=with_member('"x":0.5'), huge=with_member('"x":1e999')),
    _malformed(
        "an integer of 5,000 digits", "json.integer_digits",
        payload=with_member('"x":' + "9" * 5_000)),
    _malformed("a lone surrogate", "json.surrogate", escaped=with_title(r'"\ud800"')),
    _malformed(
        "a control character", "json.control_character",
        NUL=with_title(r'"a\u0000b"'), bell=with_title(r'"a\u0007"')),
    _malformed(
        "a title that turns the text around", "text.forbidden_character",
        override=with_title('"a\u202eb"')),
    # envelopes
    _malformed(
        "an envelope of another form", "dsse.members",
        a_list=envelope(b"[]"), no_members=envelope(b"{}")),
    _malformed("base64 of another spelling", "dsse.base64", loose_end=loose_base64),
    _malformed("another payload type", "statement.type", swapped=of_another_type),
    _malformed("a second signature", "statement.signers", of_the_cosigner=signed_twice),
    _attack(
        "a statement by another key", ProblemType.SIGNATURE_INVALID, "dsse.key", Attacker.THIEF,
        cosigner_key=wrongly_signed, recovery_key=signed_by_the_recovery_key),
    _attack(
        "a statement's signature moved", ProblemType.SIGNATURE_INVALID, "dsse.mismatch",
        Attacker.NETWORK,
        of_another_statement=signature_of_another,
        payload_swapped=payload_of_another),
    # members
    _malformed("a payload that is a number", "model_type", payload=payload(b"7")),
    _malformed("no listing", "missing", renamed=changed('"listing"', '"listin"')),
    _malformed("a version as text", "int_type", text=changed('"version":1', '"version":"1"')),
    _malformed("version 0", "greater_than_equal", zero=changed('"version":1', '"version":0')),
    _malformed(
        "an instant of another spelling", "statement.instant",
        no_T=without_t),
    _malformed(
        "an unknown operation", "literal_error", erase=changed('"op":"offer"', '"op":"erase"')),
    _attack(
        "a member that must be understood", ProblemType.SCHEMA_UNSUPPORTED, "statement.crit",
        unknown=stating(crit=("price_of_gold",))),
    _attack(
        "a statement from the future", ProblemType.CLOCK_SKEW, "statement.issued_ahead",
        by_301_seconds=issued_ahead(301), by_years=issued_ahead(10**8)),
    _malformed(
        "an offer dated back to win a conflict", "statement.issued_back",
        by_a_second=issued_ahead(-2), by_a_year=issued_ahead(-31_536_000)),
    _attack(
        "a statement of another node", ProblemType.SCOPE_DENIED, "scope.origin",
        signed_by_us=of_another_node),
    _attack(
        "a region that is not the node's", ProblemType.SCOPE_DENIED, "scope.region",
        Fujian=offering(territory={"include": ["35"]})),
    # rules
    _attack(
        "a period that has ended", ProblemType.RULE_VIOLATED, "DEC-08",
        yesterday=offering(period={"end": "2023-05-31"})),
    _attack(
        "no commitment", ProblemType.RULE_VIOLATED, "DEC-16", none=offering(commitments=[])),
    _attack(
        "instalments that do not add up", ProblemType.RULE_VIOLATED, "DEC-19",
        total=offering(fee={"payment": INSTALMENTS})),
)  # fmt: skip

Prepare = Callable[[SigningNode], Awaitable[tuple[bytes, int]]]
"""Delivers what comes before; gives the lie's envelope and the number of its address."""


async def delivered(node: SigningNode, **changes: Any) -> SignedStatement:
    statement = node.offer(**changes)
    answer = await node.put(statement)
    assert answer.status_code in {200, 201}, answer.text
    return statement


def _lie(statement: SignedStatement) -> tuple[bytes, int]:
    return statement.raw, statement.statement.oseq


async def two_contents_of_one_number(node: SigningNode) -> tuple[bytes, int]:
    first = await delivered(node)
    return _lie(node.offer(members={"oseq": first.statement.oseq}))


async def two_contents_of_one_version(node: SigningNode) -> tuple[bytes, int]:
    first = await delivered(node)
    listing, number = first.statement.listing, first.statement.subject.application_number
    return _lie(node.offer(number, members={"listing": listing}))


async def a_version_skipped(node: SigningNode) -> tuple[bytes, int]:
    first = await delivered(node)
    return _lie(node.offer(after=node.offer(after=first)))


async def a_listing_begun_in_the_middle(node: SigningNode) -> tuple[bytes, int]:
    return _lie(node.offer(after=node.offer()))


async def another_predecessor(node: SigningNode) -> tuple[bytes, int]:
    first = await delivered(node)
    return _lie(node.offer(after=first, members={"prev": "0" * 64}))


async def a_withdrawal_of_nothing(node: SigningNode) -> tuple[bytes, int]:
    reason = Reason(code="holder_request")
    return _lie(node.offer(members={"op": "withdraw", "body": None, "reason": reason}))


async def an_offer_after_the_withdrawal(node: SigningNode) -> tuple[bytes, int]:
    first = await delivered(node)
    withdrawn = node.withdrawal(first)
    assert (await node.put(withdrawn)).status_code == 201
    return _lie(node.offer(after=withdrawn))


async def another_patent(node: SigningNode) -> tuple[bytes, int]:
    first = await delivered(node)
    return _lie(node.offer(node.offer().statement.subject.application_number, after=first))


async def a_second_listing_of_the_patent(node: SigningNode) -> tuple[bytes, int]:
    first = await delivered(node)
    return _lie(node.offer(first.statement.subject.application_number))


async def the_address_of_another_number(node: SigningNode) -> tuple[bytes, int]:
    statement = node.offer()
    return statement.raw, statement.statement.oseq + 1_000


def _chain(name: str, problem: ProblemType, code: str, **ways: Prepare) -> Attack[Prepare]:
    spelled = {way.replace("_", " "): prepare for way, prepare in ways.items()}
    return Attack(name, Family.STATEMENT, Attacker.NODE, problem, code, spelled)


_EVIDENCE: Final = frozenset({"equivocation", "node", "inbox_message", "audit_record"})
CHAIN_ATTACKS: Final = (
    replace(
        _chain(
            "two contents under one number", ProblemType.OSEQ_CONFLICT, "oseq.used",
            another_listing=two_contents_of_one_number),
        keeps=_EVIDENCE),
    replace(
        _chain(
            "two contents of one version", ProblemType.OSEQ_CONFLICT, "version.used",
            under_another_number=two_contents_of_one_version),
        keeps=_EVIDENCE),
    _chain(
        "a version skipped", ProblemType.VERSION_GAP, "version.gap",
        one_left_out=a_version_skipped, first_left_out=a_listing_begun_in_the_middle),
    _chain(
        "a withdrawal of nothing", ProblemType.VERSION_GAP, "version.no_offer",
        version_1=a_withdrawal_of_nothing),
    _chain(
        "another predecessor", ProblemType.VERSION_GAP, "prev.differs", hash=another_predecessor),
    _chain(
        "an offer after the withdrawal", ProblemType.TOMBSTONED, "listing.withdrawn",
        next_version=an_offer_after_the_withdrawal),
    _chain(
        "a listing moved to another patent", ProblemType.SCHEMA_INVALID, "subject.changed",
        next_version=another_patent),
    _chain(
        "a second listing of the patent", ProblemType.DUPLICATE_OWN, "listing.live",
        beside=a_second_listing_of_the_patent),
    _chain(
        "a statement at another number's address", ProblemType.SCHEMA_INVALID, "oseq.address",
        put=the_address_of_another_number),
)  # fmt: skip


def number_of(raw: bytes) -> int:
    """The address that fits: what is refused must be refused for what is wrong with it."""
    try:
        return read_statement(raw).statement.oseq
    except DomainError:
        return 1
