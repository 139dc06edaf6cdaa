"""Rows of declarations and of the imports that made them."""

from datetime import date
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared_schema.instants import Instant
from subplatform.declarations.states import ENDED, State
from subplatform.tables import NodeTable


def _listed(states: tuple[State, ...]) -> str:
    return ", ".join(f"'{state.value}'" for state in states)


IS_LIVE: Final = f"state NOT IN ({_listed(ENDED)})"
"""SQL of what the partial unique index covers: one live declaration for each patent."""


class DeclarationRow(NodeTable):
    """One listing with its present content.

    `version` is that of the last signed statement, 0 before the first; `last_oseq` and
    `last_statement_hash` (payload, hex) belong to it. `organisation_id` is whose it is; null: the
    node filed it for a holder without an account. `row_version` counts changes of content or
    extension, so that two editors notice each other. `imported_hash` is the content as the last
    import brought it: where it differs from `content_hash`, somebody edited by hand. `status_as_of`
    and `status_source` say which register reading the findings go by; null: none.
    """

    __tablename__ = "declaration"
    __table_args__ = (
        CheckConstraint(f"state IN ({_listed(tuple(State))})", name="state_known"),
        CheckConstraint("version >= 0", name="version"),
        CheckConstraint(
            "(version = 0) = (last_statement_hash IS NULL)", name="signed_versions_have_a_hash"
        ),
        CheckConstraint("(version = 0) = (last_oseq IS NULL)", name="signed_versions_have_an_oseq"),
        Index(
            "uq_declaration_live_number",
            "application_number",
            unique=True,
            postgresql_where=text(IS_LIVE),
        ),
        Index("ix_declaration_state", "state", "listing"),
        Index("ix_declaration_application_number", "application_number"),
        Index("ix_declaration_import", "import_id"),
        Index("ix_declaration_organisation", "organisation_id", "listing"),
        Index(
            "ix_declaration_needs_signature", "listing", postgresql_where=text("needs_signature")
        ),
        Index("ix_declaration_finding_codes", "finding_codes", postgresql_using="gin"),
        Index(
            "ix_declaration_period_end",
            "period_end",
            postgresql_where=text("state IN ('published', 'suspended')"),
        ),
    )

    listing: Mapped[UUID] = mapped_column(primary_key=True)
    state: Mapped[str]
    version: Mapped[int] = mapped_column(default=0)
    last_statement_hash: Mapped[str | None]
    last_oseq: Mapped[int | None]
    needs_signature: Mapped[bool] = mapped_column(
        default=False, server_default=text("false"), comment="its key was revoked at the hub"
    )
    serial: Mapped[int | None]

    application_number: Mapped[str]
    kind: Mapped[str]
    title: Mapped[str | None]
    holder_names: Mapped[list[str]]
    profile: Mapped[str]
    period_end: Mapped[date]
    body: Mapped[dict[str, Any]]
    content_hash: Mapped[str]
    imported_hash: Mapped[str | None]
    extension: Mapped[dict[str, Any]] = mapped_column(default=dict)

    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    finding_codes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    is_blocked: Mapped[bool]
    unchecked_rules: Mapped[list[str]]
    report_demanded: Mapped[bool] = mapped_column(default=False)
    checked_at: Mapped[Instant]
    status_as_of: Mapped[date | None]
    status_source: Mapped[str | None]

    source: Mapped[dict[str, Any]]
    import_id: Mapped[UUID | None] = mapped_column(ForeignKey("import_run.id"))
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    return_reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    correction_due: Mapped[date | None] = mapped_column(
        comment="the last day for the correction that a verifier asked for"
    )
    suspension: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    row_version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    erased_at: Mapped[Instant | None] = mapped_column(comment="when its content was taken out")


class ImportRunRow(NodeTable):
    """One import of a list. The four counts move with each committed batch and so always add up.

    `counts` holds the report's tables once the run is complete. A run that is neither complete nor
    failed and does not move was interrupted; its committed rows stay. `organisation_id` is whose
    declarations it brings; null: those of holders without an account.
    """

    __tablename__ = "import_run"
    __table_args__ = (
        CheckConstraint("state IN ('running', 'completed', 'interrupted')", name="state_known"),
        Index("ix_import_run_file", "file_sha256", "profile"),
        Index("ix_import_run_organisation", "organisation_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    state: Mapped[str]
    file_name: Mapped[str]
    file_sha256: Mapped[str]
    profile: Mapped[str]
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    started_by: Mapped[str]
    started_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]
    rows_new: Mapped[int] = mapped_column(default=0)
    rows_updated: Mapped[int] = mapped_column(default=0)
    rows_unchanged: Mapped[int] = mapped_column(default=0)
    rows_refused: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class ImportJobRow(NodeTable):
    """One list on its way in: first read without writing (`dry_run`), then imported.

    Whoever runs it holds it until `lease_until`; after that it was interrupted and is taken up
    again. `run` is the import that it became; `counts` are of the last run that ended, `problem` is
    why it did not. The list and what became of its rows are files in `data_dir/jobs/<id>`.
    """

    __tablename__ = "import_job"
    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting', 'running', 'read', 'done', 'refused', 'failed')",
            name="state_known",
        ),
        CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name="lease_is_timed"),
        Index(
            "ix_import_job_open",
            "asked_at",
            postgresql_where=text("state IN ('waiting', 'running')"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    state: Mapped[str]
    file_name: Mapped[str]
    profile: Mapped[str]
    rules: Mapped[str | None]
    supplied: Mapped[dict[str, Any]]
    organisation: Mapped[UUID | None]
    dry_run: Mapped[bool]
    whole: Mapped[bool]
    asked_by: Mapped[str]
    asked_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]
    lease_until: Mapped[Instant | None]
    tries: Mapped[int]
    rows_done: Mapped[int]
    rows_total: Mapped[int | None]
    run: Mapped[UUID | None] = mapped_column(ForeignKey("import_run.id"))
    counts: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class DeclarationFormRow(NodeTable):
    """A form that does not make a declaration yet, kept as it was typed.

    `listing` is the declaration that it will change; null: it will be a new one.
    """

    __tablename__ = "declaration_form"
    __table_args__ = (
        Index("ix_declaration_form_organisation", "organisation_id", "id"),
        Index("ix_declaration_form_listing", "listing"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    listing: Mapped[UUID | None] = mapped_column(
        ForeignKey("declaration.listing", ondelete="CASCADE")
    )
    number: Mapped[str | None]
    values: Mapped[dict[str, Any]]
    saved_by: Mapped[str]
    saved_at: Mapped[Instant]


DECLARATIONS: Final = cast(Table, DeclarationRow.__table__)
IMPORT_RUNS: Final = cast(Table, ImportRunRow.__table__)
IMPORT_JOBS: Final = cast(Table, ImportJobRow.__table__)
