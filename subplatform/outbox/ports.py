"""What the outbox needs of the hub; `subplatform.hub_client.hub.Hub` is it."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from shared_platform.transport.signed_client import Written
from shared_schema.statement import SignedStatement


class LineAnswer(Protocol):
    """The hub's answer to one statement of a batch: a receipt, or a problem document."""

    @property
    def oseq(self) -> int:
        """The statement it answers; 0 when the hub could not read which."""
        ...

    @property
    def status(self) -> int:
        """As the status of a single delivery."""
        ...

    @property
    def receipt(self) -> Mapping[str, Any] | None:
        """What the hub has received."""
        ...

    @property
    def problem(self) -> Mapping[str, Any] | None:
        """Why it was not taken; untrusted."""
        ...


class Intake(Protocol):
    """The hub's intake. All three raise a `DomainError` when there is no usable answer."""

    async def put_statement(self, statement: SignedStatement) -> Written:
        """Deliver one statement; idempotent by its address."""
        ...

    async def post_intake(
        self, envelopes: Sequence[bytes], *, key: str
    ) -> tuple[Written, Sequence[LineAnswer]]:
        """Deliver a batch under an idempotency key; one answer for each, in order."""
        ...

    async def reconcile(self, *, after: int = 0) -> Mapping[str, Any]:
        """What the hub has of this node."""
        ...
