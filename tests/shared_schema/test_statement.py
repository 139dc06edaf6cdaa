"""Statements: exact bytes, hashes, rules between members, and what newer versions may add."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared_schema.bounded_json import JsonRefused
from shared_schema.declaration import Declaration
from shared_schema.dsse import sign_envelope
from shared_schema.identities import SeededIds
from shared_schema.refusal import DomainError
from shared_schema.signing_key import SignatureInvalid, SigningKey
from shared_schema.statement import (
    STATEMENT_TYPE,
    Statement,
    StatementRefused,
    declaration_of,
    read_statement,
    sign_statement,
    unknown_critical,
    verify_statement,
    write_payload,
)

KEY = SigningKey.from_seed(b"node key" * 4)
IDS = SeededIds(11)
NUMBER = "2017106018623"
DECLARED: dict[str, Any] = {
    "schema": "licence-declaration/1",
    "profile": "statutory-2024",
    "patent": {"application_number": NUMBER, "kind": "invention", "title": "图像识别方法"},
    "holders": [{"name": "某大学", "kind": "university"}],
    "fee": {"payment": {"mode": "lump_sum", "amount_fen": 2_000_000, "due_days": 30}},
    "period": {"start": "2026-01-01", "end": "2029-01-01"},
    "territory": {"include": ["CN"]},
}
OFFER: dict[str, Any] = {
    "v": 1,
    "schema": "licence-declaration/1",
    "origin": "node-guangzhou",
    "listing": str(IDS.new_id()),
    "oseq": 1,
    "version": 1,
    "prev": None,
    "op": "offer",
    "subject": {"jurisdiction": "CN", "application_number": NUMBER},
    "salt": IDS.new_token(),
    "body": DECLARED,
    "reason": None,
    "issued_at": "2026-11-22T08:00:00Z",
}
WITHDRAWAL = OFFER | {
    "oseq": 2,
    "version": 2,
    "prev": "0" * 64,
    "op": "withdraw",
    "body": None,
    "reason": {"code": "transferred", "text": "专利权已转让"},
}


def sealed(document: object, payload_type: str = STATEMENT_TYPE) -> bytes:
    payload = json.dumps(document, ensure_ascii=False).encode()
    return sign_envelope(payload, payload_type, KEY)


def test_a_signed_statement_reads_back_and_verifies() -> None:
    signed = sign_statement(Statement.model_validate(OFFER), KEY)

    read = read_statement(signed.raw)

    assert read == signed
    assert verify_statement(read, KEY.public) == Statement.model_validate(OFFER)
    assert read.key_id == KEY.key_id


def test_the_hashes_are_of_the_payload_and_of_the_envelope_as_they_are() -> None:
    signed = sign_statement(Statement.model_validate(OFFER), KEY)

    assert signed.payload_hash == sha256(signed.payload).hexdigest()
    assert signed.object_hash == sha256(signed.raw).hexdigest()


def test_the_payload_is_sorted_compact_utf_8_and_ends_without_a_newline() -> None:
    payload = write_payload(Statement.model_validate(WITHDRAWAL))

    document = json.loads(payload)
    assert (
        payload
        == json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    )
    assert "专利权已转让".encode() in payload
    assert document["issued_at"] == "2026-11-22T08:00:00Z"
    assert document["crit"] == []


def test_bytes_of_another_spelling_are_kept_and_hashed_as_they_came() -> None:
    payload = json.dumps(OFFER, ensure_ascii=True, indent=2).encode()

    read = read_statement(sign_envelope(payload, STATEMENT_TYPE, KEY))

    assert read.payload == payload
    assert read.payload_hash == sha256(payload).hexdigest()
    assert verify_statement(read, KEY.public).origin == "node-guangzhou"


def test_unknown_members_are_kept_and_written_again() -> None:
    newer = OFFER | {"channel": {"name": "x", "rank": 3}, "crit": ["channel", "reason"]}
    newer["subject"] = OFFER["subject"] | {"family": "US"}

    statement = read_statement(sealed(newer)).statement

    assert json.loads(write_payload(statement)) == newer
    assert unknown_critical(statement) == ("channel",)


def test_a_declaration_is_read_without_what_newer_versions_added() -> None:
    body = json.loads(json.dumps(DECLARED))
    body["quality"] = {"score": 5}
    body["patent"]["family"] = ["US"]
    body["fee"]["payment"]["escrow"] = True
    body["holders"][0]["orcid"] = "x"
    statement = read_statement(sealed(OFFER | {"body": body})).statement

    assert declaration_of(statement) == Declaration.model_validate(DECLARED)
    assert json.loads(write_payload(statement))["body"] == body


def test_a_malformed_declaration_is_refused_with_pointers_into_the_statement() -> None:
    fee = {"payment": {"mode": "lump_sum", "amount_fen": -1}}
    body = DECLARED | {"fee": fee, "period": {}, "holders": [{"kind": "university"}]}
    statement = read_statement(sealed(OFFER | {"body": body})).statement

    with pytest.raises(StatementRefused) as refused:
        declaration_of(statement)

    assert {(error.pointer, error.code) for error in refused.value.errors} == {
        ("/body/fee/payment/amount_fen", "greater_than_equal"),
        ("/body/period/end", "missing"),
        ("/body/holders/0/name", "missing"),
    }


@pytest.mark.parametrize(
    "document",
    [
        WITHDRAWAL,
        OFFER | {"schema": "technology-need/1", "body": {"text": "x"}},
        OFFER | {"schema": "licence-declaration/2"},
    ],
    ids=["withdrawal", "need", "newer declaration"],
)
def test_a_statement_of_another_kind_is_read_but_is_no_declaration(
    document: dict[str, Any],
) -> None:
    statement = read_statement(sealed(document)).statement

    with pytest.raises(StatementRefused) as refused:
        declaration_of(statement)
    assert refused.value.errors[0].pointer == "/schema"


MALFORMED: list[tuple[dict[str, Any], str]] = [
    ({"v": 2}, "/v"),
    ({"v": True}, "/v"),
    ({"schema": "Licence/1"}, "/schema"),
    ({"schema": "licence-declaration"}, "/schema"),
    ({"origin": "-node"}, "/origin"),
    ({"origin": "ab"}, "/origin"),
    ({"origin": "节点"}, "/origin"),
    ({"origin": "node\n"}, "/origin"),
    ({"listing": "not an id"}, "/listing"),
    ({"listing": OFFER["listing"].upper()}, "/listing"),
    ({"listing": OFFER["listing"].replace("-", "")}, "/listing"),
    ({"listing": "{" + OFFER["listing"][:34] + "}"}, "/listing"),
    ({"oseq": 0}, "/oseq"),
    ({"oseq": "1"}, "/oseq"),
    ({"oseq": True}, "/oseq"),
    ({"version": -1}, "/version"),
    ({"version": 2}, "/prev"),
    ({"prev": "0" * 64}, "/prev"),
    ({"version": 2, "prev": "A" * 64}, "/prev"),
    ({"op": "erase"}, "/op"),
    ({"op": "withdraw"}, "/body"),
    ({"op": "suspend", "body": None}, "/reason"),
    ({"body": None}, "/body"),
    ({"body": []}, "/body"),
    ({"reason": {"code": "x"}}, "/reason"),
    ({"op": "resume", "body": None, "reason": {"text": "x"}}, "/reason/code"),
    ({"op": "resume", "body": None, "reason": {"code": "Not A Code"}}, "/reason/code"),
    ({"subject": {"jurisdiction": "US", "application_number": NUMBER}}, "/subject/jurisdiction"),
    ({"subject": {"jurisdiction": "CN"}}, "/subject/application_number"),
    (
        {"subject": {"jurisdiction": "CN", "application_number": "2017106018624"}},
        "/subject/application_number",
    ),
    ({"body": {}}, "/body/patent/application_number"),
    ({"body": DECLARED | {"patent": NUMBER}}, "/body/patent/application_number"),
    (
        {"body": DECLARED | {"patent": {"application_number": "201710601862.3"}}},
        "/body/patent/application_number",
    ),
    ({"salt": "short"}, "/salt"),
    ({"salt": "A" * 21 + "B"}, "/salt"),
    ({"salt": "A" * 21 + "="}, "/salt"),
    ({"issued_at": "2026-11-22T08:00:00+08:00"}, "/issued_at"),
    ({"issued_at": "2026-11-22T08:00:00.5Z"}, "/issued_at"),
    ({"issued_at": "2026-11-2T08:00:00Z"}, "/issued_at"),
    ({"issued_at": 1_795_334_400}, "/issued_at"),
    ({"crit": ["a", "a"]}, "/crit"),
    ({"crit": [""]}, "/crit/0"),
    ({"crit": "reason"}, "/crit"),
]


@pytest.mark.parametrize(("change", "pointer"), MALFORMED, ids=str)
def test_a_malformed_member_is_refused_with_its_pointer(
    change: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(StatementRefused) as refused:
        read_statement(sealed(OFFER | change))

    assert pointer in {error.pointer for error in refused.value.errors}
    assert refused.value.problem.code == "schema_invalid"


@pytest.mark.parametrize(
    "member", [name for name in OFFER if name not in {"v", "schema", "reason"}]
)
def test_a_missing_member_is_named(member: str) -> None:
    document = {name: value for name, value in OFFER.items() if name != member}

    with pytest.raises(StatementRefused) as refused:
        read_statement(sealed(document))

    assert f"/{member}" in {error.pointer for error in refused.value.errors}


@pytest.mark.parametrize("place", ["body", "extra"])
def test_a_float_is_refused_wherever_it_stands_at_writing_and_at_reading(place: str) -> None:
    document = OFFER | {place: DECLARED | {"rate": {"deep": [1, 0.5]}}}

    with pytest.raises(JsonRefused) as unread:
        read_statement(sealed(document))
    with pytest.raises(JsonRefused) as unwritten:
        write_payload(Statement.model_validate(document))

    assert unread.value.errors[0].code == unwritten.value.errors[0].code == "json.float"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"], ids=ascii)
def test_what_json_cannot_carry_is_not_written(value: object) -> None:
    statement = Statement.model_validate(OFFER | {"extra": value})

    with pytest.raises((StatementRefused, JsonRefused)):
        write_payload(statement)


def test_a_naive_or_broken_instant_makes_no_statement() -> None:
    for instant in (datetime(2026, 1, 1), datetime(2026, 1, 1, 0, 0, 0, 5, tzinfo=UTC)):  # noqa: DTZ001 - the naive one is the case
        with pytest.raises(ValidationError):
            Statement.model_validate(OFFER | {"issued_at": instant})


def test_another_payload_type_or_a_second_signature_is_refused() -> None:
    envelope = json.loads(sealed(OFFER))
    second = json.loads(sign_envelope(b"", STATEMENT_TYPE, SigningKey.from_seed(b"2" * 32)))
    double = envelope | {"signatures": envelope["signatures"] + second["signatures"]}

    for raw, code in (
        (sealed(OFFER, "application/json"), "statement.type"),
        (json.dumps(double).encode(), "statement.signers"),
    ):
        with pytest.raises(StatementRefused) as refused:
            read_statement(raw)
        assert refused.value.errors[0].code == code


def test_a_statement_signed_by_somebody_else_does_not_verify() -> None:
    signed = read_statement(sealed(OFFER))

    with pytest.raises(SignatureInvalid):
        verify_statement(signed, SigningKey.from_seed(b"somebody" * 4).public)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_and_arbitrary_payloads_are_refused(raw: bytes) -> None:
    for candidate in (raw, sign_envelope(raw, STATEMENT_TYPE, KEY)):
        with pytest.raises(DomainError):
            read_statement(candidate)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text('ab汉\n"\\/é', max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("xyz", max_size=3), inner),
    max_leaves=8,
)


@given(st.sampled_from([*OFFER, "crit", "new"]), JSON)
def test_any_value_for_any_member_is_read_or_refused(member: str, value: object) -> None:
    raw = sealed(OFFER | {member: value})
    try:
        signed = read_statement(raw)
    except StatementRefused as refused:
        raw_errors = refused.errors
    else:
        assert signed.raw == raw
        assert read_statement(sign_statement(signed.statement, KEY).raw).statement == (
            signed.statement
        )
        return
    assert raw_errors


@given(
    extra=st.dictionaries(st.text("pqr", min_size=1, max_size=4), JSON, max_size=4),
    body=st.dictionaries(st.text("stu", min_size=1, max_size=4), JSON, max_size=4),
    oseq=st.integers(min_value=1, max_value=10**18 - 1),
    issued=st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1)),  # noqa: DTZ001 - hypothesis wants naive bounds
)
def test_writing_and_reading_are_inverse(
    *, extra: dict[str, Any], body: dict[str, Any], oseq: int, issued: datetime
) -> None:
    issued = issued.replace(microsecond=0, tzinfo=UTC)
    document = OFFER | extra | {"body": DECLARED | body, "oseq": oseq, "issued_at": issued}
    statement = Statement.model_validate(document)

    signed = sign_statement(statement, KEY)

    assert signed.statement == statement
    assert write_payload(signed.statement) == signed.payload
