"""All twelve invariants at the hub, in one moment of its database."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import Row, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.log_head import read_head
from main_platform.catalogue.verify import Progress, verify_log
from main_platform.catalogue.violation import Violation
from main_platform.intake.tables import SubmissionRow
from main_platform.invariants.cosigned_roots import check_cosigned
from main_platform.invariants.hub_rows import ROW_CHECKS
from main_platform.nodes.tables import NodeKeyRow
from shared_platform.audit.check_chain import Evidence, check_chain
from shared_platform.catalogue.tables import catalogue_listing, statement_object
from shared_platform.invariants.row_check import check_rows
from shared_platform.invariants.verdict import Breach, Verdict
from shared_schema.anchor import FederationAnchor
from shared_schema.refusal import DomainError
from shared_schema.signing_key import PublicKey
from shared_schema.statement import read_statement, verify_statement

_CHUNK: Final = 500
_NO_MAIL: Final = "尚无邮件 / no mail is sent yet"
# By the first word of a violation's code; what is missing here is about the tree.
_BELONGS: Final = {"projection": "I12", "queue": "I8", "object": "I9", "entry": "I9"}
_ELSEWHERE: Final = {"entry.first": "I5", "object.not_erased": "I10", "entry.columns": "I12"}
_LOG_READS: Final = {
    "I5": ("log_entry", "log_head", "log_tile", "log_bundle", "catalogue_cursor"),
    "I8": ("publish_queue",),
    "I9": ("log_entry", "statement_object", "submission", "node_key"),
    "I12": ("catalogue_listing", "log_entry"),
}


async def check_hub(
    session: AsyncSession,
    anchor: FederationAnchor,
    *,
    evidence: Evidence | None = None,
    progress: Progress | None = None,
) -> list[Verdict]:
    """One verdict for each invariant, in their order.

    `session` should come from `unchanging`: everything is of one moment. The log is read once, page
    by page; the other questions are asked of the database. `evidence` about the audit trail is read
    before `session` begins.
    """
    found = await _log_verdicts(session, anchor, progress=progress)
    for checks in ROW_CHECKS:
        verdict = await check_rows(session, checks)
        known = found.get(verdict.invariant)
        found[verdict.invariant] = verdict if known is None else _joined(verdict, known)
    found |= {
        "I6": await check_cosigned(session, anchor),
        "I7": await check_chain(session, evidence),
        "I11": Verdict("I11", (), absent=_NO_MAIL),
    }
    return [found[f"I{place}"] for place in range(1, 13)]


async def _log_verdicts(
    session: AsyncSession, anchor: FederationAnchor, *, progress: Progress | None
) -> dict[str, Verdict]:
    by_invariant: dict[str, list[Breach]] = defaultdict(list)
    for violation in await verify_log(session, anchor, progress=progress):
        by_invariant[_invariant(violation)].append(_breach(violation))
    waiting, wrong = await _unlogged(session)
    by_invariant["I9"] += wrong
    size = (await read_head(session)).size
    listings = await session.scalar(select(func.count()).select_from(catalogue_listing)) or 0
    checked = {"I5": size, "I8": size, "I9": size + waiting, "I12": listings}
    verdicts = {
        name: Verdict(name, reads, checked[name], tuple(by_invariant.pop(name, ())))
        for name, reads in _LOG_READS.items()
    }
    rest = {name: Verdict(name, (), 0, tuple(found)) for name, found in by_invariant.items()}
    return verdicts | rest


def _invariant(violation: Violation) -> str:
    word = violation.code.partition(".")[0]
    return _ELSEWHERE.get(violation.code) or _BELONGS.get(word, "I5")


def _breach(violation: Violation) -> Breach:
    place = "" if violation.serial is None else f"@{violation.serial} "
    return Breach(violation.code, f"{place}{violation.detail}")


def _joined(verdict: Verdict, known: Verdict) -> Verdict:
    return Verdict(
        verdict.invariant,
        verdict.reads,
        verdict.checked + known.checked,
        verdict.breaches + known.breaches,
    )


async def _unlogged(session: AsyncSession) -> tuple[int, list[Breach]]:
    """Statements that no entry names yet, under the keys of their nodes; how many, what is wrong.

    Whether a key was active at a serial is asked once there is one.
    """
    rows = await session.execute(
        select(NodeKeyRow.key_id, NodeKeyRow.algorithm, NodeKeyRow.public_key)
    )
    keys = {key_id: PublicKey(algorithm, raw) for key_id, algorithm, raw in rows}
    row = SubmissionRow
    logged = select(text("1")).where(
        statement_object.c.object_hash == func.decode(row.object_hash, "hex")
    )
    found = await session.stream(
        select(row.id, row.key_id, row.statement_hash, row.envelope)
        .where(row.erased_at.is_(None), ~logged.exists())
        .order_by(row.id),
        execution_options={"yield_per": _CHUNK},
    )
    count, wrong = 0, list[Breach]()
    async for chunk in found.partitions(_CHUNK):
        count += len(chunk)
        wrong += await asyncio.to_thread(_forged, chunk, keys)
    return count, wrong


def _forged(rows: Sequence[Row[UUID, str, str, bytes]], keys: dict[str, PublicKey]) -> list[Breach]:
    return [
        Breach("submission.unproven", str(id_))
        for id_, key_id, named, envelope in rows
        if not _is_proven(envelope, keys.get(key_id), named=named)
    ]


def _is_proven(envelope: bytes, key: PublicKey | None, *, named: str) -> bool:
    try:
        signed = read_statement(envelope)
        if key is None or signed.payload_hash != named:
            return False
        verify_statement(signed, key)
    except DomainError:
        return False
    return True
