"""What the API document says of counted reads: the limits' fields, their refusals, the key."""

from typing import Any, Final

from shared_platform.transport.limit_reads import PortalKeyInvalid, TooManyReads
from shared_platform.transport.problem_documents import problems
from shared_platform.transport.read_budgets import budget_of

SCHEME_NAME: Final = "portalKey"
_SCHEME: Final = {
    "type": "http",
    "scheme": "bearer",
    "description": "门户密钥，可不带；限额更高 / a portal's key, optional: higher limits",
}
_FIELDS: Final = {
    "RateLimit-Policy": {
        "description": "限额（结构化字段）/ the policy, as a structured field",
        "schema": {"type": "string"},
        "example": '"read";q=3000;w=60',
    },
    "RateLimit": {
        "description": "还剩多少 / what is left: r requests, one more comes back in t seconds",
        "schema": {"type": "string"},
        "example": '"read";r=2999;t=60',
    },
}
_UNCOUNTED: Final = {"401"}
_TOO_MANY: Final = "429"
_RETRY: Final = {
    "Retry-After": {
        "description": "秒 / seconds to wait",
        "schema": {"type": "integer", "minimum": 1},
        "example": 12,
    }
}


def document_limits(document: dict[str, Any]) -> None:
    """Add to every counted read its fields, its two refusals and the optional key."""
    refusals = problems(TooManyReads, PortalKeyInvalid)
    counted = [operations for path, operations in document["paths"].items() if budget_of(path)]
    if not counted:
        return
    schemes = document.setdefault("components", {}).setdefault("securitySchemes", {})
    schemes[SCHEME_NAME] = _SCHEME
    for operations in counted:
        for operation in operations.values():
            _document(operation, {str(status): one for status, one in refusals.items()})


def _document(operation: dict[str, Any], refusals: dict[str, Any]) -> None:
    responses = refusals | operation["responses"]
    for status, response in responses.items():
        if status not in _UNCOUNTED:
            fields = _FIELDS | (_RETRY if status == _TOO_MANY else {})
            response["headers"] = response.get("headers", {}) | fields
    operation["responses"] = dict(sorted(responses.items()))
    operation["security"] = [{}, {SCHEME_NAME: []}]
