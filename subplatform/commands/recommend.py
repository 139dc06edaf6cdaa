"""`kaixu-node recommend`: sign verified declarations and queue them for the hub."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated, Any, Final
from uuid import UUID

import typer

from shared_platform.command_line import AsJson, progress
from shared_schema.refusal import FieldError
from subplatform.accounts.permissions import Permission
from subplatform.commands.opened import Answer, As, named_caller, with_node
from subplatform.context import NodeContext, signer_of
from subplatform.recommendation.recommend import Recommendation, Wanted, recommend

app = typer.Typer()
_SHOWN: Final = 10
Listings = Annotated[
    list[UUID] | None, typer.Argument(help="声明编号，不给则全部已核验的 / all verified if none")
]
Unchecked = Annotated[
    bool,
    typer.Option("--accept-unchecked", help="对未能核查的规则负责 / answer for unchecked rules"),
]


@app.command()
def recommend_listings(
    ctx: typer.Context,
    listings: Listings = None,
    *,
    accept_unchecked: Unchecked = False,
    actor: As = "operator",
    as_json: AsJson = False,
) -> None:
    """签名并放入发件箱，由 serve 送出。 / Sign and queue; `serve` delivers.

    例 example: kaixu-node recommend --accept-unchecked
    """

    async def work(node: NodeContext) -> Answer:
        caller = await named_caller(node, actor, Permission.RECOMMEND)
        wanted = Wanted(tuple(listings) if listings else None, accept_unchecked)
        sent, refused = 0, list[FieldError]()
        with progress("签名 / signing") as told:
            async for page in _pages(node, wanted, caller.name):
                sent += len(page.recommended)
                refused += page.refused
                told(sent, None)
        return _facts(sent, refused), _text(sent, refused)

    with_node(ctx, work, as_json=as_json)


async def _pages(node: NodeContext, wanted: Wanted, by: str) -> AsyncIterator[Recommendation]:
    """One transaction for each page, so that a long run holds no lock for long."""
    signer, clock = signer_of(node), node.service.clock
    page_of: Wanted | None = wanted
    while page_of is not None:
        async with node.service.database.sessions.begin() as session:
            page = await recommend(session, page_of, signer=signer, by=by, now=clock.now())
        yield page
        page_of = None if page.next is None else replace(wanted, after=page.next)


def _facts(sent: int, refused: list[FieldError]) -> dict[str, Any]:
    return {"recommended": sent, "refused": [error.to_json() for error in refused]}


def _text(sent: int, refused: list[FieldError]) -> str:
    lines = [f"✔ 已签名并放入发件箱 signed and queued {sent}"]
    lines += [f"  ✘ {error.pointer} {error.message}" for error in refused[:_SHOWN]]
    if len(refused) > _SHOWN:
        lines.append(f"  … 另有 and {len(refused) - _SHOWN} more（--json）")
    return "\n".join(lines)
