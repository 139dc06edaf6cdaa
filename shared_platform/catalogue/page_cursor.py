"""The opaque cursor of catalogue pages: the last listing shown, bound to the query it belongs to.

A cursor grants nothing and hides nothing: it holds a public serial. Its check therefore needs no
secret; it makes sure that a cut, mistyped or made-up cursor, or one moved to another query, is
refused instead of silently showing the wrong page.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from hmac import compare_digest
from typing import Final

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError

_DOMAIN: Final = b"kaixu-catalogue-cursor/1\x00"
_CHECK_BYTES: Final = 9  # at least; so many more that the text has one spelling only
_REFUSED: Final = (
    "游标无效或不属于此查询，请从第一页重新开始"
    " / the cursor is not of this query; start again at the first page"
)
PLACE_BYTES: Final = 8


class CursorRefused(DomainError):
    """The cursor was not made by this service for this query."""

    problem = ProblemType.SCHEMA_INVALID


def write_cursor(place: int, query: str, *, size: int = PLACE_BYTES) -> str:
    """The text that continues `query` after this place: a listing's first serial, or a sort key.

    `size` is the number of bytes the place takes.
    """
    raw = place.to_bytes(size, "big")
    return urlsafe_b64encode(raw + _check(raw, query)).decode()


def read_cursor(text: str, query: str, *, size: int = PLACE_BYTES) -> int:
    """The place after which the page of `query` begins.

    Raises:
        CursorRefused: any other text than `write_cursor` makes for the same query.
    """
    try:
        raw = urlsafe_b64decode(text.encode("ascii"))
    except ValueError as malformed:
        raise CursorRefused(
            _REFUSED, [FieldError("query:cursor", "cursor.invalid", _REFUSED)]
        ) from malformed
    place = raw[:size]
    whole = place + _check(place, query)
    if not compare_digest(raw, whole) or urlsafe_b64encode(raw).decode() != text:
        raise CursorRefused(_REFUSED, [FieldError("query:cursor", "cursor.invalid", _REFUSED)])
    return int.from_bytes(place, "big")


def _check(place: bytes, query: str) -> bytes:
    digest = sha256(_DOMAIN + place + query.encode("utf-8", "replace")).digest()
    return digest[: _CHECK_BYTES + -(len(place) + _CHECK_BYTES) % 3]
