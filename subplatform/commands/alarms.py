"""`kaixu-node alarms`: what stands, and what to do about it."""

from typing import Annotated

import typer

from shared_platform.alarms.alarms import list_alarms, open_alarms
from shared_platform.alarms.schemas import AlarmsOut, alarms_text
from shared_platform.command_line import AsJson
from subplatform.commands.opened import Answer, with_node
from subplatform.context import NodeContext

app = typer.Typer()
Past = Annotated[bool, typer.Option("--all", help="包括已结束的 / those that have ended, too")]


@app.command()
def alarms(ctx: typer.Context, *, past: Past = False, as_json: AsJson = False) -> None:
    """列出警报和处理办法。 / List alarms and what to do about each.

    例 example: kaixu-node alarms
    """

    async def work(node: NodeContext) -> Answer:
        async with node.service.database.sessions() as session:
            rows = await (list_alarms if past else open_alarms)(session)
        found = AlarmsOut.of(rows)
        return found.model_dump(mode="json"), alarms_text(found.items)

    with_node(ctx, work, as_json=as_json)
