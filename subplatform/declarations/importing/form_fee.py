"""Fees that a platform publishes as the form's blanks in JSON: which blank is which member.

Guangdong prints `{"type":"2","value1":"30","value2":"20000"}`: a lump sum of 20,000 yuan due in 30
days. A blank may hold its own unit (`3万`, `10%`), which goes before the profile's.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared_schema.amount import AmountUnit, parse_fen, parse_percent
from shared_schema.bounded_json import JsonLimits, parse_json
from shared_schema.fee_terms import EntryPlusRoyalty, FeeTerms, Free, LumpSum, Payment, RateRoyalty
from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.refusal import DomainError
from subplatform.declarations.importing.clause_instalments import instalments_of
from subplatform.declarations.importing.clause_refused import (
    ClauseFault,
    ClauseRefused,
    fault_of,
)
from subplatform.declarations.importing.clause_text import Clause, spelled
from subplatform.declarations.importing.fee_clause import read_clause

Blank = Annotated[str, Field(min_length=1, max_length=40)]
_LIMITS: Final = JsonLimits(max_bytes=64 * 1024, max_depth=2, max_nodes=64, max_string=4_000)


class _Mode(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FormFree(_Mode):
    """Nothing is owed."""

    mode: Literal["free"]


class FormEntry(_Mode):
    """Entry fee and a percentage of `base`, which the form prints round the blank."""

    mode: Literal["entry_plus_royalty"]
    entry: Blank
    rate: Blank
    base: Literal["net_sales", "sales", "profit"]
    unit: AmountUnit


class FormLumpSum(_Mode):
    """One sum within so many days."""

    mode: Literal["lump_sum"]
    due_days: Blank
    sum: Blank
    unit: AmountUnit


class FormInstalments(_Mode):
    """The blanks of the instalment clause; `intervals` translates the interval's code."""

    mode: Literal["instalments"]
    first_due_days: Blank
    first: Blank
    interval: Blank
    intervals: Annotated[dict[str, Literal["month", "quarter", "year"]], Field(min_length=1)]
    due_days_before: Blank
    batches: Blank
    each: Blank
    payments: Blank
    total: Blank
    unit: AmountUnit


class FormClause(_Mode):
    """Free words in one blank."""

    mode: Literal["clause"]
    text: Blank


FormMode = Annotated[
    FormFree | FormEntry | FormLumpSum | FormInstalments | FormClause, Field(discriminator="mode")
]


def read_form(text: str, type_member: str, modes: Mapping[str, FormMode]) -> FeeTerms:
    """The terms in a cell of form JSON, or of words where it holds no JSON object.

    Raises:
        ClauseRefused: malformed JSON, an unknown type, a blank left empty, or no definite offer.
    """
    if not text.lstrip().startswith("{"):
        return read_clause(text)
    blanks = _blanks(text)
    mode = modes.get(blanks.get(type_member, ""))
    if mode is None:
        raise ClauseRefused(ClauseFault.UNINTELLIGIBLE, text)
    if isinstance(mode, FormClause):
        return read_clause(blanks.get(mode.text, ""))
    clause = Clause(spelled(text))
    try:
        payment = _payment(_Filled(clause, blanks), mode)
        return FeeTerms(payment=payment, note="；".join(clause.notes) or None)
    except ValidationError as error:
        raise ClauseRefused(ClauseFault.OUT_OF_RANGE, text) from error


def _blanks(text: str) -> dict[str, str]:
    try:
        value = parse_json(text.encode(), _LIMITS)
    except (DomainError, UnicodeEncodeError) as error:
        raise ClauseRefused(ClauseFault.UNINTELLIGIBLE, text) from error
    if not isinstance(value, dict):
        raise ClauseRefused(ClauseFault.UNINTELLIGIBLE, text)
    return {name: filled for name, filled in value.items() if isinstance(filled, str)}


class _Filled:
    """The blanks of one cell; an empty one is a missing amount, never a zero."""

    def __init__(self, clause: Clause, blanks: dict[str, str]) -> None:
        self.clause = clause
        self._blanks = blanks

    def text(self, blank: str) -> str:
        """What the blank holds.

        Raises:
            ClauseRefused: nothing.
        """
        filled = self._blanks.get(blank, "").strip()
        if not filled:
            raise ClauseRefused(ClauseFault.MISSING_AMOUNT, self.clause.text, found=blank)
        return filled

    def fen(self, blank: str, unit: AmountUnit) -> int:
        """The sum in the blank, in `unit` unless it names its own.

        Raises:
            ClauseRefused: no definite sum.
        """
        filled = self.text(blank)
        try:
            return parse_fen(filled, default_unit=unit)
        except IdentifierRefused as error:
            raise ClauseRefused(fault_of(error), self.clause.text, found=filled) from error

    def rate(self, blank: str) -> Decimal:
        """The percentage in the blank.

        Raises:
            ClauseRefused: no definite rate.
        """
        filled = self.text(blank)
        try:
            return parse_percent(filled)
        except IdentifierRefused as error:
            raise ClauseRefused(fault_of(error), self.clause.text, found=filled) from error

    def count(self, blank: str) -> int:
        """The whole number in the blank."""
        return self.clause.integer(spelled(self.text(blank)))


def _payment(
    filled: _Filled, mode: FormFree | FormEntry | FormLumpSum | FormInstalments
) -> Payment:
    if isinstance(mode, FormFree):
        return Free()
    if isinstance(mode, FormLumpSum):
        return LumpSum(
            amount_fen=filled.fen(mode.sum, mode.unit), due_days=filled.count(mode.due_days)
        )
    if isinstance(mode, FormEntry):
        return EntryPlusRoyalty(
            entry_fen=filled.fen(mode.entry, mode.unit),
            royalty=RateRoyalty(base=mode.base, rate_percent=filled.rate(mode.rate)),
        )
    return _instalments(filled, mode)


def _instalments(filled: _Filled, mode: FormInstalments) -> Payment:
    interval = mode.intervals.get(filled.text(mode.interval))
    if interval is None:
        raise ClauseRefused(ClauseFault.MISSING_SCHEDULE, filled.clause.text, found=mode.interval)
    return instalments_of(
        filled.clause,
        first_fen=filled.fen(mode.first, mode.unit),
        each_fen=filled.fen(mode.each, mode.unit),
        batches=filled.count(mode.batches),
        payments=filled.count(mode.payments),
        total_fen=filled.fen(mode.total, mode.unit),
        first_due_days=filled.count(mode.first_due_days),
        due_days_before=filled.count(mode.due_days_before),
        interval=interval,
    )
