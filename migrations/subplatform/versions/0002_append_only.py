"""append only.

Rows of these tables are evidence. A program's mistake must not change them; whoever owns the
database still can, and is found by `verify` and by the nodes' own copies of the log.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Only what was signed is fixed in `log_entry`: a newer program may read more out of the same bytes.
_GUARDED = {
    "audit_record": "DELETE OR UPDATE",
    "fork_evidence": "DELETE OR UPDATE",
    "log_entry": "DELETE OR UPDATE OF serial, leaf",
}


def upgrade() -> None:
    """Refuse changes; adding rows costs nothing more than before."""
    op.execute(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% on % is refused: rows are only ever added', TG_OP, TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END
        $$
        """
    )
    for table, actions in _GUARDED.items():
        op.execute(
            f"CREATE TRIGGER append_only BEFORE {actions} ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    """Allow changes again."""
    for table in _GUARDED:
        op.execute(f"DROP TRIGGER append_only ON {table}")
    op.execute("DROP FUNCTION refuse_change()")
