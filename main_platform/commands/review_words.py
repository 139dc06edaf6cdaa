"""The arguments and the texts of the review commands."""

from typing import Annotated, Any, Final
from uuid import UUID

import typer

from main_platform.commands.opened import Answer, ArgumentsRefused, read_arguments
from main_platform.review.decide import Decided
from main_platform.review.queue import ReviewFilter
from main_platform.review.reason_codes import Reason
from main_platform.review.schemas import DecidedOut, FilterIn, ReasonIn, ReviewOut
from shared_schema.instants import Instant, format_instant

ReviewId = Annotated[UUID, typer.Argument(metavar="REVIEW", help="审核编号 / id of the review")]
Hash = Annotated[
    str | None,
    typer.Option("--hash", help="所见声明的摘要；不给则按当前内容 / statement_hash as shown"),
]
Reasons = Annotated[
    list[str] | None,
    typer.Option("--reason", metavar="CODE[:TEXT]", help="理由代码，可重复 / repeatable"),
]
Second = Annotated[
    bool, typer.Option("--second", help="作为复核员，决定他人已初审的 / as the second examiner")
]
Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="NAME=VALUE",
        help="state、origin、number、finding、high_risk，可重复 / filter, repeatable",
    ),
]
_MEMBERS: Final = {
    "origin": "origin",
    "number": "application_number",
    "finding": "finding",
    "high_risk": "high_risk",
}


def read_filter(where: list[str] | None, *, now: Instant) -> ReviewFilter:
    """The filter of `--where`, of what was opened until now; no state means any state.

    Raises:
        ArgumentsRefused: a name is unknown or a value malformed.
    """
    values: dict[str, Any] = {"states": [], "opened_until": format_instant(now)}
    for one in where or []:
        name, equals, value = one.partition("=")
        if name == "state" and equals:
            values["states"].append(value)
        elif name in _MEMBERS and equals:
            values[_MEMBERS[name]] = value
        else:
            known = ", ".join(["state", *_MEMBERS])
            raise ArgumentsRefused(f"--where {one!r}：可用 {known} / known names: {known}")
    return read_arguments(FilterIn, **values).wanted()


def read_reasons(given: list[str] | None) -> tuple[Reason, ...]:
    """The reasons of `--reason code` or `--reason code:text`.

    Raises:
        ArgumentsRefused: one is malformed.
    """
    parts = [one.partition(":") for one in given or []]
    return tuple(
        read_arguments(ReasonIn, code=code, text=text or None).reason() for code, _, text in parts
    )


def decided_answer(decided: Decided, *, now: Instant) -> Answer:
    """What became of one review."""
    shown = DecidedOut.of(decided, request_id="console", now=now).model_dump(mode="json")
    return shown, f"{decided.review}  {decided.state}"


def review_text(review: ReviewOut) -> str:
    """A review on one line, and who has it on a second."""
    flags = " ".join(review.finding_codes) or "-"
    risk = "  高风险 high risk" if review.high_risk else ""
    head = f"{review.review}  {review.state}  {review.origin}  {review.application_number}"
    what = f"  {review.title or '-'}  {'、'.join(review.holder_names)}"
    held = f"  领取 claimed {review.claimed_by}" if review.claimed_by else ""
    return f"{head}{risk}\n{what}\n  {flags}{held}  {review.opened_at}"
