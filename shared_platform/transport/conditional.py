"""Conditional requests: whether the caller already holds what it asks for (RFC 9110 §13)."""

from typing import Any, Final

from starlette.requests import Request

UNCHANGED: Final[dict[int | str, dict[str, Any]]] = {
    304: {"description": "自所给 ETag 以来没有变化 / nothing has changed since that ETag"}
}
"""What every public read gives beside 200, for the API document."""


def is_fresh(request: Request, etag: str) -> bool:
    """Whether the caller already holds this representation (RFC 9110 §13.1.2, weak comparison)."""
    return holds(request, etag) or if_none_match(request).strip() == "*"


def holds(request: Request, etag: str) -> bool:
    """Whether the caller names this very validator; `*` names none."""
    held = [tag.strip().removeprefix("W/") for tag in if_none_match(request).split(",")]
    return etag.removeprefix("W/") in held


def if_none_match(request: Request) -> str:
    """The validators the caller holds, as sent; empty where it holds none."""
    return ",".join(request.headers.getlist("if-none-match"))
