"""${message}."""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision).replace("'", '"')}
down_revision = ${repr(down_revision).replace("'", '"')}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables; must work while the previous release runs."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Undo `upgrade`, as long as the next release has not written anything."""
    ${downgrades if downgrades else "pass"}
