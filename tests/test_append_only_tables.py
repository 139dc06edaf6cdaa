"""Evidence is only ever added to: the database itself refuses to change or delete it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.database.job_transaction import sqlstate

RESTRICT_VIOLATION = "23001"
LEAF = "INSERT INTO log_entry (serial, leaf, needs_newer_reader) VALUES (0, 'leaf', false)"
AUDIT = (
    "INSERT INTO audit_record (at, actor, act, subject_kind, subject, facts)"
    " VALUES (now(), 'li.na', 'staff_added', 'account', 'x', '{}')"
)


async def refused(session: AsyncSession, statement: str) -> bool:
    savepoint = await session.begin_nested()
    try:
        await session.execute(text(statement))
    except DBAPIError as error:
        await savepoint.rollback()
        return sqlstate(error) == RESTRICT_VIOLATION
    await savepoint.commit()
    return False


STATEMENTS = (
    "UPDATE log_entry SET leaf = 'other'",
    "UPDATE log_entry SET serial = 1",
    "DELETE FROM log_entry",
    "UPDATE audit_record SET actor = 'somebody'",
    "UPDATE audit_record SET facts = '{}'",
    "DELETE FROM audit_record",
)


@pytest.mark.parametrize("statement", STATEMENTS)
async def test_the_hubs_evidence_stays_as_it_is(hub_session: AsyncSession, statement: str) -> None:
    for row in (LEAF, AUDIT):
        await hub_session.execute(text(row))

    assert await refused(hub_session, statement)


@pytest.mark.parametrize("statement", STATEMENTS)
async def test_a_nodes_evidence_stays_as_it_is(node_session: AsyncSession, statement: str) -> None:
    for row in (LEAF, AUDIT):
        await node_session.execute(text(row))

    assert await refused(node_session, statement)


async def test_a_newer_program_may_read_more_out_of_the_same_entry(
    hub_session: AsyncSession,
) -> None:
    await hub_session.execute(text(LEAF))

    assert not await refused(hub_session, "UPDATE log_entry SET kind = 'hub_notice'")


async def guarded(session: AsyncSession) -> set[str]:
    found = await session.scalars(
        text("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'append_only'")
    )
    return set(found)


async def test_every_append_only_table_is_guarded(
    hub_session: AsyncSession, node_session: AsyncSession
) -> None:
    assert await guarded(hub_session) == {
        "audit_archive",
        "audit_record",
        "decision",
        "fork_evidence",
        "key_change",
        "log_entry",
        "log_handover",
        "monthly_issue",
        "issue_edition",
        "issue_entry",
        "issue_erratum",
    }
    assert await guarded(node_session) == {
        "audit_archive",
        "audit_record",
        "fork_evidence",
        "log_entry",
    }
