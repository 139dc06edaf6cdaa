"""Write the table of docs/attacks.md: `python -m tests.attacks.write_page`."""

from pathlib import Path
from typing import Any, Final

from tests.attacks.attack import Attack, Family
from tests.attacks.table import ALL_ATTACKS

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "attacks.md"
MARK: Final = "<!-- the table: python -m tests.attacks.write_page -->\n"
WHERE: Final = {
    Family.REQUEST: "the hub, before a route is reached (`shared_schema/request_signature.py`)",
    Family.STANDING: "the hub, once the signature holds (`shared_platform/transport/`)",
    Family.COSIGNING: "the hub (`main_platform/cosigning/`); a fork is kept as evidence",
    Family.KEYS: "the hub, by the rules of every reader (`shared_schema/key_change.py`)",
    Family.ERASURE: "the hub (`main_platform/erasure/`); staff decide on what is let through",
    Family.BODY: "the hub, once the signature holds (`shared_schema/bounded_decompress.py`)",
    Family.STATEMENT: "the hub's intake (`main_platform/intake/screen.py`, `judge.py`)",
    Family.RECEIPT: "the node; the outbox sends again (`shared_schema/receipt.py`)",
    Family.CHECKPOINT: "every reader, before any page (`shared_schema/log_following.py`)",
    Family.PAGE: "every reader, before an entry is looked at (`shared_schema/log_page.py`)",
    Family.GROWTH: "every reader, before a page is applied (`shared_schema/log_proof.py`)",
    Family.PROOF: "whoever checks a proof alone (`shared_schema/log_proof.py`, `proof_text.py`)",
    Family.TILE: "whoever reads tiles (`shared_schema/tiles.py`)",
    Family.ENTRY: "every reader: the entry is set aside, no listing changes (`entry_check.py`)",
    Family.SNAPSHOT: "whoever begins from one, before a row is kept (`shared_schema/snapshot.py`)",
}


def render() -> str:
    """The table: each attack once, by family."""
    ways = sum(len(attack.ways) for attack in ALL_ATTACKS)
    codes = {(attack.problem, attack.code) for attack in ALL_ATTACKS}
    parts = [f"{len(ALL_ATTACKS)} attacks, {ways} ways, {len(codes)} different answers.\n"]
    for family in Family:
        parts.append(f"\n## {family}\n\nRefused by {WHERE[family]}.\n")
        parts.append("\n| Attack | By | Problem | Code | Ways |\n|---|---|---|---|---|\n")
        parts += [_row(attack) for attack in ALL_ATTACKS if attack.family is family]
    return "".join(parts)


def page() -> str:
    """The page with its table made anew; what stands above the mark is written by hand."""
    head, mark, _ = PAGE.read_text(encoding="utf-8").partition(MARK)
    return head + mark + "\n" + render()


def _row(attack: Attack[Any]) -> str:
    problem = "–" if attack.problem is None else f"[`{attack.problem.code}`](problems.md)"
    ways = ", ".join(attack.ways)
    return f"| {attack.name} | {attack.by} | {problem} | `{attack.code}` | {ways} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
