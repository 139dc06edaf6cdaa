"""`kaixu-node verify`: prove the invariants a node can know from raw rows and signed bytes."""

import typer

from shared_platform.audit.check_chain import read_evidence, read_trail_state
from shared_platform.audit.heads import audit_folder
from shared_platform.command_line import AsJson, ExitCode
from shared_platform.invariants.verdict import as_text
from subplatform.commands.opened import Answer, with_node
from subplatform.context import NodeContext
from subplatform.invariants.check_node import check_node

app = typer.Typer()


@app.command()
def verify(ctx: typer.Context, *, as_json: AsJson = False) -> None:
    """逐项核验本节点的不变量与目录副本。 / Prove the node's invariants; exit status 5 if one fails.

    例 example: kaixu-node verify
    """
    found: list[str] = []

    async def work(node: NodeContext) -> Answer:
        anchor, now = node.enrolled_hub().anchor, node.service.clock.now()
        evidence = read_evidence(audit_folder(node.settings.data_dir))
        async with node.service.database.sessions.begin() as session:
            proof = await check_node(session, anchor, now=now, evidence=evidence)
            trail = await read_trail_state(session)
        broken = [one.invariant for one in proof.verdicts if not one.holds]
        found.extend(broken)
        facts = {
            "size": proof.mirror.size,
            "root": proof.mirror.root,
            "digest": proof.mirror.digest,
            "audit": trail.to_json(),
            "problems": [
                {"code": breach.code, "message": breach.detail}
                for verdict in proof.verdicts
                for breach in verdict.breaches
            ],
            "invariants": [one.to_json() for one in proof.verdicts],
        }
        head = f"✔ {proof.mirror.size} 条全部核验无误 / all entries hold"
        if broken:
            head = f"✘ 不成立 broken: {', '.join(broken)}"
        return facts, f"{head}\n  root {proof.mirror.root}\n{as_text(proof.verdicts)}\n{trail.line}"

    with_node(ctx, work, as_json=as_json)
    if found:
        raise typer.Exit(int(ExitCode.INTEGRITY))
