"""Signed notes: the published examples verify, and nothing else does."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_schema.signed_note import (
    MAX_NOTE_BYTES,
    MAX_SIGNATURES,
    NoteInvalid,
    NoteSignature,
    VerifierKey,
    VerifierKeyInvalid,
    add_signature,
    attach_signature,
    format_vkey,
    is_key_name,
    open_note,
    parse_signature_line,
    parse_vkey,
    sign_note,
    split_note,
)
from shared_schema.signing_key import SigningKey

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "note_examples.json").read_text()
)
TEXT: str = VECTORS["text"]
PUBLISHED = f"{TEXT}\n{VECTORS['signature_line']}\n".encode()
PETER = parse_vkey(VECTORS["vkey"])

HUB_KEY = SigningKey.from_seed(bytes(range(32)))
NODE_KEY = SigningKey.from_seed(bytes(range(1, 33)))
HUB = VerifierKey("hub.example/log", HUB_KEY.public)
NODE = VerifierKey("node.example", NODE_KEY.public)

texts = st.text(
    st.characters(exclude_categories=["Cs"], min_codepoint=0x20) | st.just("\n"), max_size=200
).map(lambda text: text + "\n")


def a_note() -> bytes:
    return sign_note("a line\n", name=HUB.name, key=HUB_KEY)


def test_the_published_note_verifies() -> None:
    note = open_note(PUBLISHED, [PETER])

    assert note.text == TEXT
    assert note.is_signed_by(PETER)
    assert note.unverified == ()


def test_signing_again_gives_the_published_bytes() -> None:
    seed = b64decode(VECTORS["signer_key"])[1:]

    assert sign_note(TEXT, name=VECTORS["name"], key=SigningKey.from_seed(seed)) == PUBLISHED


def test_a_second_published_example_verifies() -> None:
    example = VECTORS["c2sp_example"]

    note = open_note(example["note"].encode(), [parse_vkey(example["vkey"])])

    assert note.text == "This is an example message.\n"


def test_verifier_keys_are_printed_as_they_were_published() -> None:
    assert format_vkey(PETER) == VECTORS["vkey"]
    assert PETER.key_id.hex() == "c74f20a3"


@pytest.mark.parametrize("name", VECTORS["bad_vkeys"])
def test_published_bad_verifier_keys_are_refused(name: str) -> None:
    with pytest.raises(VerifierKeyInvalid):
        parse_vkey(VECTORS["bad_vkeys"][name])


def test_no_part_of_a_verifier_key_is_one() -> None:
    vkey: str = VECTORS["vkey"]
    parts = {vkey[start:end] for start in range(len(vkey)) for end in range(start, len(vkey) + 1)}

    for part in parts - {vkey}:
        with pytest.raises(VerifierKeyInvalid):
            parse_vkey(part)


@pytest.mark.parametrize(
    ("vkey", "code"),
    [
        ("", "vkey.form"),
        ("PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "vkey.key_id"),
        ("PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "vkey.key_id"),
        ("+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "vkey.name"),
        ("x+00000000+AQ" + "A" * 42, "vkey.key"),
    ],
    ids=["empty", "upper case id", "other id", "no name", "weak key"],
)
def test_bad_verifier_keys_say_why(vkey: str, code: str) -> None:
    with pytest.raises(VerifierKeyInvalid) as refused:
        parse_vkey(vkey)

    assert refused.value.code == code


@given(st.text(max_size=120))
def test_random_text_as_verifier_key_gives_only_a_typed_refusal(text: str) -> None:
    with pytest.raises(VerifierKeyInvalid):
        parse_vkey(text)


@given(texts)
def test_every_text_that_can_be_signed_opens_unchanged(text: str) -> None:
    note = sign_note(text, name=HUB.name, key=HUB_KEY)

    opened = open_note(add_signature(note, name=NODE.name, key=NODE_KEY), [HUB, NODE])

    assert opened.text == text
    assert [found.name for found in opened.verified] == [HUB.name, NODE.name]


def test_unknown_keys_are_kept_apart_and_carry_no_weight() -> None:
    both = add_signature(a_note(), name=NODE.name, key=NODE_KEY)

    opened = open_note(both, [HUB])

    assert [found.name for found in opened.unverified] == [NODE.name]
    with pytest.raises(NoteInvalid) as refused:
        open_note(both, [VerifierKey("stranger", NODE_KEY.public)])
    assert refused.value.code == "note.no_known_signature"


def test_a_known_keys_bad_signature_spoils_the_whole_note() -> None:
    forged = attach_signature(a_note(), NoteSignature(NODE.name, NODE.key_id, bytes(64)))

    with pytest.raises(NoteInvalid) as refused:
        open_note(forged, [HUB, NODE])

    assert refused.value.code == "note.signature_invalid"


def test_a_signature_moved_to_another_text_is_refused() -> None:
    other = a_note().replace(b"a line", b"b line")

    with pytest.raises(NoteInvalid) as refused:
        open_note(other, [HUB])

    assert refused.value.code == "note.signature_invalid"


def test_the_same_key_under_another_name_is_another_signer() -> None:
    renamed = a_note().replace(b"hub.example/log", b"bad.example/log")

    with pytest.raises(NoteInvalid) as refused:
        open_note(renamed, [HUB, VerifierKey("bad.example/log", HUB_KEY.public)])

    assert refused.value.code == "note.no_known_signature"


def test_adding_the_same_signature_twice_changes_nothing() -> None:
    assert add_signature(a_note(), name=HUB.name, key=HUB_KEY) == a_note()


def test_a_doubled_signature_line_counts_once() -> None:
    line = a_note().split(b"\n\n")[1]

    opened = open_note(a_note() + line, [HUB])

    assert len(opened.verified) == 1


def test_a_known_key_may_be_listed_twice() -> None:
    opened = open_note(a_note(), [HUB, parse_vkey(format_vkey(HUB))])

    assert opened.is_signed_by(HUB)


def test_as_many_signatures_as_the_limit_and_no_more() -> None:
    stranger = NoteSignature("witness", b"\0\0\0\1", bytes(64))
    full = a_note() + f"{stranger.line()}\n".encode() * (MAX_SIGNATURES - 1)

    assert len(open_note(full, [HUB]).unverified) == MAX_SIGNATURES - 1
    with pytest.raises(NoteInvalid) as refused:
        add_signature(full, name=NODE.name, key=NODE_KEY)
    assert refused.value.code == "note.too_many_signatures"
    with pytest.raises(NoteInvalid):
        split_note(full + f"{stranger.line()}\n".encode())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("no newline", "note.text"),
        ("", "note.text"),
        ("tab\there\n", "note.control_character"),
        ("return\r\n", "note.control_character"),
        ("lone \ud800\n", "note.encoding"),
        ("x" * MAX_NOTE_BYTES + "\n", "note.too_long"),
    ],
    ids=["no newline", "empty", "tab", "carriage return", "surrogate", "too long"],
)
def test_texts_that_cannot_be_notes_are_not_signed(text: str, code: str) -> None:
    with pytest.raises(NoteInvalid) as refused:
        sign_note(text, name=HUB.name, key=HUB_KEY)

    assert refused.value.code == code


@pytest.mark.parametrize(
    "name",
    [
        "",
        "two words",
        "plus+sign",
        "no\u00a0break",
        "line\nfeed",
        "wide\u3000space",
        "\ud800",
        "x" * 256,
    ],
    ids=["empty", "space", "plus", "no-break space", "newline", "wide space", "surrogate", "long"],
)
def test_names_that_a_signature_line_cannot_carry_are_refused(name: str) -> None:
    assert not is_key_name(name)
    with pytest.raises(VerifierKeyInvalid):
        sign_note("a line\n", name=name, key=HUB_KEY)


@pytest.mark.parametrize(
    "change",
    [
        lambda note: note[:-1],
        lambda note: note.replace(b"\n\n", b"\n"),
        lambda note: note + b"\n",
        lambda note: note.replace("— ".encode(), b"- "),
        lambda note: note.replace("— ".encode(), "—  ".encode()),
        lambda note: note.replace(b"\n\n", b"\r\n\r\n"),
        lambda note: b"\xff" + note,
        lambda note: note[:-3] + b"\n",
        lambda note: note.replace("— ".encode(), "— x ".encode()),
    ],
    ids=["cut", "no gap", "empty line", "hyphen", "spaces", "crlf", "utf-8", "base64", "words"],
)
def test_notes_in_another_form_are_refused(change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(NoteInvalid):
        open_note(change(a_note()), [HUB])


def test_a_second_spelling_of_the_same_base64_is_refused() -> None:
    raw = HUB.key_id + bytes(64)  # 68 bytes: the last character before the padding has spare bits
    line = NoteSignature(HUB.name, raw[:4], raw[4:]).line()
    assert line.endswith("A=")

    with pytest.raises(NoteInvalid):
        parse_signature_line(line[:-2] + "B=")


def test_a_signature_must_be_longer_than_its_key_id() -> None:
    with pytest.raises(NoteInvalid):
        parse_signature_line(f"— name {b64encode(bytes(4)).decode()}")


@given(st.binary(max_size=300))
def test_random_bytes_give_only_a_typed_refusal(raw: bytes) -> None:
    with pytest.raises(NoteInvalid):
        open_note(raw, [HUB])


@given(st.data())
def test_no_single_changed_byte_goes_unnoticed(data: st.DataObject) -> None:
    note = bytearray(a_note())
    position = data.draw(st.integers(0, len(note) - 1))
    note[position] ^= data.draw(st.integers(1, 255))

    with pytest.raises(NoteInvalid):
        open_note(bytes(note), [HUB])
