"""The negative vectors, read as another language would read them: each refused by its code.

`docs/examples/check_vectors.mjs` reads the same file (tests/test_second_implementation.py).
"""

import json
from base64 import b64decode
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from shared_schema.anchor import FederationAnchor
from shared_schema.catalogue_fold import fold, prove_claims, read_claims, read_entries
from shared_schema.checkpoint import open_checkpoint
from shared_schema.key_directory import KeyDirectory
from shared_schema.log_proof import verify_consistency, verify_inclusion
from shared_schema.message_signature import FieldLines, SignedAnswer, SignedMessage
from shared_schema.proof_text import read_proof
from shared_schema.receipt import verify_receipt
from shared_schema.refusal import DomainError
from shared_schema.request_signature import verify_request
from shared_schema.signed_note import parse_vkey
from shared_schema.signing_key import PublicKey
from shared_schema.statement import read_statement, verify_statement
from shared_schema.tiles import read_bundle, read_tile
from tests.vectors.golden.make_golden import FOLDER

REFUSALS: Final[dict[str, Any]] = json.loads((FOLDER / "refusals.json").read_bytes())
Case = dict[str, Any]


def keys(jwks: list[dict[str, str]]) -> dict[str, PublicKey]:
    return {jwk["kid"]: PublicKey.from_jwk(jwk) for jwk in jwks}


def message(case: Case) -> SignedMessage:
    return SignedMessage.of(case["method"], case["target_uri"], case["headers"])


def check_checkpoint(case: Case) -> None:
    log_key = parse_vkey(REFUSALS["checkpoints"]["vkey"])
    open_checkpoint(b64decode(case["note"]), origin=log_key.name, log_key=log_key)


def check_proof(case: Case) -> None:
    # The text form holds no hash that is not one; the numbers are checked before it.
    if "leaf" in case:
        verify_inclusion(
            case["index"],
            case["size"],
            leaf=bytes.fromhex(case["leaf"]),
            proof=lines(case["proof"]),
            root=bytes.fromhex(case["root"]),
        )
    else:
        verify_consistency(
            case["first"],
            case["second"],
            first_root=bytes.fromhex(case["first_root"]),
            second_root=bytes.fromhex(case["second_root"]),
            proof=lines(case["proof"]),
        )


def lines(text: str) -> list[bytes]:
    return [b64decode(line) for line in text.splitlines()]


def check_tile(case: Case) -> None:
    read = read_tile if case["kind"] == "tile" else read_bundle
    read(b64decode(case["bytes"]), width=case["width"])


def check_statement(case: Case) -> None:
    key = PublicKey.from_jwk(REFUSALS["statements"]["jwk"])
    verify_statement(read_statement(b64decode(case["envelope"])), key)


def check_request(case: Case) -> None:
    known = keys(REFUSALS["requests"]["jwks"])
    now = datetime.fromtimestamp(REFUSALS["requests"]["now"], UTC)
    verify_request(message(case), body=b64decode(case["body"]), key_of=known.get, now=now)


def check_receipt(case: Case) -> None:
    known = keys(REFUSALS["receipts"]["jwks"])
    answer = SignedAnswer(case["status"], FieldLines.of(case["headers"]), message(case["request"]))
    verify_receipt(answer, body=b64decode(case["body"]), key_of=known.get)


CHECKS: Final = {
    "checkpoints": (check_checkpoint, REFUSALS["checkpoints"]["cases"]),
    "proofs": (check_proof, REFUSALS["proofs"]),
    "tiles": (check_tile, REFUSALS["tiles"]),
    "statements": (check_statement, REFUSALS["statements"]["cases"]),
    "requests": (check_request, REFUSALS["requests"]["cases"]),
    "receipts": (check_receipt, REFUSALS["receipts"]["cases"]),
}


@pytest.mark.parametrize("part", CHECKS)
def test_every_case_is_refused_by_its_code(part: str) -> None:
    check, cases = CHECKS[part]

    assert len(cases) >= 5
    for case in cases:
        with pytest.raises(DomainError) as refused:
            check(case)
        assert case["code"] in [error.code for error in refused.value.errors], case["name"]


def test_every_lie_in_a_log_is_found_at_its_serial_and_nowhere_else() -> None:
    for case in REFUSALS["logs"]:
        objects = [body and b64decode(body) for body in case["objects"]]
        leaves = [b64decode(entry) for entry in case["entries"]]
        delivered = list(zip(range(len(leaves)), leaves, objects, strict=True))

        entries, directory = read_entries(delivered, KeyDirectory())
        judged = fold(entries, prove_claims(read_claims(entries, directory)), {}).judged

        found = {one.read.serial: one.checked.quarantine for one in judged}
        set_aside = {serial: one for serial, one in found.items() if one is not None}
        assert list(set_aside) == [case["serial"]], case["name"]
        assert case["code"].split()[0] == set_aside[case["serial"]].code
        assert FederationAnchor.model_validate(case["anchor"]).log_origin


def test_every_part_of_the_contract_has_cases() -> None:
    assert set(REFUSALS) == {*CHECKS, "logs", "how_to_check"}
    assert read_proof(b"") == ()
