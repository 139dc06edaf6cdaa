"""One request = one transaction, committed before the answer."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.database.engine import Database
from shared_platform.database.job_transaction import in_transaction, sqlstate
from shared_platform.database.transaction import Ids, Now, Transaction
from shared_schema.identities import SeededIds
from shared_schema.instants import SystemClock


@pytest.fixture
async def database(empty_database: Database) -> Database:
    async with empty_database.engine.begin() as connection:
        await connection.execute(
            text(
                "CREATE TABLE filed (number int UNIQUE DEFERRABLE INITIALLY DEFERRED,"
                " worth int NOT NULL DEFAULT 0)"
            )
        )
    return empty_database


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.state.sessions = database.sessions
    app.state.clock = SystemClock()
    app.state.ids = SeededIds(1)

    @app.post("/filings/{number}", status_code=201)
    async def file(number: int, session: Transaction) -> dict[str, int]:
        await session.execute(text("INSERT INTO filed VALUES (:number)"), {"number": number})
        return {"number": number}

    @app.post("/failures/{number}", status_code=201)
    async def fail(number: int, session: Transaction) -> None:
        await session.execute(text("INSERT INTO filed VALUES (:number)"), {"number": number})
        raise RuntimeError("after the insert")

    @app.get("/values")
    async def values(now: Now, ids: Ids) -> dict[str, str]:
        return {"now": now.isoformat(), "id": str(ids.new_id())}

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        yield client


async def count(database: Database) -> int:
    async with database.sessions() as session:
        found = await session.scalar(text("SELECT count(*) FROM filed"))
    assert isinstance(found, int)
    return found


async def test_a_commit_that_fails_reaches_the_client_as_an_error(
    client: httpx.AsyncClient, database: Database
) -> None:
    first = await client.post("/filings/7")

    again = await client.post("/filings/7")  # the constraint speaks only at COMMIT

    assert first.status_code == 201
    assert again.status_code == 500
    assert await count(database) == 1


async def test_a_route_that_raises_leaves_nothing_behind(
    client: httpx.AsyncClient, database: Database
) -> None:
    failed = await client.post("/failures/7")

    assert failed.status_code == 500
    assert await count(database) == 0


async def test_clock_and_identifiers_come_from_the_application(client: httpx.AsyncClient) -> None:
    values = (await client.get("/values")).json()

    assert values["now"].endswith("+00:00")
    assert UUID(values["id"]) == SeededIds(1).new_id()


async def test_of_two_transactions_in_a_deadlock_both_are_done_in_the_end(
    database: Database,
) -> None:
    async with database.sessions.begin() as session:
        await session.execute(text("INSERT INTO filed VALUES (1), (2)"))
    both_hold_one = asyncio.Barrier(2)
    tries: list[int] = []

    async def add(first: int, second: int) -> None:
        async def work(session: AsyncSession) -> None:
            tries.append(first)
            await session.execute(
                text("UPDATE filed SET worth = worth + 1 WHERE number = :n"), {"n": first}
            )
            if len(tries) <= 2:
                await both_hold_one.wait()
            await session.execute(
                text("UPDATE filed SET worth = worth + 1 WHERE number = :n"), {"n": second}
            )

        await in_transaction(database.sessions, work)

    await asyncio.gather(add(1, 2), add(2, 1))

    async with database.sessions() as session:
        worths = (await session.scalars(text("SELECT worth FROM filed"))).all()
    assert list(worths) == [2, 2]
    assert len(tries) == 3


async def test_another_failure_is_not_tried_again(database: Database) -> None:
    tries: list[int] = []

    async def work(session: AsyncSession) -> None:
        tries.append(1)
        await session.execute(text("INSERT INTO filed VALUES (1, NULL)"))

    with pytest.raises(IntegrityError) as refused:
        await in_transaction(database.sessions, work)

    assert len(tries) == 1
    assert sqlstate(refused.value) == "23502"


def test_a_lost_connection_has_no_state_code() -> None:
    assert sqlstate(DBAPIError("SELECT 1", {}, ConnectionError("gone"))) is None
