"""`kaixu-node check`: hold drafts against the rules and the register; verify what passes."""

from typing import Annotated, Any
from uuid import UUID

import typer

from shared_platform.command_line import AsJson, progress
from subplatform.accounts.permissions import Permission
from subplatform.commands.opened import Answer, As, named_caller, with_node
from subplatform.context import NodeContext, desk_of
from subplatform.verification.check import CheckSummary, check_drafts

app = typer.Typer()
Listings = Annotated[
    list[UUID] | None, typer.Argument(help="声明编号，不给则全部 / listings; all if none")
]


@app.command()
def check(
    ctx: typer.Context,
    listings: Listings = None,
    *,
    actor: As = "operator",
    as_json: AsJson = False,
) -> None:
    """按规则和登记簿核查草稿。 / Check drafts by the rules and the patent register.

    例 example: kaixu-node check
    """

    async def work(node: NodeContext) -> Answer:
        caller = await named_caller(node, actor, Permission.VERIFY_DECLARATIONS)
        with progress("核查 / checking") as advance_to:
            summary = await check_drafts(
                desk_of(node), listings, by=caller.name, on_progress=advance_to
            )
        return _facts(summary), _text(summary)

    with_node(ctx, work, as_json=as_json)


def _facts(summary: CheckSummary) -> dict[str, Any]:
    return {
        "checked": summary.checked,
        "verified": summary.verified,
        "correction": summary.correction,
        "moved": summary.moved,
        "unknown_patents": summary.unknown_patents,
        "findings": [
            {"rule": rule, "severity": severity, "declarations": count}
            for (rule, severity), count in sorted(summary.findings.items())
        ],
        "unchecked": dict(sorted(summary.unchecked.items())),
    }


def _text(summary: CheckSummary) -> str:
    passed = f"通过 verified {summary.verified}，待更正 to correct {summary.correction}"
    lines = [f"核查 checked {summary.checked}：{passed}"]
    lines += [
        f"  {rule:<8} {severity:<10} {count}"
        for (rule, severity), count in sorted(summary.findings.items())
    ]
    if summary.unchecked:
        rules = "、".join(sorted(summary.unchecked))
        lines.append(
            f"登记簿没有 {summary.unknown_patents} 件专利，未核查 {rules}"
            f" / not in the register, so these rules were not checked: {rules}"
        )
    return "\n".join(lines)
