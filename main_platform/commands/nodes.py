"""`kaixu-hub nodes`: enrolments, standing and keys of nodes."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal
from uuid import UUID

import typer

from main_platform.catalogue.publish import publish
from main_platform.commands.opened import Acting, Answer, As, act_as, read_arguments
from main_platform.nodes.confirm import (
    Comparison,
    confirm_enrolment,
    refuse_enrolment,
    refuse_enrolments,
)
from main_platform.nodes.enrol import list_enrolments
from main_platform.nodes.read_nodes import find_node, list_nodes
from main_platform.nodes.schemas import (
    EnrolmentOut,
    NodeKeyOut,
    NodeOut,
    RefusalIn,
    StandingIn,
)
from main_platform.nodes.standing import StandingChange, change_standing
from main_platform.nodes.states import NodeAction
from main_platform.staff.permissions import Permission
from shared_platform.command_line import AsJson

app: Final = typer.Typer(no_args_is_help=True, help="节点登记与状态 / enrolments and standing")
_READ: Final = Permission.READ_NODES
_MANAGE: Final = Permission.MANAGE_NODES
EnrolmentState = Literal["waiting", "confirmed", "refused"]
StateWanted = Annotated[
    EnrolmentState | None, typer.Option("--state", help="只列此状态 / only of this state")
]
EnrolmentId = Annotated[UUID, typer.Argument(help="登记编号 / id of the enrolment")]
NodeName = Annotated[str, typer.Argument(metavar="NODE", help="节点编号 / id of the node")]
After = Annotated[
    UUID | None, typer.Option("--after", help="从此编号之后继续 / go on after this enrolment")
]
Sure = Annotated[bool, typer.Option("--yes", help="确实执行 / do it; else only list")]
Fingerprint = Annotated[
    str, typer.Option("--fingerprint", help="节点操作员读出的指纹 / as the operator read it out")
]
Why = Annotated[str, typer.Option("--reason", help="理由，节点可见 / why; the node reads it")]
Code = Annotated[
    str, typer.Option("--reason", help="理由代码，公开，如 key_compromise / public code")
]


@app.command("list")
def list_all(ctx: typer.Context, *, staff: As = None, as_json: AsJson = False) -> None:
    """列出节点及其密钥。 / List nodes with their keys.

    例 example: kaixu-hub nodes list --as wang.wei
    """

    async def work(acting: Acting) -> Answer:
        nodes = await list_nodes(acting.session, now=acting.now)
        text = "\n".join(_node_text(one) for one in nodes) or "还没有节点 / no nodes yet"
        return {"nodes": [one.model_dump(mode="json") for one in nodes]}, text

    act_as(ctx, (staff, _READ), work, as_json=as_json)


@app.command()
def enrolments(
    ctx: typer.Context,
    *,
    state: StateWanted = None,
    after: After = None,
    staff: As = None,
    as_json: AsJson = False,
) -> None:
    """列出登记申请，先到的在前，每页 200 件。 / List enrolments, oldest first, 200 at a time.

    例 example: kaixu-hub nodes enrolments --state waiting --as wang.wei
    """

    async def work(acting: Acting) -> Answer:
        found = await list_enrolments(acting.session, state=state, after=after)
        return _enrolments_answer([EnrolmentOut.of(one) for one in found])

    act_as(ctx, (staff, _READ), work, as_json=as_json)


@app.command()
def confirm(
    ctx: typer.Context,
    enrolment: EnrolmentId,
    *,
    fingerprint: Fingerprint,
    staff: As = None,
    as_json: AsJson = False,
) -> None:
    """与操作员核对指纹后确认；须两人。 / Confirm the fingerprint read out; two people must.

    例 example: kaixu-hub nodes confirm 019a… --fingerprint "0f3a 51c2 …" --as wang.wei
    """

    async def work(acting: Acting) -> Answer:
        heard = Comparison(fingerprint, acting.hub.settings.enrolment_confirmations)
        confirmed = await confirm_enrolment(
            acting.session,
            enrolment,
            comparison=heard,
            publish=publish,
            by=acting.by.name,
            now=acting.now,
        )
        return _enrolment_answer(EnrolmentOut.of(confirmed))

    act_as(ctx, (staff, _MANAGE), work, as_json=as_json)


@app.command()
def refuse(
    ctx: typer.Context,
    enrolment: EnrolmentId,
    *,
    reason: Why,
    staff: As = None,
    as_json: AsJson = False,
) -> None:
    """拒绝登记；节点可再次申请。 / Refuse an enrolment; the node may ask again.

    例 example: kaixu-hub nodes refuse 019a… --reason 指纹不符 --as wang.wei
    """

    async def work(acting: Acting) -> Answer:
        why = read_arguments(RefusalIn, reason=reason).reason
        by, now = acting.by.name, acting.now
        refused = await refuse_enrolment(acting.session, enrolment, reason=why, by=by, now=now)
        return _enrolment_answer(EnrolmentOut.of(refused))

    act_as(ctx, (staff, _MANAGE), work, as_json=as_json)


@app.command("refuse-waiting")
def refuse_waiting(
    ctx: typer.Context,
    *,
    reason: Why,
    sure: Sure = False,
    staff: As = None,
    as_json: AsJson = False,
) -> None:
    """拒绝全部等待中的登记；不给 --yes 只列出。 / Refuse all that wait; without --yes only list.

    例 example: kaixu-hub nodes refuse-waiting --reason 来源不明 --yes --as wang.wei
    """

    async def work(acting: Acting) -> Answer:
        why = read_arguments(RefusalIn, reason=reason).reason
        found = await list_enrolments(acting.session, state="waiting")
        if sure:
            by, now = acting.by.name, acting.now
            ids = [one.id for one in found]
            found = await refuse_enrolments(acting.session, ids, reason=why, by=by, now=now)
        return _enrolments_answer([EnrolmentOut.of(one) for one in found])

    act_as(ctx, (staff, _MANAGE), work, as_json=as_json)


@app.command()
def suspend(
    ctx: typer.Context, node: NodeName, *, reason: Code, staff: As = None, as_json: AsJson = False
) -> None:
    """暂停节点：不再接收它的请求。 / Suspend a node: its requests are refused.

    例 example: kaixu-hub nodes suspend gz-exchange --reason key_compromise --as wang.wei
    """
    _change_standing(ctx, (node, NodeAction.SUSPEND, reason), staff=staff, as_json=as_json)


@app.command()
def resume(
    ctx: typer.Context, node: NodeName, *, reason: Code, staff: As = None, as_json: AsJson = False
) -> None:
    """恢复已暂停的节点。 / Let a suspended node go on.

    例 example: kaixu-hub nodes resume gz-exchange --reason resolved --as wang.wei
    """
    _change_standing(ctx, (node, NodeAction.RESUME, reason), staff=staff, as_json=as_json)


@app.command()
def retire(
    ctx: typer.Context, node: NodeName, *, reason: Code, staff: As = None, as_json: AsJson = False
) -> None:
    """节点退出；其声明逐条撤回前保留。 / Retire a node; its listings stay until withdrawn.

    例 example: kaixu-hub nodes retire gz-exchange --reason left_network --as wang.wei
    """
    _change_standing(ctx, (node, NodeAction.RETIRE, reason), staff=staff, as_json=as_json)


def _change_standing(
    ctx: typer.Context,
    wanted: tuple[str, NodeAction, str],
    *,
    staff: str | None,
    as_json: bool,
) -> None:
    node, action, reason = wanted

    async def work(acting: Acting) -> Answer:
        body = read_arguments(StandingIn, action=action, reason=reason)
        change = StandingChange(body.action, body.reason)
        by, now = acting.by.name, acting.now
        await change_standing(acting.session, node, change=change, publish=publish, by=by, now=now)
        return _node_answer(await find_node(acting.session, node, now=now))

    act_as(ctx, (staff, _MANAGE), work, as_json=as_json)


def _node_answer(node: NodeOut) -> Answer:
    return node.model_dump(mode="json"), _node_text(node)


def _enrolment_answer(enrolment: EnrolmentOut) -> Answer:
    return enrolment.model_dump(mode="json"), _enrolment_text(enrolment)


def _node_text(node: NodeOut) -> str:
    seen = node.last_seen_at or "从未联系 / never"
    head = (
        f"{node.node}  {node.state}  {node.names['zh']} / {node.names['en']}  最近联系 seen {seen}"
    )
    return "\n".join([head, *(key_text(one) for one in node.keys)])


def key_text(key: NodeKeyOut) -> str:
    """A node's key on one line, with what is to come of it."""
    ends = f"  将吊销 ends {key.revoke_at}" if key.revoke_at and key.state == "active" else ""
    days = key.warning
    warns = "" if days is None else f"  ！不足 {days} 天到期 expires within {days} days"
    return f"  {key.use:<10} {key.key_id}  {key.state}  至 until {key.not_after}{ends}{warns}"


def _enrolments_answer(found: Sequence[EnrolmentOut]) -> Answer:
    text = "\n".join(_enrolment_text(one) for one in found) or "没有登记申请 / no enrolments"
    return {"enrolments": [one.model_dump(mode="json") for one in found]}, text


def _enrolment_text(enrolment: EnrolmentOut) -> str:
    return (
        f"{enrolment.enrolment}  {enrolment.node}  {enrolment.state}"
        f"  确认 confirmations {enrolment.confirmations}\n  {enrolment.fingerprint}"
    )
