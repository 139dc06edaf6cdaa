"""Fee terms: a closed set of modes, exact amounts, and nothing that is not a number."""

import json
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from shared_schema.fee_terms import FeeTerms, Other

LUMP = {"mode": "lump_sum", "amount_fen": 1}
ROYALTY = {"base": "net_sales", "rate_percent": "5"}


@pytest.mark.parametrize(
    "payment",
    [
        {"mode": "equity", "percent": "5"},
        {"mode": "lump_sum"},
        LUMP | {"amount_fen": -1},
        LUMP | {"amount_fen": 10**15 + 1},
        LUMP | {"amount_fen": 0.5},
        LUMP | {"amount_fen": float("nan")},
        LUMP | {"due_days": 3651},
        LUMP | {"extra": 1},
        {"mode": "royalty", "royalty": ROYALTY | {"rate_percent": "100.000001"}},
        {"mode": "royalty", "royalty": ROYALTY | {"rate_percent": "-1"}},
        {"mode": "royalty", "royalty": ROYALTY | {"rate_percent": "5.0000001"}},
        {"mode": "royalty", "royalty": ROYALTY | {"rate_percent": "NaN"}},
        {"mode": "royalty", "royalty": ROYALTY | {"base": "turnover"}},
        {"mode": "royalty", "royalty": {"base": "per_unit", "unit": "", "amount_fen": 1}},
        {"mode": "stepped", "steps": []},
        {"mode": "stepped", "steps": [{"year": 0, "amount_fen": 1}]},
        {"mode": "annual_fixed", "amount_fen": 1, "years": 21},
        {"mode": "other", "text": ""},
    ],
)
def test_what_is_not_a_definite_payment_is_refused(payment: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        FeeTerms.model_validate({"payment": payment})


@pytest.mark.parametrize(
    "modifiers",
    [
        {"free_period": {"months": 0}},
        {"pay_after_use": {"trial_months": 241}},
        {"currency": "USD"},
        {"note": ""},
    ],
)
def test_modifiers_have_their_bounds(modifiers: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        FeeTerms.model_validate({"payment": {"mode": "free"}} | modifiers)


def test_a_rate_travels_as_text_and_stays_exact() -> None:
    terms = FeeTerms.model_validate({"payment": {"mode": "royalty", "royalty": ROYALTY}})

    shown = json.loads(terms.model_dump_json())

    assert shown["payment"]["royalty"]["rate_percent"] == "5"
    assert FeeTerms.model_validate(shown) == terms
    assert Decimal(shown["payment"]["royalty"]["rate_percent"]) == 5


def test_a_draft_may_say_negotiable_and_know_no_maximum() -> None:
    terms = FeeTerms.model_validate({"payment": {"mode": "other", "text": "价格面议"}})

    assert isinstance(terms.payment, Other)
    assert terms.payment.maximum_fen is None
