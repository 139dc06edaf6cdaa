"""A request body that is counted and timed while it arrives."""

import asyncio

from starlette.types import Message, Receive

from shared_platform.transport.request_head import BodyLimit, malformed
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError


class BodyTooLarge(DomainError):
    """The body, as sent, exceeds its route's bound in bytes or seconds."""

    problem = ProblemType.PAYLOAD_TOO_LARGE


class BoundedBody:
    """Stands before the server's `receive`; what it raises is kept in `refusal`.

    Frameworks turn errors met while reading a body into answers of their own, so the guard looks
    at `refusal` instead of trusting that the exception comes back to it.
    """

    def __init__(self, receive: Receive, limit: BodyLimit, declared: int | None) -> None:
        self.refusal: DomainError | None = None
        self._receive = receive
        self._limit = limit
        self._declared = declared
        self._count = 0
        self._complete = False
        self._deadline = asyncio.get_running_loop().time() + limit.seconds

    async def receive(self) -> Message:
        """The next ASGI message, within the bounds.

        Raises:
            BodyTooLarge: too many bytes, or not complete in time.
            RequestMalformed: fewer or more bytes than Content-Length declared.
        """
        if self.refusal is not None:
            raise self.refusal
        if self._complete:
            return await self._receive()
        message = await self._next_part()
        if message["type"] != "http.request":
            return message
        self._count += len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        self._check_count()
        return message

    async def _next_part(self) -> Message:
        try:
            async with asyncio.timeout_at(self._deadline):
                return await self._receive()
        except TimeoutError:
            raise self._refuse(too_slow(self._limit)) from None

    def _check_count(self) -> None:
        if self._count > self._limit.max_bytes:
            raise self._refuse(too_large(self._limit))
        if self._declared is None:
            return
        if self._count > self._declared or (self._complete and self._count < self._declared):
            message = "实际长度与声明不符 / the body is not as long as declared"
            raise self._refuse(malformed("content_length", message))

    def _refuse(self, refusal: DomainError) -> DomainError:
        self.refusal = refusal
        return refusal


def too_large(limit: BodyLimit) -> BodyTooLarge:
    """More bytes than the route takes."""
    message = f"最多 {limit.max_bytes} 字节 / at most {limit.max_bytes} bytes"
    return BodyTooLarge(errors=[FieldError("", "body.too_large", message)])


def too_slow(limit: BodyLimit) -> BodyTooLarge:
    """The body did not arrive in time."""
    message = f"须在 {limit.seconds:g} 秒内传完 / must arrive within {limit.seconds:g} seconds"
    return BodyTooLarge(errors=[FieldError("", "body.too_slow", message)])
