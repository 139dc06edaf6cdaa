"""The real hub in this process, as attackers meet it, and what its database holds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
from sqlalchemy import text

from shared_platform.database.engine import Database
from shared_schema.enrolment import KEY_USES
from shared_schema.entry_parts import KeyUse
from shared_schema.instants import Instant
from shared_schema.signing_key import SigningKey
from tests.attacks.attack import Answered
from tests.federation.federation import REGISTRARS
from tests.federation.signing_node import SigningNode
from tests.main_platform.hub_places import OpenHub, an_open_hub
from tests.shared_schema.signed_requests import HUB, Sent

Digests = dict[str, str]
"""For each table a hash over all its rows."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where it is reached."""

    url: str


@dataclass
class AttackedHub:
    """The hub's whole application over a database with real commits."""

    open: OpenHub
    place: Address = Address(HUB)

    def client(self) -> httpx.AsyncClient:
        """Somebody who can reach it."""
        return self.open.client()

    async def told(
        self, method: str, path: str, body: object = None, *, by: str | None = None
    ) -> Any:
        """The JSON answer of a request by a member of staff, which must succeed."""
        answer = await self.open.ask(method, path, body, by=by)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def send(self, sent: Sent) -> httpx.Response:
        """Hand the application exactly these bytes."""
        lines = [(name.encode(), value.encode()) for name, value in sent.message.headers.lines]
        async with self.client() as client:
            return await client.request(
                sent.message.method, sent.message.url, headers=lines, content=sent.body or None
            )

    async def admit(self, name: str, key: SigningKey) -> SigningNode:
        """An enrolled node of Guangdong with this statement key."""
        keys: dict[KeyUse, SigningKey] = {use: SigningKey.generate() for use in KEY_USES}
        keys["statement"] = key
        node = SigningNode(self, name, keys, self.open.clock)
        await node.join()
        return node

    async def is_stored(self, envelope: bytes) -> bool:
        """Whether exactly these bytes were accepted."""
        return await self._holds("submission", envelope)

    async def is_evidence(self, envelope: bytes) -> bool:
        """Whether exactly these bytes are kept as an equivocation."""
        return await self._holds("equivocation", envelope)

    async def _holds(self, table: str, envelope: bytes) -> bool:
        query = text(f"SELECT EXISTS (SELECT FROM {table} WHERE envelope = :raw)")
        async with self.open.database.sessions() as session:
            return bool(await session.scalar(query, {"raw": envelope}))

    async def digests(self) -> Digests:
        """What every table holds, to be compared before and after."""
        async with self.open.database.sessions() as session:
            names = (await session.scalars(_TABLES)).all()
            parts = " UNION ALL ".join(
                f"SELECT '{name}', md5(string_agg(t::text, E'\\n' ORDER BY t::text)) FROM {name} t"
                for name in names
            )
            rows = await session.execute(text(parts))
            return {name: str(digest) for name, digest in rows}


_TABLES: Final = text(
    "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
)


@asynccontextmanager
async def an_attacked_hub(
    database: Database, folder: Path, *, now: Instant
) -> AsyncIterator[AttackedHub]:
    """A hub with two registrars, at this instant, for ever."""
    async with an_open_hub(database, folder) as hub:
        hub.clock.instant = now
        for name in REGISTRARS:
            await hub.hire(name, "node_registrar")
        yield AttackedHub(hub)


def refusal_of(answer: httpx.Response) -> Answered:
    """The answer, which must be a problem document (RFC 9457) that tells the time."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem = answer.json()
    assert problem["server_time"]
    assert problem["instance"]
    codes = tuple(error["code"] for error in problem["errors"])
    return Answered(answer.status_code, problem["code"], codes)


def changed(before: Digests, after: Digests) -> set[str]:
    """The tables that do not hold what they held."""
    return {name for name in before | after if before.get(name) != after.get(name)}
