"""`kaixu-hub verify`: prove the stored log and catalogue from their raw rows."""

import typer

from main_platform.application import HubContext
from main_platform.catalogue.log_head import read_head
from main_platform.catalogue.verify import unchanging, verify_log
from main_platform.catalogue.violation import Violation
from main_platform.commands.opened import Answer, with_hub
from shared_platform.catalogue.rebuild import catalogue_digest
from shared_platform.command_line import AsJson, ExitCode, progress

app = typer.Typer()


@app.command()
def verify(ctx: typer.Context, *, as_json: AsJson = False) -> None:
    """逐条核对日志与目录，发现问题以 5 退出。 / Prove log and catalogue; exits 5 on a violation.

    运行中也可核对，不影响登记。 / May run beside `serve`; it holds up nothing.

    例 example: kaixu-hub verify --json
    """

    async def work(hub: HubContext) -> Answer:
        size, digest, violations = await _verified(hub)
        shown = [
            {"code": one.code, "serial": one.serial, "detail": one.detail} for one in violations
        ]
        facts = {"log_size": size, "digest": digest, "violations": shown}
        return facts, _text(size, violations)

    if with_hub(ctx, work, as_json=as_json)["violations"]:
        raise typer.Exit(int(ExitCode.INTEGRITY))


async def _verified(hub: HubContext) -> tuple[int, str, list[Violation]]:
    """The size of the log, the digest of all its rows, and what is wrong with it."""
    async with unchanging(hub.service.database.sessions) as session:
        size = (await read_head(session)).size
        with progress("核对 verified") as advance:
            violations = await verify_log(session, hub.log_key.anchor, progress=advance)
        return size, await catalogue_digest(session), violations


def _text(size: int, violations: list[Violation]) -> str:
    if not violations:
        return f"✔ {size} 条全部成立 / all {size} entries hold"
    head = f"✘ {len(violations)} 处不符 / violations, {size} 条 entries"
    return "\n".join([head, *(f"  {one}" for one in violations)])
