"""Each way an entry can be wrong has its own code; a missing statement never stops a withdrawal."""

from dataclasses import replace
from hashlib import sha256
from uuid import UUID

import pytest

from shared_schema.catalogue_fold import fold, prove_claims, read_claims, read_entries
from shared_schema.catalogue_state import ListingHead, ListingState, Terms
from shared_schema.dsse import sign_envelope
from shared_schema.entry_check import Checked, QuarantineCode, check_entry
from shared_schema.key_directory import KeyDirectory
from shared_schema.log_entry import ListingOffered, read_entry
from shared_schema.signing_key import SigningKey
from shared_schema.statement import STATEMENT_TYPE, SignedStatement, read_statement
from tests.shared_platform.hub_log_peer import Federation, Offered, a_number, an_offer_of


def heads_of(federation: Federation) -> tuple[dict[UUID, ListingHead], list[Checked]]:
    """The whole log folded by a reader, and its verdicts."""
    page = federation.hub.page(0, federation.hub.size)
    delivered = [(each.serial, each.leaf, each.object_bytes) for each in page]
    entries, directory = read_entries(delivered, KeyDirectory())
    folded = fold(entries, prove_claims(read_claims(entries, directory)), {})
    return folded.changed, [judged.checked for judged in folded.judged]


def directory_of(federation: Federation) -> KeyDirectory:
    page = federation.hub.page(0, federation.hub.size)
    return read_entries([(each.serial, each.leaf, None) for each in page], KeyDirectory())[1]


def codes(federation: Federation) -> list[str | None]:
    _, verdicts = heads_of(federation)
    return [verdict.quarantine.code if verdict.quarantine else None for verdict in verdicts]


@pytest.fixture
def federation() -> Federation:
    federation = Federation()
    federation.enrol("gz-exchange")
    return federation


@pytest.fixture
def offered(federation: Federation) -> Offered:
    return federation.offer("gz-exchange", a_number(1))


def resigned(signed: SignedStatement, key: SigningKey) -> SignedStatement:
    return read_statement(sign_envelope(signed.payload, STATEMENT_TYPE, key))


def test_a_good_history_has_no_remark(federation: Federation, offered: Offered) -> None:
    federation.change(offered, "suspend")
    federation.change(offered, "resume")
    federation.offer_again(offered)
    federation.change(offered, "withdraw")

    heads, _ = heads_of(federation)

    assert set(codes(federation)) == {None}
    assert heads[offered.listing].version == 5
    assert heads[offered.listing].state == ListingState.WITHDRAWN


def test_a_verified_offer_brings_its_declaration(federation: Federation, offered: Offered) -> None:
    heads, verdicts = heads_of(federation)

    assert heads[offered.listing].terms == Terms(an_offer_of(offered.number))
    assert verdicts[-1].statement == offered.last.raw


def test_an_offer_after_a_tombstone_is_set_aside(federation: Federation, offered: Offered) -> None:
    federation.change(offered, "withdraw")
    federation.offer_again(offered)

    assert codes(federation)[-1] == QuarantineCode.TOMBSTONED


def test_a_version_may_be_skipped_since_not_every_one_is_published(
    federation: Federation, offered: Offered
) -> None:
    signed = federation.state(offered, "withdraw", version=3)
    federation.log_statement(signed)

    assert codes(federation)[-1] is None


def test_a_listing_may_begin_with_the_corrected_version(federation: Federation) -> None:
    strange = Offered("gz-exchange", federation.ids.new_id(), a_number(2))
    signed = federation.state(
        strange, "offer", declaration=an_offer_of(a_number(2)), version=2, prev="a" * 64
    )
    federation.log_statement(signed)

    assert codes(federation)[-1] is None


def test_the_same_version_again_is_a_repetition(federation: Federation, offered: Offered) -> None:
    federation.log_statement(offered.last)

    assert codes(federation)[-1] == QuarantineCode.VERSION_REPEATED


def test_an_older_version_again_is_a_repetition(federation: Federation, offered: Offered) -> None:
    first = offered.last
    federation.offer_again(offered)
    federation.log_statement(first)

    assert codes(federation)[-1] == QuarantineCode.VERSION_REPEATED


def test_the_same_version_with_another_content_is_equivocation(
    federation: Federation, offered: Offered
) -> None:
    body = an_offer_of(offered.number, period={"end": "2027-12-31"})
    federation.log_statement(
        federation.state(offered, "offer", declaration=body, version=1, prev=None)
    )

    assert codes(federation)[-1] == QuarantineCode.EQUIVOCATION


def test_another_previous_hash_breaks_the_chain(federation: Federation, offered: Offered) -> None:
    federation.log_statement(federation.state(offered, "withdraw", prev="b" * 64))

    assert codes(federation)[-1] == QuarantineCode.PREVIOUS_DIFFERS


def test_a_withdrawal_of_nothing_is_set_aside(federation: Federation) -> None:
    strange = Offered("gz-exchange", federation.ids.new_id(), a_number(2))
    federation.log_statement(federation.state(strange, "withdraw"))

    assert codes(federation)[-1] == QuarantineCode.LISTING_UNKNOWN


def test_a_node_cannot_speak_of_another_nodes_listing(
    federation: Federation, offered: Offered
) -> None:
    federation.enrol("thief")
    federation.log_statement(federation.state(replace(offered, node="thief"), "withdraw"))

    assert codes(federation)[-1] == QuarantineCode.LISTING_OF_ANOTHER


def test_a_listing_stays_with_its_patent(federation: Federation, offered: Offered) -> None:
    other = replace(offered, number=a_number(2))
    body = an_offer_of(a_number(2))
    federation.log_statement(federation.state(other, "offer", declaration=body))

    assert codes(federation)[-1] == QuarantineCode.SUBJECT_CHANGED


def test_a_strangers_key_is_not_active(federation: Federation, offered: Offered) -> None:
    stranger = SigningKey.from_seed(b"s" * 32)
    federation.log_statement(resigned(federation.state(offered, "withdraw"), stranger))

    assert codes(federation)[-1] == QuarantineCode.KEY_UNKNOWN


def test_another_nodes_key_is_not_this_nodes(federation: Federation, offered: Offered) -> None:
    federation.enrol("thief")
    signed = federation.state(offered, "withdraw")
    federation.log_statement(resigned(signed, federation.node_keys["thief"]))

    assert codes(federation)[-1] == QuarantineCode.KEY_OF_ANOTHER


def test_a_revoked_key_counts_before_its_revocation_only(
    federation: Federation, offered: Offered
) -> None:
    federation.revoke("gz-exchange")
    federation.change(offered, "withdraw")

    found = codes(federation)

    assert found[2] is None
    assert found[-1] == QuarantineCode.KEY_REVOKED


def test_a_signature_over_other_bytes_is_invalid(federation: Federation, offered: Offered) -> None:
    good = federation.state(offered, "withdraw")
    other = sign_envelope(b"other bytes", STATEMENT_TYPE, federation.node_keys["gz-exchange"])
    forged = good.raw[: good.raw.index(b'"sig"')] + other[other.index(b'"sig"') :]
    federation.log_statement(read_statement(forged))

    assert codes(federation)[-1] == QuarantineCode.SIGNATURE_INVALID


def test_bytes_that_are_no_statement_are_malformed(federation: Federation) -> None:
    federation.offer("gz-exchange", a_number(1))
    raw = sign_envelope(b"{}", STATEMENT_TYPE, federation.node_keys["gz-exchange"])
    entry = read_entry(federation.hub.leaves[-1])
    assert isinstance(entry, ListingOffered)
    claimed = entry.model_copy(update={"object_hash": sha256(raw).hexdigest()})

    checked = check_entry(
        claimed,
        serial=federation.hub.size,
        object_bytes=raw,
        directory=directory_of(federation),
        head=None,
    )

    assert checked.quarantine is not None
    assert checked.quarantine.code == QuarantineCode.STATEMENT_MALFORMED


def test_an_offer_whose_declaration_cannot_be_read_is_malformed(federation: Federation) -> None:
    offered = Offered("gz-exchange", federation.ids.new_id(), a_number(4))
    body = {"patent": {"application_number": a_number(4)}}
    federation.log_statement(federation.state(offered, "offer", body=body))

    heads, verdicts = heads_of(federation)

    assert heads == {}
    assert verdicts[-1].quarantine is not None
    assert verdicts[-1].quarantine.code == QuarantineCode.STATEMENT_MALFORMED
    assert verdicts[-1].quarantine.detail.startswith("/body/")


@pytest.mark.parametrize(
    "changes",
    [
        {"statement_hash": "c" * 64},
        {"version": 7},
        {"application_number": a_number(9)},
        {"prev_statement_hash": "d" * 64},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_an_entry_that_says_something_else_than_its_statement_is_set_aside(
    federation: Federation, offered: Offered, changes: dict[str, object]
) -> None:
    federation.log_statement(federation.state(offered, "withdraw"), **changes)

    assert codes(federation)[-1] == QuarantineCode.STATEMENT_DIFFERS


def test_unreadable_leaves_and_contradicting_keys_are_set_aside(federation: Federation) -> None:
    federation.hub.append_raw(b"\xff not an entry")
    federation.enrol("gz-exchange")

    assert codes(federation)[-2:] == [
        QuarantineCode.ENTRY_MALFORMED,
        QuarantineCode.DIRECTORY_CONFLICT,
    ]


def test_a_missing_statement_hides_the_terms_but_not_the_listing(
    federation: Federation, offered: Offered
) -> None:
    federation.hub.objects.clear()

    heads, _ = heads_of(federation)

    assert codes(federation)[-1] == QuarantineCode.OBJECT_MISSING
    assert heads[offered.listing].terms == Terms()


@pytest.mark.parametrize("body", [None, b"other bytes"], ids=["missing", "swapped"])
def test_a_withdrawal_works_without_its_statement(
    federation: Federation, offered: Offered, body: bytes | None
) -> None:
    federation.change(offered, "withdraw")
    name = offered.last.object_hash
    federation.hub.objects.pop(name)
    if body is not None:
        federation.hub.objects[name] = body

    heads, _ = heads_of(federation)

    assert heads[offered.listing].state == ListingState.WITHDRAWN
    assert codes(federation)[-1] in {"object_missing", "object_mismatch"}


def test_a_statement_with_unknown_critical_members_needs_a_newer_reader(
    federation: Federation,
) -> None:
    offered = Offered("gz-exchange", federation.ids.new_id(), a_number(3))
    body = an_offer_of(a_number(3))
    signed = federation.state(offered, "offer", declaration=body, crit=("moon",), moon="full")
    federation.log_statement(signed)

    heads, _ = heads_of(federation)

    assert codes(federation)[-1] is None
    assert heads[offered.listing].terms == Terms(needs_newer_reader=True)


def test_an_unknown_entry_is_counted_and_changes_nothing(federation: Federation) -> None:
    federation.hub.append_raw(b'{"at":"2026-01-05T01:00:00Z","kind":"moon_phase","v":1}')

    heads, verdicts = heads_of(federation)

    assert heads == {}
    assert len(verdicts) == federation.hub.size
    assert verdicts[-1] == Checked()
