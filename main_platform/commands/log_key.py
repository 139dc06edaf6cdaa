"""`kaixu-hub log-key`: two people change the key of the log."""

from typing import Annotated, Any, Final
from uuid import UUID

import typer

from main_platform.catalogue.hub_key import create_next_key, find_log_key, require_log_key
from main_platform.catalogue.log_head import read_head
from main_platform.catalogue.log_key_proposals import (
    Wanted,
    confirm_log_key,
    drop_log_key,
    list_log_key_proposals,
    propose_log_key,
)
from main_platform.catalogue.tables import LogKeyProposalRow
from main_platform.commands.opened import Acting, Answer, As, act_as
from main_platform.staff.permissions import Permission
from shared_platform.catalogue.log_key_rows import read_log_keys
from shared_platform.command_line import AsJson
from shared_schema.instants import format_instant
from shared_schema.signed_note import parse_vkey

app: Final = typer.Typer(no_args_is_help=True, help="日志密钥的更换 / change the log's key")
_MANAGE: Final = Permission.MANAGE_LOG_KEY
_AFTER_RETIREMENT: Final = (
    "停用后：重启其他 serve 进程（签名进程自动切换），再 kaixu-hub anchor 分发新信任锚"
    " / then restart other serve processes, and give out the new anchor"
)
ProposalId = Annotated[UUID, typer.Argument(metavar="PROPOSAL", help="提议编号 / its id")]
Stolen = Annotated[
    bool,
    typer.Option("--stolen", help="旧密钥立即作废，各方须换信任锚 / the old key ends at once"),
]


@app.command()
def show(ctx: typer.Context, *, staff: As = None, as_json: AsJson = False) -> None:
    """显示日志的全部密钥与待确认的提议。 / Show the log's keys, and what waits.

    例 example: kaixu-hub log-key show --as wang.wei
    """

    async def work(acting: Acting) -> Answer:
        keys = await _keys(acting)
        rows = [_facts(one) for one in await list_log_key_proposals(acting.session)]
        lines = [
            f"{one['key_id']}  自 since {one['since']}  停用 retired {one['retired_at'] or '–'}"
            f"  {'私钥在此 here' if one['is_here'] else '私钥不在此 not here'}\n  {one['vkey']}"
            for one in keys
        ]
        lines += [_text(one) for one in rows if one["state"] == "waiting"]
        return {"keys": keys, "proposals": rows}, "\n".join(lines)

    act_as(ctx, (staff, _MANAGE), work, as_json=as_json)


@app.command()
def rotate(
    ctx: typer.Context, *, stolen: Stolen = False, staff: As = None, as_json: AsJson = False
) -> None:
    """提议更换日志密钥；新私钥先写盘，须另一人确认。 / Propose the next key; another one confirms.

    可重复运行：同一新密钥，同一提议。 / Safe to repeat: the same new key, the same proposal.

    例 example: kaixu-hub log-key rotate --as wang.wei
    """

    async def work(acting: Acting) -> Answer:
        keys = await read_log_keys(acting.session)
        new = create_next_key(acting.hub.settings.data_dir, [one.key_id for one in keys.records])
        return await _propose(acting, Wanted(new, overlap=not stolen))

    act_as(ctx, (staff, _MANAGE), work, as_json=as_json)


@app.command()
def retire(ctx: typer.Context, *, staff: As = None, as_json: AsJson = False) -> None:
    """提议停用旧密钥，结束双签；须另一人确认。 / Propose to end the overlap; another one confirms.

    例 example: kaixu-hub log-key retire --as wang.wei
    """

    async def work(acting: Acting) -> Answer:
        return await _propose(acting, Wanted())

    act_as(ctx, (staff, _MANAGE), work, as_json=as_json)


@app.command()
def confirm(
    ctx: typer.Context, proposal: ProposalId, *, staff: As = None, as_json: AsJson = False
) -> None:
    """确认：写入日志，自下一检查点起生效。 / Confirm: it counts from the next checkpoint on.

    例 example: kaixu-hub log-key confirm 019a… --as zhao.lei
    """

    async def work(acting: Acting) -> Answer:
        row = await confirm_log_key(acting.session, proposal, by=acting.by.name, now=acting.now)
        if row.log_vkey is not None:  # not without its file: nothing could be signed any more
            require_log_key(acting.hub.settings.data_dir, parse_vkey(row.log_vkey).public.key_id)
        ends_one = row.action == "retire" or not row.overlap
        text = _text(_facts(row)) + (f"\n{_AFTER_RETIREMENT}" if ends_one else "")
        return _facts(row), text

    act_as(ctx, (staff, _MANAGE), work, as_json=as_json)


@app.command()
def drop(
    ctx: typer.Context, proposal: ProposalId, *, staff: As = None, as_json: AsJson = False
) -> None:
    """放弃一项提议。 / Drop a proposal that nobody has confirmed.

    例 example: kaixu-hub log-key drop 019a… --as zhao.lei
    """

    async def work(acting: Acting) -> Answer:
        row = await drop_log_key(acting.session, proposal, by=acting.by.name, now=acting.now)
        return _facts(row), _text(_facts(row))

    act_as(ctx, (staff, _MANAGE), work, as_json=as_json)


async def _propose(acting: Acting, wanted: Wanted) -> Answer:
    row = await propose_log_key(
        acting.session, wanted, by=acting.by.name, ids=acting.hub.service.ids, now=acting.now
    )
    next_step = f"下一步 next   kaixu-hub log-key confirm {row.id} --as NAME"
    return _facts(row), f"{_text(_facts(row))}\n{next_step}"


async def _keys(acting: Acting) -> list[dict[str, Any]]:
    folder = acting.hub.settings.data_dir
    size = (await read_head(acting.session)).checkpoint_size
    return [
        {
            "key_id": one.key_id,
            "vkey": one.vkey,
            "since": one.since + 1,
            "retired_at": one.retired_at,
            "counts": one.counts_at(size),
            "is_here": find_log_key(folder, one.key_id) is not None,
        }
        for one in (await read_log_keys(acting.session)).records
    ]


def _facts(row: LogKeyProposalRow) -> dict[str, Any]:
    return {
        "proposal": str(row.id),
        "action": row.action,
        "state": row.state,
        "key_id": row.key_id,
        "log_vkey": row.log_vkey,
        "overlap": row.overlap,
        "proposed_by": row.proposed_by,
        "proposed_at": format_instant(row.proposed_at),
        "decided_by": row.decided_by,
        "decided_at": row.decided_at and format_instant(row.decided_at),
    }


def _text(facts: dict[str, Any]) -> str:
    decided = f"  {facts['decided_by']} {facts['decided_at']}" if facts["decided_by"] else ""
    new = f"\n  新密钥 new      {facts['log_vkey']}" if facts["log_vkey"] else ""
    return (
        f"{facts['proposal']}  {facts['action']}  {facts['state']}\n"
        f"  旧密钥 old      {facts['key_id']}{new}\n"
        f"  提议 proposed   {facts['proposed_by']} {facts['proposed_at']}{decided}"
    )
