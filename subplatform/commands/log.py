"""`kaixu-node log`: evidence that the hub has signed two versions of the log."""

from pathlib import Path
from typing import Annotated, Final

import typer

from shared_platform.command_line import AsJson
from subplatform.catalogue_mirror.forks import evidence_of, find_fork, list_forks
from subplatform.catalogue_mirror.routes import ForkOut
from subplatform.commands.opened import Answer, with_node
from subplatform.context import NodeContext

app: Final = typer.Typer(no_args_is_help=True, help="日志分叉的证据 / evidence of forks")
Before = Annotated[
    int | None, typer.Option("--before", min=1, help="继续上一页 / continue after this id")
]
Fork = Annotated[int, typer.Argument(metavar="ID", help="证据编号 / id of the evidence")]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", dir_okay=False, help="写入文件 / write it to this file"),
]


@app.command()
def forks(ctx: typer.Context, *, before: Before = None, as_json: AsJson = False) -> None:
    """列出分叉证据，新的在前。 / List the evidence of forks, newest first.

    例 example: kaixu-node log forks
    """

    async def work(node: NodeContext) -> Answer:
        async with node.service.database.sessions() as session:
            found = [ForkOut.of(row) for row in await list_forks(session, before=before)]
        text = "\n\n".join(map(_text, found)) or "没有分叉 / no forks"
        return {"forks": [one.model_dump(mode="json") for one in found]}, text

    with_node(ctx, work, as_json=as_json)


@app.command()
def fork(ctx: typer.Context, fork: Fork, *, out: Out = None, as_json: AsJson = False) -> None:
    """导出一份证据，供任何人核验。 / Export one piece of evidence for anybody to check.

    例 example: kaixu-node log fork 1 --out fork-1.json
    """

    async def work(node: NodeContext) -> Answer:
        async with node.service.database.sessions() as session:
            evidence = evidence_of(await find_fork(session, fork))
        facts = evidence.model_dump(mode="json", by_alias=True)
        if out is None:
            return facts, evidence.write().decode()
        out.write_bytes(evidence.write())
        return facts, f"✔ {out}\n  kaixu-verify --anchor anchor.json --fork {out}"

    with_node(ctx, work, as_json=as_json)


def _text(fork: ForkOut) -> str:
    proof = "主平台自己的证明 with the hub's own proof" if fork.has_proof else "无证明 no proof"
    return (
        f"#{fork.id}  {fork.size}  {fork.seen_at}  {proof}\n"
        f"本机 here {fork.checkpoint}\n主平台 hub {fork.hub_checkpoint}"
    ).rstrip()
