"""A declaration as the columns of its row, and the hash by which equal content is known."""

from hashlib import sha256
from typing import Any

import orjson

from shared_schema.declaration import Declaration


def body_of(declaration: Declaration) -> dict[str, Any]:
    """The declaration as JSON; members without a value are left out, as in statements."""
    return declaration.model_dump(mode="json", by_alias=True, exclude_none=True)


def content_hash(body: dict[str, Any]) -> str:
    """SHA-256 in hex over the sorted members of `body_of`."""
    return sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def content_columns(declaration: Declaration) -> dict[str, Any]:
    """All columns that follow from the content alone."""
    body = body_of(declaration)
    patent = declaration.patent
    return {
        "application_number": patent.application_number,
        "kind": patent.kind,
        "title": patent.title,
        "holder_names": [holder.name for holder in declaration.holders],
        "profile": declaration.profile,
        "period_end": declaration.period.end,
        "body": body,
        "content_hash": content_hash(body),
    }
