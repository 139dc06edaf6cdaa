"""The audit trail: rows that are sealed once, and the archives of its old months."""

from collections.abc import Callable
from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

# A row is sealed once, by getting its place and hash; what an archive holds may go.
_ONLY_SEALING: Final = """
CREATE FUNCTION refuse_all_but_sealing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF EXISTS (SELECT FROM audit_archive
                    WHERE OLD.place BETWEEN first_place AND last_place) THEN
            RETURN OLD;
        END IF;
    ELSIF OLD.hash IS NULL AND NEW.hash IS NOT NULL
        AND (NEW.id, NEW.at, NEW.actor, NEW.act, NEW.subject_kind, NEW.subject, NEW.facts)
          = (OLD.id, OLD.at, OLD.actor, OLD.act, OLD.subject_kind, OLD.subject, OLD.facts) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% on audit_record is refused: rows are sealed once and archived', TG_OP
        USING ERRCODE = 'restrict_violation';
END
$$
"""


def _audit_record() -> None:
    op.create_table(
        "audit_record",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "actor",
            sa.Text(),
            nullable=False,
            comment="account name, node id or the service itself",
        ),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "place",
            sa.BigInteger(),
            nullable=True,
            comment="in the chain, from 1; null until sealed",
        ),
        sa.Column(
            "hash",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the hash before and this row's bytes",
        ),
        sa.CheckConstraint(
            "(place IS NULL) = (hash IS NULL)", name=op.f("ck_audit_record_sealed_whole")
        ),
        sa.CheckConstraint("octet_length(hash) = 32", name=op.f("ck_audit_record_hash_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_record")),
        sa.UniqueConstraint("place", name=op.f("uq_audit_record_place")),
    )
    op.create_index(
        "ix_audit_record_subject", "audit_record", ["subject_kind", "subject", "id"], unique=False
    )
    op.create_index(
        "ix_audit_record_subject_at", "audit_record", ["subject", "at", "id"], unique=False
    )
    op.create_index("ix_audit_record_at", "audit_record", ["at", "id"], unique=False)
    op.create_index("ix_audit_record_actor", "audit_record", ["actor", "at", "id"], unique=False)
    op.create_index("ix_audit_record_act", "audit_record", ["act", "at", "id"], unique=False)
    op.create_index(
        "ix_audit_record_unsealed",
        "audit_record",
        ["id"],
        unique=False,
        postgresql_where=sa.text("hash IS NULL"),
    )


def _audit_archive() -> None:
    op.create_table(
        "audit_archive",
        sa.Column("first_place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_place", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "last_hash", sa.LargeBinary(), nullable=False, comment="on which the chain goes on"
        ),
        sa.Column("file", sa.Text(), nullable=False, comment="its name in the audit folder"),
        sa.Column("sha256", sa.LargeBinary(), nullable=False, comment="of the file"),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "first_place <= last_place", name=op.f("ck_audit_archive_places_in_order")
        ),
        sa.CheckConstraint(
            "octet_length(last_hash) = 32 AND octet_length(sha256) = 32",
            name=op.f("ck_audit_archive_lengths"),
        ),
        sa.CheckConstraint(
            "last_at <= made_at - interval '180 days'", name=op.f("ck_audit_archive_kept_180_days")
        ),
        sa.PrimaryKeyConstraint("first_place", name=op.f("pk_audit_archive")),
        sa.UniqueConstraint("last_place", name=op.f("uq_audit_archive_last_place")),
        sa.UniqueConstraint("file", name=op.f("uq_audit_archive_file")),
    )


TABLES: Final[dict[str, Callable[[], None]]] = {
    "audit_record": _audit_record,
    "audit_archive": _audit_archive,
}


def guard_trail() -> None:
    """Refuse every change of a row of the trail but its sealing, and its removal once archived."""
    op.execute(_ONLY_SEALING)
    op.execute(
        "CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON audit_record"
        " FOR EACH ROW EXECUTE FUNCTION refuse_all_but_sealing()"
    )


def unguard_trail() -> None:
    """Allow changes again."""
    op.execute("DROP TRIGGER append_only ON audit_record")
    op.execute("DROP FUNCTION refuse_all_but_sealing()")
