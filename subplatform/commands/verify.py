"""`kaixu-node verify`: prove the node's copy from raw rows and signed bytes."""

import typer

from shared_platform.command_line import AsJson, ExitCode
from subplatform.catalogue_mirror.verify import verify_mirror
from subplatform.commands.opened import Answer, with_node
from subplatform.context import NodeContext

app = typer.Typer()


@app.command()
def verify(ctx: typer.Context, *, as_json: AsJson = False) -> None:
    """核验本节点的目录副本。 / Prove the node's copy of the catalogue; exit status 5 if it fails.

    例 example: kaixu-node verify
    """
    found: list[str] = []

    async def work(node: NodeContext) -> Answer:
        async with node.service.database.sessions.begin() as session:
            proof = await verify_mirror(session, node.enrolled_hub().anchor)
        problems = [{"code": code, "message": message} for code, message in proof.problems]
        found.extend(code for code, _ in proof.problems)
        facts = {
            "size": proof.size,
            "root": proof.root,
            "digest": proof.digest,
            "problems": problems,
        }
        lines = [f"✘ {one['code']}: {one['message']}" for one in problems]
        sound = f"✔ {proof.size} 条全部核验无误 / all entries hold\n  root {proof.root}"
        return facts, "\n".join(lines) or sound

    with_node(ctx, work, as_json=as_json)
    if found:
        raise typer.Exit(int(ExitCode.INTEGRITY))
