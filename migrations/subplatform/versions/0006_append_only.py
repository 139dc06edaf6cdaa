"""Rows that are only ever added.

Rows of these tables are evidence. A program's mistake must not change them; whoever owns the
database still can, and is found by `verify` and by the nodes' own copies of the log.
"""

from typing import Final

from migrations.shared_tables.audit_trail import guard_trail, unguard_trail
from migrations.shared_tables.steps import guard, unguard

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Only what was signed is fixed in `log_entry`: a newer program may read more out of the same bytes.
_GUARDED: Final = {
    "audit_archive": "DELETE OR UPDATE",
    "fork_evidence": "DELETE OR UPDATE",
    "log_entry": "DELETE OR UPDATE OF serial, leaf",
}


def upgrade() -> None:
    """Refuse changes; adding rows costs nothing more than before."""
    guard(_GUARDED)
    guard_trail()


def downgrade() -> None:
    """Allow changes again."""
    unguard_trail()
    unguard(_GUARDED)
