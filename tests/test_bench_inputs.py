"""What measurements feed and say: made-up input that is real to whoever checks it, and verdicts."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree
from python_calamine import CalamineWorkbook

from deploy.bench.__main__ import chosen_measurements
from deploy.bench.figures import Figure, Goal, percent, rate
from deploy.bench.made_catalogue import IN_20TH, IN_HALF, IN_QUARTER, MadeListing, Shelf
from deploy.bench.made_log import NODE, MadeLog
from deploy.bench.made_statements import Maker, application_number
from deploy.bench.measurements import MEASUREMENTS, PEERS
from deploy.bench.minimal_workbook import write_workbook
from deploy.bench.pycsw_peer import peer_row
from deploy.bench.report import number
from shared_platform.harvest.records import DC
from shared_platform.search.documents import read_terms
from shared_schema.anchor import FederationAnchor
from shared_schema.catalogue_fold import fold, prove_claims, read_claims, read_entries
from shared_schema.checkpoint import open_checkpoint
from shared_schema.declaration import Declaration
from shared_schema.key_directory import KeyDirectory
from shared_schema.patent_number import kind_of, parse_application_number
from shared_schema.rules import PROFILES, RuleContext, check_declaration
from shared_schema.signed_note import VerifierKey, format_vkey
from shared_schema.signing_key import SigningKey
from shared_schema.statement import declaration_of, read_statement, verify_statement
from shared_schema.strict_base64 import decode_base64

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
KEY = SigningKey.from_seed(b"n" * 32)


def a_made_log() -> MadeLog:
    hub_key = SigningKey.from_seed(b"h" * 32)
    origin = "log.hub.example/gd"
    anchor = FederationAnchor(
        federation="example.gd",
        hub_url="https://hub.example",
        log_origin=origin,
        log_vkey=format_vkey(VerifierKey(origin, hub_key.public)),
    )
    return MadeLog(anchor, hub_key, KEY, NOW)


@pytest.mark.parametrize("place", [0, 1, 2, 3, 40, 999_999])
def test_made_numbers_are_valid_and_say_their_kind(place: int) -> None:
    made, kind = application_number(place)

    assert parse_application_number(made) == made
    assert kind_of(made) == kind


@pytest.fixture(scope="module")
def shelf() -> list[MadeListing]:
    return list(Shelf(NOW, 10).listings(2_000))


def test_made_listings_hold_what_the_contract_asks_for(shelf: list[MadeListing]) -> None:
    for one in shelf[:50]:
        payload = decode_base64(json.loads(one.envelope)["payload"]) or b""
        declaration = Declaration.model_validate(json.loads(payload)["body"])
        shown = json.loads(bytes(one.columns[-1]))  # type: ignore[call-overload]
        assert (declaration.patent.application_number, declaration.patent.title) == (
            one.number,
            one.title,
        )
        assert shown["title"] == one.title
        assert 1_200 < len(payload) < 1_800


@pytest.mark.parametrize(("word", "share"), [(IN_20TH, 0.05), (IN_QUARTER, 0.27), (IN_HALF, 0.55)])
def test_made_listings_spread_words_as_unevenly_as_said(
    shelf: list[MadeListing], word: str, share: float
) -> None:
    having = sum(word in read_terms(one.envelope).abstract for one in shelf)

    assert having / len(shelf) == pytest.approx(share, abs=0.03)


def test_made_offers_are_signed_differ_and_break_no_rule() -> None:
    made = Maker(NODE, KEY, NOW).offers(7)

    assert len({one.number for one in made}) == len({one.listing for one in made}) == 7
    for one in made:
        declaration = declaration_of(verify_statement(read_statement(one.raw), KEY.public))
        context = RuleContext(today=NOW.date())
        profile = PROFILES["pilot-gd-2022"]
        assert check_declaration(declaration, profile=profile, context=context) == []


def test_readers_accept_every_entry_of_a_made_log() -> None:
    log = a_made_log()
    log.grow(12)

    delivered = [(one.serial, one.leaf, one.object_bytes) for one in log.entries]
    entries, directory = read_entries(delivered, KeyDirectory())
    folded = fold(entries, prove_claims(read_claims(entries, directory)), {})

    assert [one.checked.quarantine for one in folded.judged] == [None] * 12
    assert len(folded.changed) == 10
    anchor = log.anchor
    signed = open_checkpoint(log.note(), origin=anchor.log_origin, log_key=anchor.log_key())
    assert (signed.checkpoint.size, signed.checkpoint.root) == (12, log.range.root())


def test_growing_to_a_size_that_is_reached_changes_nothing() -> None:
    log = a_made_log()
    log.grow(5)

    log.grow(3)

    assert log.size == 5


def test_a_written_workbook_reads_back(tmp_path: Path) -> None:
    rows = [("专利号", "许可地域"), ("201710601862.3", "<全国> & 香港")]

    write_workbook(tmp_path / "list.xlsx", rows)

    sheet = CalamineWorkbook.from_path(tmp_path / "list.xlsx").get_sheet_by_index(0)
    assert [tuple(row) for row in sheet.to_python()] == rows


def test_a_figure_tells_median_and_range_of_its_runs() -> None:
    found = rate("entries", 100, [1.0, 4.0, 2.0])

    assert (found.median, found.low, found.high) == (50.0, 25.0, 100.0)
    assert percent(found, Figure("limit", "/s", (200.0,))) == 25.0


@pytest.mark.parametrize(
    ("reached", "relation", "is_met"),
    [(10.0, "≥", True), (9.9, "≥", False), (10.0, "≤", True), (10.1, "≤", False)],
)
def test_a_goal_is_met_on_its_side(reached: float, relation: str, is_met: bool) -> None:
    goal = Goal("x", reached, "≥" if relation == "≥" else "≤", 10.0)

    assert goal.is_met is is_met


@pytest.mark.parametrize(
    ("value", "shown"), [(1234.5, "1,234"), (99.94, "99.9"), (1.234, "1.23"), (0.05, "0.05")]
)
def test_numbers_show_three_digits(value: float, shown: str) -> None:
    assert number(value) == shown


def test_every_measurement_has_its_own_name() -> None:
    assert len({one.id for one in MEASUREMENTS}) == len(MEASUREMENTS)


def test_the_peer_is_measured_only_when_it_is_asked_for() -> None:
    assert not set(PEERS) & set(chosen_measurements(None, peers=False))
    assert chosen_measurements(None, peers=True) == list(MEASUREMENTS)
    named = [one.id for one in chosen_measurements("b4", peers=True)]
    assert named == ["B4", "peers", "peer-search"]
    assert [one.id for one in chosen_measurements("peers,b4", peers=True)] == ["B4", "peers"]


def test_a_peers_record_is_the_listing_as_we_give_it_out() -> None:
    (made,) = Maker(NODE, KEY, NOW).offers(1)

    page, _, _, xml, anytext, *_ = peer_row(made.raw, "2026-11-22T08:00:00Z")

    record = etree.fromstring(xml)
    assert etree.QName(record).localname == "Record"
    assert page.endswith(str(made.listing))
    assert record.findtext(f"{{{DC}}}identifier") == page
    assert str(record.findtext(f"{{{DC}}}title")) in anytext
