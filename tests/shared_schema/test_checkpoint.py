"""Checkpoints: what the log signs, whose it is, and who else has signed."""

from base64 import b64encode
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_schema.checkpoint import (
    Checkpoint,
    CheckpointInvalid,
    NotTheLogsSignature,
    WrongOrigin,
    open_checkpoint,
    read_checkpoint_text,
    sign_checkpoint,
)
from shared_schema.merkle import EMPTY_ROOT, leaf_hash
from shared_schema.signed_note import NoteInvalid, VerifierKey, add_signature, sign_note
from shared_schema.signing_key import SigningKey

ORIGIN = "hub.example/federation/v1/log"
ROOT = leaf_hash(b"an entry")
LOG_KEY = SigningKey.from_seed(bytes(range(32)))
NODE_KEY = SigningKey.from_seed(bytes(range(1, 33)))
LOG = VerifierKey(ORIGIN, LOG_KEY.public)
NODE = VerifierKey("node.example", NODE_KEY.public)


def a_checkpoint(size: int = 1) -> Checkpoint:
    return Checkpoint(ORIGIN, size, ROOT)


def test_the_published_example_text_is_read_and_written_again() -> None:
    # c2sp.org/tlog-checkpoint, the example at its head
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

    checkpoint = read_checkpoint_text(text)

    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert checkpoint.text() == text


def test_a_signed_checkpoint_opens_with_its_cosigners() -> None:
    note = sign_checkpoint(a_checkpoint(), key=LOG_KEY)
    cosigned = add_signature(note, name=NODE.name, key=NODE_KEY)

    opened = open_checkpoint(cosigned, origin=ORIGIN, log_key=LOG, cosigners=[NODE])

    assert opened.checkpoint == a_checkpoint()
    assert opened.cosigners(LOG) == (NODE.name,)


def test_extension_lines_are_kept() -> None:
    checkpoint = Checkpoint(ORIGIN, 5, ROOT, ("first extension", "第二行"))

    opened = open_checkpoint(sign_checkpoint(checkpoint, key=LOG_KEY), origin=ORIGIN, log_key=LOG)

    assert opened.checkpoint == checkpoint


def test_another_logs_checkpoint_is_refused() -> None:
    note = sign_note(Checkpoint("other.example", 1, ROOT).text(), name=ORIGIN, key=LOG_KEY)

    with pytest.raises(WrongOrigin) as refused:
        open_checkpoint(note, origin=ORIGIN, log_key=LOG)

    assert refused.value.code == "checkpoint.wrong_origin"


def test_cosigners_alone_cannot_make_a_checkpoint() -> None:
    note = sign_note(a_checkpoint().text(), name=NODE.name, key=NODE_KEY)

    with pytest.raises(NotTheLogsSignature) as refused:
        open_checkpoint(note, origin=ORIGIN, log_key=LOG, cosigners=[NODE])

    assert refused.value.code == "checkpoint.log_signature"


def test_a_changed_size_breaks_the_signature() -> None:
    note = sign_checkpoint(a_checkpoint(41), key=LOG_KEY).replace(b"\n41\n", b"\n42\n")

    with pytest.raises(NoteInvalid):
        open_checkpoint(note, origin=ORIGIN, log_key=LOG)


def test_an_empty_log_has_the_empty_root() -> None:
    assert Checkpoint(ORIGIN, 0, EMPTY_ROOT).text().split("\n")[1] == "0"
    with pytest.raises(CheckpointInvalid) as refused:
        Checkpoint(ORIGIN, 0, ROOT)
    assert refused.value.code == "checkpoint.empty_root"


SPARE_BITS = b64encode(ROOT).decode()[:-2] + ("B=" if b64encode(ROOT)[-2:] == b"A=" else "9=")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda lines: lines[:2], "checkpoint.lines"),
        (lambda lines: ["", *lines[1:]], "checkpoint.origin"),
        (lambda lines: [lines[0], "007", lines[2]], "checkpoint.size"),
        (lambda lines: [lines[0], "-1", lines[2]], "checkpoint.size"),
        (lambda lines: [lines[0], "１", lines[2]], "checkpoint.size"),
        (lambda lines: [lines[0], str(2**63), lines[2]], "checkpoint.size"),
        (lambda lines: [*lines[:2], "AAAA"], "checkpoint.root"),
        (lambda lines: [*lines[:2], SPARE_BITS], "checkpoint.root"),
        (lambda lines: [*lines, ""], "checkpoint.extension"),
        (lambda lines: [*lines, "", "after a gap"], "checkpoint.extension"),
    ],
    ids=[
        "two lines", "no origin", "zeros", "negative", "full width", "too large",
        "short root", "spare bits", "empty extension", "gap",
    ],
)  # fmt: skip
def test_texts_in_another_form_are_refused_with_their_reason(
    change: Callable[[list[str]], list[str]], code: str
) -> None:
    lines = change(a_checkpoint(7).text().splitlines())

    with pytest.raises(CheckpointInvalid) as refused:
        read_checkpoint_text("".join(f"{line}\n" for line in lines))

    assert refused.value.code == code


def test_a_text_without_its_last_newline_is_refused() -> None:
    with pytest.raises(CheckpointInvalid) as refused:
        read_checkpoint_text(a_checkpoint().text()[:-1])

    assert refused.value.code == "checkpoint.lines"


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [("two\nlines", 1, ROOT), ("\ud800", 1, ROOT), (ORIGIN, -1, ROOT), (ORIGIN, 1, b"short")],
    ids=["line feed", "surrogate", "negative size", "short root"],
)
def test_checkpoints_that_could_not_be_written_are_not_made(
    origin: str, size: int, root: bytes
) -> None:
    with pytest.raises(CheckpointInvalid):
        Checkpoint(origin, size, root)


@given(st.text(max_size=200))
def test_random_texts_give_a_checkpoint_or_a_typed_refusal(text: str) -> None:
    try:
        checkpoint = read_checkpoint_text(text)
    except CheckpointInvalid:
        return
    assert checkpoint.text() == text


@given(st.integers(1, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_every_checkpoint_survives_signing_and_opening(size: int, root: bytes) -> None:
    checkpoint = Checkpoint(ORIGIN, size, root)

    opened = open_checkpoint(sign_checkpoint(checkpoint, key=LOG_KEY), origin=ORIGIN, log_key=LOG)

    assert opened.checkpoint == checkpoint
