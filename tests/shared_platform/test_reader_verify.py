"""`kaixu-verify`: everything proven or refused with its reason, from the anchor alone."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from shared_platform.catalogue.tables import catalogue_listing
from shared_platform.database.engine import Database
from shared_schema.log_entry import ObjectErased
from shared_schema.log_page import PageEntry
from shared_schema.signing_key import SigningKey
from shared_schema.statement import sign_statement
from tests.shared_platform.catalogue_copies import follow, make_tables
from tests.shared_platform.hub_log_peer import Federation, Liar, a_number
from tests.shared_platform.reader_places import Reader
from tests.shared_platform.served_log import (
    Served,
    a_life,
)

Page = list[PageEntry]


@pytest.fixture
def reader(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Reader:
    return Reader(tmp_path, capsys)


def test_an_honest_log_is_proven_and_its_facts_are_told(reader: Reader) -> None:
    hub = a_life().hub

    status, told = reader.verify(Served(Liar(hub)))

    assert status == 0, told
    assert (told["size"], told["root"]) == (hub.size, hub.range.root().hex())
    assert (told["listings"], told["new_entries"], told["set_aside"]) == (3, hub.size, [])


async def test_the_catalogue_is_the_one_that_every_copy_has(
    reader: Reader, empty_database: Database
) -> None:
    await make_tables(empty_database)
    hub = a_life().hub
    await follow(empty_database, hub)

    lines = reader.lines(Served(Liar(hub)))

    async with empty_database.sessions() as session:
        columns = catalogue_listing.c
        rows = (
            await session.execute(select(catalogue_listing).order_by(columns.first_serial))
        ).all()
    assert len(rows) == 3
    for line, row in zip(lines, rows, strict=True):
        facts = orjson.loads(row.facts_json)
        assert line["listing"] == facts["listing"]
        assert (line["state"], line["standing"]) == (row.state, row.standing)
        assert (line["primary"], line["reason"]) == (facts["primary"], facts["reason"])
        assert line["items"] == (orjson.loads(row.items_json) if row.items_json else None)
        assert facts["provenance"].items() <= line["provenance"].items()
        assert line["provenance"]["serial"] == row.serial


def test_a_line_has_the_nine_items_the_terms_as_signed_and_no_contact_in_full(
    reader: Reader,
) -> None:
    federation = Federation()
    federation.offer(federation.enrol("gz-exchange"), a_number(1))

    (line,) = reader.lines(Served(Liar(federation.hub)))

    assert set(line["items"]) == {
        *("number", "holders", "title", "fee", "period"),
        *("technical_field", "territory", "contact", "evaluation_report"),
    }
    assert line["terms"]["fee"]["payment"]["amount_fen"] == 3_000_000
    assert "13812345678" not in json.dumps(line)


def test_an_offer_past_its_last_day_is_expired(reader: Reader) -> None:
    federation = Federation()
    federation.offer(federation.enrol("gz-exchange"), a_number(1))

    (line,) = reader.lines(Served(Liar(federation.hub)), "--today", "2029-01-01")

    assert line["state"] == "expired"


def changed_leaf(page: Page) -> Page:
    return [
        replace(entry, leaf=entry.leaf.replace(b"44", b"45")) if entry.serial == 1 else entry
        for entry in page
    ]


def swapped(page: Page) -> Page:
    if len(page) < 5:
        return page
    third, fourth = page[3], page[4]
    crossed = [replace(fourth, serial=third.serial), replace(third, serial=fourth.serial)]
    return [*page[:3], *crossed, *page[5:]]


@pytest.mark.parametrize(
    ("lie", "code", "serial"),
    [
        pytest.param({"page": changed_leaf}, "sync.page_root", 1, id="changed"),
        pytest.param({"page": swapped}, "sync.page_root", 3, id="swapped"),
        pytest.param({"page": lambda page: page[1:]}, "page.serial", None, id="left-out"),
        pytest.param({"page": lambda _: []}, "sync.page_missing", None, id="withheld"),
        pytest.param({"body": lambda _: b"<html>"}, "page.json", None, id="no-page"),
        pytest.param({"body": lambda raw: raw[:-9]}, "page.json", None, id="cut"),
        pytest.param(
            {"note": lambda hub: hub.note(key=SigningKey.from_seed(b"x" * 32))},
            "note.no_known_signature",
            None,
            id="another-key",
        ),
        pytest.param({"note": lambda _: b"nothing"}, "note.form", None, id="no-note"),
    ],
)
def test_a_lie_is_not_proven_and_its_place_is_told(
    lie: dict[str, Any], code: str, serial: int | None, reader: Reader, tmp_path: Path
) -> None:
    out = tmp_path / "catalogue.ndjson"

    status, told = reader.verify(Served(Liar(a_life().hub, **lie)), "--out", str(out))

    assert (status, told["proven"], told["code"], told["serial"]) == (5, False, code, serial)
    assert told["zh"] != told["en"]
    assert not out.exists()
    if serial is not None:
        assert told["expected"] != told["found"]


def forged(federation: Federation) -> int:
    """An entry whose statement was signed with a key that is not the node's."""
    offered = federation.offer("gz-exchange", a_number(7))
    honest = federation.state(offered, "withdraw")
    thief = SigningKey.from_seed(b"thief".ljust(32, b"."))
    signed = sign_statement(honest.statement, thief)
    key_id = federation.node_keys["gz-exchange"].key_id
    return federation.log_statement(signed, key_id=key_id)


def test_an_entry_that_proves_nothing_is_set_aside_and_listed(reader: Reader) -> None:
    federation = Federation()
    federation.enrol("gz-exchange")
    serial = forged(federation)

    status, told = reader.verify(Served(Liar(federation.hub)))

    assert status == 4
    assert [(each["serial"], each["code"]) for each in told["set_aside"]] == [
        (serial, "signature_invalid")
    ]


def test_a_statement_that_is_not_delivered_is_listed_and_its_listing_shown_bare(
    reader: Reader,
) -> None:
    federation = Federation()
    offered = federation.offer(federation.enrol("gz-exchange"), a_number(1))
    del federation.hub.objects[offered.last.object_hash]
    served = Served(Liar(federation.hub))

    status, told = reader.verify(served)
    (line,) = reader.lines(served)

    assert (status, told["set_aside"][0]["code"]) == (4, "object_missing")
    assert (line["state"], line["items"]) == ("published", None)


def test_the_next_run_fetches_only_the_growth(reader: Reader, tmp_path: Path) -> None:
    federation = Federation()
    node = federation.enrol("gz-exchange")
    for serial in range(20):
        federation.offer(node, a_number(serial))
    state = str(tmp_path / "state")
    reader.verify(Served(Liar(federation.hub)), "--state", state)
    federation.offer(node, a_number(100))
    served = Served(Liar(federation.hub))

    status, told = reader.verify(served, "--state", state)

    assert (status, told["new_entries"], told["listings"]) == (0, 1, 21)
    assert served.asked == ["/log/checkpoint", f"/log/entries?from={22}&limit=1&bodies=1"]
    assert reader.lines(served, "--state", state) == reader.lines(served)


def test_a_log_that_went_back_or_was_rewritten_is_refused_by_whoever_kept_the_state(
    reader: Reader, tmp_path: Path
) -> None:
    state = str(tmp_path / "state")
    reader.verify(Served(Liar(a_life().hub)), "--state", state)
    shorter = Liar(a_life().hub, note=lambda hub: hub.note(5))
    other = Federation()
    for number in range(a_life().hub.size - 2):
        other.offer("node-a" if number else other.enrol("node-a"), a_number(number))

    back = reader.verify(Served(shorter), "--state", state)
    rewritten = reader.verify(Served(Liar(other.hub)), "--state", state)

    assert (back[0], back[1]["code"], back[1]["found"]) == (5, "sync.rollback", "size 5")
    assert (rewritten[0], rewritten[1]["code"]) == (5, "sync.fork")


def test_a_log_that_grew_from_another_past_is_refused(reader: Reader, tmp_path: Path) -> None:
    state = str(tmp_path / "state")
    reader.verify(Served(Liar(a_life().hub)), "--state", state)
    other = Federation()
    for number in range(a_life().hub.size + 9):
        other.offer("node-a" if number else other.enrol("node-a"), a_number(number))

    status, told = reader.verify(Served(Liar(other.hub)), "--state", state)

    assert (status, told["code"]) == (5, "sync.page_root")


def test_an_erasure_between_two_runs_leaves_what_a_fresh_reader_has(
    reader: Reader, tmp_path: Path
) -> None:
    federation = Federation()
    federation.enrol("gz-exchange")
    serial = forged(federation)
    state = str(tmp_path / "state")
    reader.verify(Served(Liar(federation.hub)), "--state", state)
    name = federation.hub.named[serial]
    assert name is not None
    del federation.hub.objects[name]
    federation.hub.append(
        ObjectErased(at=federation.hub.now, object_hash=name, reason="personal_data")
    )
    served = Served(Liar(federation.hub))

    resumed = reader.lines(served, "--state", state)

    assert resumed == reader.lines(served)
    assert reader.verify(served, "--state", state)[0] == 0


def test_what_was_kept_verifies_again_without_a_network(reader: Reader, tmp_path: Path) -> None:
    hub = a_life().hub
    kept = str(tmp_path / "kept")
    online = reader.lines(Served(Liar(hub)), "--keep", kept)
    anchor = tmp_path / "anchor.json"
    out = tmp_path / "offline.ndjson"

    status, told = reader.run(
        anchor, "--from-dir", kept, "--out", str(out), "--today", "2026-01-06"
    )

    assert (status, told["size"]) == (0, hub.size)
    assert [json.loads(line) for line in out.read_bytes().splitlines()] == online
