"""The hub's key on disk, its anchor, and which entries go first."""

import stat
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from main_platform.catalogue.hub_key import (
    KEY_FILE,
    HubKeyExists,
    HubKeyMissing,
    anchor_of,
    create_hub_key,
    load_hub_key,
)
from main_platform.catalogue.publish import OPENING, ORDINARY, URGENT, priority_of
from main_platform.settings import HubSettings
from shared_schema.anchor import FederationAnchor
from shared_schema.log_entry import ENTRY_KINDS, read_entry
from shared_schema.signing_key import KeyRefused
from tests.shared_platform.hub_log_peer import Federation, a_number


def test_the_key_is_written_once_for_its_owner_only(tmp_path: Path) -> None:
    key = create_hub_key(tmp_path)
    path = tmp_path / KEY_FILE

    with pytest.raises(HubKeyExists):
        create_hub_key(tmp_path)

    assert load_hub_key(tmp_path).key_id == key.key_id
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_missing_key_is_not_made_by_reading(tmp_path: Path) -> None:
    with pytest.raises(HubKeyMissing):
        load_hub_key(tmp_path)

    assert not list(tmp_path.iterdir())


def test_a_file_that_is_no_key_is_refused(tmp_path: Path) -> None:
    create_hub_key(tmp_path)
    (tmp_path / KEY_FILE).write_bytes(b"not a key")

    with pytest.raises(KeyRefused):
        load_hub_key(tmp_path)


def test_a_key_that_others_can_read_is_warned_of(tmp_path: Path) -> None:
    create_hub_key(tmp_path)
    with capture_logs() as load_quietly:
        load_hub_key(tmp_path)
    (tmp_path / KEY_FILE).chmod(0o640)
    with capture_logs() as load_exposed:
        load_hub_key(tmp_path)

    assert load_quietly == []
    assert [one["event"] for one in load_exposed] == ["hub_key_readable_by_others"]


def test_the_anchor_carries_the_key_under_the_logs_name(tmp_path: Path) -> None:
    key = create_hub_key(tmp_path)
    settings = HubSettings(
        federation="example.gd",
        log_origin="log.hub.example/gd",
        public_base_url="https://hub.example",
    )

    anchor = anchor_of(settings, key)

    assert anchor.log_key().public == key.public
    assert FederationAnchor.read(anchor.write()) == anchor
    assert (anchor.federation, anchor.hub_url) == ("example.gd", "https://hub.example")


def test_every_kind_of_entry_has_its_place_in_the_queue() -> None:
    federation = Federation()
    federation.enrol("gz-centre")
    offered = federation.offer("gz-centre", a_number(1))
    federation.change(offered, "suspend")
    federation.change(offered, "resume")
    federation.change(offered, "withdraw")
    federation.decide(offered)
    federation.erase(offered.versions[0])
    federation.revoke("gz-centre")

    places = {
        entry.kind: priority_of(entry)  # type: ignore[arg-type]
        for entry in map(read_entry, federation.hub.leaves)
    }

    urgent = {"node_enrolled", "key_revoked", "listing_withdrawn", "listing_suspended"}
    ordinary = {"listing_offered", "listing_resumed", "conflict_decided", "object_erased"}
    assert places == (
        {"log_opened": OPENING} | dict.fromkeys(urgent, URGENT) | dict.fromkeys(ordinary, ORDINARY)
    )
    assert set(places) < set(ENTRY_KINDS)
