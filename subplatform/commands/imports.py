"""`kaixu-node import`: read a published list into drafts, with a report of every row."""

from datetime import UTC, datetime, time
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from shared_platform.command_line import AsJson, progress
from shared_schema.declaration import Commitment, Contact
from shared_schema.instants import SHANGHAI
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError
from shared_schema.schema_errors import field_errors
from subplatform.accounts.permissions import Permission
from subplatform.commands.opened import Answer, As, named_caller, with_node
from subplatform.context import NodeContext, desk_of
from subplatform.declarations.import_file import Imported, ListImport, import_file
from subplatform.declarations.import_runs import report_folder
from subplatform.declarations.importing.profile_files import choose_profile, profile_names
from subplatform.declarations.importing.supplied import Supplied, all_commitments

app = typer.Typer()

List = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV 或 XLSX / the list")]
Profile = Annotated[
    str,
    typer.Option(
        "--profile",
        help=f"导入配置：{'、'.join(profile_names())}，或 .toml 文件 / import profile",
    ),
]
Rules = Annotated[
    str | None, typer.Option("--rules", help="规则集，代替配置中的 / rule profile to use instead")
]
ContactName = Annotated[
    str | None, typer.Option("--contact-name", help="整批的联系人 / contact for all rows")
]
ContactPhone = Annotated[str | None, typer.Option("--contact-phone", help="电话 / phone")]
ContactEmail = Annotated[str | None, typer.Option("--contact-email", help="邮箱 / e-mail")]
SignedBy = Annotated[
    str | None,
    typer.Option("--commitments-by", help="四项承诺的签署人 / who signed the commitments"),
]
SignedOn = Annotated[
    datetime | None,
    typer.Option("--commitments-on", formats=["%Y-%m-%d"], help="签署日 / the day of signing"),
]
Version = Annotated[
    str, typer.Option("--commitments-version", help="承诺书版本 / version of the text")
]
Consent = Annotated[
    bool,
    typer.Option("--holders-consent", help="持有全体权利人的书面同意 / all holders consent"),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="只出报告，不写入 / report only")]


_OUTCOMES = {
    "new": "新增 new",
    "updated": "更新 updated",
    "unchanged": "未变 unchanged",
    "refused": "拒绝 refused",
}


class SuppliedInvalid(DomainError):
    """What was to be added to every row is not usable."""

    problem = ProblemType.SCHEMA_INVALID


@app.command()
def import_list(
    ctx: typer.Context,
    file: List,
    profile: Profile = "kaixu",
    rules: Rules = None,
    contact_name: ContactName = None,
    contact_phone: ContactPhone = None,
    contact_email: ContactEmail = None,
    commitments_by: SignedBy = None,
    commitments_on: SignedOn = None,
    commitments_version: Version = "2022",
    *,
    holders_consent: Consent = False,
    dry_run: DryRun = False,
    actor: As = "operator",
    as_json: AsJson = False,
) -> None:
    """把已公布的清单导入为草稿；可重复运行。 / Import a published list as drafts; repeatable.

    例 example: kaixu-node import guangdong.csv --profile guangdong --contact-name 王敏
    --contact-phone 020-12345678 --commitments-by 王敏 --commitments-on 2023-05-01
    """
    given = Supplied(
        _contact(contact_name, phone=contact_phone, email=contact_email),
        _commitments(commitments_by, on=commitments_on, version=commitments_version),
        holders_consent,
    )

    async def work(node: NodeContext) -> Answer:
        caller = await named_caller(node, actor, Permission.EDIT_DECLARATIONS)
        wanted = ListImport(
            path=file,
            file_name=file.name,
            profile=choose_profile(profile, rules=rules, own_rules=node.settings.rule_profile),
            data_dir=node.settings.data_dir,
            supplied=given,
            dry_run=dry_run,
        )
        imported = await _import(node, wanted, caller.name)
        return _facts(node, imported), _text(node, imported)

    with_node(ctx, work, as_json=as_json)


async def _import(node: NodeContext, wanted: ListImport, by: str) -> Imported:
    with progress(f"导入 {wanted.file_name} / importing") as advance_to:
        return await import_file(desk_of(node), wanted, by=by, on_progress=advance_to)


def _contact(name: str | None, *, phone: str | None, email: str | None) -> Contact | None:
    if name is None:
        return None
    given = {"name": name, "phone": phone, "email": email}
    try:
        return Contact.model_validate(given)
    except ValidationError as invalid:
        raise SuppliedInvalid(
            "联系方式有误 / the contact is not usable", field_errors(invalid, given)
        ) from invalid


def _commitments(
    signer: str | None, *, on: datetime | None, version: str
) -> tuple[Commitment, ...]:
    if signer is None or on is None:
        return ()
    signed_at = datetime.combine(on.date(), time(), SHANGHAI).astimezone(UTC)
    return all_commitments(signer=signer, signed_at=signed_at, text_version=version)


def _report(node: NodeContext, imported: Imported) -> str | None:
    if imported.run is None:
        return None
    return str(report_folder(node.settings.data_dir, imported.run) / "report.csv")


def _facts(node: NodeContext, imported: Imported) -> dict[str, Any]:
    run = None if imported.run is None else str(imported.run)
    return {"import": run, "report": _report(node, imported), **imported.report.to_json()}


def _text(node: NodeContext, imported: Imported) -> str:
    counts = imported.report.to_json()
    outcomes = counts["outcomes"]
    shown = "，".join(f"{words} {outcomes[name]}" for name, words in _OUTCOMES.items())
    lines = [f"读取 read {counts['rows_read']}：{shown}"]
    lines += [f"  拒绝 refused  {code:<28} {count}" for code, count in counts["refusals"].items()]
    lines += [
        f"  草稿 drafts   {one['rule']:<8} {one['severity']:<10} {one['drafts']}"
        for one in counts["findings"]
    ]
    report = _report(node, imported)
    lines.append(f"逐行报告 report of every row: {report}" if report else "演练，未写入 / dry run")
    return "\n".join(lines)
