"""`kaixu-node pull`: bring the node's copy of the catalogue level with the hub, once."""

from pathlib import Path
from typing import Annotated, Any

import typer

from shared_platform.catalogue.log_position import read_position
from shared_platform.catalogue.snapshot_copy import Beginning, copy_snapshot
from shared_platform.catalogue.snapshot_source import FolderSnapshots
from shared_platform.command_line import AsJson, progress
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError
from subplatform.catalogue_mirror.pull import pull as pull_once
from subplatform.commands.opened import Answer, with_node
from subplatform.context import NodeContext, mirroring_of, snapshot_folder

app = typer.Typer()


class NoSnapshotThere(DomainError):
    """The folder holds no snapshot."""

    problem = ProblemType.NOT_FOUND


@app.command()
def pull(
    ctx: typer.Context,
    *,
    source: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="DIR",
            exists=True,
            file_okay=False,
            help="先用磁盘上的快照 / a copy of a hub's snapshot folder, no network",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """拉取并验证新条目；serve 会自动做。 / Pull and prove new entries; `serve` does so by itself.

    例 example: kaixu-node pull
    例 example: kaixu-node pull --from /media/usb/snapshots
    """

    async def work(node: NodeContext) -> Answer:
        return await (_pulled(node) if source is None else _seeded(node, source))

    with_node(ctx, work, as_json=as_json)


async def _pulled(node: NodeContext) -> Answer:
    report = await pull_once(node.service.database.sessions, mirroring_of(node))
    return _answer(report.applied, report.quarantined, report.size, report.root)


async def _seeded(node: NodeContext, folder: Path) -> Answer:
    """The snapshot in a folder, proven like the hub's; the hub is not asked."""
    anchor = node.enrolled_hub().anchor
    sessions = node.service.database.sessions
    beginning = Beginning(FolderSnapshots(folder), anchor, snapshot_folder(node.settings))
    with progress("应用 applied") as advance:
        report = await copy_snapshot(
            sessions, beginning, now=node.service.clock.now(), advance=advance
        )
    if report is None:
        raise NoSnapshotThere(f"{folder} 中没有快照 / there is no snapshot in it")
    async with sessions() as session:
        position = await read_position(session)
    return _answer(report.applied, report.quarantined, position.size, position.range.root())


def _answer(applied: int, quarantined: int, size: int, root: bytes) -> Answer:
    facts: dict[str, Any] = {
        "applied": applied,
        "quarantined": quarantined,
        "size": size,
        "root": root.hex(),
    }
    text = (
        f"✔ 新增 applied {applied}，隔离 quarantined {quarantined}，"
        f"共 size {size}\n  root {root.hex()}"
    )
    return facts, text
