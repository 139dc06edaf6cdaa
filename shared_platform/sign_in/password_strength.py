"""Which passwords are too easily guessed (NIST SP 800-63B §5.1.1.2): short, common, about oneself.

No rule asks for digits or signs: they make passwords forgotten, not strong.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from shared_schema.bilingual import Words

LEAST: Final = 12
MOST: Final = 128
_LEAST_DIFFERENT: Final = 5
_LEAST_OF_ITS_OWN: Final = 6
_SERVICE: Final = (
    "kaixu",
    "开许",
    "patent",
    "zhuanli",
    "专利",
    "licence",
    "license",
    "xuke",
    "许可",
)
_LIST: Final = Path(__file__).parent / "common_passwords.txt"
_LEET: Final = str.maketrans("01345@$!7", "oleasasit")
_ROWS: Final = (
    "0123456789" * 2,
    "abcdefghijklmnopqrstuvwxyz" * 2,
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
)
_RUN: Final = 4
_ORDINARY_SIGNS: Final = 2

SHORT: Final = Words(
    f"密码至少 {LEAST} 个字符；可以用几个词连成一句",
    f"At least {LEAST} characters; several words in a row are fine",
)
LONG: Final = Words(f"密码最多 {MOST} 个字符", f"At most {MOST} characters")
MONOTONOUS: Final = Words(
    "只有数字，或重复太多，容易被猜中",
    "Only digits, or too much repetition; it is easily guessed",
)
COMMON: Final = Words(
    "这是常见密码或键盘顺序，容易被猜中",
    "It is a common password or a row of keys; it is easily guessed",
)
ABOUT_ONESELF: Final = Words(
    "除账号名、姓名和本系统的名称外，密码几乎没有别的内容",
    "It is little more than your name or the name of this service",
)


def weakness(password: str, *, about: Iterable[str] = ()) -> Words | None:
    """Why the password is refused; None if it is strong enough.

    Args:
        password: as typed; compared after NFKC and case folding.
        about: what others know of the person: account name, display name, address.
    """
    folded = unicodedata.normalize("NFKC", password).casefold()
    if len(folded) < LEAST:
        return SHORT
    if len(folded) > MOST:
        return LONG
    if len(set(folded)) < _LEAST_DIFFERENT or folded.isdigit() or _is_repeated(folded):
        return MONOTONOUS
    spellings = (folded, folded.translate(_LEET))
    if min(_own_part(one, _common()) for one in spellings) < _LEAST_OF_ITS_OWN:
        return COMMON
    known = [*_known_words(about), *_common()]
    return ABOUT_ONESELF if _own_part(folded, known) < _LEAST_OF_ITS_OWN else None


def _is_repeated(text: str) -> bool:
    """Whether it is one short part over and over."""
    return re.fullmatch(r"(.{1,6})\1+.{0,5}", text, re.DOTALL) is not None


def _known_words(about: Iterable[str]) -> list[str]:
    parts = [part for one in about for part in re.split(r"[\s._@-]+", one.casefold())]
    return [*_SERVICE, *(part for part in parts if len(part) > 1)]


def _own_part(text: str, known: Sequence[str]) -> int:
    """How much remains without known words and rows of keys; a sign or two add nothing."""
    for word in sorted(known, key=len, reverse=True):
        text = text.replace(word, " ")
    left = "".join(_without_rows("".join(text.split())))
    signs = {sign for sign in left if not sign.isalnum()}
    return sum(sign.isalnum() for sign in left) + max(0, len(signs) - _ORDINARY_SIGNS)


def _without_rows(text: str) -> Iterable[str]:
    """What is left when runs of four or more neighbouring keys, letters or digits are taken out."""
    place = 0
    while place < len(text):
        run = _run_at(text[place:])
        if run < _RUN:
            yield text[place]
            run = 1
        place += run


def _run_at(text: str) -> int:
    longest = 1
    for row in _ROWS:
        for one in (row, row[::-1]):
            length = longest + 1
            while length <= len(text) and text[:length] in one:
                longest, length = length, length + 1
    return longest


@cache
def _common() -> tuple[str, ...]:
    lines = _LIST.read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))
