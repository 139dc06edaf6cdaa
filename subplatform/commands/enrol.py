"""`kaixu-node enrol`: join a federation with the anchor received out of band."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import typer

from shared_platform.audit.trail import Record, Subject, record
from shared_platform.command_line import AsJson
from shared_platform.sign_in.commands import console_actor
from shared_schema.anchor import FederationAnchor
from shared_schema.enrolment import EnrolmentRequest
from shared_schema.entry_parts import Names, NodeScope
from subplatform.audit.acts import Act
from subplatform.commands.opened import Answer, with_node
from subplatform.context import NodeContext, anchor_file, hub_of, read_anchor
from subplatform.hub_client.enrolment_file import remembered_request
from subplatform.outbox.reconcile import reconcile

app = typer.Typer()
CONFIRMED: Final = "confirmed"
Anchor = Annotated[
    Path | None,
    typer.Option("--anchor", exists=True, dir_okay=False, help="信任锚文件 / the anchor file"),
]
Regions = Annotated[
    list[str] | None, typer.Option("--region", help="申请服务的地区，可重复 / region asked for")
]


@app.command()
def enrol(
    ctx: typer.Context, anchor: Anchor = None, regions: Regions = None, *, as_json: AsJson = False
) -> None:
    """申请加入联盟，或查询申请进度。 / Ask to join the federation, or how the wish stands.

    例 example: kaixu-node enrol --anchor anchor.json --region 44
    """

    async def work(node: NodeContext) -> Answer:
        known = FederationAnchor.read(anchor.read_bytes()) if anchor else read_anchor(node.settings)
        if known is None:
            raise typer.BadParameter("请用 --anchor 给出信任锚文件 / give the anchor file")
        request = remembered_request(
            node.settings.data_dir,
            node.keys.statement().key_id,
            lambda: _request(node, regions or ["CN"]),
        )
        answer = await hub_of(node, known).enrol(request)
        anchor_file(node.settings).write_bytes(known.write())
        if answer["state"] == CONFIRMED:  # after a loss, used numbers are never used again
            hub = hub_of(node, known)
            await reconcile(node.service.database.sessions, hub, clock=node.service.clock)
        await _record(node, known, answer)
        facts = {**answer, "anchor_fingerprint": known.fingerprint()}
        return facts, _text(facts)

    with_node(ctx, work, as_json=as_json)


def _request(node: NodeContext, regions: list[str]) -> EnrolmentRequest:
    settings = node.settings
    return EnrolmentRequest(
        node=settings.node,
        names=Names(zh=settings.name_zh, en=settings.name_en),
        keys=node.keys.all().public(now=node.service.clock.now()),
        scope=NodeScope(regions=tuple(regions), kinds=("licence",)),
    )


async def _record(
    node: NodeContext, anchor: FederationAnchor, answer: Mapping[str, object]
) -> None:
    facts = {"anchor": anchor.fingerprint(), "state": answer["state"]}
    asked = Record(
        Act.ENROLMENT_REQUESTED, Subject("node", node.settings.node), console_actor(), facts
    )
    async with node.service.database.sessions.begin() as session:
        await record(session, asked, now=node.service.clock.now())


def _text(facts: Mapping[str, object]) -> str:
    heard = f"{facts['confirmations']} 人已确认 confirmed"
    lines = (
        f"信任锚指纹 anchor       {facts['anchor_fingerprint']}",
        f"节点指纹 fingerprint    {facts['fingerprint']}",
        f"登记编号 enrolment      {facts['enrolment']}",
        f"状态 state              {facts['state']}（{heard}）",
        "请用电话把节点指纹读给省级管理员，由两人分别确认。",
        "Read the fingerprint to the hub's registrars by telephone; two of them must confirm it.",
    )
    return "\n".join(lines)
