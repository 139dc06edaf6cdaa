"""`kaixu-node recheck`: compare what was sent with the register, and stop what must stop."""

from typing import Any, Final

import typer

from shared_platform.command_line import AsJson
from subplatform.accounts.permissions import Permission
from subplatform.commands.opened import Answer, As, named_caller, with_node
from subplatform.context import NodeContext, desk_of, signer_of
from subplatform.recommendation.change_standing import SignChanges
from subplatform.verification.recheck import RecheckSummary, Stopped, recheck_sent

app = typer.Typer()
_STOPPED: Final = {
    "suspended": "已中止 suspended",
    "withdrawn": "已撤回 withdrawn",
    "still_suspended": "仍中止 still suspended",
}


@app.command()
def recheck(ctx: typer.Context, *, actor: As = "operator", as_json: AsJson = False) -> None:
    """按登记簿复查已报送的许可；serve 每小时自动做。 / Recheck what was sent; `serve` does hourly.

    转让、失效等会中止许可并要求撤回。 / A transfer or lapse suspends and asks for withdrawal.

    例 example: kaixu-node recheck
    """

    async def work(node: NodeContext) -> Answer:
        caller = await named_caller(node, actor, Permission.VERIFY_DECLARATIONS)
        sign = SignChanges(signer_of(node))
        summary = await recheck_sent(desk_of(node), sign=sign, by=caller.name)
        return _facts(summary), _text(summary)

    with_node(ctx, work, as_json=as_json)


def _facts(summary: RecheckSummary) -> dict[str, Any]:
    return {
        "checked": summary.checked,
        "unknown": summary.unknown,
        **{name: [_shown(one) for one in getattr(summary, name)] for name in _STOPPED},
        "resumable": [str(listing) for listing in summary.resumable],
    }


def _text(summary: RecheckSummary) -> str:
    lines = [f"复查 rechecked {summary.checked}，登记簿没有 unknown {summary.unknown}"]
    lines += [
        f"  {words} {one.application_number} {'、'.join(one.codes)} {one.listing}"
        for name, words in _STOPPED.items()
        for one in getattr(summary, name)
    ]
    lines += [f"  可恢复 resumable {listing}" for listing in summary.resumable]
    return "\n".join(lines)


def _shown(one: Stopped) -> dict[str, Any]:
    return {
        "listing": str(one.listing),
        "application_number": one.application_number,
        "codes": list(one.codes),
    }
