"""`kaixu-node deliveries`: dead letters and what to do about them, replay, ending a pause."""

from typing import Annotated, Any, Final

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.command_line import AsJson
from shared_schema.instants import Instant
from subplatform.accounts.permissions import Permission
from subplatform.commands.opened import Answer, As, named_caller, with_node
from subplatform.context import NodeContext
from subplatform.outbox.condition import resume as end_pause
from subplatform.outbox.deliveries import (
    MAX_PAGE,
    DeliveryFilter,
    find_delivery,
    list_deliveries,
    read_standing,
)
from subplatform.outbox.replay import ReplayUnclear, replay_all
from subplatform.outbox.replay import replay as replay_one
from subplatform.outbox.schemas import DeliveriesOut, DeliveryOut, OutboxOut
from subplatform.outbox.states import DeliveryState

app: Final = typer.Typer(no_args_is_help=True, help="推送与死信 / deliveries and dead letters")
State = Annotated[DeliveryState, typer.Option("--state", help="只列此状态 / only of this state")]
Problem = Annotated[
    str | None, typer.Option("--problem", metavar="CODE", help="最后一次的问题代码 / last problem")
]
After = Annotated[int, typer.Option("--after", min=0, help="从此序号之后 / after this oseq")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=MAX_PAGE, help="条数 / how many")]
Oseq = Annotated[int, typer.Argument(metavar="OSEQ", min=1, help="声明序号 / the statement")]
OneOseq = Annotated[
    int | None, typer.Argument(metavar="[OSEQ]", min=1, help="只重发这一条 / only this one")
]
Everything = Annotated[bool, typer.Option("--all", help="重发全部死信 / every dead letter")]


@app.command("list")
def list_some(
    ctx: typer.Context,
    *,
    state: State = DeliveryState.DEAD,
    problem: Problem = None,
    after: After = 0,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """列出推送，默认死信，逐条说明怎么办。 / List deliveries, dead letters unless told otherwise.

    例 example: kaixu-node deliveries list --problem rule_violated
    """

    async def work(node: NodeContext) -> Answer:
        wanted = DeliveryFilter(state, problem=problem, after=after, limit=limit)
        async with node.service.database.sessions() as session:
            rows = list(await list_deliveries(session, wanted))
        page = DeliveriesOut.of(rows, limit=limit)
        lines = [_text(one) for one in page.items] or [f"没有 {state} 的推送 / none is {state}"]
        if page.next is not None:
            lines.append(f"还有 / more: --after {page.next}")
        return page.model_dump(mode="json"), "\n".join(lines)

    with_node(ctx, work, as_json=as_json)


@app.command()
def show(ctx: typer.Context, oseq: Oseq, *, as_json: AsJson = False) -> None:
    """查看一条推送：问题所在、怎么办、回执。 / One delivery: its problem, the remedy, its receipt.

    例 example: kaixu-node deliveries show 17
    """

    async def work(node: NodeContext) -> Answer:
        async with node.service.database.sessions() as session:
            found = DeliveryOut.of(await find_delivery(session, oseq))
        return found.model_dump(mode="json"), _text(found)

    with_node(ctx, work, as_json=as_json)


@app.command()
def replay(
    ctx: typer.Context,
    oseq: OneOseq = None,
    *,
    problem: Problem = None,
    everything: Everything = False,
    actor: As = "operator",
    as_json: AsJson = False,
) -> None:
    """排除原因后重发死信：一条、某一代码、或全部。 / Send dead letters again: one, a code, or all.

    例 example: kaixu-node deliveries replay --problem scope_denied --as chen.jie
    """

    async def work(node: NodeContext) -> Answer:
        caller = await named_caller(node, actor, Permission.MANAGE_DELIVERIES)
        now = node.service.clock.now()
        async with node.service.database.sessions.begin() as session:
            chosen = (oseq, problem, everything)
            replayed = await _replay(session, chosen, by=caller.name, now=now)
        count = len(replayed)
        return {"replayed": replayed}, f"✔ 重新排队 queued again: {count}"

    with_node(ctx, work, as_json=as_json)


@app.command()
def resume(ctx: typer.Context, *, actor: As = "operator", as_json: AsJson = False) -> None:
    """立即结束暂停，例如密钥轮换之后。 / End a pause at once, as after keys were rotated.

    例 example: kaixu-node deliveries resume --as chen.jie
    """

    async def work(node: NodeContext) -> Answer:
        await named_caller(node, actor, Permission.MANAGE_DELIVERIES)
        async with node.service.database.sessions.begin() as session:
            ended = await end_pause(session, now=node.service.clock.now())
        async with node.service.database.sessions() as session:
            standing = OutboxOut.of(await read_standing(session))
        said = "✔ 已恢复 resumed" if ended else "本来就没有暂停 / nothing was paused"
        return standing.model_dump(mode="json"), said

    with_node(ctx, work, as_json=as_json)


async def _replay(
    session: AsyncSession,
    chosen: tuple[int | None, str | None, bool],
    *,
    by: str,
    now: Instant,
) -> list[int]:
    """Exactly one of number, code and all must be chosen.

    Raises:
        ReplayUnclear: none or several were.
    """
    oseq, problem, everything = chosen
    if sum((oseq is not None, problem is not None, everything)) != 1:
        raise ReplayUnclear(detail="请选一种：OSEQ、--problem CODE 或 --all / choose one of them")
    if oseq is not None:
        await replay_one(session, oseq, by=by, now=now)
        return [oseq]
    return await replay_all(session, problem=problem, by=by, now=now)


def _text(delivery: DeliveryOut) -> str:
    lines = [f"{delivery.oseq}  {delivery.state}  {delivery.op}  {delivery.listing}"]
    problem: dict[str, Any] = delivery.problem or {}
    if problem:
        lines.append(f"  {problem.get('code')}: {problem.get('detail')}")
    lines += [
        f"  {error.get('pointer') or '/'}  {error.get('code')}  {error.get('message')}"
        for error in problem.get("errors", ())
    ]
    if delivery.remedy and delivery.state != DeliveryState.SENT:
        lines.append(f"  → {delivery.remedy['zh']} / {delivery.remedy['en']}")
    return "\n".join(lines)
