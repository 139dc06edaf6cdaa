"""The form of a decision: a verdict, coded reasons, and the words that go with each.

Every code has words of its own, filled in with the office's usual ones; only those of the chosen
codes are sent. So nothing is lost when the form comes back, and nothing needs a script.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, cast

from fastapi import Depends
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, create_model

from main_platform.review.decide import Ruling, Verdict
from main_platform.review.reason_codes import (
    NEEDS_TEXT,
    Reason,
    ReasonCode,
    codes_for,
    reason_texts,
)
from shared_platform.public_pages.reader import Reader
from shared_platform.workspace.forms import Filled, FormView, form_of, fresh
from shared_schema.bilingual import Words
from shared_schema.declaration import Sha256Hex
from shared_schema.text import PlainText

_MOST_REASONS: Final = 20
_MOST_PICKED: Final = 50  # what one page of the queue shows
PICK: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[0-9a-f]{64}")
Pick = Annotated[str, StringConstraints(pattern=f"^{PICK.pattern}$")]
Picked = Annotated[list[Pick], Field(min_length=1, max_length=_MOST_PICKED)]
_TEXT: Final = "text_"
VERDICTS: Final[tuple[Verdict, ...]] = ("approve", "return", "reject")


class ReasonsForm(BaseModel):
    """Coded reasons, each with a field `text_CODE` for its words."""

    model_config = ConfigDict(extra="forbid")

    reasons: Annotated[list[str], Field(max_length=_MOST_REASONS)] = []

    def reasons_given(self) -> tuple[Reason, ...]:
        """The chosen codes with their words."""
        return tuple(Reason(code, getattr(self, _TEXT + code, None)) for code in self.reasons)


class _RulingForm(ReasonsForm):
    verdict: Verdict

    def ruling(self) -> Ruling:
        """The decision; reasons that stand in the other verdict's list are not taken along."""
        if self.verdict == "approve":
            return Ruling("approve")
        usable = {row.code for row in codes_for(self.verdict)}
        return Ruling(
            self.verdict, tuple(one for one in self.reasons_given() if one.code in usable)
        )


class _ReviewForm(_RulingForm):
    statement_hash: Sha256Hex
    step: Literal["first", "second"] = "first"


class _SelectionForm(_RulingForm):
    picked: Picked
    step: Literal["first", "second"] = "first"
    back: str = ""


def with_texts(name: str, model: type[ReasonsForm], *verdicts: str) -> type[ReasonsForm]:
    """The form's model with a field of words for every code of these verdicts."""
    codes = dict.fromkeys(row.code for verdict in verdicts for row in codes_for(verdict))
    texts: dict[str, Any] = {f"{_TEXT}{code}": (PlainText | None, None) for code in codes}
    return create_model(name, __base__=model, **texts)


ReviewForm = cast(type[_ReviewForm], with_texts("ReviewForm", _ReviewForm, "return", "reject"))
SelectionForm = cast(
    type[_SelectionForm], with_texts("SelectionForm", _SelectionForm, "return", "reject")
)
SentDecision = Annotated[Filled[_ReviewForm], Depends(form_of(ReviewForm))]
SentSelection = Annotated[Filled[_SelectionForm], Depends(form_of(SelectionForm))]


@dataclass(frozen=True, slots=True)
class ReasonChoice:
    """A code as a box to tick. `is_suggested`: a finding of the offer names its rule."""

    code: str
    title: str
    rule: str
    verdicts: frozenset[str]
    is_suggested: bool


def reason_choices(
    reader: Reader, *verdicts: str, rules: frozenset[str] = frozenset()
) -> list[ReasonChoice]:
    """The codes that serve one of these verdicts; those that findings suggest come first."""
    rows = {row.code: row for verdict in verdicts for row in codes_for(verdict)}
    choices = [_choice(row, reader, rules) for row in rows.values()]
    return sorted(choices, key=lambda one: (not one.is_suggested, one.code in NEEDS_TEXT))


def fresh_decision(reader: Reader, *, key: str, values: Mapping[str, object]) -> FormView:
    """A form nobody filled in yet, with the usual words of every reason."""
    texts = {f"{_TEXT}{code}": reader.says(words) for code, words in reason_texts().items()}
    return fresh(reader, key=key, values={**texts, **values})


def _choice(row: ReasonCode, reader: Reader, rules: frozenset[str]) -> ReasonChoice:
    title = reader.says(Words(row.zh, row.en))
    return ReasonChoice(row.code, title, row.rule, row.verdicts, row.rule in rules)
