"""The base of a node's own tables."""

from sqlalchemy.orm import DeclarativeBase

from shared_platform.database.tables import COLUMN_TYPES, named_metadata


class NodeTable(DeclarativeBase):
    """A table of a node."""

    metadata = named_metadata()
    type_annotation_map = COLUMN_TYPES
