"""The base of the hub's own tables."""

from sqlalchemy.orm import DeclarativeBase

from shared_platform.database.tables import COLUMN_TYPES, named_metadata


class HubTable(DeclarativeBase):
    """A table of the hub."""

    metadata = named_metadata()
    type_annotation_map = COLUMN_TYPES
