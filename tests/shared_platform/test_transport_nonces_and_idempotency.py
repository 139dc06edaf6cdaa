"""Nonces and idempotency keys on a real PostgreSQL, with real commits and real races."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.database.engine import Database
from shared_platform.database.tables import named_metadata
from shared_platform.transport.idempotency import (
    IdempotencyClaim,
    IdempotencyInFlight,
    IdempotencyKeyRefused,
    IdempotencyMismatch,
    KeptAnswer,
    answer_once,
    forget_answers,
    idempotency_record,
    include_idempotency,
)
from shared_platform.transport.nonces import (
    NonceReplayed,
    forget_nonces,
    include_nonces,
    request_nonce,
    spend_nonce,
)
from shared_schema.refusal import DomainError

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
effects = Table("effect", MetaData(), Column("id", Integer, primary_key=True))


@pytest.fixture
async def database(empty_database: Database) -> Database:
    metadata = named_metadata()
    include_nonces(metadata)
    include_idempotency(metadata)
    effects.to_metadata(metadata)
    async with empty_database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    return empty_database


def claim(key: str = "key-00000001", *, body: bytes = b"{}", caller: str = "a") -> IdempotencyClaim:
    return IdempotencyClaim.of(caller, key, request=("POST", "/acceptances", body))


async def act_once(
    database: Database, wanted: IdempotencyClaim, *, now: datetime = NOW
) -> KeptAnswer:
    """One request in its own transaction, whose effect is a row."""
    async with database.sessions.begin() as session:

        async def act() -> KeptAnswer:
            number = await session.scalar(insert(effects).returning(effects.c.id))
            return KeptAnswer(201, f'{{"id":{number}}}'.encode())

        return await answer_once(session, wanted, act, now=now)


async def count(database: Database, table: Table) -> int:
    async with database.sessions() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_the_second_request_gets_the_first_answer(database: Database) -> None:
    first = await act_once(database, claim())
    second = await act_once(database, claim())

    assert not first.replayed
    assert second.replayed
    assert (second.status, second.body) == (first.status, first.body)
    assert second.response().headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.response().headers
    assert await count(database, effects) == 1


async def test_another_body_under_the_same_key_is_refused(database: Database) -> None:
    await act_once(database, claim())

    with pytest.raises(IdempotencyMismatch):
        await act_once(database, claim(body=b"[]"))

    assert await count(database, effects) == 1


async def test_keys_belong_to_their_caller(database: Database) -> None:
    await act_once(database, claim(caller="a"))
    other = await act_once(database, claim(caller="b", body=b"[]"))

    assert not other.replayed


async def test_a_concurrent_twin_is_told_to_come_back(database: Database) -> None:
    working, finish = asyncio.Event(), asyncio.Event()

    async def slow_request() -> KeptAnswer:
        async with database.sessions.begin() as session:

            async def act() -> KeptAnswer:
                await session.execute(insert(effects))
                working.set()
                await finish.wait()
                return KeptAnswer(201, b"{}")

            return await answer_once(session, claim(), act, now=NOW)

    first = asyncio.create_task(slow_request())
    await working.wait()
    with pytest.raises(IdempotencyInFlight) as refused:
        await act_once(database, claim())
    finish.set()
    await first

    assert refused.value.retry_after_s
    assert (await act_once(database, claim())).replayed
    assert await count(database, effects) == 1


async def test_of_twenty_concurrent_twins_one_takes_effect(database: Database) -> None:
    async def one() -> str:
        try:
            return "replayed" if (await act_once(database, claim())).replayed else "acted"
        except IdempotencyInFlight:
            return "in flight"

    outcomes = await asyncio.gather(*[one() for _ in range(20)])

    assert outcomes.count("acted") == 1
    assert await count(database, effects) == 1


async def test_a_refusal_keeps_nothing_and_the_key_may_be_used_again(database: Database) -> None:
    async def refuse() -> KeptAnswer:
        raise DomainError("no")

    with pytest.raises(DomainError):
        async with database.sessions.begin() as session:
            await answer_once(session, claim(), refuse, now=NOW)

    assert not (await act_once(database, claim(body=b"corrected"))).replayed


async def test_a_row_without_its_answer_is_in_flight(database: Database) -> None:
    await act_once(database, claim())
    async with database.sessions.begin() as session:
        await session.execute(update(idempotency_record).values(status=None, body=None))

    with pytest.raises(IdempotencyInFlight):
        await act_once(database, claim())


async def test_answers_are_kept_for_four_hundred_days(database: Database) -> None:
    await act_once(database, claim())

    async with database.sessions.begin() as session:
        assert await forget_answers(session, now=NOW + timedelta(days=399)) == 0
        assert await forget_answers(session, now=NOW + timedelta(days=401)) == 1

    assert not (await act_once(database, claim())).replayed


@pytest.mark.parametrize("key", [None, "", "short", "x" * 201, "with space", "带中文的键键键"])
def test_a_key_is_eight_to_two_hundred_visible_characters(key: str | None) -> None:
    with pytest.raises(IdempotencyKeyRefused):
        IdempotencyClaim.of("a", key, request=("POST", "/", b""))


def test_method_and_target_belong_to_the_request() -> None:
    hashes = {
        IdempotencyClaim.of("a", "key-00000001", request=(method, target, b"")).request_hash
        for method in ("POST", "PUT")
        for target in ("/a", "/b")
    }

    assert len(hashes) == 4


async def spend(database: Database, nonce: str, *, key_id: str = "k") -> None:
    async with database.sessions.begin() as session:
        await spend_nonce(session, key_id, nonce=nonce, now=NOW)


async def test_a_nonce_is_taken_once_per_key(database: Database) -> None:
    await spend(database, "n")
    await spend(database, "n", key_id="other")

    with pytest.raises(NonceReplayed):
        await spend(database, "n")


async def test_of_ten_concurrent_copies_one_is_taken(database: Database) -> None:
    outcomes = await asyncio.gather(
        *[spend(database, "n") for _ in range(10)], return_exceptions=True
    )

    assert sum(outcome is None for outcome in outcomes) == 1
    assert sum(isinstance(outcome, NonceReplayed) for outcome in outcomes) == 9


async def test_a_rolled_back_request_gives_its_nonce_back(database: Database) -> None:
    async def refused(session: AsyncSession) -> None:
        await spend_nonce(session, "k", nonce="n", now=NOW)
        raise DomainError

    with pytest.raises(DomainError):
        async with database.sessions.begin() as session:
            await refused(session)

    await spend(database, "n")


async def test_nonces_are_forgotten_in_pieces_after_their_window(database: Database) -> None:
    for number in range(3):
        await spend(database, str(number))

    async with database.sessions.begin() as session:
        assert await forget_nonces(session, now=NOW + timedelta(seconds=600)) == 0
        assert await forget_nonces(session, now=NOW + timedelta(seconds=901), limit=2) == 2

    assert await count(database, request_nonce) == 1
