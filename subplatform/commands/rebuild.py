"""`kaixu-node rebuild`: everything again, from the node's keys and the anchor."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from shared_platform.command_line import AsJson, progress
from shared_schema.anchor import FederationAnchor
from subplatform.catalogue_mirror.pull import pull
from subplatform.commands.opened import Answer, with_node
from subplatform.context import NodeContext, NotEnrolled, anchor_file, hub_of, mirroring_of
from subplatform.hub_client.hub import Hub
from subplatform.hub_client.own_records import OwnRecords
from subplatform.outbox.reconcile import reconcile
from subplatform.recommendation.proofs import collect_proofs
from subplatform.recommendation.rebuild import (
    Rebuilding,
    restore_declarations,
    restore_statements,
)
from subplatform.recommendation.run import Following, read_inbox

app = typer.Typer()
Anchor = Annotated[
    Path | None,
    typer.Option("--anchor", exists=True, dir_okay=False, help="信任锚文件 / the anchor file"),
]
_MOST_POLLS: Final = 100_000


@app.command()
def rebuild(ctx: typer.Context, anchor: Anchor = None, *, as_json: AsJson = False) -> None:
    """数据全部丢失后，凭密钥和信任锚重建；可重复运行。 / Rebuild a lost node; safe to repeat.

    先 init（keys 目录放回原密钥），再 rebuild，最后 serve。从未签名的草稿无法找回。
    Put the old keys into `keys`, run init, then rebuild, then serve. Drafts that were never
    signed cannot come back.

    例 example: kaixu-node rebuild --anchor anchor.json
    """

    async def work(node: NodeContext) -> Answer:
        if anchor is not None and node.hub is None:
            known = FederationAnchor.read(anchor.read_bytes())
            node.hub = hub_of(node, known)
            facts = await _rebuilt(node, node.hub)
            anchor_file(node.settings).write_bytes(known.write())
        elif node.hub is None:
            raise NotEnrolled("请用 --anchor 给出信任锚文件 / give the anchor file: --anchor FILE")
        else:
            facts = await _rebuilt(node, node.hub)
        return facts, _text(facts)

    with_node(ctx, work, as_json=as_json)


async def _rebuilt(node: NodeContext, hub: Hub) -> dict[str, Any]:
    service, name = node.service, node.settings.node
    sessions, clock = service.database.sessions, service.clock
    key = node.keys.statement().public
    rebuilding = Rebuilding(OwnRecords(hub.client, name), name, key, clock, service.ids)
    copied = await pull(sessions, mirroring_of(node))
    with progress("声明原文 statements") as advance:
        stored, highest = await restore_statements(sessions, rebuilding, advance=advance)
    messages = await _whole_inbox(node, hub)
    with progress("声明 declarations") as advance:
        made = await restore_declarations(sessions, node=name, clock=clock, advance=advance)
    await pull(sessions, mirroring_of(node))
    proofs = 0
    while kept := await collect_proofs(
        sessions,
        lambda serial, size: hub.inclusion_proof(serial, size=size),
        node=name,
        now=clock.now(),
    ):
        proofs += kept
    compared = await reconcile(sessions, hub, clock=clock)
    return {
        "catalogue_size": copied.size,
        "statements": stored,
        "highest_oseq": highest,
        "messages": messages,
        "declarations": made.made,
        "without_content": made.without_content,
        "declared_anew": made.declared_anew,
        "proofs": proofs,
        "foreign_statements": compared.foreign,
    }


async def _whole_inbox(node: NodeContext, hub: Hub) -> int:
    """Read the inbox to its end; the number of the last message."""
    sessions = node.service.database.sessions
    following = Following(hub, node.settings.node, node.service.clock)
    cursor = -1
    for _ in range(_MOST_POLLS):
        inbox = await read_inbox(sessions, following)
        if inbox.cursor == cursor:
            break
        cursor = inbox.cursor
    return max(cursor, 0)


def _text(facts: dict[str, Any]) -> str:
    lines = [
        f"✔ 目录 catalogue       {facts['catalogue_size']} 条 entries",
        f"✔ 声明原文 statements  {facts['statements']} 件新存 stored",
        f"✔ 序号 numbers         续于 go on after {facts['highest_oseq']}",
        f"✔ 消息 messages        {facts['messages']}",
        f"✔ 声明 declarations    {facts['declarations']} 件重建 rebuilt",
        f"✔ 存在证明 proofs      {facts['proofs']}",
    ]
    if facts["without_content"]:
        count = facts["without_content"]
        lines.append(f"! {count} 件原文已依法删除，无法重建 / erased by law, not rebuilt")
    if facts["declared_anew"]:
        count = facts["declared_anew"]
        lines.append(f"! {count} 件专利已另有声明 / patents that are declared anew here")
    lines.append("  下一步 next   kaixu-node verify ；kaixu-node serve")
    return "\n".join(lines)
