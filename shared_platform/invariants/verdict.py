"""The verdict on one invariant: what was looked at, how much, and what contradicts it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shared_schema.bilingual import Words

SHOWN: Final = 20
NAMES: Final = {
    "I1": Words("已受理的不丢失", "nothing acknowledged is lost"),
    "I2": Words("没有重复", "no duplicates"),
    "I3": Words("一项决定，两个人，一条审计", "each decision: the right people, one audit row"),
    "I4": Words("未经批准不公开", "nothing is public without an approval that stands"),
    "I5": Words("序号连续，根可重算", "serials are dense, the root recomputes"),
    "I6": Words("副本与主平台一致", "copies have the hub's root"),
    "I7": Words("审计链完整", "the audit chain is unbroken"),
    "I8": Words("发件不重不滞", "nothing is both sent and unsent, nothing is stuck"),
    "I9": Words("每份声明可验签", "every stored statement verifies under its key"),
    "I10": Words("个人信息只在允许之处", "personal data only where it may be"),
    "I11": Words("邮件至少一次", "mail at least once"),
    "I12": Words("派生表等于重建", "derived tables equal a rebuild"),
}


@dataclass(frozen=True, slots=True)
class Breach:
    """One contradiction: a stable code, and which thing it is about; never personal data."""

    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one check.

    `checked` counts rows; `absent` says why there is nothing to check in this version or place.
    """

    invariant: str
    reads: tuple[str, ...]
    checked: int = 0
    breaches: tuple[Breach, ...] = ()
    absent: str | None = None

    @property
    def holds(self) -> bool:
        """Whether nothing contradicts it; also where there was nothing to check."""
        return not self.breaches

    def to_json(self) -> dict[str, Any]:
        """The verdict for programs: all counts, the first breaches."""
        state = "broken" if self.breaches else "holds" if self.absent is None else "not_applicable"
        return {
            "invariant": self.invariant,
            "says": {"zh": NAMES[self.invariant].zh, "en": NAMES[self.invariant].en},
            "reads": list(self.reads),
            "state": state,
            "checked": self.checked,
            "reason": self.absent,
            "breaches": len(self.breaches),
            "first": [{"code": one.code, "detail": one.detail} for one in self.breaches[:SHOWN]],
        }

    def lines(self) -> Iterable[str]:
        """The verdict for people."""
        says = NAMES[self.invariant]
        head = f"{self.invariant:<3} {says.zh} / {says.en}"
        if self.absent is not None:
            yield f"– {head}\n      {self.absent}"
            return
        yield f"{'✔' if self.holds else '✘'} {head}  {self.checked} 行 rows"
        for one in self.breaches[:SHOWN]:
            yield f"      {one.code} {one.detail}".rstrip()
        if len(self.breaches) > SHOWN:
            yield f"      … 另有 and {len(self.breaches) - SHOWN} more（--json）"


def all_hold(verdicts: Sequence[Verdict]) -> bool:
    """Whether no invariant is broken."""
    return all(one.holds for one in verdicts)


def as_text(verdicts: Sequence[Verdict]) -> str:
    """All verdicts, a line each and more for the broken ones."""
    return "\n".join(line for one in verdicts for line in one.lines())
