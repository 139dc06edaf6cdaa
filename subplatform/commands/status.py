"""`kaixu-node status`: how the node stands, from what it has stored; nobody is asked."""

from typing import Any

import typer
from sqlalchemy import func, select

from shared_platform.alarms.alarms import open_alarms
from shared_platform.alarms.schemas import AlarmsOut, alarms_text
from shared_platform.command_line import AsJson
from shared_schema.instants import format_instant
from subplatform.accounts.scope import EVERYTHING
from subplatform.catalogue_mirror.own_keys import ending_keys, read_own_keys
from subplatform.catalogue_mirror.status import MirrorStatus
from subplatform.commands.opened import Answer, with_node
from subplatform.context import NodeContext
from subplatform.declarations.read_declarations import Counts, count_declarations
from subplatform.monitoring.condition import read_node_condition
from subplatform.monitoring.schemas import ConditionOut, condition_text
from subplatform.outbox.tables import OutboxMessageRow

app = typer.Typer()


@app.command()
def status(ctx: typer.Context, *, as_json: AsJson = False) -> None:
    """节点状况：声明、发件箱、目录副本。 / Declarations, outbox and copy of the catalogue.

    例 example: kaixu-node status --json
    """

    async def work(node: NodeContext) -> Answer:
        async with node.service.database.sessions() as session:
            counts = await count_declarations(session, within=EVERYTHING)
            outbox = await session.execute(
                select(OutboxMessageRow.state, func.count()).group_by(OutboxMessageRow.state)
            )
            now = node.service.clock.now()
            condition = await read_node_condition(session, now=now)
            standing = AlarmsOut.of(await open_alarms(session))
            keys = ending_keys(await read_own_keys(session, node.settings.node), now=now)
        facts = _facts(node, counts, dict(outbox.all()), condition.mirror)
        told = ConditionOut.of(condition)
        facts |= {
            "condition": told.model_dump(mode="json"),
            "alarms": [one.model_dump(mode="json") for one in standing.items],
        }
        facts["keys_ending"] = [
            {"key_id": one.key_id, "use": one.use, "days": one.warning(now)} for one in keys
        ]
        return facts, "\n".join([_text(facts), condition_text(told), alarms_text(standing.items)])

    with_node(ctx, work, as_json=as_json)


def _facts(
    node: NodeContext, counts: Counts, outbox: dict[str, int], mirror: MirrorStatus
) -> dict[str, Any]:
    contact = mirror.contacted_at
    return {
        "node": node.settings.node,
        "hub": node.hub.anchor.hub_url if node.hub else None,
        "declarations": counts.states,
        "findings": counts.findings,
        "outbox": outbox,
        "mirror": {
            "size": mirror.size,
            "root": mirror.root,
            "hub_size": mirror.hub_size,
            "lag_entries": mirror.lag_entries,
            "lag_seconds": mirror.lag_seconds,
            "last_contact": None if contact is None else format_instant(contact),
            "failure": mirror.failure,
            "quarantined": mirror.quarantined,
            "needs_newer_reader": mirror.needs_newer_reader,
            "forks": mirror.forks,
            "alarms": [alarm.code for alarm in mirror.alarms],
        },
    }


def _text(facts: dict[str, Any]) -> str:
    mirror = facts["mirror"]
    lines = [
        f"节点 node {facts['node']}  主平台 hub {facts['hub'] or '未登记 not enrolled'}",
        f"声明 declarations  {_counted(facts['declarations'])}",
        f"发件箱 outbox      {_counted(facts['outbox'])}",
        (
            f"目录 catalogue     {mirror['size']} / {mirror['hub_size']}"
            f"（落后 behind {mirror['lag_entries']}）"
        ),
        f"最近联系 contact   {mirror['last_contact'] or '—'}",
    ]
    lines += [
        f"！{key['use']} 密钥 {key['days']} 天内到期：kaixu-node keys rotate --use {key['use']}"
        " / the key is about to expire"
        for key in facts["keys_ending"]
    ]
    if mirror["forks"]:
        lines.append(f"✘ 分叉证据 {mirror['forks']} 份 / forks: kaixu-node log forks")
    if mirror["failure"]:
        lines.append(f"✘ 拉取失败 pull fails: {mirror['failure']}")
    return "\n".join(lines)


def _counted(counts: dict[str, int]) -> str:
    return "，".join(f"{name} {count}" for name, count in counts.items()) or "—"
