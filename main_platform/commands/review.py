"""`kaixu-hub review`: the examiners' queue on the command line."""

import json
from typing import Annotated, Final

import typer

from main_platform.commands.opened import Acting, Answer, As, act_as, read_arguments
from main_platform.commands.review_many import decide_together
from main_platform.commands.review_words import (
    Hash,
    Reasons,
    ReviewId,
    Second,
    Where,
    decided_answer,
    read_filter,
    read_reasons,
    review_text,
)
from main_platform.review.conflicts import list_conflicts
from main_platform.review.decide import (
    Ruling,
    Target,
    Verdict,
    confirm_review,
    decide_review,
)
from main_platform.review.detail import read_review
from main_platform.review.queue import PAGE, QueueOrder, claim_review, list_reviews, release_review
from main_platform.review.resolve import Choice, resolve_conflict
from main_platform.review.schemas import (
    ConflictOut,
    ResolutionIn,
    ReviewDetailOut,
    ReviewOut,
    ReviewPageOut,
)
from main_platform.review.second_look import second_look_of
from main_platform.review.tables import ReviewRow
from main_platform.staff.permissions import Permission
from shared_platform.command_line import AsJson

app: Final = typer.Typer(no_args_is_help=True, help="审核 / reviews")
app.command("decide-many")(decide_together)
_READ: Final = Permission.READ_REVIEWS
_DECIDE: Final = Permission.DECIDE_REVIEWS
_CONFIRM: Final = Permission.CONFIRM_DECISIONS
Limit = Annotated[int, typer.Option("--limit", min=1, max=PAGE, help="条数 / how many")]
Order = Annotated[QueueOrder, typer.Option("--order", help="fair 或 oldest / fair or oldest")]
Text = Annotated[str | None, typer.Option("--text", help="给来源节点的说明 / words to the origin")]
ChoiceMade = Annotated[
    Choice, typer.Argument(metavar="CHOICE", help="keep_existing、replace 或 return")
]


@app.command("list")
def list_queue(
    ctx: typer.Context,
    *,
    where: Where = None,
    limit: Limit = 50,
    order: Order = QueueOrder.FAIR,
    staff: As = None,
    as_json: AsJson = False,
) -> None:
    """列出审核：待审的各节点轮流，其余先到在前。 / Open ones by turns of nodes, others by age.

    例 example: kaixu-hub review list --where state=waiting --where finding=DEC-07 --as li.na
    """

    async def work(acting: Acting) -> Answer:
        wanted = read_filter(where, now=acting.now)
        found = await list_reviews(acting.session, wanted, limit=limit, order=order)
        page = ReviewPageOut.of(found)
        text = "\n".join(review_text(one) for one in page.items) or "没有 / none"
        return page.model_dump(mode="json"), text

    act_as(ctx, (staff, _READ), work, as_json=as_json)


@app.command()
def show(
    ctx: typer.Context, review: ReviewId, *, staff: As = None, as_json: AsJson = False
) -> None:
    """显示一件审核：条款、发现、其他声明、决定。 / Show terms, findings, other offers, decisions.

    例 example: kaixu-hub review show 019a… --as li.na
    """

    async def work(acting: Acting) -> Answer:
        detail = ReviewDetailOut.of(await read_review(acting.session, review))
        facts = detail.model_dump(mode="json")
        parts = {name: value for name, value in facts.items() if name != "review"}
        shown = json.dumps(parts, ensure_ascii=False, indent=2)
        text = f"{review_text(detail.review)}\n  {detail.review.statement_hash}\n{shown}"
        return facts, text

    act_as(ctx, (staff, _READ), work, as_json=as_json)


@app.command()
def claim(
    ctx: typer.Context, review: ReviewId, *, staff: As = None, as_json: AsJson = False
) -> None:
    """领取一件审核。 / Take a waiting review into one's hands.

    例 example: kaixu-hub review claim 019a… --as li.na
    """

    async def work(acting: Acting) -> Answer:
        by, now = acting.by.name, acting.now
        return _row_answer(await claim_review(acting.session, review, by=by, now=now))

    act_as(ctx, (staff, _DECIDE), work, as_json=as_json)


@app.command()
def release(
    ctx: typer.Context, review: ReviewId, *, staff: As = None, as_json: AsJson = False
) -> None:
    """放回一件审核。 / Put a claimed review back.

    例 example: kaixu-hub review release 019a… --as li.na
    """

    async def work(acting: Acting) -> Answer:
        by, now = acting.by.name, acting.now
        return _row_answer(await release_review(acting.session, review, by=by, now=now))

    act_as(ctx, (staff, _DECIDE), work, as_json=as_json)


@app.command()
def approve(
    ctx: typer.Context,
    review: ReviewId,
    *,
    statement: Hash = None,
    second: Second = False,
    staff: As = None,
    as_json: AsJson = False,
) -> None:
    """同意公示已领取的声明；高风险须另一人再同意。 / Approve; high risk needs a second person.

    例 example: kaixu-hub review approve 019a… --hash 9f2c… --as li.na
    """
    target = Target(review, statement)
    _decide(ctx, target, ("approve", None), second=second, staff=staff, as_json=as_json)


@app.command("return")
def send_back(
    ctx: typer.Context,
    review: ReviewId,
    *,
    reason: Reasons = None,
    statement: Hash = None,
    second: Second = False,
    staff: As = None,
    as_json: AsJson = False,
) -> None:
    """退回更正，理由只告知来源节点。 / Return for correction; only the origin reads why.

    例 example: kaixu-hub review return 019a… --reason price_indefinite --as li.na
    """
    target = Target(review, statement)
    _decide(ctx, target, ("return", reason), second=second, staff=staff, as_json=as_json)


@app.command()
def reject(
    ctx: typer.Context,
    review: ReviewId,
    *,
    reason: Reasons = None,
    statement: Hash = None,
    second: Second = False,
    staff: As = None,
    as_json: AsJson = False,
) -> None:
    """不予公示，理由只告知来源节点。 / Reject; only the origin reads why.

    例 example: kaixu-hub review reject 019a… --reason "other:重复提交" --as li.na
    """
    target = Target(review, statement)
    _decide(ctx, target, ("reject", reason), second=second, staff=staff, as_json=as_json)


@app.command()
def conflicts(ctx: typer.Context, *, staff: As = None, as_json: AsJson = False) -> None:
    """列出待裁定的冲突及各方条款。 / List held offers with every side's terms.

    例 example: kaixu-hub review conflicts --as chen.hao
    """

    async def work(acting: Acting) -> Answer:
        held = await list_conflicts(acting.session, after=None, limit=PAGE)
        found = [ConflictOut.of(one) for one in held]
        text = "\n".join(_conflict_text(one) for one in found) or "没有冲突 / no conflicts"
        return {"conflicts": [one.model_dump(mode="json") for one in found]}, text

    act_as(ctx, (staff, _READ), work, as_json=as_json)


@app.command()
def resolve(
    ctx: typer.Context,
    review: ReviewId,
    choice: ChoiceMade,
    *,
    reason: Reasons = None,
    text: Text = None,
    statement: Hash = None,
    staff: As = None,
    as_json: AsJson = False,
) -> None:
    """裁定冲突；取代已公示的须两人。 / Resolve a conflict; to replace what is public takes two.

    例 example: kaixu-hub review resolve 019a… keep_existing --text 以登记簿为准 --as chen.hao
    """

    async def work(acting: Acting) -> Answer:
        seen = statement or (await read_review(acting.session, review)).row.statement_hash
        reasons = [{"code": one.code, "text": one.text} for one in read_reasons(reason)]
        body = read_arguments(
            ResolutionIn, choice=choice, statement_hash=seen, reasons=reasons, text=text
        )
        target = Target(review, body.statement_hash)
        by, now = acting.by.name, acting.now
        decided = await resolve_conflict(acting.session, target, body.resolution(), by=by, now=now)
        return decided_answer(decided, now=now)

    act_as(ctx, (staff, Permission.RESOLVE_CONFLICTS), work, as_json=as_json)


def _decide(
    ctx: typer.Context,
    target: Target,
    said: tuple[Verdict, list[str] | None],
    *,
    second: bool,
    staff: str | None,
    as_json: bool,
) -> None:
    async def work(acting: Acting) -> Answer:
        ruling = Ruling(said[0], read_reasons(said[1]))
        by, now, session = acting.by.name, acting.now, acting.session
        if second:
            decided = await confirm_review(session, target, ruling, by=by, now=now)
        else:
            policy = second_look_of(acting.hub.settings)
            decided = await decide_review(
                session, target, ruling, second_look=policy, by=by, now=now
            )
        return decided_answer(decided, now=now)

    act_as(ctx, (staff, _CONFIRM if second else _DECIDE), work, as_json=as_json)


def _row_answer(row: ReviewRow) -> Answer:
    review = ReviewOut.of(row)
    return review.model_dump(mode="json"), review_text(review)


def _conflict_text(conflict: ConflictOut) -> str:
    sides = [
        f"  与 against {one.origin} {one.listing}"
        f"  条款相同 terms equal {one.terms_equal}  权利人相同 holders equal {one.holders_equal}"
        for one in conflict.sides
    ]
    return "\n".join([review_text(conflict.review), *sides])
