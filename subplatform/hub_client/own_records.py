"""Asking the hub for what this node once delivered, to rebuild the node from it."""

from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from shared_platform.transport.outbound import PeerAnsweredBadly
from shared_platform.transport.signed_client import SignedClient
from shared_schema.bounded_json import JsonLimits, parse_json
from shared_schema.receipt import StoredReceipt
from shared_schema.refusal import DomainError
from shared_schema.statement import WireInstant
from subplatform.hub_client.hub import BASE

_ANSWER: Final = JsonLimits(max_bytes=16 * 1024 * 1024, max_string=2 * 1024 * 1024)
_Number = Annotated[int, Field(strict=True, ge=0, lt=10**18)]
_Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True)


class OwnStatement(_Form):
    """One statement as the hub has it: `envelope` in base64, None once it was erased."""

    oseq: _Number
    listing: UUID
    version: Annotated[int, Field(strict=True, ge=1, lt=10**9)]
    op: str
    statement_hash: _Hash
    envelope: str | None
    received_at: WireInstant


class OwnStatementsPage(_Form):
    """Statements in the order of their numbers, and the largest number that was ever used."""

    statements: Annotated[list[OwnStatement], Field(max_length=500)]
    highest: _Number
    next: _Number | None


class OwnRecords:
    """The hub's records of this node. Calls raise what `SignedClient` raises."""

    def __init__(self, client: SignedClient, node: str) -> None:
        self._client = client
        self._base = f"{BASE}/origins/{node}"

    async def statements(self, *, after: int) -> OwnStatementsPage:
        """The page of own statements after that number.

        Raises:
            PeerAnsweredBadly: another form, or a page that does not go forward.
        """
        answer = await self._client.get(f"{self._base}/statements", params={"after": after})
        try:
            page = OwnStatementsPage.model_validate(parse_json(answer.body, _ANSWER))
        except (ValidationError, DomainError) as malformed:
            raise PeerAnsweredBadly("own statements in another form") from malformed
        numbers = [after, *(one.oseq for one in page.statements)]
        if sorted({*numbers}) != numbers or page.next not in {None, numbers[-1]}:
            raise PeerAnsweredBadly("own statements that do not go forward")
        if page.next == after or page.highest < numbers[-1]:
            raise PeerAnsweredBadly("own statements that do not go forward")
        return page

    async def receipts(self, *, after: int, through: int) -> tuple[StoredReceipt, dict[int, Any]]:
        """The hub's signed answer with the receipts of a page, and these by number.

        Raises:
            PeerAnsweredBadly: not signed by the hub, or another form.
        """
        asked = {"after": after, "through": through}
        answer = await self._client.read_signed(f"{self._base}/receipts", params=asked)
        found: dict[int, Any] = {}
        for line in answer.body.splitlines():
            parsed = parse_json(line)
            if not isinstance(parsed, dict) or not isinstance(oseq := parsed.get("oseq"), int):
                raise PeerAnsweredBadly("receipts in another form")
            found[oseq] = parsed.get("receipt")
        return answer.receipt, found
