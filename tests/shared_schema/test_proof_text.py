"""The text forms of proofs: written, read again, and refused in any other spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_schema.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from shared_schema.log_proof import inclusion_proof, verify_inclusion
from shared_schema.merkle import CompactRange, leaf_hash
from shared_schema.proof_text import (
    MAX_PROOF_TEXT_BYTES,
    GrowthProof,
    OfflineProof,
    ProofTextInvalid,
    read_growth_proof,
    read_offline_proof,
    read_proof,
    write_growth_proof,
    write_offline_proof,
    write_proof,
)
from shared_schema.signed_note import VerifierKey
from shared_schema.signing_key import SigningKey

LINE = "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ="  # tlog-proof.md, the example's first hash
hashes = st.lists(st.binary(min_size=32, max_size=32), max_size=64).map(tuple)
notes = st.binary(min_size=1, max_size=100)
sizes = st.integers(0, 2**63 - 1)


@given(hashes)
def test_a_bare_proof_survives_writing(proof: tuple[bytes, ...]) -> None:
    assert read_proof(write_proof(proof).encode()) == proof


@given(sizes, hashes, st.tuples(notes, st.none() | st.binary(max_size=50)))
def test_an_offline_proof_survives_writing(
    index: int, proof: tuple[bytes, ...], rest: tuple[bytes, bytes | None]
) -> None:
    offline = OfflineProof(index, proof, rest[0], rest[1])

    assert read_offline_proof(write_offline_proof(offline)) == offline


@given(sizes, hashes, notes)
def test_a_growth_proof_survives_writing(
    size: int, proof: tuple[bytes, ...], checkpoint: bytes
) -> None:
    growth = GrowthProof(size, proof, checkpoint)

    assert read_growth_proof(write_growth_proof(growth)) == growth


def test_an_offline_proof_looks_like_the_one_in_the_specification() -> None:
    first = read_proof(f"{LINE}\n".encode())

    text = write_offline_proof(OfflineProof(73_894, first, b"checkpoint\n", b"age"))

    assert text.decode() == (
        f"c2sp.org/tlog-proof@v1\nextra YWdl\nindex 73894\n{LINE}\n\ncheckpoint\n"
    )


def test_an_offline_proof_is_enough_to_check_an_entry() -> None:
    key = SigningKey.from_seed(bytes(range(32)))
    leaves = [leaf_hash(b"%d" % number) for number in range(11)]
    tree, completed = CompactRange().extend(leaves)
    nodes = {(level, index): found for level, index, found in completed}
    note = sign_checkpoint(Checkpoint("hub.example", tree.size, tree.root()), key=key)
    proof = inclusion_proof(6, tree.size, lambda level, index: nodes[level, index])
    file = write_offline_proof(OfflineProof(6, proof, note))

    read = read_offline_proof(file)
    log_key = VerifierKey("hub.example", key.public)
    signed = open_checkpoint(read.checkpoint, origin="hub.example", log_key=log_key).checkpoint

    verify_inclusion(read.index, signed.size, leaf=leaves[6], proof=read.hashes, root=signed.root)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (LINE, "proof_text.final_newline"),
        (f"{LINE}\n\n", "proof_text.hash"),
        (f"{LINE[:-2]}R=\n", "proof_text.hash"),
        (f"{LINE}\r\n", "proof_text.hash"),
        ("AAAA\n", "proof_text.hash"),
        ("é\n", "proof_text.ascii"),
        (f"{LINE}\n" * 65, "proof_text.hash_count"),
        ("A" * (MAX_PROOF_TEXT_BYTES + 1), "proof_text.too_long"),
    ],
    ids=["cut", "empty line", "spare bits", "crlf", "short", "not ascii", "too many", "too long"],
)
def test_bare_proofs_in_another_form_are_refused(text: str, code: str) -> None:
    with pytest.raises(ProofTextInvalid) as refused:
        read_proof(text.encode())

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "proof_text.checkpoint"),
        ("c2sp.org/tlog-proof@v1\nindex 0\n\n", "proof_text.checkpoint"),
        ("c2sp.org/tlog-proof@v2\nindex 0\n\nnote", "proof_text.header"),
        ("c2sp.org/tlog-proof@v1\n\nnote", "proof_text.number"),
        ("c2sp.org/tlog-proof@v1\nindex 00\n\nnote", "proof_text.number"),
        ("c2sp.org/tlog-proof@v1\nextra !\nindex 0\n\nnote", "proof_text.base64"),
        ("c2sp.org/tlog-proof@v1\nindex 0\nextra YWdl\n\nnote", "proof_text.hash"),
        ("c2sp.org/tlog-proof@v1\nold 0\n\nnote", "proof_text.number"),
        ("x" * (MAX_PROOF_TEXT_BYTES + 1), "proof_text.too_long"),
    ],
    ids=[
        "nothing", "no note", "version", "no index", "zeros", "extra", "order", "word", "long",
    ],
)  # fmt: skip
def test_offline_proofs_in_another_form_are_refused(text: str, code: str) -> None:
    with pytest.raises(ProofTextInvalid) as refused:
        read_offline_proof(text.encode())

    assert refused.value.code == code


@given(st.binary(max_size=200))
def test_random_bytes_give_a_proof_or_a_typed_refusal(raw: bytes) -> None:
    for read in (read_proof, read_offline_proof, read_growth_proof):
        try:
            read(raw)
        except ProofTextInvalid:
            continue
        assert read is read_proof
        assert raw == b""
