"""`kaixu-hub issue`: freeze the month's catalogue, show, prove and correct issues."""

from typing import Annotated, Any, Final

import typer

from main_platform.commands.opened import (
    Acting,
    Answer,
    As,
    act_as,
    named_caller,
    read_arguments,
    with_hub,
)
from main_platform.context import HubContext
from main_platform.monthly_issue.errata import add_erratum, errata_file, read_errata
from main_platform.monthly_issue.freeze import Freezing, Publisher, freeze
from main_platform.monthly_issue.make_files import Issues
from main_platform.monthly_issue.numbering import number_of, read_month
from main_platform.monthly_issue.read_issues import Issue, find_issue, list_issues
from main_platform.monthly_issue.schemas import ErratumIn, ErratumOut, IssueOut
from main_platform.monthly_issue.verify_issue import verify_issue
from main_platform.staff.permissions import Permission
from shared_platform.command_line import AsJson, ExitCode

app: Final = typer.Typer(no_args_is_help=True, help="月度目录 / the monthly issues")
Month = Annotated[str, typer.Argument(metavar="MONTH", help="月份，如 2026-11 / as 2026-11")]
Early = Annotated[bool, typer.Option("--early", help="当月未结束即封存 / before the month is over")]
_STATES: Final = {
    "preparing": "正在生成文件 files being made",
    "published": "已发布 published",
    "renewing": "正在执行删除 erasure in progress",
}


@app.command("freeze")
def freeze_month(
    ctx: typer.Context,
    month: Month,
    *,
    early: Early = False,
    staff: As = None,
    as_json: AsJson = False,
) -> None:
    """封存一个月的供给目录并生成文件。 / Freeze a month's catalogue and make its files.

    每月只有一期，不能重做；差错用 issue erratum 更正。
    A month has one issue, for ever: correct it by `issue erratum`.

    例 example: kaixu-hub issue freeze 2026-11 --as sun.lei
    """

    async def work(hub: HubContext) -> Answer:
        service = hub.service
        now = service.clock.now()
        async with service.database.sessions.begin() as session:
            by = await named_caller(session, staff, permission=Permission.FREEZE_ISSUES)
            wanted = Freezing(month, Publisher.of(hub.settings), hub.log_key.anchor, early)
            await freeze(session, wanted, by=by.name, now=now)
        issues = Issues(service.database.sessions, hub.issues)
        await issues.make_due(now=service.clock.now())
        return await _shown(hub, month)

    with_hub(ctx, work, as_json=as_json)


@app.command("list")
def list_all(ctx: typer.Context, *, as_json: AsJson = False) -> None:
    """列出各期，最新在前。 / List the issues, newest first.

    例 example: kaixu-hub issue list
    """

    async def work(hub: HubContext) -> Answer:
        async with hub.service.database.sessions() as session:
            issues = await list_issues(session)
        text = "\n".join(map(_line, issues)) or "还没有封存过 / no issue was frozen yet"
        return {"issues": [_facts(one) for one in issues]}, text

    with_hub(ctx, work, as_json=as_json)


@app.command()
def show(ctx: typer.Context, month: Month, *, as_json: AsJson = False) -> None:
    """显示一期：位置、文件、摘要、勘误。 / Show one issue: place, files, hashes, errata.

    例 example: kaixu-hub issue show 2026-11
    """
    with_hub(ctx, lambda hub: _shown(hub, month), as_json=as_json)


@app.command()
def verify(ctx: typer.Context, month: Month, *, as_json: AsJson = False) -> None:
    """由日志重算一期并核对文件，有出入以 5 退出。 / Make it again from the log and compare.

    例 example: kaixu-hub issue verify 2026-11
    """

    async def work(hub: HubContext) -> Answer:
        number = number_of(read_month(month))
        breaches = await verify_issue(
            hub.service.database.sessions,
            hub.issues,
            hub.log_key.anchor,
            number=number,
        )
        facts = {
            "number": number,
            "breaches": [{"code": one.code, "detail": one.detail} for one in breaches],
        }
        lines = [f"✘ {one}" for one in breaches] or [f"✔ {number} 全部成立 / all of it holds"]
        return facts, "\n".join(lines)

    if with_hub(ctx, work, as_json=as_json)["breaches"]:
        raise typer.Exit(int(ExitCode.INTEGRITY))


@app.command()
def erratum(
    ctx: typer.Context,
    month: Month,
    *,
    field: Annotated[str, typer.Option("--field", help="项目，如 title / the item")],
    was: Annotated[str, typer.Option("--was", help="原文 / what stands there")],
    should_be: Annotated[str, typer.Option("--should-be", help="更正 / what should stand there")],
    reason: Annotated[str, typer.Option("--reason", help="理由 / why")],
    no: Annotated[int | None, typer.Option("--no", help="条目序号；不给则全期 / the entry")] = None,
    staff: As = None,
    as_json: AsJson = False,
) -> None:
    """增补一条勘误；文件不变。 / Publish a correction; the files stay as they are.

    例 example: kaixu-hub issue erratum 2026-11 --no 12 --field title --was 装制 --should-be 装置
    --reason 录入错字 --as sun.lei
    """

    async def work(acting: Acting) -> Answer:
        given = {"no": no, "field": field, "was": was, "should_be": should_be, "reason": reason}
        body = read_arguments(ErratumIn, **given)
        added = await add_erratum(
            acting.session,
            number_of(read_month(month)),
            body.correction(),
            by=acting.by.name,
            now=acting.now,
        )
        facts = ErratumOut.of(added).model_dump(mode="json")
        return facts, f"✔ 勘误 erratum {added.seq}  sha256 {added.line_hash}"

    act_as(ctx, (staff, Permission.CORRECT_ISSUES), work, as_json=as_json)


async def _shown(hub: HubContext, month: str) -> Answer:
    number = number_of(read_month(month))
    async with hub.service.database.sessions() as session:
        issue = await find_issue(session, number)
        errata = await read_errata(session, number)
    facts = _facts(issue) | {
        "frozen_by": issue.row.frozen_by,
        "errata": [ErratumOut.of(one).model_dump(mode="json") for one in errata],
    }
    row = issue.row
    lines = [
        _line(issue),
        f"  日志 log {row.log_origin} {row.log_size}  根 root {row.log_root.hex()}",
        f"  封存 frozen {row.frozen_at:%Y-%m-%dT%H:%MZ} {row.frozen_by}",
        *(f"  {file.sha256}  {file.name}  {file.length}" for file in issue.files),
        f"  勘误 errata {len(errata)}，{len(errata_file(errata))} 字节 bytes",
    ]
    return facts, "\n".join(lines)


def _facts(issue: Issue) -> dict[str, Any]:
    return IssueOut.of(issue).model_dump(mode="json")


def _line(issue: Issue) -> str:
    latest = issue.latest
    entries = f"{latest.counts['entries']} 项 entries" if latest else "-"
    edition = f"第 {latest.edition} 版 edition" if latest else "-"
    return f"{issue.row.number}  {issue.row.as_of}  {_STATES[issue.state]}  {entries}  {edition}"
