"""The request id: one value that ties the answer a user sees to every line of the log.

A caller's own `X-Request-Id` stands beside it as `peer_request_id`: it ties our lines to the
caller's (a node's delivery to the hub's work on it), and is never taken for an id of ours, which
anybody could then repeat.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

HEADER: Final = b"x-request-id"
_ACCEPTED: Final = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
_peer: ContextVar[str | None] = ContextVar("kaixu_peer_request_id", default=None)
_current: ContextVar[str | None] = ContextVar("kaixu_request_id", default=None)


def current_request_id() -> str | None:
    """The id of the request being answered; None outside of one."""
    return _current.get()


def peer_request_id() -> str | None:
    """The caller's own id of the request being answered, unproven; None where it sent none."""
    return _peer.get()


@contextmanager
def request_id_is(value: str, *, peer: str | None = None) -> Iterator[None]:
    """Make `value` the id of everything that runs in the block, and `peer` the caller's."""
    token, peer_token = _current.set(value), _peer.set(peer)
    try:
        yield
    finally:
        _current.reset(token)
        _peer.reset(peer_token)


def harmless_request_id(headers: list[tuple[bytes, bytes]]) -> str | None:
    """The caller's own id, if it is 8 to 64 plain characters; anything else could forge logs."""
    for name, value in headers:
        if name == HEADER and _ACCEPTED.fullmatch(value):
            return value.decode("ascii")
    return None
