"""`kaixu-hub verify`: prove the twelve invariants from raw rows and signed bytes."""

import typer

from main_platform.catalogue.log_head import read_head
from main_platform.catalogue.verify import unchanging
from main_platform.commands.opened import Answer, with_hub
from main_platform.context import HubContext
from main_platform.invariants.check_hub import check_hub
from shared_platform.audit.check_chain import TrailState, read_evidence, read_trail_state
from shared_platform.audit.heads import audit_folder
from shared_platform.catalogue.rebuild import catalogue_digest
from shared_platform.command_line import AsJson, ExitCode, progress
from shared_platform.invariants.verdict import Verdict, all_hold, as_text

app = typer.Typer()


@app.command()
def verify(ctx: typer.Context, *, as_json: AsJson = False) -> None:
    """逐项核对十二条不变量，发现问题以 5 退出。 / Prove twelve invariants; exits 5 on a breach.

    运行中也可核对，不影响登记。 / May run beside `serve`; it holds up nothing.

    例 example: kaixu-hub verify --json
    """

    async def work(hub: HubContext) -> Answer:
        size, digest, verdicts, trail = await _verified(hub)
        # `violations` is what earlier versions of this command said.
        violations = [
            {"code": one.code, "invariant": verdict.invariant, "detail": one.detail}
            for verdict in verdicts
            for one in verdict.breaches
        ]
        facts = {
            "log_size": size,
            "digest": digest,
            "audit": trail.to_json(),
            "violations": violations,
            "invariants": [one.to_json() for one in verdicts],
        }
        return facts, f"{_text(size, verdicts)}\n{trail.line}"

    if with_hub(ctx, work, as_json=as_json)["violations"]:
        raise typer.Exit(int(ExitCode.INTEGRITY))


async def _verified(hub: HubContext) -> tuple[int, str, list[Verdict], TrailState]:
    """The size of the log, the digest of all its rows, the verdicts, where the trail stands."""
    evidence = read_evidence(audit_folder(hub.settings.data_dir))
    async with unchanging(hub.service.database.sessions) as session:
        size = (await read_head(session)).size
        with progress("核对 verified") as advance:
            verdicts = await check_hub(
                session, hub.log_key.anchor, evidence=evidence, progress=advance
            )
        digest = await catalogue_digest(session)
        return size, digest, verdicts, await read_trail_state(session)


def _text(size: int, verdicts: list[Verdict]) -> str:
    if all_hold(verdicts):
        head = f"✔ {size} 条全部成立 / all {size} entries hold"
    else:
        broken = ", ".join(one.invariant for one in verdicts if not one.holds)
        head = f"✘ 不成立 broken: {broken}, {size} 条 entries"
    return f"{head}\n{as_text(verdicts)}"
