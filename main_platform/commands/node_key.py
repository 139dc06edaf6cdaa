"""`kaixu-hub node-key`: two people revoke a node's key."""

from typing import Annotated, Final, Literal
from uuid import UUID

import typer

from main_platform.catalogue.publish import publish
from main_platform.commands.opened import Acting, Answer, As, act_as, read_arguments
from main_platform.nodes.revocations import (
    Proposal,
    confirm_revocation,
    drop_revocation,
    list_revocations,
    propose_revocation,
)
from main_platform.nodes.schemas import KeyRevocationIn, KeyRevocationOut
from main_platform.review.outlived import SuspectListing, suspect_listings
from main_platform.review.suspect_schemas import SuspectListingsOut
from main_platform.staff.permissions import Permission
from shared_platform.command_line import AsJson

app: Final = typer.Typer(no_args_is_help=True, help="节点密钥吊销 / revoke keys of nodes")
_MANAGE: Final = Permission.MANAGE_NODES
State = Annotated[
    Literal["waiting", "confirmed", "dropped"] | None,
    typer.Option("--state", help="只列此状态 / only of this state"),
]
KeyName = Annotated[str, typer.Argument(metavar="KEY", help="密钥编号 / id of the key")]
RevocationId = Annotated[UUID, typer.Argument(metavar="REVOCATION", help="提议编号 / its id")]
Code = Annotated[
    str, typer.Option("--reason", help="理由代码，公开，如 key_compromise / public code")
]
Suspect = Annotated[
    str | None,
    typer.Option(
        "--suspect-from",
        metavar="INSTANT",
        help="自此签署的均须复核，如 2026-11-20T00:00:00Z / since then nothing is trusted unseen",
    ),
]


@app.command()
def revoke(
    ctx: typer.Context,
    key: KeyName,
    *,
    reason: Code,
    suspect_from: Suspect = None,
    staff: As = None,
    as_json: AsJson = False,
) -> None:
    """提议吊销一把密钥；须另一人确认。 / Propose to revoke a key; another person must confirm.

    例 example: kaixu-hub node-key revoke kPrK_qmx… --reason key_compromise --as wang.wei
    """

    async def work(acting: Acting) -> Answer:
        body = read_arguments(KeyRevocationIn, reason=reason, suspect_from=suspect_from)
        row = await propose_revocation(
            acting.session,
            Proposal(key, body.reason, body.suspect_from),
            by=acting.by.name,
            ids=acting.hub.service.ids,
            now=acting.now,
        )
        return _answer(KeyRevocationOut.of(row))

    act_as(ctx, (staff, _MANAGE), work, as_json=as_json)


@app.command()
def confirm(
    ctx: typer.Context, revocation: RevocationId, *, staff: As = None, as_json: AsJson = False
) -> None:
    """确认吊销：立即生效。 / Confirm: the key counts for nothing from now on.

    例 example: kaixu-hub node-key confirm 019a… --as zhao.lei
    """

    async def work(acting: Acting) -> Answer:
        by, now = acting.by.name, acting.now
        row = await confirm_revocation(acting.session, revocation, publish=publish, by=by, now=now)
        return _answer(KeyRevocationOut.of(row))

    act_as(ctx, (staff, _MANAGE), work, as_json=as_json)


@app.command()
def drop(
    ctx: typer.Context, revocation: RevocationId, *, staff: As = None, as_json: AsJson = False
) -> None:
    """放弃一项提议。 / Drop a proposal that nobody has confirmed.

    例 example: kaixu-hub node-key drop 019a… --as zhao.lei
    """

    async def work(acting: Acting) -> Answer:
        by, now = acting.by.name, acting.now
        row = await drop_revocation(acting.session, revocation, by=by, now=now)
        return _answer(KeyRevocationOut.of(row))

    act_as(ctx, (staff, _MANAGE), work, as_json=as_json)


@app.command("list")
def list_all(
    ctx: typer.Context, *, state: State = None, staff: As = None, as_json: AsJson = False
) -> None:
    """列出吊销提议。 / List proposals, newest first.

    例 example: kaixu-hub node-key list --state waiting --as wang.wei
    """

    async def work(acting: Acting) -> Answer:
        rows = await list_revocations(acting.session, state=state)
        found = [KeyRevocationOut.of(one) for one in rows]
        text = "\n".join(_text(one) for one in found) or "没有提议 / no proposals"
        return {"revocations": [one.model_dump(mode="json") for one in found]}, text

    act_as(ctx, (staff, Permission.READ_NODES), work, as_json=as_json)


@app.command()
def listings(
    ctx: typer.Context, key: KeyName, *, staff: As = None, as_json: AsJson = False
) -> None:
    """列出可疑密钥签署且已公示的声明，供逐件复核。 / What is public and was signed since suspect.

    例 example: kaixu-hub node-key listings kPrK_qmx… --as li.hua
    """

    async def work(acting: Acting) -> Answer:
        found: list[SuspectListing] = []
        while page := await suspect_listings(
            acting.session, key, after=found[-1].serial if found else -1, limit=200
        ):
            found += page
        shown = SuspectListingsOut.of(found, limit=len(found) + 1)
        lines = [f"{one.serial}  {one.listing}  {one.application_number}" for one in found]
        text = "\n".join(lines) or "没有 / none"
        return shown.model_dump(mode="json"), text

    act_as(ctx, (staff, Permission.READ_REVIEWS), work, as_json=as_json)


def _answer(row: KeyRevocationOut) -> Answer:
    return row.model_dump(mode="json"), _text(row)


def _text(row: KeyRevocationOut) -> str:
    since = f"  可疑自 suspect from {row.suspect_from}" if row.suspect_from else ""
    decided = f"  {row.decided_by} {row.decided_at}" if row.decided_by else ""
    return (
        f"{row.revocation}  {row.state}  {row.node}  {row.key_id}  {row.reason}{since}\n"
        f"  提议 proposed {row.proposed_by} {row.proposed_at}{decided}"
    )
