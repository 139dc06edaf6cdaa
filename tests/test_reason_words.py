"""The public pages say every reason that can become public in words."""

import pytest

from main_platform.review.reason_codes import reason_codes
from shared_platform.public_pages.reason_words import REASON_WORDS, reason_words
from subplatform.verification.causes import CauseCode

PUBLIC = {
    "withdraw",
    "suspend",
    "resume",
    "resolve",
    "erase",
}  # verdicts whose codes stand in the log
NODES_OWN = {"holder_wish", "lapse", "transfer", "other"}  # as docs and forms of a node offer them
OF_THE_HUB = {code for code, row in reason_codes().items() if row.verdicts & PUBLIC}


@pytest.mark.parametrize("code", sorted(OF_THE_HUB | NODES_OWN | {one.value for one in CauseCode}))
def test_every_code_that_becomes_public_has_words_in_both_languages(code: str) -> None:
    words = reason_words(code)

    assert code in REASON_WORDS, f"give {code} words in public_pages/reason_words.py"
    assert words.zh not in {"", code}
    assert words.en not in {"", code}


def test_no_words_are_kept_for_codes_that_nobody_uses() -> None:
    used = OF_THE_HUB | NODES_OWN | {one.value for one in CauseCode}

    assert REASON_WORDS.keys() <= used
