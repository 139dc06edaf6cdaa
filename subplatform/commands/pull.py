"""`kaixu-node pull`: bring the node's copy of the catalogue level with the hub, once."""

import typer

from shared_platform.command_line import AsJson
from subplatform.catalogue_mirror.pull import pull as pull_once
from subplatform.commands.opened import Answer, with_node
from subplatform.context import NodeContext, mirroring_of

app = typer.Typer()


@app.command()
def pull(ctx: typer.Context, *, as_json: AsJson = False) -> None:
    """拉取并验证新条目；serve 会自动做。 / Pull and prove new entries; `serve` does so by itself.

    例 example: kaixu-node pull
    """

    async def work(node: NodeContext) -> Answer:
        report = await pull_once(node.service.database.sessions, mirroring_of(node))
        facts = {
            "applied": report.applied,
            "quarantined": report.quarantined,
            "size": report.size,
            "root": report.root.hex(),
        }
        text = (
            f"✔ 新增 applied {report.applied}，隔离 quarantined {report.quarantined}，"
            f"共 size {report.size}\n  root {report.root.hex()}"
        )
        return facts, text

    with_node(ctx, work, as_json=as_json)
