"""`kaixu-node withdraw`: withdraw a listing at its holders' wish."""

from typing import Annotated
from uuid import UUID

import typer

from shared_platform.command_line import AsJson
from subplatform.accounts.permissions import Permission
from subplatform.commands.opened import Answer, As, named_caller, with_node
from subplatform.context import NodeContext, signer_of
from subplatform.recommendation.withdraw import Withdrawal
from subplatform.recommendation.withdraw import withdraw as withdraw_listing

app = typer.Typer()
Listing = Annotated[UUID, typer.Argument(help="声明编号 / the listing")]
Code = Annotated[str, typer.Option("--code", help="理由代码，公开 / code of the reason, public")]
Reason = Annotated[str, typer.Option("--reason", help="理由，公开 / the reason, public")]
Consent = Annotated[
    bool, typer.Option("--all-owners-consent", help="持有全体共有人的书面同意 / all owners agree")
]


@app.command()
def withdraw(
    ctx: typer.Context,
    listing: Listing,
    code: Code = "holder_wish",
    reason: Reason = "专利权人撤回",
    *,
    all_owners_consent: Consent = False,
    actor: As = "operator",
    as_json: AsJson = False,
) -> None:
    """撤回许可；已有的被许可人不受影响。 / Withdraw; licences already granted are untouched.

    例 example: kaixu-node withdraw 0190… --reason "专利权已转让" --code transfer
    """

    async def work(node: NodeContext) -> Answer:
        caller = await named_caller(node, actor, Permission.WITHDRAW_LISTINGS)
        wish = Withdrawal(code, reason, all_owners_consent)
        async with node.service.database.sessions.begin() as session:
            row = await withdraw_listing(
                session,
                listing,
                wish,
                signer=signer_of(node),
                by=caller.name,
                now=node.service.clock.now(),
            )
            facts = {"listing": str(listing), "state": row.state, "version": row.version}
        return facts, f"✔ {listing} {facts['state']}"

    with_node(ctx, work, as_json=as_json)
