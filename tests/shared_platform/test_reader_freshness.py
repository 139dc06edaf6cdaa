"""`kaixu-verify` tells how old what it has proven is, and fails where that is too old."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared_schema.checkpoint import cosign_checkpoint
from shared_schema.entry_parts import Names, NodeKey, NodeScope
from shared_schema.instants import Instant, SystemClock, format_instant, whole_second
from shared_schema.log_entry import KeyRevoked, NodeEnrolled, NodeRetired
from shared_schema.reader.command import main
from shared_schema.signing_key import SigningKey
from tests.shared_platform.hub_log_peer import ORIGIN, Federation, HubLog, Liar
from tests.shared_platform.served_log import Served, listening

NOW = whole_second(SystemClock().now())
AN_HOUR_AGO = NOW - timedelta(hours=1)
THREE_DAYS_AGO = NOW - timedelta(days=3)


def cosigner_of(node: str) -> SigningKey:
    return SigningKey.from_seed(f"cosigner {node}".encode().ljust(32, b"."))


def a_log(*nodes: str) -> HubLog:
    """A log whose entries are old, with these nodes and their cosigner keys."""
    hub = Federation().hub
    for node in nodes:
        statement = SigningKey.from_seed(f"statement {node}".encode().ljust(32, b"."))
        keys = (
            NodeKey.of(statement.public, use="statement"),
            NodeKey.of(cosigner_of(node).public, use="cosigner"),
        )
        scope = NodeScope(regions=("44",), kinds=("licence-declaration",))
        names = Names(zh="节点", en="Node")
        hub.append(NodeEnrolled(at=hub.now, node=node, names=names, keys=keys, scope=scope))
    return hub


def cosigned(hub: HubLog, **times: Instant) -> bytes:
    """The newest checkpoint with a cosignature of each node at its time."""
    note = hub.note()
    for node, at in times.items():
        note = cosign_checkpoint(note, origin=ORIGIN, node=node, key=cosigner_of(node), at=at)
    return note


class Reader:
    """Somebody with the anchor, who is told JSON."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.out = folder / "catalogue.ndjson"
        self._capsys = capsys

    def verify(self, hub: HubLog, note: bytes, *options: str) -> tuple[int, dict[str, Any]]:
        with listening(Served(Liar(hub, note=lambda _: note)), self.folder) as anchor:
            arguments = ["--anchor", str(anchor), "--json", "--tries", "1", *options]
            status = main([*arguments, "--out", str(self.out)])
        return status, json.loads(self._capsys.readouterr().err)


@pytest.fixture
def reader(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Reader:
    return Reader(tmp_path, capsys)


def test_the_verdict_tells_the_signed_times_and_who_vouches(reader: Reader) -> None:
    hub = a_log("gzc", "szc", "dgc")
    written = hub.now - timedelta(minutes=1)
    note = cosigned(hub, gzc=THREE_DAYS_AGO, szc=AN_HOUR_AGO)

    status, told = reader.verify(hub, note, "--max-age", "2h")

    assert status == 0, told
    assert told["last_entry_at"] == format_instant(written)
    assert told["cosigned_at"] == format_instant(AN_HOUR_AGO)
    assert (told["cosigners"], told["cosigners_known"]) == (2, 3)


@pytest.mark.parametrize("age", ["30m", "59m", "1000s"])
def test_a_frozen_mirror_fails_with_a_status_of_its_own_and_no_catalogue(
    reader: Reader, age: str
) -> None:
    hub = a_log("gzc")
    note = cosigned(hub, gzc=AN_HOUR_AGO)

    status, told = reader.verify(hub, note, "--max-age", age)

    assert (status, told["proven"], told["code"]) == (6, True, "reader.too_old")
    assert told["cosigned_at"] == format_instant(AN_HOUR_AGO)
    assert not reader.out.exists()


def test_without_cosignatures_only_the_last_entry_tells(reader: Reader) -> None:
    hub = a_log("gzc")

    status, told = reader.verify(hub, hub.note())
    too_old, _ = reader.verify(hub, hub.note(), "--max-age", "1h")

    assert (status, told["cosigned_at"], told["cosigners"]) == (0, None, 0)
    assert too_old == 6


def test_a_time_to_come_makes_nothing_fresh(reader: Reader) -> None:
    hub = a_log("gzc")
    note = cosigned(hub, gzc=NOW + timedelta(days=1))

    status, told = reader.verify(hub, note, "--max-age", "24h")

    assert (status, told["code"]) == (6, "reader.too_old")


def test_strangers_revoked_keys_and_retired_nodes_vouch_for_nothing(reader: Reader) -> None:
    hub = a_log("gzc", "szc")
    key_id = cosigner_of("gzc").key_id
    hub.append(KeyRevoked(at=hub.now, node="gzc", key_id=key_id, reason="key_lost"))
    hub.append(NodeRetired(at=hub.now, node="szc", reason="left_network"))
    note = cosigned(hub, gzc=AN_HOUR_AGO, szc=AN_HOUR_AGO, stranger=AN_HOUR_AGO)

    status, told = reader.verify(hub, note)

    assert (status, told["cosigners"], told["cosigners_known"]) == (0, 0, 0)
    assert told["cosigned_at"] is None


def test_a_known_nodes_false_cosignature_is_not_proven(reader: Reader) -> None:
    hub = a_log("gzc", "szc")
    other = cosigned(a_log("gzc"), gzc=AN_HOUR_AGO).decode().splitlines()[-1]

    status, told = reader.verify(hub, hub.note() + f"{other}\n".encode())

    assert (status, told["proven"], told["code"]) == (5, False, "note.signature_invalid")


def test_cosignatures_of_a_size_known_before_are_seen_by_the_next_run(reader: Reader) -> None:
    hub = a_log("gzc")
    state = ("--state", str(reader.folder / "state"))
    reader.verify(hub, hub.note(), *state)

    status, told = reader.verify(hub, cosigned(hub, gzc=AN_HOUR_AGO), "--max-age", "2h", *state)

    assert (status, told["new_entries"], told["cosigners"]) == (0, 0, 1)


@pytest.mark.parametrize("text", ["24", "h", "0h", "-1h", "1w", "1.5h"])
def test_an_age_is_a_number_with_its_unit(text: str) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--anchor", "anchor.json", "--max-age", text])

    assert left.value.code == 2
