"""The terms that a fee clause states, as JSON."""

from typing import Any

from subplatform.declarations.importing.fee_clause import read_clause


def terms(text: str, **stated: Any) -> dict[str, Any]:
    return read_clause(text, **stated).model_dump(
        mode="json", exclude_defaults=True, exclude={"note"}
    )


def payment(text: str, **stated: Any) -> dict[str, Any]:
    found = terms(text, **stated)
    assert set(found) == {"payment"}
    return dict(found["payment"])
