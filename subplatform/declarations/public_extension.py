"""What this node tells beyond the nine items of a listing of its own, for its public page."""

from typing import Final
from uuid import UUID

import orjson

from shared_platform.database.lending import DriverConnection
from shared_schema.extension_items import ExtensionItems

_OWN: Final = "SELECT extension::text AS extension FROM declaration WHERE listing = $1"


async def read_public_extension(
    connection: DriverConnection, listing: UUID
) -> ExtensionItems | None:
    """The items; None where there are none. What was erased is gone from the row already."""
    stored = await connection.fetchval(_OWN, listing)
    items = ExtensionItems.model_validate(orjson.loads(stored or b"{}"))
    return None if items == ExtensionItems() else items
