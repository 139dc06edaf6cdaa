"""Register facts: what an adapter may hand over."""

import pytest
from pydantic import ValidationError

from shared_schema.register_facts import RegisterFacts
from tests.shared_schema.offers import a_register


def test_holders_may_be_bare_names_or_names_with_a_credit_code() -> None:
    facts = a_register(holders=["五邑大学", {"name": "某院", "credit_code": "914403001922038216"}])

    assert [holder.name for holder in facts.holders] == ["五邑大学", "某院"]
    assert [holder.credit_code for holder in facts.holders] == [None, "914403001922038216"]


def test_facts_survive_their_json() -> None:
    facts = a_register(
        pledges=[{"pledgee": "某某银行", "since": "2025-01-01"}],
        licences=[{"kind": "sole", "since": "2025-01-01", "until": "2026-01-01"}],
        suspensions=[{"cause": "ownership"}],
        transfers=[{"to": "广州大学", "on": "2026-10-01"}],
        evaluation_report=True,
    )

    assert RegisterFacts.model_validate_json(facts.model_dump_json()) == facts


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "alive"},
        {"annual_fee": "late"},
        {"holders": [3]},
        {"application_number": "2021109782890"},
        {"licences": [{"kind": "open"}]},
        {"rumours": []},
    ],
)
def test_what_the_rules_do_not_know_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        a_register(**changes)
