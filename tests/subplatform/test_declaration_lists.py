"""Lists of declarations: filters, pages, counts, and findings as a spreadsheet."""

import csv
import io
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_schema.identities import SeededIds
from subplatform.accounts.scope import EVERYTHING
from subplatform.declarations.read_declarations import (
    DeclarationQuery,
    count_declarations,
    findings_csv,
    list_declarations,
)
from subplatform.declarations.states import State
from subplatform.declarations.tables import DeclarationRow
from tests.subplatform.node_builders import a_draft, a_number


@pytest.fixture
async def rows(node_session: AsyncSession) -> list[DeclarationRow]:
    """Three declarations: sound and verified; ending too late; of another holder, ended."""
    ids = SeededIds(5)
    sound = await a_draft(node_session, a_number(1), ids=ids)
    sound.state = State.VERIFIED
    late = await a_draft(node_session, a_number(2), ids=ids, period={"end": "2099-12-31"})
    other = await a_draft(
        node_session,
        a_number(3),
        ids=ids,
        period={"end": "2020-12-31"},
        holders=[{"name": "中山大学"}],
    )
    await node_session.flush()  # lists read the table
    return [sound, late, other]


async def found(session: AsyncSession, query: DeclarationQuery) -> list[UUID]:
    return [
        line.listing for line in (await list_declarations(session, query, within=EVERYTHING)).lines
    ]


async def test_the_newest_comes_first(
    node_session: AsyncSession, rows: list[DeclarationRow]
) -> None:
    assert await found(node_session, DeclarationQuery()) == [row.listing for row in rows[::-1]]


@pytest.mark.parametrize(
    ("query", "places"),
    [
        (DeclarationQuery(states=(State.VERIFIED,)), [0]),
        (DeclarationQuery(states=(State.VERIFIED, State.DRAFT)), [2, 1, 0]),
        (DeclarationQuery(number=a_number(2)), [1]),
        (DeclarationQuery(finding="DEC-08"), [2, 1]),
        (DeclarationQuery(finding="DEC-09"), [2]),
        (DeclarationQuery(blocked=False), [0]),
        (DeclarationQuery(words="中山"), [2]),
        (DeclarationQuery(words="录音"), [2, 1, 0]),
        (DeclarationQuery(words="%"), []),
        (DeclarationQuery(words=a_number(3)[4:]), [2]),
        (DeclarationQuery(import_id=UUID(int=9)), []),
    ],
    ids=["state", "states", "number", "finding", "minimum", "sound", "holder", "title", "wildcard",
         "part-of-number", "import"],
)  # fmt: skip
async def test_filters(
    node_session: AsyncSession,
    rows: list[DeclarationRow],
    query: DeclarationQuery,
    places: list[int],
) -> None:
    assert await found(node_session, query) == [rows[place].listing for place in places]


async def test_pages_show_every_declaration_once(node_session: AsyncSession) -> None:
    ids = SeededIds(6)
    all_rows = [await a_draft(node_session, a_number(place), ids=ids) for place in range(1, 8)]
    seen: list[UUID] = []
    before = None

    for _ in range(3):
        page = await list_declarations(
            node_session, DeclarationQuery(before=before, limit=3), within=EVERYTHING
        )
        seen += [line.listing for line in page.lines]
        before = page.next

    assert before is None
    assert seen == [row.listing for row in all_rows[::-1]]


async def test_counts_by_state_and_finding(
    node_session: AsyncSession,
    rows: list[DeclarationRow],  # noqa: ARG001  stored
) -> None:
    counts = await count_declarations(node_session, within=EVERYTHING)

    assert counts.states == {"draft": 2, "verified": 1}
    assert counts.findings == {"DEC-08": 2, "DEC-09": 1}
    assert counts.blocked == 2


async def test_findings_leave_as_a_spreadsheet(
    node_sessions: async_sessionmaker[AsyncSession],
) -> None:
    ids = SeededIds(7)
    async with node_sessions.begin() as session:
        for place in range(1, 4):
            await a_draft(session, a_number(place), ids=ids, period={"end": "2099-12-31"})

    text = "".join(
        [part async for part in findings_csv(node_sessions, DeclarationQuery(), within=EVERYTHING)]
    )

    assert text.startswith("\ufeff")
    header, *lines = csv.reader(io.StringIO(text[1:]))
    assert header[1] == "专利号 number"
    assert [(line[1], line[4]) for line in lines] == [
        (a_number(place), "DEC-08") for place in (3, 2, 1)
    ]
