"""`kaixu-node show`: one declaration, where it stands, and how that can be proven."""

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

import typer

from shared_platform.command_line import AsJson
from shared_schema.instants import Instant, format_instant
from shared_schema.patent_number import print_patent_number
from subplatform.commands.opened import Answer, with_node
from subplatform.context import NodeContext
from subplatform.recommendation.timeline import StatementLine, Timeline, read_timeline

app = typer.Typer()
Listing = Annotated[UUID, typer.Argument(help="声明编号 / the listing")]


@app.command()
def show(ctx: typer.Context, listing: Listing, *, as_json: AsJson = False) -> None:
    """查看声明、声明书和三份回执。 / A declaration, its statements and their three receipts.

    例 example: kaixu-node show 01900000-0000-7000-8000-000000000001
    """

    async def work(node: NodeContext) -> Answer:
        anchor = node.hub.anchor if node.hub else None
        async with node.service.database.sessions() as session:
            timeline = await read_timeline(session, listing, anchor=anchor)
        return _facts(timeline), _text(timeline)

    with_node(ctx, work, as_json=as_json)


def _facts(timeline: Timeline) -> dict[str, Any]:
    row = timeline.declaration
    return {
        "listing": str(row.listing),
        "state": row.state,
        "version": row.version,
        "application_number": row.application_number,
        "holders": row.holder_names,
        "findings": row.findings,
        "unchecked_rules": row.unchecked_rules,
        "statements": [_printable(asdict(line)) for line in timeline.statements],
        "entries": [_printable(asdict(line)) for line in timeline.entries],
    }


def _text(timeline: Timeline) -> str:
    row = timeline.declaration
    lines = [
        f"{print_patent_number(row.application_number)}  {'；'.join(row.holder_names)}",
        f"状态 state {row.state}  版本 version {row.version}  {row.listing}",
    ]
    lines += [f"  {one['code']} {one['message']['zh']} {one['hint']['zh']}" for one in row.findings]
    lines += [_statement(line) for line in timeline.statements]
    lines += [
        f"  日志 log #{entry.serial} {entry.kind} {_printable(entry.at) or ''}"
        for entry in timeline.entries
    ]
    return "\n".join(lines)


def _statement(line: StatementLine) -> str:
    verdict = line.decision.get("verdict") if line.decision else "—"
    return (
        f"  声明书 #{line.oseq} v{line.version} {line.op}：送达 delivery {line.delivery}，"
        f"收讫 intake {line.intake}，决定 decision {verdict}，公示 inclusion {line.inclusion}"
    )


def _printable(value: Any) -> Any:  # noqa: ANN401  JSON of any shape
    if isinstance(value, dict):
        return {name: _printable(member) for name, member in value.items()}
    return format_instant(value) if isinstance(value, Instant) else value
