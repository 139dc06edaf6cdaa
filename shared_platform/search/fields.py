"""The index's fields. A change here asks for a new `VERSION`: older indexes are then rebuilt."""

from collections.abc import Callable
from functools import cache
from typing import Final

import tantivy

VERSION: Final = 4

TITLE, HOLDER, FIELD, BODY = "title", "holder", "field", "body"
NUMBER, PAIRS, CHARACTERS = "number", "pairs", "characters"
TEXTS: Final = (TITLE, HOLDER, FIELD, BODY)
BOOSTS: Final = {TITLE: 4.0, HOLDER: 2.0, FIELD: 1.5, BODY: 1.0}

LISTING, STATE = "listing", "state"
TERMS_FACETS: Final = (
    "kind",
    "holder_kind",
    "holder_region",
    "fee_mode",
    "fee_band",
    "royalty_band",
    "start",
    "scope",
    "industry",
    "ipc",
    "origin",
)
"""Facets counted by their values; the period left is counted by ranges of `period_end`, the scope
by whole territories."""

SCOPE: Final = "scope"
SCOPE_OUT, SCOPE_OUT_ABOVE, TERRITORY = "scope_out", "scope_out_above", "territory"
SERIAL, PERIOD_END, BY_PERIOD_END, BY_FEE = "serial", "period_end", "by_period_end", "by_fee"

# The driver's stub lets a schema be built only by chaining, which mypy reads as untyped.
_Builder = tantivy.SchemaBuilder


@cache
def schema() -> tantivy.Schema:
    """Nothing is stored: a hit is the serial its listing first had, and the tables hold the rest.

    `serial` orders by newest and is the key of every hit; `by_…` are unique sort keys, the value
    in the high half, the serial in the low half, so that a page can begin after any listing.
    """
    builder = _Builder()
    for name in TEXTS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field(PAIRS, tokenizer_name="whitespace", index_option="position")
    for name in (NUMBER, CHARACTERS):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="basic")
    for name in (SCOPE_OUT, SCOPE_OUT_ABOVE, LISTING):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_text_field(SCOPE, tokenizer_name="raw", index_option="basic")
    for name in (STATE, TERRITORY, *(name for name in TERMS_FACETS if name != SCOPE)):
        builder.add_text_field(name, tokenizer_name="raw", fast=True, index_option="basic")
    for name in (SERIAL, PERIOD_END, BY_PERIOD_END, BY_FEE):
        builder.add_integer_field(name, indexed=True, fast=True)
    return builder.build()


Adder = Callable[[str, str], None]
