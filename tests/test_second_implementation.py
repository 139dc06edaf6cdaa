"""The log verified by a second implementation: docs/examples/verify_log.mjs, Node's modules alone.

It shares no code with the packages, so what both accept and both refuse is the contract and not a
habit of one of them. Skipped, saying what is then not proven, where `node` is not installed.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from shared_schema.log_entry import (
    NodeResumed,
    NodeRetired,
    NodeSuspended,
)
from shared_schema.log_page import PageEntry
from shared_schema.signing_key import SigningKey
from shared_schema.statement import SignedStatement, read_statement
from tests.shared_platform.hub_log_peer import Federation, Liar, Offered, a_number, an_offer_of
from tests.shared_platform.served_log import PAGE, Served, a_life, listening
from tests.vectors.golden.make_golden import FOLDER

NODE: Final = shutil.which("node")
EXAMPLES: Final = Path(__file__).resolve().parents[1] / "docs" / "examples"
READER: Final = EXAMPLES / "verify_log.mjs"
CHECKER: Final = EXAMPLES / "check_vectors.mjs"
FORMS: Final = EXAMPLES / "log_forms.mjs"
OWN: Final = {f"./{READER.name}", f"./{FORMS.name}"}
GOLDEN: Final = sorted(path.name for path in FOLDER.glob("*.json"))
NEGATIVE: Final = "refusals.json"  # one more error in it is still an error

pytestmark = pytest.mark.skipif(
    NODE is None,
    reason="Node.js is not installed: not proven here that a second implementation accepts what"
    " ours accepts and refuses what ours refuses (golden files, honest and lying logs)",
)


def run(program: Path, place: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(NODE), str(program), str(place)],
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=60,
    )


@pytest.mark.parametrize("program", [READER, CHECKER, FORMS], ids=lambda program: program.stem)
def test_it_uses_the_modules_of_node_and_nothing_else(program: Path) -> None:
    named = re.findall(r' from "([^"]+)"', program.read_text(encoding="utf-8"))

    assert named
    assert all(name.startswith("node:") or name in OWN for name in named)


def test_every_golden_file_verifies() -> None:
    done = run(CHECKER, FOLDER)

    assert done.returncode == 0, done.stderr
    assert {line.split()[1].rstrip(":") for line in done.stdout.splitlines()} == set(GOLDEN)


def altered(raw: bytes, random: Random) -> bytes:
    """The file with one bit of one byte turned, somewhere after the advice on how to check it."""
    advice_ends = raw.index(b"\n  ],\n") + len(b"\n  ],\n")
    place = random.randrange(advice_ends, len(raw.rstrip()))
    return raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", [name for name in GOLDEN if name != NEGATIVE])
def test_a_golden_file_with_one_altered_byte_does_not(name: str, seed: int, tmp_path: Path) -> None:
    folder = tmp_path / "golden"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (folder / name).write_bytes(altered((FOLDER / name).read_bytes(), Random(seed)))

    done = run(CHECKER, folder)

    assert done.returncode == 1
    assert "FAILED" in done.stderr


def test_a_missing_golden_file_is_named(tmp_path: Path) -> None:
    done = run(CHECKER, tmp_path)

    assert done.returncode == 1
    assert all(name in done.stderr for name in GOLDEN)


def verify_log(liar: Liar, folder: Path) -> "subprocess.CompletedProcess[str]":
    with listening(Served(liar), folder) as anchor:
        return run(READER, anchor)


def test_an_honest_log_verifies_and_its_size_root_and_statements_are_told(tmp_path: Path) -> None:
    hub = a_life().hub

    done = verify_log(Liar(hub), tmp_path)

    assert done.stderr == ""
    assert json.loads(done.stdout) == {
        "size": hub.size,
        "root": hub.range.root().hex(),
        "statements": 7,
        "erased": 1,
        "unread": 0,
        "ok": True,
    }


def test_a_log_that_grew_after_its_checkpoint_verifies_up_to_it(tmp_path: Path) -> None:
    federation = Federation()
    node = federation.enrol("node-a")
    for serial in range(2 * PAGE):
        federation.offer(node, a_number(serial))

    done = verify_log(Liar(federation.hub, note=lambda log: log.note(PAGE + 2)), tmp_path)

    told = json.loads(done.stdout)
    assert (told["size"], told["statements"]) == (PAGE + 2, PAGE)


def test_kinds_from_a_later_version_are_hashed_and_counted(tmp_path: Path) -> None:
    hub = a_life().hub
    hub.append_raw(b'{"at":"2027-01-01T00:00:00Z","kind":"node_praised","node":"node-a","v":1}')
    hub.append_raw(
        b'{"at":"2027-01-01T00:00:00Z","crit":["new"],"kind":"hub_notice","new":1,"v":1}'
    )

    done = verify_log(Liar(hub), tmp_path)

    assert json.loads(done.stdout)["unread"] == 2


def test_statements_of_a_later_version_are_proven_like_any_other(tmp_path: Path) -> None:
    federation = a_life()
    newer: tuple[dict[str, Any], ...] = (
        {"moon": "full"},
        {"crit": ("moon",), "moon": "full"},
        {"schema_id": "licence-declaration/2", "body": {"whatever": ["a", "newer", "form"]}},
    )
    for place, members in enumerate(newer, start=40):
        number = a_number(place)
        offered = Offered("node-a", federation.ids.new_id(), number)
        body = an_offer_of(number)
        federation.log_statement(federation.state(offered, "offer", declaration=body, **members))
    before = json.loads(verify_log(Liar(a_life().hub), tmp_path).stdout)

    told = json.loads(verify_log(Liar(federation.hub), tmp_path).stdout)

    assert told["statements"] == before["statements"] + len(newer)


def change_first(
    change: Callable[[PageEntry], PageEntry],
) -> Callable[[list[PageEntry]], list[PageEntry]]:
    """Entries with one that carries a statement changed."""

    def page(entries: list[PageEntry]) -> list[PageEntry]:
        place = next((at for at, one in enumerate(entries) if one.object_bytes), None)
        if place is None:
            return entries
        return [*entries[:place], change(entries[place]), *entries[place + 1 :]]

    return page


def turned(raw: bytes | None) -> bytes:
    assert raw is not None
    return raw[:-20] + bytes([raw[-20] ^ 1]) + raw[-19:]


LIES: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "another byte in an entry": (
        {"page": change_first(lambda one: replace(one, leaf=turned(one.leaf)))},
        "the root of",
    ),
    "another byte in a statement": (
        {"page": change_first(lambda one: replace(one, object_bytes=turned(one.object_bytes)))},
        "other bytes than the entry names",
    ),
    "a statement kept back": (
        {"page": change_first(lambda one: replace(one, object_bytes=None))},
        "was not delivered",
    ),
    "entries kept back": ({"page": lambda entries: entries[:0]}, "does not give entry 0"),
    "entries in another order": ({"page": lambda entries: entries[::-1]}, "misplaced"),
    "a checkpoint of another key": (
        {"note": lambda log: log.note(key=SigningKey.from_seed(bytes(32)))},
        "not signed by the log key",
    ),
    "a checkpoint of another size": (
        {"note": lambda log: log.note().replace(b"\n%d\n" % log.size, b"\n%d\n" % (log.size - 1))},
        "signature is not the log key's",
    ),
    "a checkpoint of another log": (
        {"note": lambda log: log.note().replace(b"gd\n", b"gz\n", 1)},
        "signature is not the log key's",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_hub_that_lies_about_its_log_is_found_out(lie: str, tmp_path: Path) -> None:
    changes, reason = LIES[lie]

    done = verify_log(Liar(a_life().hub, **changes), tmp_path)

    assert done.returncode == 1
    assert reason in done.stderr
    assert done.stdout == ""


def after_its_key_was_revoked(federation: Federation) -> None:
    federation.revoke("node-a")
    federation.offer("node-a", a_number(3))


def while_its_node_is_suspended(federation: Federation) -> None:
    now = federation.hub.now
    federation.hub.append(NodeSuspended(at=now, node="node-a", reason="key_lost"))
    federation.offer("node-a", a_number(3))


def after_its_node_retired(federation: Federation) -> None:
    federation.hub.append(NodeRetired(at=federation.hub.now, node="node-a", reason="merged"))
    federation.offer("node-a", a_number(3))


def under_another_nodes_key(federation: Federation) -> None:
    federation.node_keys["node-a"] = federation.node_keys["node-b"]
    federation.offer("node-a", a_number(3))


def under_a_key_nobody_enrolled(federation: Federation) -> None:
    federation.node_keys["node-a"] = SigningKey.from_seed(b"x" * 32)
    federation.offer("node-a", a_number(3))


def signed_by_another(federation: Federation) -> tuple[SignedStatement, str]:
    """The honest node's next statement, but signed by someone else; and the honest key's id."""
    honest = federation.node_keys["node-a"]
    federation.node_keys["node-a"] = SigningKey.from_seed(b"x" * 32)
    signed = federation.state(
        Offered("node-a", federation.ids.new_id(), a_number(3)),
        "offer",
        declaration=an_offer_of(a_number(3)),
    )
    return signed, honest.key_id


def signed_by_another_key_than_the_entry_names(federation: Federation) -> None:
    signed, key_id = signed_by_another(federation)
    federation.log_statement(signed, key_id=key_id)


def signed_by_another_key_in_the_nodes_name(federation: Federation) -> None:
    signed, key_id = signed_by_another(federation)
    claimed = federation.node_keys["node-a"].key_id
    federation.log_statement(
        read_statement(signed.raw.replace(claimed.encode(), key_id.encode())), key_id=key_id
    )


def of_another_version_than_the_entry_says(federation: Federation) -> None:
    offered = federation.offer("node-a", a_number(3))
    federation.log_statement(federation.state(offered, "suspend"), version=7)


def of_a_withdrawn_listing(federation: Federation) -> None:
    offered = federation.offer("node-a", a_number(3))
    federation.change(offered, "withdraw")
    federation.offer_again(offered)


def with_a_break_in_its_chain(federation: Federation) -> None:
    offered = federation.offer("node-a", a_number(3))
    federation.log_statement(federation.state(offered, "suspend", prev="0" * 64))


def by_a_key_that_the_hub_added_itself(federation: Federation) -> None:
    stranger = SigningKey.from_seed(b"x" * 32)
    hubs_own = SigningKey.from_seed(b"h" * 32)
    federation.hub.append(federation.rotation("node-a", stranger, by=hubs_own).added)


def by_a_node_that_did_not_revoke_it(federation: Federation) -> None:
    change = federation.rotation("node-a", SigningKey.from_seed(b"x" * 32))
    federation.hub.append(change.revoked)


FORGERIES: Final[dict[Callable[[Federation], None], str]] = {
    after_its_key_was_revoked: "the key was revoked before",
    while_its_node_is_suspended: "the node is suspended",
    after_its_node_retired: "the node is retired",
    under_another_nodes_key: "the key is unknown here, or not this node's",
    under_a_key_nobody_enrolled: "the key is unknown here, or not this node's",
    signed_by_another_key_than_the_entry_names: "signed by another key than the entry names",
    signed_by_another_key_in_the_nodes_name: "signature does not verify",
    of_another_version_than_the_entry_says: "the statement says something else",
    of_a_withdrawn_listing: "the listing was withdrawn before",
    with_a_break_in_its_chain: "prev is not the version before",
    by_a_key_that_the_hub_added_itself: "a signature of the key change does not verify",
    by_a_node_that_did_not_revoke_it: "the new key was never added",
}


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_a_statement_that_its_node_did_not_rightly_make_is_found_out(
    forge: Callable[[Federation], None], tmp_path: Path
) -> None:
    federation = Federation()
    federation.enrol("node-a")
    federation.enrol("node-b")
    forge(federation)

    done = verify_log(Liar(federation.hub), tmp_path)

    assert done.returncode == 1
    assert FORGERIES[forge] in done.stderr


def test_a_resumed_node_and_an_added_key_count_again(tmp_path: Path) -> None:
    federation = Federation()
    federation.enrol("node-a")
    hub = federation.hub
    hub.append(NodeSuspended(at=hub.now, node="node-a", reason="key_lost"))
    fresh = SigningKey.from_seed(b"fresh".ljust(32, b"."))
    change = federation.rotation("node-a", fresh)
    hub.append(change.added)
    hub.append(NodeResumed(at=hub.now, node="node-a"))
    hub.append(change.revoked)
    federation.node_keys["node-a"] = fresh
    federation.offer("node-a", a_number(3))

    done = verify_log(Liar(hub), tmp_path)

    assert json.loads(done.stdout)["statements"] == 1
