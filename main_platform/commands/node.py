"""`kaixu-hub node`: how one node does, or every one."""

from typing import Annotated

import typer

from main_platform.commands.opened import Acting, Answer, As, act_as
from main_platform.monitoring.health import read_health
from main_platform.monitoring.schemas import HealthOut, health_text
from main_platform.nodes.errors import NodeNotFound
from main_platform.nodes.quota import Quota
from main_platform.staff.permissions import Permission
from shared_platform.command_line import AsJson

app = typer.Typer()
NodeName = Annotated[
    str | None, typer.Argument(metavar="[NODE]", help="节点编号，缺省全部 / all unless named")
]


@app.command()
def node(
    ctx: typer.Context, name: NodeName = None, *, staff: As = None, as_json: AsJson = False
) -> None:
    """节点运行状况：联系、落后、缺口、密钥、限额。 / Contact, lag, gaps, keys, quota of nodes.

    例 example: kaixu-hub node gz-exchange --as wang.wei
    """

    async def work(acting: Acting) -> Answer:
        settings, now = acting.hub.settings, acting.now
        quota = Quota(settings.daily_offer_limit, settings.review_backlog_limit)
        found = await read_health(acting.session, default=quota, now=now, node=name)
        if name is not None and not found:
            raise NodeNotFound(detail=f"没有在册节点 {name} / no enrolled node has that id")
        shown = [HealthOut.of(one, now=now) for one in found]
        text = "\n".join(map(health_text, shown)) or "没有在册节点 / no enrolled nodes"
        return {"nodes": [one.model_dump(mode="json") for one in shown]}, text

    act_as(ctx, (staff, Permission.READ_NODES), work, as_json=as_json)
