"""`kaixu-hub withdraw`: the hub ends a public listing by itself."""

from typing import Annotated
from uuid import UUID

import typer

from main_platform.commands.opened import Acting, Answer, As, act_as, read_arguments
from main_platform.review.reason_codes import Reason
from main_platform.review.schemas import WithdrawalIn
from main_platform.review.withdraw import withdraw_listing
from main_platform.staff.permissions import Permission
from shared_platform.command_line import AsJson

app = typer.Typer()
ListingId = Annotated[UUID, typer.Argument(metavar="LISTING", help="声明编号 / id of the listing")]
Code = Annotated[
    str, typer.Option("--reason", help="理由代码，公开，如 lapse / the code becomes public")
]
Text = Annotated[str | None, typer.Option("--text", help="给来源节点的说明 / words to the origin")]


@app.command()
def withdraw(
    ctx: typer.Context,
    listing: ListingId,
    *,
    reason: Code,
    text: Text = None,
    staff: As = None,
    as_json: AsJson = False,
) -> None:
    """撤回已公示的声明：转让、失效、裁判、下架；不可恢复。 / Withdraw a public listing for good.

    例 example: kaixu-hub withdraw 019a… --reason lapse --text 2026-11-02专利权终止 --as chen.hao
    """

    async def work(acting: Acting) -> Answer:
        body = read_arguments(WithdrawalIn, reason=reason, text=text)
        gone = await withdraw_listing(
            acting.session,
            listing,
            reason=Reason(body.reason, body.text),
            by=acting.by.name,
            now=acting.now,
        )
        facts = {
            "listing": str(gone.listing),
            "origin": gone.origin,
            "application_number": gone.application_number,
            "reason": gone.reason,
            "state": "withdrawn",
        }
        shown = (
            f"✔ {gone.listing}  {gone.application_number}  已撤回，即将登记 / queued for the log"
        )
        return facts, shown

    act_as(ctx, (staff, Permission.WITHDRAW_LISTINGS), work, as_json=as_json)
