"""`kaixu-hub quota`: what a node may send."""

from typing import Annotated

import typer

from main_platform.commands.opened import Acting, Answer, As, act_as, read_arguments
from main_platform.monitoring.health import read_health
from main_platform.monitoring.schemas import HealthOut, QuotaIn, health_text
from main_platform.nodes.quota import Quota, QuotaChange, change_quota
from main_platform.staff.permissions import Permission
from shared_platform.command_line import AsJson

app = typer.Typer()
NodeName = Annotated[str, typer.Argument(metavar="NODE", help="节点编号 / id of the node")]
Daily = Annotated[
    int | None, typer.Option("--daily", help="每日条数，缺省按设置 / a day; unset: the setting")
]
Backlog = Annotated[
    int | None, typer.Option("--backlog", help="待审件数，缺省按设置 / under review; likewise")
]


@app.command()
def quota(
    ctx: typer.Context,
    node: NodeName,
    *,
    daily: Daily = None,
    backlog: Backlog = None,
    staff: As = None,
    as_json: AsJson = False,
) -> None:
    """设定节点限额；不写的项恢复缺省。 / Set a node's quota; what is left out is the setting's.

    例 example: kaixu-hub quota gz-exchange --daily 5000 --as wang.wei
    """

    async def work(acting: Acting) -> Answer:
        body = read_arguments(QuotaIn, daily_offers=daily, review_backlog=backlog)
        change = QuotaChange(body.daily_offers, body.review_backlog)
        now, settings = acting.now, acting.hub.settings
        await change_quota(acting.session, node, change=change, by=acting.by.name, now=now)
        default = Quota(settings.daily_offer_limit, settings.review_backlog_limit)
        (found,) = await read_health(acting.session, default=default, now=now, node=node)
        shown = HealthOut.of(found, now=now)
        return shown.model_dump(mode="json"), health_text(shown)

    act_as(ctx, (staff, Permission.MANAGE_NODES), work, as_json=as_json)
