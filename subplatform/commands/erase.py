"""`kaixu-node erase`: ask the hub to erase what a listing's statements say about a person."""

from typing import Annotated
from uuid import UUID

import typer

from shared_platform.command_line import AsJson
from subplatform.accounts.permissions import Permission
from subplatform.commands.opened import Answer, As, named_caller, with_node
from subplatform.context import NodeContext
from subplatform.recommendation.ask_erasure import ask_erasure

app = typer.Typer()
Listing = Annotated[UUID, typer.Argument(help="声明编号 / the listing")]
Code = Annotated[
    str,
    typer.Option(
        "--reason", help="data_subject_request、court_order、takedown，公开 / code, public"
    ),
]


@app.command()
def erase(
    ctx: typer.Context,
    listing: Listing,
    reason: Code = "data_subject_request",
    *,
    actor: As = "operator",
    as_json: AsJson = False,
) -> None:
    """请求主平台依法删除；公示中的声明先报送不含此人的新版本。 / Ask the hub to erase.

    例 example: kaixu-node erase 0190… --reason data_subject_request
    """

    async def work(node: NodeContext) -> Answer:
        caller = await named_caller(node, actor, Permission.WITHDRAW_LISTINGS)
        answer = await ask_erasure(
            node.service.database.sessions,
            node.enrolled_hub(),
            listing,
            reason=reason,
            by=caller.name,
            now=node.service.clock.now(),
        )
        text = (
            f"✔ {answer.get('erasure')}  {answer.get('state')}\n"
            "  由主平台两人决定，结果见收件箱 / two people of the hub decide; the inbox tells"
        )
        return dict(answer), text

    with_node(ctx, work, as_json=as_json)
