"""The table itself: each attack once, with a refusal of its own; and the page that shows it."""

from collections import Counter

import pytest

from shared_schema.refusal import DomainError
from tests.attacks.attack import Attack
from tests.attacks.proof_attacks import PROOF_ATTACKS, TILE_ATTACKS, Check
from tests.attacks.table import ALL_ATTACKS
from tests.attacks.write_page import PAGE, page


def test_every_attack_of_a_family_has_a_name_and_a_code_of_its_own() -> None:
    names = Counter((attack.family, attack.name) for attack in ALL_ATTACKS)
    codes = Counter((attack.family, attack.code) for attack in ALL_ATTACKS)

    assert {name for name, times in names.items() if times > 1} == set()
    assert {code for code, times in codes.items() if times > 1} == set()
    assert all(attack.ways for attack in ALL_ATTACKS)


def test_there_are_more_attacks_with_different_answers_than_the_plan_asks_for() -> None:
    answers = {(attack.problem, attack.code) for attack in ALL_ATTACKS}

    assert len(answers) >= 120


@pytest.mark.parametrize(
    "attack", [*PROOF_ATTACKS, *TILE_ATTACKS], ids=lambda attack: f"{attack.family} {attack.name}"
)
def test_a_forged_proof_or_tile_is_refused_by_its_own_code(attack: Attack[Check]) -> None:
    for way, check in attack.ways.items():
        with pytest.raises(DomainError) as refused:
            check()

        assert attack.is_met_by(refused.value), (way, refused.value.errors)


def test_the_page_shows_the_table_as_it_is() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.attacks.write_page"
