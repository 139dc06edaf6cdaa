"""`kaixu-node keys`: look at this node's keys, replace them, revoke them."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer
from pydantic import TypeAdapter, ValidationError

from shared_platform.audit.trail import Record, Subject, record
from shared_platform.command_line import AsJson
from shared_platform.sign_in.commands import console_actor
from shared_schema.enrolment import KEY_USES
from shared_schema.instants import Instant, format_instant, whole_second
from shared_schema.key_change import OVERLAP, KeyChange
from shared_schema.statement import WireInstant
from subplatform.audit.acts import Act
from subplatform.catalogue_mirror.own_keys import OwnKey, read_own_keys
from subplatform.commands.opened import Answer, with_node
from subplatform.context import NodeContext, keys_folder, signer_of
from subplatform.hub_client.key_files import has_next
from subplatform.hub_client.node_keys import read_key
from subplatform.hub_client.rotate import Rotation, revoke_key, rotate_key
from subplatform.outbox.condition import resume
from subplatform.recommendation.sign_again import sign_again

app: Final = typer.Typer(no_args_is_help=True, help="本节点的密钥 / this node's keys")
Use = Annotated[
    Literal["statement", "cosigner", "recovery"],
    typer.Option("--use", help="哪一把密钥 / which key"),
]
Recovery = Annotated[
    Path | None,
    typer.Option(
        "--recovery", exists=True, dir_okay=False, help="恢复密钥文件 / the recovery key's file"
    ),
]
NeededRecovery = Annotated[
    Path,
    typer.Option(
        "--recovery", exists=True, dir_okay=False, help="恢复密钥文件 / the recovery key's file"
    ),
]
Days = Annotated[
    int, typer.Option("--overlap-days", min=0, max=60, help="新旧并用天数 / days both serve")
]
Suspect = Annotated[
    str | None,
    typer.Option("--suspect-from", metavar="INSTANT", help="自此签署的均可疑 / suspect since"),
]
Code = Annotated[str, typer.Option("--reason", help="理由代码，公开 / public code of the reason")]


@app.command()
def show(ctx: typer.Context, *, as_json: AsJson = False) -> None:
    """列出本节点登记过的密钥及到期日。 / This node's keys as the log has them.

    例 example: kaixu-node keys show
    """

    async def work(node: NodeContext) -> Answer:
        now = node.service.clock.now()
        async with node.service.database.sessions() as session:
            keys = await read_own_keys(session, node.settings.node)
        current = {node.keys.statement().key_id, node.keys.cosigner().key_id}
        folder = keys_folder(node.settings)
        begun = [use for use in KEY_USES if has_next(folder, use)]
        facts = {"keys": [_facts(one, current, now) for one in keys], "unfinished": begun}
        return facts, _text(facts)

    with_node(ctx, work, as_json=as_json)


@app.command()
def rotate(
    ctx: typer.Context,
    *,
    use: Use = "statement",
    recovery: Recovery = None,
    overlap_days: Days = OVERLAP.days,
    suspect_from: Suspect = None,
    as_json: AsJson = False,
) -> None:
    """更换一把密钥；中断后可重复。旧密钥在重叠期后吊销。 / Replace a key; safe to repeat.

    用 --recovery 时旧密钥立即吊销。 With --recovery the old key ends at once.

    例 example: kaixu-node keys rotate --use statement
    """

    async def work(node: NodeContext) -> Answer:
        hub, now = node.enrolled_hub(), node.service.clock.now()
        key = read_key(recovery) if recovery else None
        wanted = Rotation(
            use,
            key,
            timedelta(days=0 if key is not None and use != "recovery" else overlap_days),
            "rotated" if key is None or use == "recovery" else "key_compromise",
            read_instant(suspect_from),
        )
        done = await rotate_key(hub, keys_folder(node.settings), wanted, now=now)
        change = done.signed.change
        facts: dict[str, Any] = {
            "use": use,
            "key_id": done.key_id,
            "replaces": change.replaces,
            "old_key_until": change.overlap_until and format_instant(change.overlap_until),
            "change_hash": done.signed.change_hash,
        }
        facts["signed_again"] = await _go_on(node, Act.KEY_ROTATED, facts)
        return facts, _rotated_text(facts)

    with_node(ctx, work, as_json=as_json)


@app.command()
def revoke(
    ctx: typer.Context,
    *,
    recovery: NeededRecovery,
    use: Use = "statement",
    key: Annotated[str | None, typer.Option("--key", help="密钥编号 / id of the key")] = None,
    reason: Code = "key_compromise",
    suspect_from: Suspect = None,
    as_json: AsJson = False,
) -> None:
    """用恢复密钥立即吊销一把密钥，无须平台经手。 / Revoke a key by the recovery key.

    例 example: kaixu-node keys revoke --recovery /media/usb/recovery.pem --use statement
    """

    async def work(node: NodeContext) -> Answer:
        hub, signer = node.enrolled_hub(), read_key(recovery)
        ended = key or _present(node, use)
        change = KeyChange(
            node=node.settings.node,
            action="revoke",
            key_id=ended,
            suspect_from=read_instant(suspect_from),
            reason=reason,
            authorised_by=signer.key_id,
            issued_at=whole_second(node.service.clock.now()),
        )
        signed, _ = await revoke_key(hub, change, recovery=signer)
        facts: dict[str, Any] = {"key_id": ended, "change_hash": signed.change_hash}
        facts["signed_again"] = await _go_on(node, Act.KEY_REVOKED, facts)
        text = (
            f"✔ 已吊销 {ended} / revoked\n"
            "  请随即更换：kaixu-node keys rotate --recovery FILE / now replace it"
        )
        return facts, text

    with_node(ctx, work, as_json=as_json)


def read_instant(text: str | None) -> Instant | None:
    """An instant as it stands on the wire.

    Raises:
        BadParameter: it is written otherwise.
    """
    try:
        found: Instant | None = TypeAdapter(WireInstant | None).validate_python(text)
    except ValidationError as invalid:
        raise typer.BadParameter("应为 2026-11-20T00:00:00Z / write it like this") from invalid
    return found


def _present(node: NodeContext, use: str) -> str:
    return node.keys.cosigner().key_id if use == "cosigner" else node.keys.statement().key_id


async def _go_on(node: NodeContext, act: Act, facts: dict[str, Any]) -> int:
    """Write the act down and let delivery go on; how many returned offers were signed again."""
    now = node.service.clock.now()
    done = Record(act, Subject("node", node.settings.node), console_actor(), dict(facts))
    async with node.service.database.sessions.begin() as session:
        await record(session, done, now=now)
        await resume(session, now=now)
        return await sign_again(session, signer=signer_of(node), now=now)


def _facts(key: OwnKey, current: set[str], now: Instant) -> dict[str, Any]:
    return {
        "key_id": key.key_id,
        "use": key.use,
        "in_use": key.key_id in current,
        "added_at_serial": key.added_at,
        "revoked_at_serial": key.revoked_at,
        "not_after": key.not_after and format_instant(key.not_after),
        "warning": key.warning(now),
    }


def _text(facts: dict[str, Any]) -> str:
    lines = [_line(one) for one in facts["keys"]]
    if not lines:
        lines = ["日志副本中还没有本节点的密钥 / the copied log has no key of this node yet"]
    lines += [
        f"！{use} 的更换未完成，请重复 / unfinished: rotate it again" for use in facts["unfinished"]
    ]
    return "\n".join(lines)


def _line(key: dict[str, Any]) -> str:
    mark = "●" if key["in_use"] else " "
    ended = (
        ""
        if key["revoked_at_serial"] is None
        else f"  吊销于 revoked at {key['revoked_at_serial']}"
    )
    warns = "" if key["warning"] is None else f"  ！{key['warning']} 天内到期 expires"
    return f"{mark} {key['use']:<10} {key['key_id']}  至 until {key['not_after']}{ended}{warns}"


def _rotated_text(facts: dict[str, Any]) -> str:
    lines = [
        f"✔ {facts['use']} 已更换为 {facts['key_id']} / replaced",
        f"  旧密钥有效至 old key until  {facts['old_key_until']}",
        "  运行中的 serve 自动改用新密钥 / a running `serve` uses it by itself",
    ]
    if facts["signed_again"]:
        lines.append(f"  已用新密钥重新签名 signed again  {facts['signed_again']}")
    if facts["use"] == "recovery":
        lines.append("  请把 keys/recovery.pem 移到离线介质 / move the new recovery key offline")
    return "\n".join(lines)
