"""The steps that both histories take alike."""

from collections.abc import Callable, Collection, Mapping

from alembic import op

_REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: rows are only ever added', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$
"""


def create(tables: Mapping[str, Callable[[], None]]) -> None:
    """Create the tables with their indexes, in their order."""
    for add in tables.values():
        add()


def drop(tables: Collection[str]) -> None:
    """Drop the tables, the newest first; their indexes go with them."""
    for name in reversed(list(tables)):
        op.drop_table(name)


def guard(actions: Mapping[str, str]) -> None:
    """Refuse the actions on each table; adding rows costs nothing more than before."""
    op.execute(_REFUSE_CHANGE)
    for table, refused in actions.items():
        op.execute(
            f"CREATE TRIGGER append_only BEFORE {refused} ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def unguard(tables: Collection[str]) -> None:
    """Allow changes again."""
    for table in tables:
        op.execute(f"DROP TRIGGER append_only ON {table}")
    op.execute("DROP FUNCTION refuse_change()")
