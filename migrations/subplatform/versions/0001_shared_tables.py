"""Tables that hub and node share: accounts, the trail, the log's copy and its catalogue."""

from typing import Final

from migrations.shared_tables import accounts, audit_trail, catalogue, upkeep
from migrations.shared_tables.steps import create, drop

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES: Final = {**accounts.TABLES, **audit_trail.TABLES, **catalogue.TABLES, **upkeep.TABLES}


def upgrade() -> None:
    """Create the tables."""
    create(TABLES)


def downgrade() -> None:
    """Drop them, as long as the next release has not written anything."""
    drop(TABLES)
