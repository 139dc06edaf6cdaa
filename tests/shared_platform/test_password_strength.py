"""Which passwords are refused, and why; and how they are stored."""

import asyncio

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from shared_platform.sign_in import password_hashing
from shared_platform.sign_in.password_hashing import PasswordHashing, TooManySignIns
from shared_platform.sign_in.password_strength import (
    ABOUT_ONESELF,
    COMMON,
    LONG,
    MONOTONOUS,
    SHORT,
    weakness,
)
from shared_schema.bilingual import Words

ABOUT = ("li.na", "李娜", "li.na@gd.example")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", SHORT),
        ("yXk29dfPq0a", SHORT),
        ("x7Q" * 50, LONG),
        ("aaaaaaaaaaaa", MONOTONOUS),
        ("abcabcabcabcab", MONOTONOUS),
        ("398172640581", MONOTONOUS),
        ("password1234", COMMON),
        ("P@ssw0rd2026!", COMMON),
        ("ＰＡＳＳＷＯＲＤ2026", COMMON),
        ("qwertyuiop12", COMMON),
        ("1qaz2wsx3edc", COMMON),
        ("woaini5201314", COMMON),
        ("guangdong123456", COMMON),
        ("li.na-kaixu-2026", ABOUT_ONESELF),
        ("李娜专利开放许可2026年", ABOUT_ONESELF),
    ],
)
def test_a_password_that_is_guessed_early_is_refused(password: str, why: Words) -> None:
    assert weakness(password, about=ABOUT) == why


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "yXk29_dfPq0a",
        "Tr0ub4dor&3zz",
        "我家门前有两棵枣树一棵是枣树",
        "seven copper kettles",
    ],
)
def test_a_password_of_ones_own_is_taken_without_digits_or_signs(password: str) -> None:
    assert weakness(password, about=ABOUT) is None


async def test_a_hash_of_yesterdays_rules_is_renewed_at_sign_in() -> None:
    weak = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8_192, parallelism=1),))
    old = weak.hash("seven copper kettles")

    is_right, renewed = await PasswordHashing().verify("seven copper kettles", old)

    assert is_right
    assert renewed is not None
    assert "m=47104,t=1,p=1" in renewed
    assert await PasswordHashing().verify("seven copper kettles", renewed) == (True, None)


async def test_whoever_nobody_knows_costs_the_same_work() -> None:
    assert "m=47104,t=1,p=1" in password_hashing._NOBODYS
    assert await PasswordHashing().verify("seven copper kettles", None) == (False, None)


async def test_more_sign_ins_than_can_wait_are_told_to_come_back() -> None:
    hashing = PasswordHashing(at_once=1, waiting=2)

    found = await asyncio.gather(
        *(hashing.verify("seven copper kettles", None) for _ in range(4)), return_exceptions=True
    )

    refused = [one for one in found if isinstance(one, TooManySignIns)]
    assert [one for one in found if not isinstance(one, TooManySignIns)] == [(False, None)] * 2
    assert {one.retry_after_s for one in refused} == {5}
