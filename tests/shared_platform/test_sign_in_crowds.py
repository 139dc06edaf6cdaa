"""Many sign in at once: nobody else waits for it, and many guesses count as many."""

import asyncio
from typing import Final

from typing_extensions import override

from shared_platform.database.engine import Database
from shared_platform.sign_in.password_hashing import PasswordHashing
from tests.shared_platform.workspace_places import PASSWORD, SIGNED_IN_AS, a_desk

CROWD: Final = 30  # more than the pool has connections
PATIENCE: Final = 30.0


class HeldHashing(PasswordHashing):
    """Lets nobody through before it is told to, and counts who came."""

    def __init__(self) -> None:
        super().__init__()
        self.came = asyncio.Semaphore(0)
        self.count = 0
        self.gate = asyncio.Event()

    @override
    async def verify(self, password: str, stored: str | None) -> tuple[bool, str | None]:
        self.count += 1
        self.came.release()
        await self.gate.wait()
        return False, None


async def test_whoever_waits_for_a_hash_holds_no_connection(hub_committed: Database) -> None:
    desk = a_desk(hub_committed.sessions)
    visitor = await desk.a_visitor()
    hashing = HeldHashing()
    desk.app.state.passwords = hashing

    async with asyncio.timeout(PATIENCE):
        crowd = [
            asyncio.create_task(desk.browser().sign_in(f"name-{number}")) for number in range(CROWD)
        ]
        for _ in range(CROWD):
            await hashing.came.acquire()
        page = await visitor.get("/account")
        hashing.gate.set()
        answers = await asyncio.gather(*crowd)

    assert page.status == 200
    assert {one.status for one in answers} == {422}


async def test_of_many_guesses_at_once_five_are_judged(hub_committed: Database) -> None:
    desk = a_desk(hub_committed.sessions)
    await desk.hire(password=PASSWORD)
    hashing = HeldHashing()
    hashing.gate.set()
    desk.app.state.passwords = hashing

    answers = await asyncio.gather(
        *(desk.browser().sign_in(SIGNED_IN_AS, f"guess {number}") for number in range(12))
    )

    assert sorted(one.status for one in answers) == [422] * 5 + [429] * 7
    assert hashing.count == 5
