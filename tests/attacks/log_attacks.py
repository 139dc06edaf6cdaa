"""Attacks of a source on a reader that follows the log: what it delivers, and what it signs.

The reader knows the first part of `Federation`'s log; the source answers about a log that has grown
since. Each way makes the source.
"""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import orjson

from shared_platform.catalogue.log_source import LogSource
from shared_schema.log_page import PageEntry, write_page
from shared_schema.merkle import leaf_hash
from shared_schema.problem import ProblemType
from shared_schema.signed_note import sign_note
from shared_schema.signing_key import SigningKey
from tests.attacks.attack import Attack, Attacker, Family
from tests.shared_platform.hub_log_peer import ORIGIN, Federation, HubLog, Liar, a_number

Source = Callable[[Federation], LogSource]
Page = list[PageEntry]
STRANGER: Final = SigningKey.from_seed(b"z" * 32)
ROOT: Final = leaf_hash(b"an entry")
SPARE_BITS: Final = b64encode(ROOT).decode()[:-2] + "9="


def a_federation(listings: int = 6) -> Federation:
    """What the reader followed before: one node and its listings."""
    federation = Federation()
    node = federation.enrol("gz-exchange")
    for serial in range(listings):
        federation.offer(node, a_number(serial))
    return federation


def grow(federation: Federation) -> None:
    """What was published since."""
    for serial in range(5):
        federation.offer("gz-exchange", a_number(100 + serial))


def another_history() -> HubLog:
    """Another log under the same key, as long as the one the reader knows."""
    federation = Federation()
    node = federation.enrol("gz-exchange")
    for serial in range(6):
        federation.offer(node, a_number(50 + serial))
    return federation.hub


# --------------------------------------------------------------------------------- checkpoints


def noting(note: Callable[[HubLog], bytes]) -> Source:
    return lambda federation: Liar(federation.hub, note=note)


def rewritten(old: bytes, new: bytes) -> Source:
    def note(hub: HubLog) -> bytes:
        honest = hub.note()
        assert old in honest
        return honest.replace(old, new, 1)

    return noting(note)


def stating(*lines: str, key: SigningKey | None = None) -> Source:
    """A checkpoint of these lines, soundly signed: the hub itself lies."""
    text = "".join(f"{line}\n" for line in lines)
    return noting(lambda hub: sign_note(text, name=ORIGIN, key=key or hub.key))


def resized(hub: HubLog) -> bytes:
    return hub.note().replace(b"\n%d\n" % hub.size, b"\n%d\n" % (hub.size + 1), 1)


def with_another_root(hub: HubLog) -> bytes:
    lines = hub.note().split(b"\n")
    return b"\n".join([*lines[:2], b64encode(ROOT), *lines[3:]])


def with_an_extension(hub: HubLog) -> bytes:
    text, rest = hub.note().split(b"\n\n", 1)
    return text + b"\nan extension\n\n" + rest


def _checkpoint(name: str, code: str, by: Attacker, **ways: Source) -> Attack[Source]:
    return _attack(name, Family.CHECKPOINT, by, code, **ways)


def _attack(name: str, family: Family, by: Attacker, code: str, **ways: Source) -> Attack[Source]:
    spelled = {way.replace("_", " "): source for way, source in ways.items()}
    return Attack(name, family, by, ProblemType.SCHEMA_INVALID, code, spelled)


CHECKPOINT_ATTACKS: Final = (
    _checkpoint(
        "the log rolled back", "sync.rollback", Attacker.HUB,
        by_one=noting(lambda hub: hub.note(7)),
        to_nothing=noting(lambda hub: hub.note(0))),
    _checkpoint(
        "the log forked", "sync.fork", Attacker.HUB,
        same_size_other_root=lambda _: another_history()),
    _checkpoint(
        "a checkpoint by another key", "note.no_known_signature", Attacker.NETWORK,
        strangers=noting(lambda hub: hub.note(key=STRANGER)),
        name_of_another_log=rewritten("— log".encode(), "— gol".encode())),
    _checkpoint(
        "a checkpoint changed after signing", "note.signature_invalid", Attacker.NETWORK,
        size=noting(resized),
        root=noting(with_another_root),
        origin=rewritten(b"log.hub.example/gd\n", b"log.hub.example/gz\n"),
        line_added=noting(with_an_extension)),
    _checkpoint(
        "a checkpoint without its signature", "note.form", Attacker.NETWORK,
        unsigned=noting(lambda hub: hub.note().split(b"\n\n", 1)[0] + b"\n"),
        a_web_page=noting(lambda _: b"<html>It works</html>")),
    _checkpoint(
        "a checkpoint with other line ends", "note.control_character", Attacker.NETWORK,
        crlf=noting(lambda hub: hub.note().replace(b"\n", b"\r\n")),
        nul=rewritten(b"\n", b"\0\n")),
    _checkpoint(
        "a damaged signature line", "note.signature_line", Attacker.NETWORK,
        no_dash=rewritten("— ".encode(), b"- "),
        too_short=noting(lambda hub: hub.note().rsplit(b" ", 1)[0] + b" AAAA\n"),
        two_spaces=rewritten("— ".encode(), "—  ".encode())),
    _checkpoint(
        "an endless checkpoint", "note.too_long", Attacker.HUB,
        text=noting(lambda hub: b"x" * 2_000_000 + hub.note())),
    _checkpoint(
        "a checkpoint that is no text", "note.encoding", Attacker.NETWORK,
        byte_added=noting(lambda hub: b"\xff" + hub.note())),
    _checkpoint(
        "a checkpoint with a thousand signatures", "note.too_many_signatures", Attacker.HUB,
        repeated=noting(
            lambda hub: hub.note() + (hub.note().rsplit(b"\n", 2)[1] + b"\n") * 1_000)),
    _checkpoint(
        "the wrong origin, signed", "checkpoint.wrong_origin", Attacker.HUB,
        another_log=stating("other.example", "9", b64encode(ROOT).decode())),
    _checkpoint(
        "no origin, signed", "checkpoint.origin", Attacker.HUB,
        empty=stating("", "9", b64encode(ROOT).decode())),
    _checkpoint(
        "a size of another spelling, signed", "checkpoint.size", Attacker.HUB,
        leading_zeros=stating(ORIGIN, "009", b64encode(ROOT).decode()),
        negative=stating(ORIGIN, "-9", b64encode(ROOT).decode()),
        full_width=stating(ORIGIN, "９", b64encode(ROOT).decode()),
        beyond_63_bits=stating(ORIGIN, str(2**63), b64encode(ROOT).decode())),
    _checkpoint(
        "a root of another form, signed", "checkpoint.root", Attacker.HUB,
        short=stating(ORIGIN, "9", "AAAA"),
        spare_bits=stating(ORIGIN, "9", SPARE_BITS)),
    _checkpoint(
        "an empty log with a root, signed", "checkpoint.empty_root", Attacker.HUB,
        size_0=stating(ORIGIN, "0", b64encode(ROOT).decode())),
    _checkpoint(
        "too few lines, signed", "checkpoint.lines", Attacker.HUB,
        no_root=stating(ORIGIN, "9")),
    _checkpoint(
        "an empty extension line, signed", "checkpoint.extension", Attacker.HUB,
        empty=stating(ORIGIN, "9", b64encode(ROOT).decode(), "", "after a gap")),
)  # fmt: skip


# --------------------------------------------------------------------------------- pages


def paging(change: Callable[[Page], Page]) -> Source:
    return lambda federation: Liar(federation.hub, page=change)


def sending(change: Callable[[bytes], bytes]) -> Source:
    return lambda federation: Liar(federation.hub, body=change)


def saying(**members: object) -> Source:
    """The page with other members at its top."""
    return sending(lambda body: orjson.dumps(orjson.loads(body) | members))


def renumbered(page: Page, *, like: Page) -> Page:
    return [replace(one, serial=like[0].serial + place) for place, one in enumerate(page)]


def without_the_second(page: Page) -> Page:
    return renumbered(page[:1] + page[2:], like=page)


def swapped(page: Page) -> Page:
    return renumbered([page[1], page[0], *page[2:]], like=page)


def repeated(page: Page) -> Page:
    return renumbered([page[0], page[0], *page[2:]], like=page)


def another_leaf(page: Page) -> Page:
    return [replace(page[0], leaf=page[0].leaf.replace(b'"v":1', b'"v":2')), *page[1:]]


def of_another_history(page: Page) -> Page:
    other = another_history()
    foreign = replace(page[0], leaf=other.leaves[-1])
    return [foreign, *page[1:]]


def first_page_again(federation: Federation) -> LogSource:
    hub = federation.hub
    first = write_page(0, hub.page(0, 5), tree_size=hub.size)
    return Liar(hub, body=lambda _: first)


def garbled(body: bytes) -> bytes:
    page = orjson.loads(body)
    page["entries"][0]["entry"] += "\n"
    return orjson.dumps(page)


def _page(name: str, code: str, **ways: Source) -> Attack[Source]:
    return _attack(name, Family.PAGE, Attacker.HUB, code, **ways)


PAGE_ATTACKS: Final = (
    _page(
        "entries that are not those of the signed log", "sync.page_root",
        two_swapped=paging(swapped),
        one_repeated=paging(repeated),
        one_changed=paging(another_leaf),
        one_of_another_history=paging(of_another_history)),
    _page(
        "signed entries kept back", "sync.page_missing",
        empty_page=paging(lambda page: page[:0]),
        endless_empty_pages=saying(entries=[], next=8)),
    _page(
        "a page with a hole", "page.serial",
        one_left_out=paging(lambda page: page[:1] + page[2:]),
        backwards=paging(lambda page: page[::-1]),
        one_twice=paging(lambda page: [page[0], *page[:-1]])),
    _page(
        "another page than asked for", "page.first",
        the_first_again=first_page_again,
        from_lies=saying(**{"from": 0})),
    _page(
        "a next that lies", "page.next",
        leads_on=saying(next=999), leads_back=saying(next=8)),
    _page(
        "more entries than asked for", "page.too_many",
        one_more=paging(
            lambda page: [*page, replace(page[-1], serial=page[-1].serial + 1)])),
    _page(
        "a page larger than the log", "page.tree_size",
        smaller_than_the_page=saying(tree_size=9)),
    _page("an endless page", "page.too_large", padded=sending(lambda b: b + b" " * 17_000_000)),
    _page(
        "a truncated page", "page.json",
        half=sending(lambda body: body[: len(body) // 2]),
        empty=sending(lambda _: b""),
        not_utf_8=sending(lambda body: body + b"\xff")),
    _page(
        "a page of another form", "page.malformed",
        a_list=sending(lambda _: b"[]"),
        base64_with_a_loose_end=sending(garbled),
        size_as_text=saying(tree_size="13")),
)  # fmt: skip


# --------------------------------------------------------------------------------- growth proofs


def proving(change: Callable[[bytes], bytes]) -> Source:
    return lambda federation: Liar(federation.hub, proof=change)


_LINE: Final = 45


def _growth(name: str, code: str, **ways: Source) -> Attack[Source]:
    return _attack(name, Family.GROWTH, Attacker.HUB, code, **ways)


GROWTH_ATTACKS: Final = (
    _growth(
        "a page in the middle that the checkpoint does not continue", "proof.root_mismatch",
        hashes_rotated=proving(lambda proof: proof[_LINE:] + proof[:_LINE]),
        two_entries_swapped=paging(swapped),
        entry_omitted=paging(without_the_second),
        entry_changed=paging(another_leaf),
        proof_of_another_history=proving(
            lambda proof: (b64encode(ROOT) + b"\n") * proof.count(b"\n"))),
    _growth(
        "a consistency proof shortened or padded", "proof.length",
        shortened=proving(lambda proof: proof[:-_LINE]),
        padded=proving(lambda proof: proof + proof[:_LINE]),
        empty=proving(lambda _: b"")),
    _growth("a proof that is none", "proof_text.hash", html=proving(lambda _: b"<html>\n")),
    _growth(
        "a proof without its last newline", "proof_text.final_newline",
        cut=proving(lambda proof: proof[:-1])),
    _growth(
        "a proof beyond ASCII", "proof_text.ascii", byte=proving(lambda proof: b"\xff" + proof)),
    _growth(
        "a proof higher than any tree", "proof_text.hash_count",
        hashes=proving(lambda proof: proof[:_LINE] * 65)),
    _growth(
        "an endless proof", "proof_text.too_long",
        megabyte=proving(lambda proof: proof * 20_000)),
)  # fmt: skip
