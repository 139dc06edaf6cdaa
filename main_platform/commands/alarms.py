"""`kaixu-hub alarms`: what stands, and what to do about it."""

from typing import Annotated

import typer

from main_platform.commands.opened import Acting, Answer, As, act_as
from main_platform.staff.permissions import Permission
from shared_platform.alarms.alarms import list_alarms, open_alarms
from shared_platform.alarms.schemas import AlarmsOut, alarms_text
from shared_platform.command_line import AsJson

app = typer.Typer()
Past = Annotated[bool, typer.Option("--all", help="包括已结束的 / those that have ended, too")]


@app.command()
def alarms(
    ctx: typer.Context, *, past: Past = False, staff: As = None, as_json: AsJson = False
) -> None:
    """列出警报和处理办法。 / List alarms and what to do about each.

    例 example: kaixu-hub alarms --as wang.wei
    """

    async def work(acting: Acting) -> Answer:
        rows = await (list_alarms if past else open_alarms)(acting.session)
        found = AlarmsOut.of(rows)
        return found.model_dump(mode="json"), alarms_text(found.items)

    act_as(ctx, (staff, Permission.READ_NODES), work, as_json=as_json)
