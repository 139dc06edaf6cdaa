"""The golden files of the wire contract: reproduced byte for byte, and checked by independent code.

The checks below use SHA-256, base64 and Ed25519 only, as a reader in another language would.
"""

import json
from base64 import b64decode, urlsafe_b64decode
from hashlib import sha256
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shared_schema.catalogue_fold import fold, prove_claims, read_claims, read_entries
from shared_schema.catalogue_state import ListingState
from shared_schema.key_directory import KeyDirectory
from shared_schema.receipt import StoredReceipt
from tests.vectors.golden.golden_log import leaves, objects
from tests.vectors.golden.golden_messages import request_base
from tests.vectors.golden.golden_statements import HUB_KEY, LISTING
from tests.vectors.golden.make_golden import FOLDER, golden_files

MADE: Final = golden_files()


def kept(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / name).read_bytes())
    return found


def key_named(name: str) -> Ed25519PublicKey:
    encoded = kept("statement.json")["keys"][name]["jwk"]["x"]
    return Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(encoded + "="))


def field_of(message: dict[str, Any], name: str) -> str:
    (value,) = [value for known, value in message["headers"] if known == name]
    return str(value)


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def test_every_golden_file_is_kept_and_no_other() -> None:
    assert {path.name for path in FOLDER.glob("*.json")} == set(MADE)


@pytest.mark.parametrize("name", sorted(MADE))
def test_a_golden_file_is_reproduced_byte_for_byte(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == MADE[name]


@pytest.mark.parametrize("place", [0, 1], ids=["offer", "suspension"])
def test_a_statement_verifies_with_sha256_and_ed25519_alone(place: int) -> None:
    statement = kept("statement.json")["statements"][place]
    envelope = json.loads(statement["envelope"])
    payload = b64decode(envelope["payload"])
    kind = envelope["payloadType"].encode()

    signed = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)

    key_named("statement").verify(b64decode(envelope["signatures"][0]["sig"]), signed)
    assert payload == statement["payload"].encode()
    assert sha256(payload).hexdigest() == statement["payload_hash"]
    assert sha256(signed).hexdigest() == statement["signed_bytes_sha256"]
    assert sha256(statement["envelope"].encode()).hexdigest() == statement["object_hash"]


def test_the_second_statement_names_the_first_as_its_predecessor() -> None:
    first, second = kept("statement.json")["statements"]

    assert json.loads(second["payload"])["prev"] == first["payload_hash"]


def test_the_root_of_five_leaves_is_folded_as_rfc_6962_splits_them() -> None:
    log = kept("log.json")
    hashed = [sha256(b"\x00" + entry.encode()).digest() for entry in log["entries"]]

    a, b, c, d, e = hashed

    assert [leaf.hex() for leaf in hashed] == log["leaf_hashes"]
    assert log["roots"][0] == sha256(b"").hexdigest()
    assert log["roots"][3] == node(node(a, b), c).hex()
    assert log["roots"][5] == node(node(node(a, b), node(c, d)), e).hex()


def test_the_inclusion_proof_leads_from_the_leaf_to_the_root() -> None:
    log = kept("log.json")
    sibling, left, right = (b64decode(line) for line in log["inclusion"]["proof"].splitlines())

    leaf = bytes.fromhex(log["leaf_hashes"][2])

    assert node(node(left, node(leaf, sibling)), right).hex() == log["roots"][5]


def test_the_consistency_proof_leads_to_both_roots() -> None:
    log = kept("log.json")
    proof = [b64decode(line) for line in log["consistency"]["proof"].splitlines()]
    third, fourth, left, fifth = proof

    assert node(left, third).hex() == log["roots"][3]
    assert node(node(left, node(third, fourth)), fifth).hex() == log["roots"][5]


def test_the_checkpoint_is_signed_by_the_hub_over_size_and_root() -> None:
    log = kept("log.json")
    text, line = log["checkpoint"].split("\n\n")
    dash, name, encoded = line.rstrip("\n").split(" ")

    key_named("hub").verify(b64decode(encoded)[4:], f"{text}\n".encode())

    assert (dash, name) == ("—", "hub.example/log")
    root = b64decode(text.split("\n")[2]).hex()
    assert text.split("\n")[:2] == ["hub.example/log", "5"]
    assert root == log["roots"][5]


def test_the_page_carries_the_exact_bytes_of_entries_and_statements() -> None:
    page = json.loads(kept("log.json")["page"])

    assert [b64decode(row["entry"]) for row in page["entries"]] == leaves()
    assert [row["object"] and b64decode(row["object"]) for row in page["entries"]] == objects()


def test_a_reader_of_the_golden_log_ends_with_a_withdrawn_listing() -> None:
    delivered = list(zip(range(5), leaves(), objects(), strict=True))

    entries, directory = read_entries(delivered, KeyDirectory())
    folded = fold(entries, prove_claims(read_claims(entries, directory)), {})

    assert [one.checked.quarantine for one in folded.judged] == [None] * 5
    assert folded.changed[LISTING].state is ListingState.WITHDRAWN
    assert folded.changed[LISTING].reason_code == "lapse"


def test_the_request_signature_is_over_the_base_written_by_hand() -> None:
    request = kept("message.json")["request"]
    signature = field_of(request, "signature").removeprefix("kaixu=:").removesuffix(":")
    digest = field_of(request, "content-digest").removeprefix("sha-256=:").removesuffix(":")

    key_named("statement").verify(b64decode(signature), request["signature_base"].encode())

    assert request_base() == request["signature_base"].encode()
    assert b64decode(digest) == sha256(request["body"].encode()).digest()


def test_the_receipt_is_over_the_answer_and_the_request_it_answers() -> None:
    message = kept("message.json")
    receipt = message["receipt"]
    signature = field_of(receipt, "signature").removeprefix("kaixu=:").removesuffix(":")

    key_named("hub").verify(b64decode(signature), receipt["signature_base"].encode())

    request_signature = field_of(message["request"], "signature")
    assert f'"signature";req: {request_signature}' in receipt["signature_base"].split("\n")


def test_the_stored_receipt_verifies_without_hub_or_clock() -> None:
    stored = StoredReceipt.from_json(kept("message.json")["stored_receipt"].encode())

    verified = stored.verify(lambda _: HUB_KEY.public)

    assert verified.key_id == HUB_KEY.key_id


@pytest.mark.parametrize(("name", "of"), [("anchor", "canonical"), ("enrolment", "fingerprint_of")])
def test_a_fingerprint_is_the_grouped_sha256_of_its_lines(name: str, of: str) -> None:
    vector = kept(f"{name}.json")

    assert vector["fingerprint"].replace(" ", "") == sha256(vector[of].encode()).hexdigest()
