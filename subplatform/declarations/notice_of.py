"""What the holder of a declaration is told about it."""

from subplatform.accounts.notices import Notice
from subplatform.declarations.tables import DeclarationRow


def notice_of(row: DeclarationRow, kind: str) -> Notice:
    """The notice; of one version and last day it is told once, however often something runs."""
    about = f"{kind}:{row.listing}:{row.version}:{row.row_version}"
    if kind in {"expiring", "expired"}:
        about = f"{kind}:{row.listing}:{row.period_end}"
    facts = {"period_end": row.period_end.isoformat(), "title": row.title}
    if row.correction_due is not None:
        facts["due"] = row.correction_due.isoformat()
    return Notice(row.organisation_id, kind, about, row.listing, row.application_number, facts)
