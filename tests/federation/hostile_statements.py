"""Statements that no honest program sends, soundly signed, each with the code of its refusal."""

import json
from collections.abc import Callable
from typing import Final

from shared_schema.dsse import sign_envelope
from shared_schema.refusal import DomainError
from shared_schema.statement import read_statement
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


def with_title(title: str) -> Callable[[SigningNode], bytes]:
    """An offer whose payload holds this JSON text where the title was."""

    def build(node: SigningNode) -> bytes:
        return enveloped(node, payload_of(node.offer(), f'"{NOTE}"', title))

    return build


def with_member(member: str) -> Callable[[SigningNode], bytes]:
    """An offer with one more member at the top of its payload."""

    def build(node: SigningNode) -> bytes:
        return enveloped(node, payload_of(node.offer(), "{", "{" + member + ","))

    return build


def payload(content: bytes) -> Callable[[SigningNode], bytes]:
    return lambda node: enveloped(node, content)


def envelope(content: bytes) -> Callable[[SigningNode], bytes]:
    return lambda _node: content


def recoded(encoding: str) -> Callable[[SigningNode], bytes]:
    def build(node: SigningNode) -> bytes:
        return enveloped(node, payload_of(node.offer()).decode().encode(encoding))

    return build


def changed(old: str, new: str) -> Callable[[SigningNode], bytes]:
    return lambda node: enveloped(node, payload_of(node.offer(), old, new))


def offering(**changes: object) -> Callable[[SigningNode], bytes]:
    return lambda node: node.offer(**changes).raw  # type: ignore[arg-type]


def stating(**members: object) -> Callable[[SigningNode], bytes]:
    return lambda node: node.offer(members=members).raw


def wrongly_signed(node: SigningNode) -> bytes:
    return node.offer(key=node.keys["cosigner"]).raw


def signature_of_another(node: SigningNode) -> bytes:
    one, other = json.loads(node.offer().raw), json.loads(node.offer().raw)
    return json.dumps(one | {"signatures": other["signatures"]}).encode()


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


def long_title(length: int) -> Callable[[SigningNode], bytes]:
    return with_title('"' + "长" * length + '"')


SCHEMA = "schema_invalid"
HOSTILE: dict[str, tuple[Callable[[SigningNode], bytes], int, str, str]] = {
    # not JSON, or not one JSON
    "no JSON": (envelope(b"not json"), 422, SCHEMA, "json.syntax"),
    "cut JSON": (envelope(b'{"payload":'), 422, SCHEMA, "json.syntax"),
    "an array": (envelope(b"[]"), 422, SCHEMA, "dsse.members"),
    "a BOM": (envelope(b"\xef\xbb\xbf{}"), 422, SCHEMA, "json.bom"),
    "bytes that are no UTF-8": (envelope(b'{"payload":"\xff\xfe"}'), 422, SCHEMA, "json.encoding"),
    "a member twice": (envelope_with_a_member_twice, 422, SCHEMA, "json.duplicate_key"),
    "a million brackets": (envelope(b"[" * MEBIBYTE), 413, "payload_too_large", "json.size"),
    "brackets 400,000 deep": (envelope(b"[" * 400_000), 422, SCHEMA, "json.nodes"),
    "base64 with a loose end": (loose_base64, 422, SCHEMA, "dsse.base64"),
    # envelopes
    "another payload type": (of_another_type, 422, SCHEMA, "statement.type"),
    "two signatures": (signed_twice, 422, SCHEMA, "statement.signers"),
    "another key's signature": (wrongly_signed, 401, "signature_invalid", "dsse.key"),
    "another statement's signature": (
        signature_of_another, 401, "signature_invalid", "signature.mismatch"),
    # payloads
    "an empty payload": (payload(b""), 422, SCHEMA, "json.syntax"),
    "a payload that is a number": (payload(b"7"), 422, SCHEMA, "model_type"),
    "a payload in UTF-16": (recoded("utf-16"), 422, SCHEMA, "json.encoding"),
    "a payload in GB 18030": (recoded("gb18030"), 422, SCHEMA, "json.encoding"),
    "NaN": (with_member('"x":NaN'), 422, SCHEMA, "json.number_not_finite"),
    "Infinity": (with_member('"x":-Infinity'), 422, SCHEMA, "json.number_not_finite"),
    "1e999": (with_member('"x":1e999'), 422, SCHEMA, "json.float"),
    "a float": (with_member('"x":0.5'), 422, SCHEMA, "json.float"),
    "an integer of 5,000 digits": (
        with_member('"x":' + "9" * 5_000), 422, SCHEMA, "json.integer_digits"),
    "a lone surrogate, escaped": (with_title(r'"\ud800"'), 422, SCHEMA, "json.surrogate"),
    "a lone surrogate, as bytes": (with_title('"\ud800"'), 422, SCHEMA, "json.encoding"),
    "NUL, escaped": (with_title(r'"a\u0000b"'), 422, SCHEMA, "json.control_character"),
    "NUL, as a byte": (with_title('"a\0b"'), 422, SCHEMA, "json.syntax"),
    "a bell": (with_title(r'"a\u0007"'), 422, SCHEMA, "json.control_character"),
    "a member twice in the payload": (with_member('"v":1'), 422, SCHEMA, "json.duplicate_key"),
    "17 levels": (with_member(nested(17)), 422, SCHEMA, "json.depth"),
    "20,001 items": (with_member('"x":[' + "1," * 20_000 + "1]"), 422, SCHEMA, "json.nodes"),
    "20,001 characters": (long_title(20_001), 422, SCHEMA, "json.string_length"),
    "a title that turns the text around": (
        with_title('"a\u202eb"'), 422, SCHEMA, "text.forbidden_character"),
    "an object of 20,000 keys": (
        with_member(",".join(f'"k{i}":1' for i in range(20_001))), 422, SCHEMA, "json.nodes"),
    # statements
    "no listing": (changed('"listing"', '"listin"'), 422, SCHEMA, "missing"),
    "a version as text": (changed('"version":1', '"version":"1"'), 422, SCHEMA, "int_type"),
    "version 0": (changed('"version":1', '"version":0'), 422, SCHEMA, "greater_than_equal"),
    "a time without its T": (
        changed('"issued_at":"2023-06-01T', '"issued_at":"2023-06-01 '),
        422, SCHEMA, "statement.instant"),
    "an unknown operation": (changed('"op":"offer"', '"op":"erase"'), 422, SCHEMA, "literal_error"),
    "a member that must be understood": (
        stating(crit=("price_of_gold",)), 422, SCHEMA, "statement.crit"),
    "a region that is not the node's": (
        offering(territory={"include": ["35"]}), 403, "scope_denied", "scope.region"),
    "a period that has ended": (
        offering(period={"end": "2023-05-31"}), 422, "rule_violated", "DEC-08"),
    "no commitment": (offering(commitments=[]), 422, "rule_violated", "DEC-16"),
    "instalments that do not add up": (
        offering(fee={"payment": INSTALMENTS}), 422, "rule_violated", "DEC-19"),
}  # fmt: skip


def number_of(raw: bytes) -> int:
    """The address that fits: what is refused must be refused for what is wrong with it."""
    try:
        return read_statement(raw).statement.oseq
    except DomainError:
        return 1
