"""The request id: one value that ties the answer a user sees to every line of the log."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

HEADER: Final = b"x-request-id"
_ACCEPTED: Final = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
_current: ContextVar[str | None] = ContextVar("kaixu_request_id", default=None)


def current_request_id() -> str | None:
    """The id of the request being answered; None outside of one."""
    return _current.get()


@contextmanager
def request_id_is(value: str) -> Iterator[None]:
    """Make `value` the id of everything that runs in the block."""
    token = _current.set(value)
    try:
        yield
    finally:
        _current.reset(token)


def accepted_request_id(headers: list[tuple[bytes, bytes]]) -> str | None:
    """The caller's own id, if it is 8 to 64 plain characters; anything else could forge logs."""
    for name, value in headers:
        if name == HEADER and _ACCEPTED.fullmatch(value):
            return value.decode("ascii")
    return None
