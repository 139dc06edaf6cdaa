"""Two of the staff change the log's key or end the old one: one proposes, another confirms."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.audit.acts import Act
from main_platform.catalogue.errors import (
    LogKeyStale,
)
from main_platform.catalogue.publish import publish
from main_platform.catalogue.tables import LogHandoverRow, LogKeyProposalRow
from main_platform.two_people import ProposalDecided, decide, is_confirmed_by, lock_proposal
from shared_platform.audit.trail import Record, Subject, record
from shared_platform.catalogue.log_key_rows import read_log_keys
from shared_schema.identities import IdSource
from shared_schema.instants import Instant, whole_second
from shared_schema.log_entry import LogKeyChanged, LogKeyRetired
from shared_schema.log_keys import KeyHandover, LogKeys, prove_possession
from shared_schema.signed_note import VerifierKey, format_vkey
from shared_schema.signing_key import SigningKey


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is proposed. Without `new` the replaced key ends; without `overlap` it ends at once."""

    new: SigningKey | None = None
    overlap: bool = True


async def propose_log_key(
    session: AsyncSession, wanted: Wanted, *, by: str, ids: IdSource, now: Instant
) -> LogKeyProposalRow:
    """Propose the next key or the end of the old one; repeated by the same person, the same one.

    Nothing else happens until somebody else confirms.

    Raises:
        LogKeyStale: the log's keys do not allow it now.
        ProposalDecided: another proposal waits.
    """
    keys = await read_log_keys(session)
    row = LogKeyProposalRow(
        id=ids.new_id(), state="waiting", proposed_by=by, proposed_at=now, overlap=wanted.overlap
    )
    if wanted.new is None:
        row.action, row.key_id = "retire", await _ending(session, keys)
    else:
        row.action, row.key_id = "rotate", _newest(keys)
        row.log_vkey = format_vkey(VerifierKey(keys.origin, wanted.new.public))
        said = KeyHandover(keys.federation, keys.origin, row.key_id, row.log_vkey)
        row.proof = prove_possession(said, wanted.new)
    waiting = await session.scalar(
        select(LogKeyProposalRow).where(LogKeyProposalRow.state == "waiting").with_for_update()
    )
    if waiting is None:
        session.add(row)
        await record(session, _record(Act.LOG_KEY_PROPOSED, row, by), now=now)
        return row
    if _said(waiting) == _said(row):
        return waiting
    raise ProposalDecided(
        detail=f"{waiting.proposed_by} 的提议 {waiting.id} 尚未处理，请确认或放弃"
        f" / {waiting.id} waits: confirm or drop it first"
    )


async def confirm_log_key(
    session: AsyncSession, proposal: UUID, *, by: str, now: Instant
) -> LogKeyProposalRow:
    """Put the change into the log; repeating one's own confirmation changes nothing.

    Raises:
        ProposalNotFound: there is none of that id.
        ProposalDecided: it was dropped, or somebody else confirmed it.
        SecondPersonRequired: who proposed it cannot confirm it.
        LogKeyStale: the log's keys have changed meanwhile.
    """
    row = await lock_proposal(session, LogKeyProposalRow, proposal)
    if is_confirmed_by(row, by):
        return row
    keys = await read_log_keys(session)
    at = whole_second(now)
    if row.action == "rotate" and row.log_vkey is not None and row.proof is not None:
        _check_same(row, _newest(keys))
        await publish(
            session,
            LogKeyChanged(
                at=at,
                replaces=row.key_id,
                log_vkey=row.log_vkey,
                overlap=row.overlap,
                proof=row.proof,
            ),
        )
    else:
        _check_same(row, await _ending(session, keys))
        await publish(session, LogKeyRetired(at=at, key_id=row.key_id))
    decide(row, "confirmed", by=by, now=now)
    await record(session, _record(Act.LOG_KEY_CONFIRMED, row, by), now=now)
    return row


async def drop_log_key(
    session: AsyncSession, proposal: UUID, *, by: str, now: Instant
) -> LogKeyProposalRow:
    """Drop a proposal; anybody who may propose may drop. The next key's file stays for another one.

    Raises:
        ProposalNotFound: there is none of that id.
        ProposalDecided: it was decided before.
    """
    row = await lock_proposal(session, LogKeyProposalRow, proposal)
    decide(row, "dropped", by=by, now=now)
    await record(session, _record(Act.LOG_KEY_DROPPED, row, by), now=now)
    return row


async def list_log_key_proposals(session: AsyncSession) -> list[LogKeyProposalRow]:
    """Proposals, newest first, at most 50."""
    query = select(LogKeyProposalRow).order_by(LogKeyProposalRow.proposed_at.desc()).limit(50)
    return list((await session.scalars(query)).all())


def _newest(keys: LogKeys) -> str:
    """The id of the one key that counts.

    Raises:
        LogKeyStale: the log is not opened, or two keys count still.
    """
    counting = [one for one in keys.records if one.retired_at is None]
    if len(counting) != 1:
        raise LogKeyStale(
            detail="上次更换尚未结束，请先 kaixu-hub log-key retire"
            " / the last change has not ended: retire the old key first"
        )
    return counting[0].key_id


async def _ending(session: AsyncSession, keys: LogKeys) -> str:
    """The id of the replaced key that counts still.

    Raises:
        LogKeyStale: none does, or no checkpoint hands over yet.
    """
    counting = [one for one in keys.records if one.retired_at is None]
    if len(counting) < 2:  # noqa: PLR2004 - the old and the new one
        raise LogKeyStale(detail="没有待停用的旧密钥 / no old key counts: rotate first")
    if await session.get(LogHandoverRow, counting[-1].since) is None:
        raise LogKeyStale(
            detail="新旧密钥尚未共同签署检查点，请稍候再试"
            " / no checkpoint is signed by both keys yet: try again soon"
        )
    return counting[0].key_id


def _check_same(row: LogKeyProposalRow, key_id: str) -> None:
    if row.key_id != key_id:
        raise LogKeyStale(detail=f"当前密钥已是 {key_id} / the log's key is {key_id} by now")


def _said(row: LogKeyProposalRow) -> tuple[str, str, str | None, bool, str]:
    return row.action, row.key_id, row.log_vkey, row.overlap, row.proposed_by


def _record(act: Act, row: LogKeyProposalRow, by: str) -> Record:
    facts = {"action": row.action, "log_vkey": row.log_vkey, "overlap": row.overlap}
    return Record(act, Subject("log_key", row.key_id), by, facts)
