"""Bodies of the imports API."""

from datetime import UTC, date, datetime, time
from pathlib import PurePath
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared_schema.declaration import Contact
from shared_schema.fee_terms import ShortText
from shared_schema.instants import SHANGHAI, Instant
from shared_schema.text import PlainText
from subplatform.declarations.import_file import Imported
from subplatform.declarations.importing.supplied import Supplied, all_commitments
from subplatform.declarations.tables import ImportRunRow
from subplatform.declarations.uploads import Upload

ProfileName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class UploadOut(_Body):
    """A file that arrived; kept for a day."""

    upload: UUID
    size: int
    sha256: str

    @classmethod
    def of(cls, upload: Upload) -> "UploadOut":
        """The upload."""
        return cls(upload=upload.id, size=upload.size, sha256=upload.sha256)


class CommitmentPaperIn(_Body):
    """The paper on which every holder of the list ticked the four commitments."""

    signer: PlainText
    signed_on: date
    text_version: ShortText


class SuppliedIn(_Body):
    """What the operator adds to every row that lacks it."""

    contact: Contact | None = None
    commitments: CommitmentPaperIn | None = None
    holders_consent: bool = False

    def wanted(self) -> Supplied:
        """The readers' form of it; a signature counts from the first instant of its day."""
        if self.commitments is None:
            return Supplied(contact=self.contact, holders_consent=self.holders_consent)
        paper = self.commitments
        signed_at = datetime.combine(paper.signed_on, time(), SHANGHAI).astimezone(UTC)
        ticks = all_commitments(
            signer=paper.signer, signed_at=signed_at, text_version=paper.text_version
        )
        return Supplied(self.contact, ticks, self.holders_consent)


class ImportIn(_Body):
    """Import an uploaded file with a profile of this version; `dry_run` only reports."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "upload": "019a0000-0000-7000-8000-000000000000",
                    "file_name": "五邑大学2026.csv",
                    "profile": "kaixu",
                    "supplied": {
                        "contact": {"name": "张三", "phone": "0750-3299000"},
                        "commitments": {
                            "signer": "五邑大学",
                            "signed_on": "2026-11-20",
                            "text_version": "2024-1",
                        },
                        "holders_consent": True,
                    },
                    "dry_run": False,
                }
            ]
        },
    )

    upload: UUID
    file_name: ShortText
    profile: ProfileName
    rules: ProfileName | None = None
    supplied: SuppliedIn = SuppliedIn()
    dry_run: bool = False
    organisation: (
        Annotated[UUID, Field(description="为哪个单位；默认本单位 / whose; by default one's own")]
        | None
    ) = None

    @property
    def shown_name(self) -> str:
        """The file's name without any folder its owner had it in."""
        return PurePath(self.file_name.replace("\\", "/")).name or self.file_name


class ImportedOut(_Body):
    """What an import did; `import` names its record and reports, null for a dry run."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)

    run: Annotated[UUID | None, Field(serialization_alias="import")]
    report: dict[str, Any]

    @classmethod
    def of(cls, imported: Imported) -> "ImportedOut":
        """The counts."""
        return cls(run=imported.run, report=imported.report.to_json())


class ImportRunOut(_Body):
    """The record of an import; the four counts add up to the rows that are committed."""

    id: UUID
    state: str
    file_name: str
    file_sha256: str
    profile: str
    organisation_id: UUID | None = None
    started_by: str
    started_at: Instant
    finished_at: Instant | None
    rows_new: int
    rows_updated: int
    rows_unchanged: int
    rows_refused: int
    counts: dict[str, Any] | None

    @classmethod
    def of(cls, row: ImportRunRow) -> "ImportRunOut":
        """The record."""
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


ReportKind = Literal["csv", "json"]
