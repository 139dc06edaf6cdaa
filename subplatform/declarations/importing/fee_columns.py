"""The fee of one row, read as its profile says: words, the form's JSON, or mode, clause and sum."""

import re
from collections.abc import Sequence
from typing import Final

from shared_schema.amount import parse_fen
from shared_schema.fee_terms import FeeTerms, Free, LumpSum
from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.text import fold
from subplatform.declarations.importing.clause_refused import ClauseFault, fault_of
from subplatform.declarations.importing.clause_text import StatedMode
from subplatform.declarations.importing.fee_clause import ClauseRefused, read_clause
from subplatform.declarations.importing.form_fee import read_form
from subplatform.declarations.importing.profile import (
    BareSum,
    ClauseFee,
    ColumnsFee,
    FeeSection,
    FormFee,
)

_BARE: Final = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?", re.ASCII)
_LABELS: Final = re.compile(r"\s*[,、;]\s*")


def read_fee(cells: dict[str, str], section: FeeSection) -> FeeTerms:
    """The terms that the row's fee columns state.

    Raises:
        ClauseRefused: no definite offer, or columns that contradict each other.
    """
    if isinstance(section, FormFee):
        return read_form(cells[section.column], section.type_member, section.modes)
    if isinstance(section, ColumnsFee):
        return _from_columns(cells, section)
    return _from_clause(cells[section.column], section)


def fee_column(section: FeeSection) -> str:
    """The column to name where the fee is refused."""
    return section.clause_column if isinstance(section, ColumnsFee) else section.column


def _from_clause(text: str, section: ClauseFee) -> FeeTerms:
    if section.bare_sum is None:
        return read_clause(text)
    bare = fold(text)
    if _BARE.fullmatch(bare):
        return _bare(bare, section.bare_sum)
    try:
        return read_clause(text)
    except ClauseRefused as error:
        if error.fault is not ClauseFault.MISSING_MODE:
            raise
    return read_clause(text, mode="lump_sum")


def _bare(text: str, meaning: BareSum) -> FeeTerms:
    sum_fen = _fen(text, meaning.unit)
    if sum_fen == 0 and meaning.zero == "refused":
        raise ClauseRefused(ClauseFault.MISSING_AMOUNT, text)
    if sum_fen == 0:
        return FeeTerms(payment=Free(), note="原表金额为 0，按免费读取")
    note = f"原表未写单位，按{meaning.unit}读取" if meaning.assumed else None
    return FeeTerms(payment=LumpSum(amount_fen=sum_fen), note=note)


def _from_columns(cells: dict[str, str], section: ColumnsFee) -> FeeTerms:
    mode, pay_after_use = _stated(cells[section.mode_column], section)
    sum_fen = None
    if section.sum_column is not None and section.sum_unit is not None:
        sum_fen = _stated_sum(cells[section.sum_column], section, mode)
    return read_clause(
        cells[section.clause_column], mode=mode, pay_after_use=pay_after_use, sum_fen=sum_fen
    )


def _stated_sum(text: str, section: ColumnsFee, mode: StatedMode | None) -> int | None:
    """The sum column in fen; free must say 0, and a lump sum of 0 is neither.

    Raises:
        ClauseRefused: the sum does not agree with the mode, or is no sum.
    """
    if not text.strip():
        return None
    sum_fen = _fen(fold(text), section.sum_unit or "元")
    if mode is not None and (sum_fen == 0) != (mode == "free"):
        raise ClauseRefused(ClauseFault.CONTRADICTION, f"{mode}: {text}")
    return sum_fen


def _stated(text: str, section: ColumnsFee) -> tuple[StatedMode | None, bool]:
    """The mode and the pay-after-use mark in the mode column.

    Raises:
        ClauseRefused: a label that the profile does not know, or two modes.
    """
    labels = [label for label in _LABELS.split(fold(text)) if label]
    unknown = [label for label in labels if label not in section.modes]
    if unknown:
        raise ClauseRefused(ClauseFault.UNINTELLIGIBLE, text, found=unknown[0])
    stated = {section.modes[label] for label in labels}
    modes = [mode for mode in stated if mode not in {"pay_after_use", "other"}]
    if len(modes) > 1:
        raise ClauseRefused(ClauseFault.CONTRADICTION, text)
    return _mode(modes), "pay_after_use" in stated


def _mode(modes: Sequence[str]) -> StatedMode | None:
    known: dict[str, StatedMode] = {
        "free": "free",
        "lump_sum": "lump_sum",
        "instalments": "instalments",
        "entry_plus_royalty": "entry_plus_royalty",
    }
    return known[modes[0]] if modes else None


def _fen(text: str, unit: str) -> int:
    try:
        return parse_fen(text, default_unit="万元" if unit == "万元" else "元")
    except IdentifierRefused as error:
        raise ClauseRefused(fault_of(error), text) from error
