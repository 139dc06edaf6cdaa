"""`kaixu-hub erase`: two people erase what a listing's statements said."""

from typing import Annotated, Final
from uuid import UUID

import typer

from main_platform.application import ON_ERASED
from main_platform.commands.opened import Acting, Answer, As, act_as, read_arguments
from main_platform.erasure.confirm import confirm_erasure, refuse_erasure
from main_platform.erasure.propose import Wish, propose_erasure
from main_platform.erasure.read_erasures import list_erasures
from main_platform.erasure.schemas import ErasureIn, ErasureOut, ErasureRefusalIn
from main_platform.erasure.states import ErasureState, Extent
from main_platform.erasure.tables import ErasureRow
from main_platform.staff.permissions import Permission
from shared_platform.command_line import AsJson

app: Final = typer.Typer(no_args_is_help=True, help="依法删除个人信息 / erase personal data")
_ERASE: Final = Permission.ERASE_STATEMENTS
ListingId = Annotated[UUID, typer.Argument(metavar="LISTING", help="声明编号 / id of the listing")]
ErasureId = Annotated[UUID, typer.Argument(metavar="ERASURE", help="申请编号 / id of the erasure")]
Code = Annotated[str, typer.Option("--reason", help="理由代码，公开 / code of the reason, public")]
ExtentWanted = Annotated[
    Extent | None,
    typer.Option(
        "--extent",
        help="ended 已不公示的全部、before_live 现行版以前、withdraw 撤回并全部 / which versions",
    ),
]
StateWanted = Annotated[
    ErasureState | None, typer.Option("--state", help="只列此状态 / only of this state")
]


@app.command("list")
def list_all(
    ctx: typer.Context,
    state: StateWanted = None,
    *,
    staff: As = None,
    as_json: AsJson = False,
) -> None:
    """列出删除申请，最新在前。 / List erasures, newest first; `--state asked` are nodes' wishes.

    例 example: kaixu-hub erase list --state asked --as sun.lei
    """

    async def work(acting: Acting) -> Answer:
        rows = await list_erasures(acting.session, state=state, limit=200)
        text = "\n".join(_text(row) for row in rows) or "没有删除申请 / no erasures"
        return {"erasures": [_facts(row) for row in rows]}, text

    act_as(ctx, (staff, _ERASE), work, as_json=as_json)


@app.command()
def propose(
    ctx: typer.Context,
    listing: ListingId,
    *,
    reason: Code,
    extent: ExtentWanted = None,
    staff: As = None,
    as_json: AsJson = False,
) -> None:
    """提出删除；须由另一人确认。 / Propose an erasure; another person must confirm it.

    例 example: kaixu-hub erase propose 019a… --reason data_subject_request --as sun.lei
    """

    async def work(acting: Acting) -> Answer:
        body = read_arguments(ErasureIn, reason=reason, extent=extent)
        row = await propose_erasure(
            acting.session,
            Wish(listing, body.reason, body.extent),
            by=acting.by.name,
            now=acting.now,
            ids=acting.hub.service.ids,
        )
        return _facts(row), _text(row)

    act_as(ctx, (staff, _ERASE), work, as_json=as_json)


@app.command()
def confirm(
    ctx: typer.Context, erasure: ErasureId, *, staff: As = None, as_json: AsJson = False
) -> None:
    """作为另一人确认；不可恢复。 / Confirm as the second person; it cannot be undone.

    例 example: kaixu-hub erase confirm 019a… --as ma.lin
    """

    async def work(acting: Acting) -> Answer:
        row = await confirm_erasure(
            acting.session, erasure, on_erased=ON_ERASED, by=acting.by.name, now=acting.now
        )
        return _facts(row), _text(row)

    act_as(ctx, (staff, _ERASE), work, as_json=as_json)


@app.command()
def refuse(
    ctx: typer.Context,
    erasure: ErasureId,
    *,
    reason: Code,
    staff: As = None,
    as_json: AsJson = False,
) -> None:
    """拒绝删除，写明理由代码。 / Refuse an erasure with a coded reason.

    例 example: kaixu-hub erase refuse 019a… --reason identity_unproven --as ma.lin
    """

    async def work(acting: Acting) -> Answer:
        body = read_arguments(ErasureRefusalIn, reason=reason)
        row = await refuse_erasure(
            acting.session, erasure, reason=body.reason, by=acting.by.name, now=acting.now
        )
        return _facts(row), _text(row)

    act_as(ctx, (staff, _ERASE), work, as_json=as_json)


def _facts(row: ErasureRow) -> dict[str, object]:
    return ErasureOut.of(row).model_dump(mode="json")


def _text(row: ErasureRow) -> str:
    versions = ", ".join(str(one["version"]) for one in row.statements) or "-"
    head = f"{row.id}  {row.state}  {row.listing}  {row.reason}"
    return f"{head}\n  {row.origin}  范围 extent {row.extent or '-'}  版本 versions {versions}"
