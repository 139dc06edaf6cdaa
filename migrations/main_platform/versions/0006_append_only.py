"""Rows that are only ever added.

Rows of these tables are evidence. A program's mistake must not change them; whoever owns the
database still can, and is found by `verify` and by the nodes' own copies of the log.
"""

from typing import Final

from alembic import op

from migrations.shared_tables.audit_trail import guard_trail, unguard_trail
from migrations.shared_tables.steps import guard, unguard

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Only what was signed is fixed in `log_entry`: a newer program may read more out of the same bytes.
_GUARDED: Final = {
    "audit_archive": "DELETE OR UPDATE",
    "decision": "DELETE OR UPDATE OF id, review, statement_hash, verdict, examiner, at",
    "key_change": "DELETE OR UPDATE",
    "fork_evidence": "DELETE OR UPDATE",
    "log_handover": "DELETE OR UPDATE",
    "monthly_issue": "DELETE OR UPDATE",
    "issue_edition": "DELETE OR UPDATE",
    "issue_entry": "DELETE OR UPDATE",
    "issue_erratum": "DELETE OR UPDATE",
    "log_entry": "DELETE OR UPDATE OF serial, leaf",
}

# The words beside a coded reason may name a person, who may ask for their erasure; nothing else of a
# decision may change.
_ONLY_ERASURES: Final = """
CREATE FUNCTION refuse_all_but_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.reasons <> (
        SELECT coalesce(jsonb_agg(jsonb_set(one.reason, '{text}', 'null') ORDER BY one.place), '[]')
          FROM jsonb_array_elements(OLD.reasons) WITH ORDINALITY AS one (reason, place))
    THEN
        RAISE EXCEPTION 'UPDATE on decision is refused: only words may be erased'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$
"""


def upgrade() -> None:
    """Refuse changes; adding rows costs nothing more than before."""
    guard(_GUARDED)
    guard_trail()
    op.execute(_ONLY_ERASURES)
    op.execute(
        "CREATE TRIGGER only_erasures BEFORE UPDATE OF reasons ON decision"
        " FOR EACH ROW EXECUTE FUNCTION refuse_all_but_erasure()"
    )


def downgrade() -> None:
    """Allow changes again."""
    op.execute("DROP TRIGGER only_erasures ON decision")
    op.execute("DROP FUNCTION refuse_all_but_erasure()")
    unguard_trail()
    unguard(_GUARDED)
