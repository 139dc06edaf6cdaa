"""A node that is only its keys: it signs requests and statements as it likes, well or badly."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from types import MappingProxyType
from typing import Any
from uuid import UUID

import httpx

from shared_schema.content_digest import content_digest
from shared_schema.dsse import sign_envelope
from shared_schema.enrolment import KEY_USES, EnrolmentRequest
from shared_schema.entry_parts import KeyUse, Names, NodeKey, NodeScope
from shared_schema.identities import RandomIds
from shared_schema.instants import Clock, Instant, clock_at, whole_second
from shared_schema.message_signature import SignedMessage
from shared_schema.request_signature import sign_request
from shared_schema.signing_key import SigningKey
from shared_schema.statement import (
    STATEMENT_TYPE,
    Reason,
    SignedStatement,
    Statement,
    Subject,
    sign_statement,
    write_payload,
)
from tests.federation.federation import TODAY, confirm
from tests.federation.reachable_hub import ReachableHub
from tests.shared_schema.signed_requests import Sent, forged
from tests.subplatform.node_builders import a_declaration, a_number

JSON = "application/json"
NDJSON = "application/x-ndjson"
BASE = "/federation/v1"
BODY_COMPONENTS = ('"@method"', '"@target-uri"', '"content-digest"', '"content-type"')
_places = count(1)


@dataclass
class SigningNode:
    """An enrolled node without a process; tests send what it signs to a hub."""

    hub: ReachableHub
    id: str
    keys: Mapping[KeyUse, SigningKey] = field(
        default_factory=lambda: {use: SigningKey.generate() for use in KEY_USES}
    )
    clock: Clock = field(default_factory=lambda: clock_at(TODAY))
    ids: RandomIds = field(default_factory=RandomIds)
    oseqs: "count[int]" = field(default_factory=lambda: count(1))

    @property
    def key(self) -> SigningKey:
        """What it signs requests and statements with."""
        return self.keys["statement"]

    async def join(self, *, regions: Sequence[str] = ("44",)) -> None:
        """Enrol, and be confirmed by two registrars."""
        until = whole_second(self.clock.now()) + timedelta(days=365)
        wish = EnrolmentRequest(
            node=self.id,
            names=Names(zh="测试中心", en="Test centre"),
            keys=tuple(
                NodeKey.of(key.public, use=use, not_after=until) for use, key in self.keys.items()
            ),
            scope=NodeScope(regions=tuple(regions), kinds=("licence",)),
        )
        body = wish.model_dump_json().encode()
        answer = await self.send(self.request("POST", f"{BASE}/enrolments", body))
        assert answer.status_code == 202, answer.text
        await confirm(self.hub, answer.json())

    def request(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        key: SigningKey | None = None,
        now: Instant | None = None,
        fields: Mapping[str, str] = MappingProxyType({}),
    ) -> Sent:
        """A request signed as the protocol wants it, with more fields if given."""
        own = {"content-type": JSON} if body else {}
        named = own | dict(fields)
        message = SignedMessage.of(method, self.hub.place.url + path, named)
        added = sign_request(
            message,
            body=body,
            key=key or self.key,
            now=now or self.clock.now(),
            nonce=self.ids.new_token(),
        )
        return Sent(replace(message, headers=message.headers.joined(added)), body)

    def forged(
        self,
        method: str,
        path: str,
        body: bytes,
        *,
        components: tuple[str, ...] = BODY_COMPONENTS,
        parameters: Mapping[str, str | None] = MappingProxyType({}),
    ) -> Sent:
        """A request with a sound signature over exactly these components and parameters."""
        own = {"content-digest": content_digest(body), "content-type": JSON}
        message = SignedMessage.of(method, self.hub.place.url + path, own)
        stated = self._parameters() | dict(parameters)
        text = "".join(f";{name}={value}" for name, value in stated.items() if value is not None)
        return forged(Sent(message, body), components, text, key=self.key)

    def _parameters(self) -> dict[str, str | None]:
        """The signature parameters that the hub accepts, as they are spelled."""
        created = int(self.clock.now().timestamp())
        return {
            "created": str(created),
            "expires": str(created + 300),
            "keyid": f'"{self.key.key_id}"',
            "alg": '"ed25519"',
            "nonce": f'"{self.ids.new_token()}"',
            "tag": '"kaixu-request/1"',
        }

    async def send(self, sent: Sent) -> httpx.Response:
        """Put the bytes on a socket exactly as they are."""
        async with self.hub.client() as client:
            return await client.request(
                sent.message.method,
                sent.message.url,
                headers=list(sent.message.headers.lines),
                content=sent.body or None,
            )

    async def put(self, statement: SignedStatement) -> httpx.Response:
        """Deliver one statement under a fresh signature."""
        return await self.send(self.put_request(statement.raw, statement.statement.oseq))

    def put_request(self, raw: bytes, oseq: int, *, encoding: str | None = None) -> Sent:
        """The request that delivers one envelope to the address of its number."""
        fields = {} if encoding is None else {"content-encoding": encoding}
        return self.request("PUT", self.address(oseq), raw, fields=fields)

    def address(self, oseq: int, *, node: str | None = None) -> str:
        """Where a statement of that number belongs."""
        return f"{BASE}/origins/{node or self.id}/statements/{oseq}"

    def batch(self, *lines: bytes, key: str | None = None) -> Sent:
        """The request that delivers many envelopes."""
        fields = {"content-type": NDJSON, "idempotency-key": key or self.ids.new_token()}
        return self.request("POST", f"{BASE}/intake", b"\n".join(lines) + b"\n", fields=fields)

    async def deliver(self, *lines: bytes) -> list[dict[str, Any]]:
        """Deliver many envelopes; the result lines."""
        answer = await self.send(self.batch(*lines))
        assert answer.status_code == 200, answer.text
        return [json.loads(line) for line in answer.content.splitlines()]

    def offer(
        self,
        number: str | None = None,
        *,
        after: SignedStatement | None = None,
        key: SigningKey | None = None,
        members: Mapping[str, Any] | None = None,
        **changes: object,
    ) -> SignedStatement:
        """An offer that no rule objects to, version 1 or the one after another statement.

        `changes` go into the declaration, `members` into the statement.
        """
        number = number or (
            after.statement.subject.application_number if after else a_number(next(_places))
        )
        body = a_declaration(number, **changes).model_dump(mode="json", exclude_none=True)
        stated = self._members(number, after) | {"op": "offer", "body": body}
        return sign_statement(Statement(**stated | dict(members or {})), key or self.key)

    def withdrawal(self, after: SignedStatement) -> SignedStatement:
        """The withdrawal that follows a statement."""
        number = after.statement.subject.application_number
        stated = self._members(number, after) | {"op": "withdraw", "body": None}
        return sign_statement(Statement(**stated, reason=Reason(code="holder_request")), self.key)

    def _members(self, number: str, after: SignedStatement | None) -> dict[str, Any]:
        listing: UUID = after.statement.listing if after else self.ids.new_id()
        return {
            "origin": self.id,
            "listing": listing,
            "oseq": next(self.oseqs),
            "version": after.statement.version + 1 if after else 1,
            "prev": after.payload_hash if after else None,
            "subject": Subject(application_number=number),
            "salt": self.ids.new_token(),
            "issued_at": whole_second(self.clock.now()),
        }


def enveloped(node: SigningNode, payload: bytes, *, key: SigningKey | None = None) -> bytes:
    """An envelope around any bytes at all, soundly signed."""
    return sign_envelope(payload, STATEMENT_TYPE, key or node.key)


def payload_of(statement: SignedStatement, old: str = "", new: str = "") -> bytes:
    """The statement's payload with one text replaced: what a careless program writes."""
    payload = write_payload(statement.statement).decode()
    assert old in payload
    return payload.replace(old, new, 1).encode("utf-8", "surrogatepass")
