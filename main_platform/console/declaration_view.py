"""A declaration as its readers will see it, item by item, and what differs between two of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pydantic import ValidationError

from main_platform.console.declaration_words import COMMITMENT_WORDS, ITEM_WORDS
from shared_platform.public_pages.listing_view import ListingView, listing_view
from shared_platform.public_pages.markup import local_time
from shared_platform.public_pages.reader import Reader
from shared_platform.search.facet_words import facet_words
from shared_schema.bilingual import Words
from shared_schema.declaration import Declaration, Holder
from shared_schema.declaration_versions import READERS
from shared_schema.instants import Instant, format_instant
from shared_schema.public_listing import NineItems

_NOTHING: Final = "—"
_LIST: Final = Words("；", "; ")


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a declaration in words. `is_public`: the catalogue will show it."""

    name: str
    label: str
    text: str
    is_public: bool


@dataclass(frozen=True, slots=True)
class ComparedItem:
    """An item beside the same one of other declarations, in their order."""

    label: str
    texts: tuple[str, ...]
    differs: bool


def read_body(body: Mapping[str, Any] | None) -> Declaration | None:
    """The declaration of a body; None where it was erased or needs a newer reader."""
    reader = READERS.get(str(body.get("schema", ""))) if body else None
    if body is None or reader is None:
        return None
    try:
        return reader(body)
    except ValidationError:
        return None


def as_published(
    declaration: Declaration, listing: str, reader: Reader, *, now: Instant, today: date
) -> ListingView:
    """The listing exactly as the catalogue's page will print it."""
    nine = NineItems.from_declaration(declaration)
    shown = {
        "listing": listing,
        "number": declaration.patent.application_number,
        "items": nine.model_dump(mode="json"),
        "state": "published",
        "primary": None,
        "reason": None,
        "standing": "primary",
        "needs_newer_reader": False,
        "approved_at": format_instant(now),
    }
    return listing_view(shown, reader, today=today)


def items_of(declaration: Declaration, reader: Reader, *, today: date, now: Instant) -> list[Item]:
    """Every item: first the nine that are public, then what only staff read."""
    seen = as_published(declaration, "", reader, now=now, today=today)
    public = {
        "number": seen.number,
        "title": seen.title,
        "holders": reader.says(_LIST).join(seen.holders),
        "fee": " ".join(part for part in (seen.fee, seen.fee_note) if part),
        "period": seen.period,
        "territory": seen.territory,
        "technical_field": reader.says(_LIST).join(seen.technical_field),
        "contact": seen.contact,
        "report": seen.report,
    }
    private = _private(declaration, reader)
    return [
        Item(name, reader.says(ITEM_WORDS[name]), text or _NOTHING, name in public)
        for name, text in {**public, **private}.items()
    ]


def differences(before: Sequence[Item] | None, after: Sequence[Item]) -> dict[str, str]:
    """What each changed item said before, by name."""
    was = {one.name: one.text for one in before or ()}
    return {
        one.name: was[one.name] for one in after if one.name in was and was[one.name] != one.text
    }


def compared(declared: Sequence[Sequence[Item]]) -> list[ComparedItem]:
    """Declarations side by side, item by item; those that none of them states are left out."""
    return [
        ComparedItem(
            row[0].label,
            tuple(one.text for one in row),
            len({one.text for one in row}) > 1,
        )
        for row in zip(*declared, strict=True)
        if any(one.text != _NOTHING for one in row)
    ]


def _private(declaration: Declaration, reader: Reader) -> dict[str, str]:
    contact, report = declaration.contact, declaration.evaluation_report
    whole = [contact.name, contact.phone, contact.email] if contact else []
    return {
        "kind_stated": reader.says(facet_words("kind", declaration.patent.kind)),
        "grant_date": str(declaration.patent.grant_date or ""),
        "publication_number": declaration.patent.publication_number or "",
        "holders_whole": reader.says(_LIST).join(
            _holder(one, reader) for one in declaration.holders
        ),
        "fee_reason": declaration.fee_reason or "",
        "contact_whole": reader.says(_LIST).join(part for part in whole if part),
        "report_hash": (report.sha256 or "") if report else "",
        "abstract": declaration.abstract or "",
        "commitments": reader.says(_LIST).join(
            f"{reader.says(COMMITMENT_WORDS[one.code])}（{one.text_version}，{one.signer}，"
            f"{local_time(one.signed_at)}）"
            for one in declaration.commitments
        ),
        "profile": declaration.profile,
    }


def _holder(holder: Holder, reader: Reader) -> str:
    facts = [reader.says(facet_words("holder_kind", holder.kind))]
    facts += [holder.credit_code] if holder.credit_code else []
    if holder.share_percent is not None:
        facts.append(f"{holder.share_percent.normalize():f} %")
    consent = ITEM_WORDS["consents" if holder.consents else "consent_not_stated"]
    return f"{holder.name}（{'，'.join([*facts, reader.says(consent)])}）"
