"""An import of a list at a desk, and the declarations that it leaves in the node's tables."""

from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from subplatform.declarations.desk import Desk
from subplatform.declarations.import_file import Imported, ListImport, import_file
from subplatform.declarations.importing.profile_files import load_profile
from subplatform.declarations.states import State
from subplatform.declarations.tables import DeclarationRow
from tests.subplatform.node_builders import BY, SUPPLIED

Sessions = async_sessionmaker[AsyncSession]


def wanted(path: Path, **changes: Any) -> ListImport:
    given: dict[str, Any] = {
        "path": path,
        "file_name": path.name,
        "profile": load_profile("guangdong"),
        "data_dir": path.parent / "node",
        "supplied": SUPPLIED,
    }
    return ListImport(**(given | changes))


async def run(desk: Desk, path: Path, **changes: Any) -> Imported:
    return await import_file(desk, wanted(path, **changes), by=BY)


def outcomes(imported: Imported) -> dict[str, int]:
    return {outcome.value: count for outcome, count in imported.report.outcomes.items() if count}


async def stored(sessions: Sessions) -> list[DeclarationRow]:
    async with sessions() as session:
        found = await session.scalars(select(DeclarationRow).order_by(DeclarationRow.listing))
        return list(found)


async def one(sessions: Sessions) -> DeclarationRow:
    (row,) = await stored(sessions)
    return row


async def set_state(sessions: Sessions, state: State) -> None:
    async with sessions.begin() as session:
        await session.execute(update(DeclarationRow).values(state=state))
