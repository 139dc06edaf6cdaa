"""What a sub-platform shows beyond the nine public items (plan, part 2(6)).

Research team, background, prospects, and whatever a node adds under a name of its own. They are
kept at the node and linked from its page of the listing; they are never part of a statement.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared_schema.text import PlainText

EXTENSION_ITEMS_SCHEMA = "extension-items/1"

ExtensionKey = Annotated[
    str,
    StringConstraints(
        pattern=r"^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)*:[a-z][a-z0-9_]*$", max_length=100
    ),
]


class ExtensionItems(BaseModel):
    """A node's own items of one listing; a key in `extensions` is `namespace:item_name`.

    The namespace is the node's id, so that two nodes never mean different things by one key.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rd_team: PlainText | None = None
    background: PlainText | None = None
    prospects: PlainText | None = None
    extensions: Annotated[dict[ExtensionKey, PlainText], Field(max_length=50)] = {}
