"""A hub that a signing node can reach: a process of its own, or an application in this one."""

from typing import Any, Protocol

import httpx


class Addressed(Protocol):
    """Something with a public base URL."""

    @property
    def url(self) -> str: ...


class ReachableHub(Protocol):
    """`deploy.drill.services.Service`, or whatever answers like it."""

    @property
    def place(self) -> Addressed: ...

    def client(self) -> httpx.AsyncClient:
        """Somebody who can reach it."""
        ...

    async def told(
        self, method: str, path: str, body: object = None, *, by: str | None = None
    ) -> Any:
        """The JSON answer of a request by a member of staff, which must succeed."""
        ...
