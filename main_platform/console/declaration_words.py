"""What the items of a declaration are called, and its commitments."""

from collections.abc import Mapping
from typing import Final

from shared_schema.bilingual import Words

ITEM_WORDS: Final[Mapping[str, Words]] = {
    "number": Words("专利号", "Patent number"),
    "title": Words("发明名称", "Name of the invention"),
    "holders": Words("专利权人", "Patentees"),
    "fee": Words("许可使用费", "Licence fee"),
    "period": Words("许可期限", "Period"),
    "territory": Words("许可地域", "Territory"),
    "technical_field": Words("技术领域", "Technical field"),
    "contact": Words("联系方式（公开形式）", "Contact, as published"),
    "report": Words("评价或检索报告", "Evaluation or search report"),
    "kind_stated": Words("所填专利类型", "Kind as stated"),
    "grant_date": Words("授权公告日", "Granted on"),
    "publication_number": Words("授权公告号", "Publication number"),
    "holders_whole": Words("专利权人详情", "Patentees in full"),
    "fee_reason": Words("费用理由", "Reason for the fee"),
    "contact_whole": Words("联系方式（完整）", "Contact in full"),
    "report_hash": Words("报告文件摘要", "Hash of the report's file"),
    "abstract": Words("摘要", "Abstract"),
    "commitments": Words("承诺", "Commitments"),
    "profile": Words("规则版本", "Rule profile"),
    "consents": Words("已同意", "consents"),
    "consent_not_stated": Words("未注明同意", "consent not stated"),
}
COMMITMENT_WORDS: Final[Mapping[str, Words]] = {
    "no_exclusive_licence": Words("不在独占或排他许可有效期内", "no exclusive or sole licence"),
    "keep_right_valid": Words("维持专利权有效", "keep the right valid"),
    "file_every_licence": Words("每份许可均备案", "file every licence"),
    "withdraw_on_transfer": Words("转让即申请撤回", "withdraw on transfer"),
}
