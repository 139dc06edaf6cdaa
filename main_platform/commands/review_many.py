"""`kaixu-hub review decide-many`: one verdict for all that a filter matches, in batches."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.commands.opened import Answer, As, named_caller, with_hub
from main_platform.commands.review_words import Reasons, Second, Where, read_filter, read_reasons
from main_platform.context import HubContext
from main_platform.review.decide import (
    Decided,
    Ruling,
    Target,
    Verdict,
    confirm_many,
    decide_many,
)
from main_platform.review.queue import targets_of
from main_platform.review.schemas import DecidedOut
from main_platform.review.second_look import second_look_of
from main_platform.staff.permissions import Permission
from shared_platform.command_line import AsJson, ExitCode, progress

BATCH: Final = 500
MOST: Final = 100_000
VerdictGiven = Annotated[
    Verdict, typer.Argument(metavar="VERDICT", help="approve、return 或 reject")
]
Sure = Annotated[bool, typer.Option("--yes", help="确实执行；不给只数 / do it; else only count")]


@dataclass(frozen=True, slots=True)
class _Wish:
    ruling: Ruling
    targets: Sequence[Target]
    staff: str | None
    second: bool

    @property
    def permission(self) -> Permission:
        """What this needs."""
        return Permission.CONFIRM_DECISIONS if self.second else Permission.DECIDE_REVIEWS


def decide_together(
    ctx: typer.Context,
    verdict: VerdictGiven,
    *,
    where: Where = None,
    reason: Reasons = None,
    second: Second = False,
    sure: Sure = False,
    staff: As = None,
    as_json: AsJson = False,
) -> None:
    """对符合条件的每一件作同一决定，逐件记录；有未成的以 4 退出。 / Decide all a filter matches.

    等待中的先领取；每件各自成败。 / What waits is claimed; each stands or falls alone.

    例 example: kaixu-hub review decide-many approve --where state=waiting --yes
    """

    async def work(hub: HubContext) -> Answer:
        ruling = Ruling(verdict, read_reasons(reason))
        now = hub.service.clock.now()
        wanted = read_filter(where, now=now)
        async with hub.service.database.sessions.begin() as session:
            wish = _Wish(ruling, await targets_of(session, wanted, limit=MOST), staff, second)
            await named_caller(session, staff, permission=wish.permission)
        if not sure:
            count = len(wish.targets)
            text = f"符合条件 {count} 件；加 --yes 执行 / {count} match; add --yes"
            return {"matching": count, "decided": 0, "refused": 0}, text
        return await _decide(hub, wish)

    facts = with_hub(ctx, work, as_json=as_json)
    if facts["refused"]:
        raise typer.Exit(int(ExitCode.CONFLICT))


async def _decide(hub: HubContext, wish: _Wish) -> Answer:
    decided: list[Decided] = []
    now = hub.service.clock.now()
    with progress("决定 decided") as advance:
        for first in range(0, len(wish.targets), BATCH):
            async with hub.service.database.sessions.begin() as session:
                by = await named_caller(session, wish.staff, permission=wish.permission)
                batch = wish.targets[first : first + BATCH]
                decided += await _decide_batch(session, batch, wish, by=by.name, hub=hub)
            advance(len(decided), len(wish.targets))
    results = [DecidedOut.of(one, request_id="console", now=now) for one in decided]
    refused = [one for one in results if one.problem is not None]
    facts: dict[str, Any] = {
        "matching": len(wish.targets),
        "decided": len(results) - len(refused),
        "refused": len(refused),
        "results": [one.model_dump(mode="json") for one in results],
    }
    head = f"决定 decided {facts['decided']}  未成 refused {facts['refused']}"
    lines = [f"  {one.review}  {(one.problem or {}).get('detail')}" for one in refused]
    return facts, "\n".join([head, *lines])


async def _decide_batch(
    session: AsyncSession, batch: Sequence[Target], wish: _Wish, *, by: str, hub: HubContext
) -> list[Decided]:
    now = hub.service.clock.now()
    if wish.second:
        return await confirm_many(session, batch, wish.ruling, by=by, now=now)
    policy = second_look_of(hub.settings)
    return await decide_many(session, batch, wish.ruling, second_look=policy, by=by, now=now)
