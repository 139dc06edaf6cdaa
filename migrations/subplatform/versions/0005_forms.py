"""Forms of declarations, as they were typed."""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.shared_tables.steps import create, drop

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _declaration_form() -> None:
    op.create_table(
        "declaration_form",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("listing", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("values", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing"],
            ["declaration.listing"],
            name=op.f("fk_declaration_form_listing_declaration"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_declaration_form_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declaration_form")),
    )
    op.create_index("ix_declaration_form_listing", "declaration_form", ["listing"], unique=False)
    op.create_index(
        "ix_declaration_form_organisation",
        "declaration_form",
        ["organisation_id", "id"],
        unique=False,
    )


TABLES: Final = {"declaration_form": _declaration_form}


def upgrade() -> None:
    """Create the tables."""
    create(TABLES)


def downgrade() -> None:
    """Drop them, as long as the next release has not written anything."""
    drop(TABLES)
