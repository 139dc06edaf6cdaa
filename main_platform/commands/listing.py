"""`kaixu-hub listing`: where a listing is, and how many nodes hold it."""

from typing import Annotated
from uuid import UUID

import typer

from main_platform.commands.opened import Acting, Answer, As, act_as
from main_platform.review.timeline import read_timeline
from main_platform.review.timeline_schemas import TimelineOut
from main_platform.staff.permissions import Permission
from shared_platform.command_line import AsJson

app = typer.Typer()
ListingId = Annotated[UUID, typer.Argument(metavar="LISTING", help="声明编号 / id of the listing")]


@app.command()
def listing(
    ctx: typer.Context, listing: ListingId, *, staff: As = None, as_json: AsJson = False
) -> None:
    """声明的全过程，以及有几个节点已持有。 / A listing's history, and how many nodes hold it.

    例 example: kaixu-hub listing 019a… --as li.na
    """

    async def work(acting: Acting) -> Answer:
        found = TimelineOut.of(await read_timeline(acting.session, listing))
        return found.model_dump(mode="json"), _text(found)

    act_as(ctx, (staff, Permission.READ_REVIEWS), work, as_json=as_json)


def _text(found: TimelineOut) -> str:
    lines = [f"{found.listing}  {found.state}  {found.origin}  {found.application_number}"]
    for one in found.versions:
        review = one.review.state if one.review else "—"
        lines.append(
            f"  第 v{one.version} 版 {one.op}  收到 received {one.received_at}"
            f"  审核 review {review}  序号 serial {'—' if one.serial is None else one.serial}"
        )
    if found.public is not None:
        held, nodes = found.public.held_by, found.public.active_nodes
        lines.append(f"  {held}/{nodes} 个节点已持有 / held by {held} of {nodes} nodes")
    return "\n".join(lines)
