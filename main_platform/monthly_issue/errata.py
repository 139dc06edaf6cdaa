"""Errata: corrections beside an issue that itself never changes, each chained to the one before."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Literal
from uuid import UUID

import orjson
from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.audit.acts import Act
from main_platform.monthly_issue.errors import ErratumRefused, IssueBeingMade
from main_platform.monthly_issue.freeze import ISSUE
from main_platform.monthly_issue.read_issues import IssueState, find_issue
from main_platform.monthly_issue.tables import IssueEntryRow, IssueErratumLineRow, IssueErratumRow
from shared_platform.audit.trail import Record, Subject, record
from shared_schema.instants import Instant, format_instant
from shared_schema.refusal import FieldError

ERRATUM_SCHEMA: Final = "issue-erratum/1"
ErratumField = Literal[
    "number",
    "holders",
    "title",
    "fee",
    "period",
    "technical_field",
    "territory",
    "contact",
    "evaluation_report",
    "group",
    "other",
]
_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


@dataclass(frozen=True, slots=True)
class Correction:
    """What stands in the issue, what should, and why. `no`: the entry; None: the whole issue."""

    no: int | None
    field: ErratumField
    was: str
    should_be: str
    reason: str


@dataclass(frozen=True, slots=True)
class Erratum:
    """One published line and its hash; `line` says so where its words were erased."""

    seq: int
    line: bytes
    line_hash: str
    added_by: str

    @property
    def facts(self) -> dict[str, Any]:
        """The line's members."""
        found: dict[str, Any] = orjson.loads(self.line)
        return found


async def add_erratum(
    session: AsyncSession, number: str, correction: Correction, *, by: str, now: Instant
) -> Erratum:
    """Add a correction; of two added at once, the second names the hash of the first.

    Raises:
        NoSuchIssue: no issue has this number.
        IssueBeingMade: its entries are not numbered yet, or some are just being erased.
        ErratumRefused: the issue has no such entry, or nothing changes.
    """
    issue = await find_issue(session, number)
    if issue.state is not IssueState.PUBLISHED:
        raise IssueBeingMade("正在生成文件 / the files are being made", retry_after_s=10)
    if correction.was == correction.should_be:
        same = FieldError("/should_be", "erratum.same", "更正与原文相同 / nothing is changed")
        raise ErratumRefused(same.message, [same])
    await session.execute(_LOCK, {"name": f"erratum {number}"})
    listing = await _listing(session, number, correction.no)
    last = await _last(session, number)
    facts = {
        "schema": ERRATUM_SCHEMA,
        "issue": number,
        "seq": last.seq + 1 if last else 1,
        "no": correction.no,
        "listing": str(listing) if listing else None,
        "field": correction.field,
        "was": correction.was,
        "should_be": correction.should_be,
        "reason": correction.reason,
        "at": format_instant(now),
        "prev": last.line_hash.hex() if last else None,
    }
    return await _publish(session, facts, by=by, now=now)


async def _publish(
    session: AsyncSession, facts: dict[str, Any], *, by: str, now: Instant
) -> Erratum:
    """Store the line, its hash apart from its words, and who added it."""
    line = _written(facts)
    digest = sha256(line).digest()
    place = {"number": facts["issue"], "seq": facts["seq"]}
    hashed = {"no": facts["no"], "line_hash": digest, "added_by": by, "added_at": now}
    await session.execute(insert(IssueErratumRow).values(place | hashed))
    await session.execute(insert(IssueErratumLineRow).values(place | {"line": line}))
    said = {name: facts[name] for name in ("seq", "no", "field")} | {"sha256": digest.hex()}
    act = Record(Act.ISSUE_CORRECTED, Subject(ISSUE, facts["issue"]), by, said)
    await record(session, act, now=now)
    return Erratum(facts["seq"], line, digest.hex(), by)


async def read_errata(session: AsyncSession, number: str) -> list[Erratum]:
    """The errata of an issue in their order; of erased ones only the hash is left."""
    row, line = IssueErratumRow, IssueErratumLineRow
    found = await session.execute(
        select(row.seq, row.line_hash, row.added_by, line.line)
        .outerjoin(line, (line.number == row.number) & (line.seq == row.seq))
        .where(row.number == number)
        .order_by(row.seq)
    )
    return [
        Erratum(
            one.seq,
            one.line or _erased(number, one.seq, one.line_hash),
            one.line_hash.hex(),
            one.added_by,
        )
        for one in found
    ]


async def count_errata(session: AsyncSession, numbers: Sequence[str]) -> dict[str, int]:
    """How many errata each of these issues has."""
    row = IssueErratumRow
    found = await session.execute(
        select(row.number, func.count()).where(row.number.in_(numbers)).group_by(row.number)
    )
    return {number: int(count) for number, count in found}


def errata_file(errata: Sequence[Erratum]) -> bytes:
    """The errata as a file: one JSON object a line, each with the hash of the line before."""
    return b"".join(one.line for one in errata)


def broken_links(errata: Sequence[Erratum]) -> list[int]:
    """The errata whose words or place are not those that were published."""
    broken = []
    before: str | None = None
    for place, one in enumerate(errata, start=1):
        facts = one.facts
        is_whole = facts.get("erased") or (
            sha256(one.line).hexdigest() == one.line_hash and facts["prev"] == before
        )
        if not is_whole or one.seq != place:
            broken.append(one.seq)
        before = one.line_hash
    return broken


async def _listing(session: AsyncSession, number: str, no: int | None) -> UUID | None:
    if no is None:
        return None
    entry = IssueEntryRow
    found = await session.scalar(
        select(entry.listing).where(entry.number == number, entry.no == no)
    )
    if found is None:
        message = f"{number} 没有第 {no} 条 / {number} has no entry {no}"
        raise ErratumRefused(message, [FieldError("/no", "erratum.no_such_entry", message)])
    return found


async def _last(session: AsyncSession, number: str) -> IssueErratumRow | None:
    row = IssueErratumRow
    query = select(row).where(row.number == number).order_by(row.seq.desc()).limit(1)
    return await session.scalar(query)


def _written(facts: dict[str, Any]) -> bytes:
    return orjson.dumps(facts, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def _erased(number: str, seq: int, line_hash: bytes) -> bytes:
    return _written(
        {
            "schema": ERRATUM_SCHEMA,
            "issue": number,
            "seq": seq,
            "erased": True,
            "sha256": line_hash.hex(),
        }
    )
