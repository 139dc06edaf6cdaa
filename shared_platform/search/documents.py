"""One listing as one document of the index, made from its row and the statement behind it."""

from base64 import b64decode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple
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
from shared_platform.search.counting import territory_key
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
    SCOPE,
    SCOPE_OUT,
    SCOPE_OUT_ABOVE,
    SERIAL,
    STATE,
    TERRITORY,
    TITLE,
)
from shared_platform.search.segmentation import characters, normalise_all, pairs, terms
from shared_platform.search.typed_numbers import publication_terms
from shared_schema.credit_code import region_in
from shared_schema.fee_terms import FeeTerms
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


@dataclass(frozen=True, slots=True)
class IndexedTerms:
    """What the index wants of a declaration.

    The bytes were proven and judged by the whole contract when they were applied; to judge each
    number and name again would take longer than cutting the words.

    Attributes:
        title: empty where none was given, as with the other texts.
        credit_codes: of the holders who gave one.
    """

    title: str
    publication_number: str
    holders: tuple[str, ...]
    holder_kinds: frozenset[str]
    credit_codes: tuple[str, ...]
    fee: FeeTerms
    territory: Territory
    ipc: tuple[str, ...]
    industries: tuple[str, ...]
    field_text: str
    abstract: str


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
    terms = None if row.envelope is None else read_terms(row.envelope)
    fee = NO_FEE_KNOWN
    if terms is not None:
        fen = fixed_part_fen(terms.fee)
        fee = NO_FEE_KNOWN if fen is None else min(fen // _YUAN, NO_FEE_KNOWN)
        for name, text in zip(CUT_FIELDS, cut_texts(terms), strict=True):
            document.add_text(name, text)
        if terms.publication_number:
            document.add_text(NUMBER, " ".join(publication_terms(terms.publication_number)))
        for name, value in _facets(terms):
            document.add_text(name, value)
        _add_exclusions(document, terms.territory)
    document.add_integer(BY_FEE, sort_key(fee, row.first_serial))
    return document


def read_terms(envelope: bytes) -> IndexedTerms:
    """The offer's terms in the statement that made it."""
    body = orjson.loads(b64decode(orjson.loads(envelope)["payload"]))["body"]
    patent, holders = body["patent"], body["holders"]
    field = body.get("technical_field") or {}
    return IndexedTerms(
        title=patent.get("title") or "",
        publication_number=patent.get("publication_number") or "",
        holders=tuple(one["name"] for one in holders),
        holder_kinds=frozenset(one["kind"] for one in holders),
        credit_codes=tuple(one["credit_code"] for one in holders if one.get("credit_code")),
        fee=_fee(orjson.dumps(body["fee"])),
        territory=_territory(orjson.dumps(body["territory"])),
        ipc=tuple(field.get("ipc", ())),
        industries=tuple(field.get("industries", ())),
        field_text=field.get("text") or "",
        abstract=body.get("abstract") or "",
    )


@lru_cache(maxsize=1_024)
def _fee(raw: bytes) -> FeeTerms:
    """Many offers ask for the same."""
    return FeeTerms.model_validate_json(raw, extra="ignore")


@lru_cache(maxsize=1_024)
def _territory(raw: bytes) -> Territory:
    return Territory.model_validate_json(raw, extra="ignore")


def _add_number(document: tantivy.Document, number: str) -> None:
    lengths = range(_SHORTEST_NUMBER, len(number) + 1)
    document.add_text(NUMBER, " ".join([number[:length] for length in lengths]))


class CutTexts(NamedTuple):
    """The texts of an offer as terms, parted by spaces, in the order of `CUT_FIELDS`."""

    title: str
    holder: str
    field: str
    body: str
    pairs: str
    characters: str


CUT_FIELDS: Final = (TITLE, HOLDER, FIELD, BODY, PAIRS, CHARACTERS)


def cut_texts(offered: IndexedTerms) -> CutTexts:
    """All the cutting that a listing needs."""
    title, holders, field, body = normalise_all(
        (offered.title, " ".join(offered.holders), _field_text(offered), offered.abstract)
    )
    return CutTexts(
        title=" ".join(terms(title)),
        holder=" ".join(terms(holders)),
        field=" ".join(terms(field)),
        body=" ".join(terms(body)),
        pairs=" ".join([*pairs(title), "\u241f", *pairs(holders)]),
        characters=" ".join(characters(title + holders)),
    )


def _field_text(terms: IndexedTerms) -> str:
    titles = [industry_title(code) for code in terms.industries]
    return " ".join([terms.field_text, *terms.ipc, *titles])


def _facets(terms: IndexedTerms) -> Iterator[tuple[str, str]]:
    """Each facet value once; of hierarchies every level, so that each can be counted."""
    yield "fee_mode", terms.fee.payment.mode
    yield "fee_band", fee_band(terms.fee)
    royalty = royalty_band(terms.fee)
    if royalty:
        yield "royalty_band", royalty
    for start in starts(terms.fee):
        yield "start", start
    for kind in sorted(terms.holder_kinds):
        yield "holder_kind", kind
    for region in sorted(_holder_regions(terms.credit_codes)):
        yield "holder_region", region
    yield TERRITORY, territory_key(terms.territory)
    for code in terms.territory.include:
        yield SCOPE, code
    for code in sorted({part for one in terms.industries for part in (one[0], one[:3])}):
        yield "industry", code
    for code in sorted({part for one in terms.ipc for part in (one[0], one[:3], one[:4])}):
        yield "ipc", code


def _holder_regions(credit_codes: Iterable[str]) -> set[str]:
    """Provinces and cities of the holders' credit codes; old codes of no known region add none."""
    found: set[str] = set()
    for code in map(region_in, credit_codes):
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
