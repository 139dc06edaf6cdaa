"""docs/wire-contract.md describes every kind of inbox message that a hub sends or a node reads."""

import re
from pathlib import Path
from typing import Final

from main_platform.catalogue.tables import ERASURE
from main_platform.catalogue.tell_origin import ENTRY_DISCARDED, ENTRY_HELD
from main_platform.cosigning.forks import LOG_FORK
from main_platform.intake.equivocation import EQUIVOCATION
from main_platform.review.decide import DECISION
from main_platform.review.lane import RECORDED
from main_platform.review.sequenced import CONFLICT_DECIDED, SEQUENCED
from main_platform.review.withdraw import WITHDRAWN

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = (ROOT / "docs" / "wire-contract.md").read_text(encoding="utf-8")
INBOX: Final = PAGE.partition("## Inbox")[2].partition("\n## ")[0]
SENT: Final = {
    EQUIVOCATION,
    DECISION,
    ERASURE,
    LOG_FORK,
    RECORDED,
    CONFLICT_DECIDED,
    SEQUENCED,
    WITHDRAWN,
    ENTRY_HELD,
    ENTRY_DISCARDED,
}


def test_the_kinds_described_are_those_that_are_sent() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", INBOX, re.MULTILINE)) == SENT


def test_no_other_module_sends_messages() -> None:
    senders = {
        path.stem
        for path in (ROOT / "main_platform").rglob("*.py")
        if re.search(r"\bMessage\($", path.read_text(encoding="utf-8"), re.MULTILINE)
        or re.search(r"return (\[)?Message\(", path.read_text(encoding="utf-8"))
    }

    assert senders <= {"confirm", "equivocation", "decide", "lane", "sequenced", "withdraw"}
