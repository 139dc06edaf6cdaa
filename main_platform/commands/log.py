"""`kaixu-hub log`: the log against what the nodes have seen of it, forks, and after a restore."""

from pathlib import Path
from typing import Annotated, Final

import typer

from main_platform.commands.opened import Acting, Answer, As, act_as, read_arguments, with_hub
from main_platform.context import HubContext
from main_platform.cosigning.forks import evidence_of, find_fork, list_forks
from main_platform.cosigning.guard import waive_node
from main_platform.cosigning.schemas import ForkOut, LogStandingOut, WaiverIn
from main_platform.cosigning.shown import waive_shown
from main_platform.cosigning.standing import read_standing
from main_platform.intake.equivocation import list_equivocations
from main_platform.intake.staff_routes import EquivocationOut
from main_platform.recovery.from_backup import mark_from_backup
from main_platform.staff.permissions import Permission
from shared_platform.audit.heads import audit_folder
from shared_platform.command_line import AsJson

app: Final = typer.Typer(no_args_is_help=True, help="日志与节点联署 / the log and its cosigners")
NodeName = Annotated[str, typer.Argument(metavar="NODE", help="节点编号 / id of the node")]
ForkId = Annotated[int, typer.Argument(metavar="ID", help="证据编号 / id of the evidence")]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", dir_okay=False, help="写入文件 / write it to this file"),
]
Why = Annotated[str, typer.Option("--reason", help="理由，记入审计 / why; kept in the audit trail")]
Before = Annotated[
    int | None, typer.Option("--before", min=1, help="继续上一页 / continue after this id")
]


@app.command()
def status(ctx: typer.Context, *, staff: As = None, as_json: AsJson = False) -> None:
    """日志状况：各节点联署到哪里、在等谁、缺什么。 / What the nodes have seen, and what is missing.

    例 example: kaixu-hub log status --as wang.wei
    """

    async def work(acting: Acting) -> Answer:
        return _answer(LogStandingOut.of(await read_standing(acting.session)))

    act_as(ctx, (staff, Permission.READ_NODES), work, as_json=as_json)


@app.command()
def forks(
    ctx: typer.Context, *, before: Before = None, staff: As = None, as_json: AsJson = False
) -> None:
    """列出分叉证据，新的在前。 / List the evidence of forks, newest first.

    例 example: kaixu-hub log forks --as wang.wei
    """

    async def work(acting: Acting) -> Answer:
        found = [ForkOut.of(row) for row in await list_forks(acting.session, before=before)]
        text = "\n\n".join(map(_fork_text, found)) or "没有分叉 / no forks"
        return {"forks": [one.model_dump(mode="json") for one in found]}, text

    act_as(ctx, (staff, Permission.READ_NODES), work, as_json=as_json)


@app.command()
def fork(
    ctx: typer.Context, fork: ForkId, *, out: Out = None, staff: As = None, as_json: AsJson = False
) -> None:
    """导出一份证据，供任何人核验。 / Export one piece of evidence for anybody to check.

    例 example: kaixu-hub log fork 1 --out fork-1.json --as wang.wei
    """

    async def work(acting: Acting) -> Answer:
        evidence = await evidence_of(acting.session, await find_fork(acting.session, fork))
        facts = evidence.model_dump(mode="json", by_alias=True)
        if out is None:
            return facts, evidence.write().decode()
        out.write_bytes(evidence.write())
        return facts, f"✔ {out}\n  kaixu-verify --anchor anchor.json --fork {out}"

    act_as(ctx, (staff, Permission.READ_NODES), work, as_json=as_json)


@app.command()
def waive(
    ctx: typer.Context, node: NodeName, *, reason: Why, staff: As = None, as_json: AsJson = False
) -> None:
    """不再等待某节点；只有它持有的条目将永久丢失。 / Go on without it; what only it has is lost.

    例 example: kaixu-hub log waive gz-centre --reason 节点已停用 --as wang.wei
    """

    async def work(acting: Acting) -> Answer:
        why = read_arguments(WaiverIn, reason=reason).reason
        by, now = acting.by.name, acting.now
        await waive_node(acting.session, node, reason=why, by=by, now=now)
        return _answer(LogStandingOut.of(await read_standing(acting.session)))

    act_as(ctx, (staff, Permission.MANAGE_NODES), work, as_json=as_json)


@app.command("waive-shown")
def waive_what_was_shown(
    ctx: typer.Context, *, reason: Why, staff: As = None, as_json: AsJson = False
) -> None:
    """不再等待他人出示的较大检查点；其条目将永久丢失。 / Go on; what was shown is lost for good.

    例 example: kaixu-hub log waive-shown --reason 节点已停用 --as wang.wei
    """

    async def work(acting: Acting) -> Answer:
        why = read_arguments(WaiverIn, reason=reason).reason
        await waive_shown(acting.session, reason=why, by=acting.by.name, now=acting.now)
        return _answer(LogStandingOut.of(await read_standing(acting.session)))

    act_as(ctx, (staff, Permission.MANAGE_NODES), work, as_json=as_json)


@app.command()
def equivocations(
    ctx: typer.Context, *, before: Before = None, staff: As = None, as_json: AsJson = False
) -> None:
    """列出节点自相矛盾的声明。 / List statements with which nodes contradicted themselves.

    例 example: kaixu-hub log equivocations --as wang.wei
    """

    async def work(acting: Acting) -> Answer:
        rows = await list_equivocations(acting.session, before=before)
        found = [EquivocationOut.of(row) for row in rows]
        text = "\n".join(map(_equivocation_text, found)) or "没有 / none"
        return {"equivocations": [one.model_dump(mode="json") for one in found]}, text

    act_as(ctx, (staff, Permission.READ_NODES), work, as_json=as_json)


@app.command()
def restored(ctx: typer.Context, *, as_json: AsJson = False) -> None:
    """标记：数据库由备份恢复；启动后先等齐所有节点。 / From a backup: hear all nodes first.

    在启动 serve 之前运行；与 serve --after-restore 相同。 / Run before `serve`; the same as its
    `--after-restore`.

    例 example: kaixu-hub log restored
    """

    async def work(hub: HubContext) -> Answer:
        service = hub.service
        trail = audit_folder(hub.settings.data_dir)
        await mark_from_backup(service.database.sessions, trail, now=service.clock.now())
        async with service.database.sessions.begin() as session:
            return _answer(LogStandingOut.of(await read_standing(session)))

    with_hub(ctx, work, as_json=as_json)


def _answer(standing: LogStandingOut) -> Answer:
    return standing.model_dump(mode="json", by_alias=True), _text(standing)


def _text(standing: LogStandingOut) -> str:
    lines = [
        (
            f"日志 log {standing.size}  已签 signed {standing.signed_size}"
            f"  待登记 waiting {standing.waiting}  搁置 held {standing.held}"
        )
    ]
    if standing.is_restored:
        lines.append("⚠ 由备份恢复，须等齐所有节点 / restored: every active node must be heard")
    if standing.unheard:
        lines.append(f"⏳ 等待 waiting for {', '.join(standing.unheard)}")
    if standing.recovery_wanted is not None:
        wanted = standing.recovery_wanted
        lines.append(
            f"✘ 缺条目 {wanted.first} 至 {wanted.to - 1}，等待节点送回 / entries are lost here,"
            " nodes give them back"
        )
    if standing.shown_size > standing.size:
        lines.append(
            f"✘ 有人出示了本日志 {standing.shown_size} 条的检查点：出示者可能是备份之后登记的节点，"
            "请重新登记它 / somebody showed a larger checkpoint of this log: a node enrolled after"
            " the backup? Enrol it anew, it gives the entries back"
        )
    if standing.forks:
        lines.append(f"✘ 分叉证据 {standing.forks} 份 / forks: kaixu-hub log forks")
    for node in standing.nodes:
        waived = f"  豁免 waived by {node.waived_by}" if node.waived_by else ""
        signed = node.signed_at or "—"
        lines.append(f"  {node.node:<24} {node.state:<10} {node.size:>9}  {signed}{waived}")
    return "\n".join(lines)


def _equivocation_text(one: EquivocationOut) -> str:
    return (
        f"#{one.id}  {one.origin}  oseq {one.oseq}  {one.listing} v{one.version}"
        f"  {one.received_at}\n  拒收 refused {one.statement_hash}\n"
        f"  已有 known   {one.known_hash} (oseq {one.known_oseq})"
    )


def _fork_text(fork: ForkOut) -> str:
    return (
        f"#{fork.id}  {fork.node}  {fork.size}  {fork.seen_at}\n"
        f"节点 node {fork.root}\n本机 hub  {fork.hub_root}\n"
        f"{fork.checkpoint}\n{fork.hub_checkpoint}"
    ).rstrip()
