"""`kaixu-hub held`: entries that readers would refuse, and what staff decide about them."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final

import typer

from main_platform.catalogue.queue_rows import read_held, release_held
from main_platform.commands.opened import Acting, Answer, As, act_as, read_arguments
from main_platform.monitoring.held_schemas import HeldEntryOut, HeldReasonIn
from main_platform.review.discarded import discard_entry
from main_platform.staff.permissions import Permission
from shared_platform.command_line import AsJson

app: Final = typer.Typer(no_args_is_help=True, help="被搁置的条目 / held entries")
HeldId = Annotated[int, typer.Argument(metavar="ID", min=1, help="编号 / id")]
Why = Annotated[str, typer.Option("--reason", help="理由，入审计 / why, for the audit trail")]


@app.command("list")
def list_held(ctx: typer.Context, *, staff: As = None, as_json: AsJson = False) -> None:
    """列出被搁置的条目及原因。 / List held entries and why.

    例 example: kaixu-hub held list --as sun.lei
    """
    act_as(ctx, (staff, Permission.READ_NODES), _still_held, as_json=as_json)


@app.command()
def release(
    ctx: typer.Context, held: HeldId, *, reason: Why, staff: As = None, as_json: AsJson = False
) -> None:
    """原因消除后重新登记。 / Queue it again once the cause is gone.

    例 example: kaixu-hub held release 41 --reason 规则已更正 --as sun.lei
    """
    _decide(ctx, (held, reason, release_held), staff=staff, as_json=as_json)


@app.command()
def discard(
    ctx: typer.Context, held: HeldId, *, reason: Why, staff: As = None, as_json: AsJson = False
) -> None:
    """不再登记；字节保留。 / Never publish it; its bytes are kept.

    例 example: kaixu-hub held discard 41 --reason 密钥已吊销 --as sun.lei
    """
    _decide(ctx, (held, reason, discard_entry), staff=staff, as_json=as_json)


def _decide(
    ctx: typer.Context,
    wanted: tuple[int, str, Callable[..., Awaitable[None]]],
    *,
    staff: str | None,
    as_json: bool,
) -> None:
    held, reason, decide = wanted

    async def work(acting: Acting) -> Answer:
        why = read_arguments(HeldReasonIn, reason=reason).reason
        await decide(acting.session, held, reason=why, by=acting.by.name, now=acting.now)
        return await _still_held(acting)

    act_as(ctx, (staff, Permission.WITHDRAW_LISTINGS), work, as_json=as_json)


async def _still_held(acting: Acting) -> Answer:
    found = [HeldEntryOut.of(one) for one in await read_held(acting.session)]
    lines = [f"{one.id}  {one.code}  {one.held_at}\n  {one.detail}\n  {one.entry}" for one in found]
    text = "\n".join(lines) or "✔ 没有被搁置的条目 / nothing is held"
    return {"held": [one.model_dump(mode="json") for one in found]}, text
