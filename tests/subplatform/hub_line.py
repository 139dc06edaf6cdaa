"""The way between a node and the hub peer, with its bad days, and what a node says over it."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import httpx
from fastapi import Response
from fastapi.responses import HTMLResponse
from typing_extensions import override

from shared_platform.transport.outbound import Outbound
from shared_platform.transport.problem_answer import problem_answer
from shared_platform.transport.signed_answers import json_answer
from shared_schema.identities import SeededIds
from shared_schema.refusal import DomainError
from shared_schema.statement import (
    Reason,
    SignedStatement,
    Statement,
    Subject,
    sign_statement,
)
from subplatform.hub_client.hub import Hub
from tests.shared_schema.offers import INVENTION, a_declaration
from tests.subplatform.hub_peer import ANCHOR, NODE, NODE_KEY, NOW, Fault, HubPeer, SetClock


class BadLine(httpx.AsyncBaseTransport):
    """What lies between node and hub. Each fault is used up by one request."""

    def __init__(self, hub: HubPeer, faults: Sequence[Fault] = ()) -> None:
        self.hub = hub
        self.faults = deque(faults)
        self._through = httpx.ASGITransport(hub.asgi)

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        fault = self.faults.popleft() if self.faults else None
        if fault == "unsent":
            raise httpx.ConnectError("refused", request=request)
        if isinstance(fault, DomainError):
            return await self._answered(problem_answer(fault, request_id="r", now=NOW), request)
        if fault == "html":
            return await self._answered(HTMLResponse("<p>bad gateway</p>", 502), request)
        answer = await self._through.handle_async_request(request)
        if fault == "lost":
            raise httpx.ReadError("reset", request=request)
        if fault == "malformed":
            return await self._answered(json_answer({"no": "receipt"}), request)
        return answer

    async def _answered(self, answer: Response, request: httpx.Request) -> httpx.Response:
        return await httpx.ASGITransport(answer).handle_async_request(request)


@dataclass
class Sender:
    """A node's signer: it numbers statements as the node does, without a node's other parts."""

    ids: SeededIds = field(default_factory=lambda: SeededIds(11))
    oseq: int = 0
    last: dict[UUID, SignedStatement] = field(default_factory=dict)

    def offer(self, listing: UUID | None = None) -> SignedStatement:
        return self.say("offer", listing or self.ids.new_id())

    def say(self, op: str, listing: UUID) -> SignedStatement:
        self.oseq += 1
        before = self.last.get(listing)
        body = a_declaration().model_dump(mode="json", by_alias=True, exclude_none=True)
        statement = Statement.model_validate(
            {
                "origin": NODE,
                "listing": listing,
                "oseq": self.oseq,
                "version": before.statement.version + 1 if before else 1,
                "prev": before.payload_hash if before else None,
                "op": op,
                "subject": Subject(application_number=INVENTION),
                "salt": self.ids.new_token(),
                "body": body if op == "offer" else None,
                "reason": None if op == "offer" else Reason(code="holder_wish"),
                "issued_at": NOW,
            }
        )
        self.last[listing] = sign_statement(statement, NODE_KEY)
        return self.last[listing]

    def offers(self, count: int) -> Iterator[SignedStatement]:
        return (self.offer() for _ in range(count))


def hub_over(line: BadLine, clock: SetClock, *, seed: int = 3) -> Hub:
    """The node's own client, over that line."""
    return Hub(
        ANCHOR,
        node=NODE,
        key=lambda: NODE_KEY,
        outbound=Outbound(transport=line),
        clock=clock,
        ids=SeededIds(seed),
    )
