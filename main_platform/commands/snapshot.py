"""`kaixu-hub snapshot`: write a snapshot of the signed log now."""

import typer

from main_platform.commands.opened import Answer, with_hub
from main_platform.context import HubContext
from shared_platform.command_line import AsJson
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError

app = typer.Typer()


class NothingToWrite(DomainError):
    """Nothing is signed yet, another process writes a snapshot, or an erasure came between."""

    problem = ProblemType.STATE_CONFLICT


@app.command()
def snapshot(ctx: typer.Context, *, as_json: AsJson = False) -> None:
    """写一份快照，新节点由此起步；serve 会定时写。 / Write a snapshot; `serve` does so in time.

    也可以把 <data_dir>/snapshots 复制给节点：kaixu-node pull --from DIR
    The folder may be brought to a node on a disk.

    例 example: kaixu-hub snapshot
    """

    async def work(hub: HubContext) -> Answer:
        manifest = await hub.snapshots.write(now=hub.service.clock.now())
        if manifest is None:
            raise NothingToWrite(
                "日志尚未签名、另一进程正在写，或期间有删除，请重试"
                " / nothing signed yet, another process writes one, or an erasure came between"
            )
        total = sum(part.bytes for part in manifest.parts)
        folder = str(hub.snapshots.folder.folder)
        facts = {
            "size": manifest.size,
            "root": manifest.root,
            "parts": len(manifest.parts),
            "bytes": total,
            "left_out": manifest.left_out,
            "folder": folder,
        }
        text = (
            f"✔ {manifest.size} 条 entries，{len(manifest.parts)} 片 parts，{total} 字节 bytes，"
            f"省略旧版本 left out {manifest.left_out}\n  root {manifest.root}\n  {folder}"
        )
        return facts, text

    with_hub(ctx, work, as_json=as_json)
