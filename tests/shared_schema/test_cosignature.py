"""Cosignatures: timestamped signatures of nodes below the log's own (c2sp.org/tlog-cosignature)."""

from base64 import b64decode
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_schema.checkpoint import (
    Checkpoint,
    cosign_checkpoint,
    cosigner_key,
    log_note,
    open_checkpoint,
    sign_checkpoint,
)
from shared_schema.merkle import leaf_hash
from shared_schema.signed_note import (
    NoteInvalid,
    VerifierKey,
    cosign_note,
    format_vkey,
    parse_signature_line,
    parse_vkey,
    split_note,
)
from shared_schema.signing_key import SigningKey

ORIGIN = "hub.example/log"
LOG_KEY = SigningKey.from_seed(bytes(range(32)))
NODE_KEY = SigningKey.from_seed(bytes(range(64, 96)))
LOG = VerifierKey(ORIGIN, LOG_KEY.public)
NODE = cosigner_key(ORIGIN, "gz-centre", NODE_KEY.public)
AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
NOTE = sign_checkpoint(Checkpoint(ORIGIN, 7, leaf_hash(b"an entry")), key=LOG_KEY)


def cosigned(at: datetime = AT) -> bytes:
    return cosign_checkpoint(NOTE, origin=ORIGIN, node="gz-centre", key=NODE_KEY, at=at)


def test_the_specifications_own_example_line_is_read() -> None:
    # c2sp.org/tlog-cosignature, the example at its head
    line = (
        "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJs"
        "X3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA=="
    )

    read = parse_signature_line(line)

    assert (read.name, read.key_id.hex(), read.time) == (
        "witness.example.com/w1",
        "8d66cf3f",
        1_679_315_147,
    )
    assert len(read.signature) == 8 + 64
    assert read.line() == line


def test_the_bytes_are_laid_out_as_specified() -> None:
    text, (_, signature) = split_note(cosigned())
    raw = b64decode(signature.line().rpartition(" ")[2])
    key_id = sha256(NODE.name.encode() + b"\n\x04" + NODE_KEY.public.raw).digest()[:4]
    message = b"cosignature/v1\ntime 1795334400\n" + text.encode()

    assert raw[:4] == key_id == NODE.key_id
    assert int.from_bytes(raw[4:12], "big") == 1_795_334_400 == int(AT.timestamp())
    NODE_KEY.public.verify(raw[12:], message)
    assert NODE.name == "hub.example/log/nodes/gz-centre"


def test_a_cosigned_checkpoint_opens_and_names_its_cosigner() -> None:
    opened = open_checkpoint(cosigned(), origin=ORIGIN, log_key=LOG, cosigners=[NODE])

    assert opened.cosigners(LOG) == (NODE.name,)
    found = opened.signature_of(NODE)
    assert found is not None
    assert found.time == int(AT.timestamp())


def test_a_cosignature_of_an_unknown_key_is_kept_and_means_nothing() -> None:
    opened = open_checkpoint(cosigned(), origin=ORIGIN, log_key=LOG)

    assert opened.cosigners(LOG) == ()
    assert [one.name for one in opened.note.unverified] == [NODE.name]
    assert opened.signature_of(NODE) is None


@given(place=st.integers(0, 8 + 63), bit=st.integers(0, 7))
def test_a_cosignature_with_one_bit_turned_over_is_refused(place: int, bit: int) -> None:
    _, (own, signature) = split_note(cosigned())
    raw = bytearray(signature.signature)
    raw[place] ^= 1 << bit
    forged = type(signature)(signature.name, signature.key_id, bytes(raw))
    text = split_note(NOTE)[0]
    note = f"{text}\n{own.line()}\n{forged.line()}\n".encode()

    with pytest.raises(NoteInvalid) as refused:
        open_checkpoint(note, origin=ORIGIN, log_key=LOG, cosigners=[NODE])

    assert refused.value.code == "note.signature_invalid"


def test_a_plain_signature_does_not_pass_for_a_cosignature() -> None:
    plain = VerifierKey(NODE.name, NODE_KEY.public)

    assert plain.key_id != NODE.key_id
    assert format_vkey(plain) != format_vkey(NODE)


def test_the_verifier_key_of_a_cosigner_is_written_and_read() -> None:
    assert parse_vkey(format_vkey(NODE)) == NODE
    assert b64decode(format_vkey(NODE).rpartition("+")[2])[:1] == b"\x04"


def test_only_the_logs_own_signature_is_cosigned_anew() -> None:
    assert log_note(cosigned(), origin=LOG.name) == NOTE
    with pytest.raises(NoteInvalid):
        log_note(cosigned(), origin="x")


@pytest.mark.parametrize("time", [0, -1, 2**63], ids=str)
def test_a_time_that_is_none_is_refused(time: int) -> None:
    with pytest.raises(NoteInvalid):
        cosign_note(NOTE, name=NODE.name, key=NODE_KEY, time=time)
