"""The public listing: exactly the nine items, and contacts nobody can harvest."""

import json
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared_schema.declaration import Contact, Declaration
from shared_schema.extension_items import ExtensionItems
from shared_schema.instants import parse_instant
from shared_schema.public_listing import (
    PROVENANCE_FACTS,
    PUBLIC_FACTS,
    PUBLIC_ITEMS,
    NineItems,
    Provenance,
    Publication,
    PublicListing,
    mask_contact,
)
from shared_schema.rules import PROFILES
from shared_schema.rules import profile as profile_module
from shared_schema.rules.profile import ContactForm
from tests.shared_schema.offers import a_declaration

PUBLICATION = Publication(
    listing=UUID("01933a6e-0000-7000-8000-000000000001"),
    origin="gd-centre",
    version=2,
    state="published",
    serial=41,
    approved_at=parse_instant("2026-11-22T08:00:00Z"),
    provenance=Provenance(statement_hash="ab" * 32, object_hash="cd" * 32, key_id="key"),
)
FULL = {
    "holders": [{"name": "五邑大学", "credit_code": "914403001922038216", "share_percent": "50"}],
    "fee_reason": "评估价",
    "abstract": "一种方法",
    "technical_field": {"text": "语音处理"},
    "evaluation_report": {"kind": "consulting", "number": "R-1"},
    "contact": {"name": "张三", "phone": "13812345678", "email": "zhang.san@example.cn"},
}


def test_exactly_the_nine_items_are_public() -> None:
    items = json.loads(NineItems.from_declaration(a_declaration(**FULL)).model_dump_json())

    assert list(items) == [
        "number",
        "holders",
        "title",
        "fee",
        "period",
        "technical_field",
        "territory",
        "contact",
        "evaluation_report",
    ]
    assert items["holders"] == ["五邑大学"]
    assert list(items["period"]) == ["start", "end"]
    assert list(items["technical_field"]) == ["ipc", "industries", "text"]
    assert list(items["territory"]) == ["include", "exclude"]
    assert list(items["contact"]) == ["name", "phone", "email"]
    assert list(items["evaluation_report"]) == ["kind", "number", "issued_on", "sha256"]
    assert list(items["fee"]) == ["payment", "free_period", "pay_after_use", "currency", "note"]


def test_around_the_items_stand_only_the_facts_of_publication() -> None:
    listing = PublicListing.from_declaration(a_declaration(**FULL), PUBLICATION)

    shown = json.loads(listing.model_dump_json(by_alias=True))

    assert set(shown) == {
        "schema",
        "listing",
        "origin",
        "version",
        "state",
        "serial",
        "approved_at",
        "provenance",
        "items",
    }
    assert set(shown["provenance"]) == {"statement_hash", "object_hash", "key_id"}
    assert shown["approved_at"] == "2026-11-22T08:00:00Z"
    assert PublicListing.model_validate(shown) == listing


def test_nothing_private_leaks_into_a_listing() -> None:
    listing = PublicListing.from_declaration(a_declaration(**FULL), PUBLICATION)

    text = listing.model_dump_json()

    for private in ("914403001922038216", "share_percent", "评估价", "signer", "13812345678"):
        assert private not in text
    assert "zhang.san" not in text


def test_a_member_more_is_refused() -> None:
    shown = json.loads(NineItems.from_declaration(a_declaration()).model_dump_json())

    with pytest.raises(ValidationError):
        NineItems.model_validate(shown | {"abstract": "一种方法"})


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_every_profile_there_is_masks_the_contact(profile: str) -> None:
    shown = NineItems.from_declaration(a_declaration(**FULL, profile=profile)).contact

    assert shown is not None
    assert (shown.name, shown.phone) == ("张*", "138****5678")


def test_the_profile_says_how_anybody_sees_the_contact(monkeypatch: pytest.MonkeyPatch) -> None:
    forms: dict[ContactForm, str] = {"masked": "张*", "hidden": "", "full": "张三"}
    strict = PROFILES["statutory-2024"]
    ours = {f"gd-{form}": replace(strict, id=f"gd-{form}", contact=form) for form in forms}
    monkeypatch.setattr(profile_module, "PROFILES", ours)

    for form, name in forms.items():
        shown = NineItems.from_declaration(a_declaration(**FULL, profile=f"gd-{form}")).contact
        assert (shown.name if shown else "") == name


def test_under_a_profile_nobody_here_knows_the_contact_is_masked() -> None:
    shown = NineItems.from_declaration(a_declaration(**FULL, profile="gd-2031")).contact

    assert shown is not None
    assert shown.name == "张*"


def test_the_declared_lists_are_what_the_models_give() -> None:
    facts = {*PUBLIC_FACTS} - {"number", "standing", "primary", "reason", "needs_newer_reader"}
    listing = PublicListing.model_json_schema(by_alias=True)["properties"]

    assert tuple(NineItems.model_fields) == PUBLIC_ITEMS
    assert tuple(Provenance.model_fields) == PROVENANCE_FACTS
    assert set(listing) - {"items", "provenance"} == facts


def test_a_full_contact_is_given_only_when_asked_for() -> None:
    declaration = a_declaration(**FULL)

    masked = NineItems.from_declaration(declaration).contact
    whole = NineItems.from_declaration(declaration, contact="full").contact

    assert masked is not None
    assert (masked.name, masked.phone, masked.email) == ("张*", "138****5678", "z***@example.cn")
    assert whole is not None
    assert (whole.name, whole.phone) == ("张三", "13812345678")
    assert NineItems.from_declaration(a_declaration(contact=None)).contact is None


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13812345678", "138****5678"),
        ("+86 138-1234-5678", "138****5678"),
        ("0086 13812345678", "138****5678"),
        ("020-38351234", "020****1234"),
        ("38351234", "****34"),
        ("10086", "****"),
    ],
)
def test_a_phone_number_keeps_at_least_four_digits_to_itself(phone: str, masked: str) -> None:
    assert mask_contact(Contact(name="欧阳修", phone=phone)).phone == masked


def test_a_contact_without_ways_stays_without() -> None:
    shown = mask_contact(Contact(name="欧阳修"))

    assert (shown.name, shown.phone, shown.email) == ("欧*", None, None)


@given(digits=st.from_regex(r"[0-9]{5,15}", fullmatch=True))
def test_no_mask_gives_the_number_back(digits: str) -> None:
    masked = mask_contact(Contact(name="张三", phone=digits)).phone or ""

    assert len(digits) - sum(character.isdigit() for character in masked) >= 4
    assert digits not in masked


def test_extension_items_stay_at_the_node() -> None:
    items = ExtensionItems(rd_team="语音实验室", extensions={"gd-centre:trl": "六级"})

    assert not set(ExtensionItems.model_fields) & set(Declaration.model_fields)
    assert ExtensionItems.model_validate_json(items.model_dump_json()) == items
    with pytest.raises(ValidationError):
        Declaration.model_validate(json.loads(a_declaration().model_dump_json()) | {"rd_team": "x"})


@pytest.mark.parametrize("key", ["trl", "GD:trl", "gd-centre:", ":trl", "gd centre:trl", "a:b:c"])
def test_an_extension_key_names_its_node(key: str) -> None:
    with pytest.raises(ValidationError):
        ExtensionItems(extensions={key: "六级"})
