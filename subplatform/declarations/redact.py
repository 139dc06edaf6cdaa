"""Take out of a declaration everything that may name a person, after its statement was erased."""

from typing import Any, Final

from shared_schema.declaration import Declaration
from shared_schema.instants import Instant
from subplatform.declarations.content import content_columns
from subplatform.declarations.tables import DeclarationRow

ERASED: Final = "（已依法删除 / erased）"
_PATENT: Final = ("application_number", "kind", "publication_number", "grant_date")


def redact(row: DeclarationRow, *, now: Instant) -> None:
    """Leave number, terms and dates; names, texts, reasons and the import's row are gone.

    The row must be locked. What is left is still a declaration, so everything that reads
    declarations goes on; `erased_at` says what happened to it.
    """
    for name, value in content_columns(_bare(row.body)).items():
        setattr(row, name, value)
    row.imported_hash = None
    row.extension = {}
    row.source = {"kind": "erased"}
    row.findings, row.return_reasons = [], []
    row.status_source = row.status_as_of = None
    if row.suspension is not None:
        row.suspension = {name: value for name, value in row.suspension.items() if name != "text"}
    row.erased_at = row.updated_at = now
    row.row_version += 1


def _bare(body: dict[str, Any]) -> Declaration:
    """The declaration without names and free texts; of holders their kinds are left."""
    patent, fee = body["patent"], dict(body["fee"])
    fee.pop("note", None)
    if fee["payment"]["mode"] == "other":
        fee["payment"] = fee["payment"] | {"text": ERASED}
    fields = {
        name: value for name, value in body.get("technical_field", {}).items() if name != "text"
    }
    return Declaration.model_validate(
        {
            "profile": body["profile"],
            "patent": {name: patent[name] for name in _PATENT if name in patent},
            "holders": [
                {"name": ERASED, "kind": one.get("kind", "other")} for one in body["holders"]
            ],
            "fee": fee,
            "period": body["period"],
            "territory": body["territory"],
            "technical_field": fields,
        }
    )
