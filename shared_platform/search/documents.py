"""One listing as one document of the index, made from its row and the statement behind it."""

from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

import orjson
import tantivy

from shared_platform.search.bands import (
    NO_FEE_KNOWN,
    day_number,
    fee_band,
    fixed_part_fen,
    royalty_band,
    starts,
)
from shared_platform.search.fields import (
    BODY,
    BY_FEE,
    BY_PERIOD_END,
    CHARACTERS,
    FIELD,
    HOLDER,
    LISTING,
    NUMBER,
    PAIRS,
    PERIOD_END,
    SCOPE_OUT,
    SCOPE_OUT_ABOVE,
    SERIAL,
    STATE,
    TITLE,
)
from shared_platform.search.segmentation import characters, normalise, pairs, words
from shared_schema.credit_code import region_in
from shared_schema.declaration import Declaration, TechnicalField
from shared_schema.industry import industry_title
from shared_schema.patent_number import kind_of
from shared_schema.region import COUNTRY, lineage, regions
from shared_schema.territory import Territory

NO_END: Final = day_number(date(9999, 12, 31))
_SERIAL_BITS: Final = 32
_SERIALS: Final = 1 << _SERIAL_BITS
_SHORTEST_NUMBER: Final = 4  # digits of a number from which it is found by its beginning
_YUAN: Final = 100
_PROVINCE_DIGITS: Final = 2


@dataclass(frozen=True, slots=True)
class IndexedListing:
    """What the tables hold of a listing; `envelope` is None where its terms are unknown here."""

    listing: UUID
    origin: str
    application_number: str
    state: str
    first_serial: int
    period_end: date | None
    envelope: bytes | None


def sort_key(value: int, serial: int) -> int:
    """A unique key that orders by value, and of equal values the newest listing first."""
    return (value << _SERIAL_BITS) | (_SERIALS - 1 - serial)


def document_of(row: IndexedListing) -> tantivy.Document:
    """The document; it takes the place of any earlier one of the same listing."""
    document = tantivy.Document()
    end = NO_END if row.period_end is None else day_number(row.period_end)
    document.add_text(LISTING, str(row.listing))
    document.add_text(STATE, row.state)
    document.add_text("origin", row.origin)
    document.add_text("kind", kind_of(row.application_number))
    document.add_integer(SERIAL, row.first_serial)
    document.add_integer(PERIOD_END, end)
    document.add_integer(BY_PERIOD_END, sort_key(end, row.first_serial))
    _add_number(document, row.application_number)
    declaration = None if row.envelope is None else _declaration(row.envelope)
    fee = NO_FEE_KNOWN
    if declaration is not None:
        fen = fixed_part_fen(declaration.fee)
        fee = NO_FEE_KNOWN if fen is None else min(fen // _YUAN, NO_FEE_KNOWN)
        _add_texts(document, declaration)
        for name, value in _facets(declaration):
            document.add_text(name, value)
        _add_exclusions(document, declaration.territory)
    document.add_integer(BY_FEE, sort_key(fee, row.first_serial))
    return document


def _declaration(envelope: bytes) -> Declaration:
    """The offer's body; its bytes were proven and read when they were applied."""
    payload = orjson.loads(b64decode(orjson.loads(envelope)["payload"]))
    return Declaration.model_validate(payload["body"], extra="ignore")


def _add_number(document: tantivy.Document, number: str) -> None:
    for length in range(_SHORTEST_NUMBER, len(number) + 1):
        document.add_text(NUMBER, number[:length])


def _add_texts(document: tantivy.Document, declaration: Declaration) -> None:
    title = normalise(declaration.patent.title or "")
    holders = normalise(" ".join(holder.name for holder in declaration.holders))
    field = normalise(_field_text(declaration.technical_field))
    document.add_text(TITLE, " ".join(words(title)))
    document.add_text(HOLDER, " ".join(words(holders)))
    document.add_text(FIELD, " ".join(words(field)))
    document.add_text(BODY, " ".join(words(normalise(declaration.abstract or ""))))
    document.add_text(PAIRS, " ".join([*pairs(title), "\u241f", *pairs(holders)]))
    for character in characters(title + holders):
        document.add_text(CHARACTERS, character)
    published = declaration.patent.publication_number
    if published:
        document.add_text(NUMBER, published.lower())


def _field_text(field: TechnicalField) -> str:
    titles = [industry_title(code) for code in field.industries]
    return " ".join([field.text or "", *field.ipc, *titles])


def _facets(declaration: Declaration) -> Iterator[tuple[str, str]]:
    """Each facet value once; of hierarchies every level, so that each can be counted."""
    field, territory = declaration.technical_field, declaration.territory
    yield "fee_mode", declaration.fee.payment.mode
    yield "fee_band", fee_band(declaration.fee)
    royalty = royalty_band(declaration.fee)
    if royalty:
        yield "royalty_band", royalty
    for start in starts(declaration.fee):
        yield "start", start
    for kind in sorted({holder.kind for holder in declaration.holders}):
        yield "holder_kind", kind
    for region in sorted(_holder_regions(declaration)):
        yield "holder_region", region
    for code in territory.include:
        yield "scope", code
    for code in sorted({part for one in field.industries for part in (one[0], one[:3])}):
        yield "industry", code
    for code in sorted({part for one in field.ipc for part in (one[0], one[:3], one[:4])}):
        yield "ipc", code


def _holder_regions(declaration: Declaration) -> set[str]:
    """Provinces and cities of the holders' credit codes; old codes of no known region add none."""
    found: set[str] = set()
    for holder in declaration.holders:
        code = region_in(holder.credit_code) if holder.credit_code else ""
        if code[:2] in regions():
            found.update(one for one in lineage(code) if one != COUNTRY and not _is_county(one))
    return found


def _is_county(code: str) -> bool:
    return len(code) > _PROVINCE_DIGITS and not code.endswith("00")


def _add_exclusions(document: tantivy.Document, territory: Territory) -> None:
    above: set[str] = set()
    for code in territory.exclude:
        document.add_text(SCOPE_OUT, code)
        above.update(lineage(code))
    for code in sorted(above):
        document.add_text(SCOPE_OUT_ABOVE, code)
