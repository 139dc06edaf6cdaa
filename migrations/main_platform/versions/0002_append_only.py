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
_ONLY_ERASURES = """
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
    op.execute(_ONLY_ERASURES)
    op.execute(
        "CREATE TRIGGER only_erasures BEFORE UPDATE OF reasons ON decision"
        " FOR EACH ROW EXECUTE FUNCTION refuse_all_but_erasure()"
    )


def downgrade() -> None:
    """Allow changes again."""
    op.execute("DROP TRIGGER only_erasures ON decision")
    op.execute("DROP FUNCTION refuse_all_but_erasure()")
    for table in _GUARDED:
        op.execute(f"DROP TRIGGER append_only ON {table}")
    op.execute("DROP FUNCTION refuse_change()")
