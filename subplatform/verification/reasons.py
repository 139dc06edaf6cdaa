"""Why a verifier asks for a correction or refuses: codes, their words, their rule and field."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from shared_schema.bilingual import Words
from shared_schema.rules.table import RULE_TABLE


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """What a code says; `pointer` is the declaration's member that it is about, `rule` its rule.

    `ends`: it can end the procedure; otherwise it only asks for a correction.
    """

    title: Words
    pointer: str = ""
    rule: str | None = None
    ends: bool = False

    @property
    def source(self) -> str:
        """The legal source of its rule; empty where no rule stands behind it."""
        return RULE_TABLE[self.rule].source if self.rule else ""

    @property
    def hint(self) -> Words | None:
        """What the holder does about it, as the rule says."""
        row = RULE_TABLE[self.rule] if self.rule else None
        return Words(row.hint_zh, row.hint_en) if row else None


class VerificationReason(Enum):
    """The reasons of a node. The member's name in lower case is the stable code."""

    NUMBER_WRONG = ReasonRow(
        Words("专利号与证书不一致", "The number is not that of the certificate"),
        "/patent/application_number",
        "DEC-01",
    )
    KIND_WRONG = ReasonRow(Words("专利类型有误", "The kind is wrong"), "/patent/kind", "DEC-02")
    RIGHT_NOT_VALID = ReasonRow(
        Words("尚未授权，或专利权已失效", "Not granted, or the right is gone"),
        "/patent",
        "DEC-03",
        ends=True,
    )
    HOLDERS_DIFFER = ReasonRow(
        Words("专利权人与登记簿不一致", "The holders are not those registered"),
        "/holders",
        "DEC-04",
        ends=True,
    )
    CONSENT_MISSING = ReasonRow(
        Words("缺少共有人同意", "A co-owner's consent is missing"), "/holders", "DEC-04"
    )
    FEE_UNCLEAR = ReasonRow(
        Words("使用费支付方式或标准不明确", "Fee or payment is not definite"), "/fee", "DEC-05"
    )
    FEE_HIGH = ReasonRow(
        Words("使用费明显偏高且未说明理由", "The fee is high and no reason is given"),
        "/fee",
        "DEC-07",
    )
    PERIOD_WRONG = ReasonRow(Words("许可期限有误", "The period is wrong"), "/period", "DEC-08")
    EXCLUSIVE_LICENCE = ReasonRow(
        Words("独占或排他许可有效期内", "An exclusive or sole licence is in force"),
        "/patent",
        "DEC-10",
        ends=True,
    )
    ANNUAL_FEE_UNPAID = ReasonRow(
        Words("年费未缴纳", "The annual fee is not paid"), "/patent", "DEC-12"
    )
    PLEDGED = ReasonRow(
        Words("已质押且未经质权人同意", "Pledged without the pledgee's consent"),
        "/patent",
        "DEC-13",
        ends=True,
    )
    REPORT_MISSING = ReasonRow(
        Words("缺少评价或检索报告", "The evaluation or search report is missing"),
        "/evaluation_report",
        "DEC-14",
    )
    ADVERTISING = ReasonRow(Words("含商业性宣传用语", "Advertising words"), "/abstract", "DEC-15")
    COMMITMENT_MISSING = ReasonRow(
        Words("承诺不齐或签署人不符", "Commitments are missing or wrongly signed"),
        "/commitments",
        "DEC-16",
    )
    TERRITORY_UNCLEAR = ReasonRow(
        Words("许可地域不明确", "The territory is not definite"), "/territory", "DEC-17"
    )
    CONTACT_WRONG = ReasonRow(Words("联系方式有误", "The contact is wrong"), "/contact", "DEC-20")
    HOLDER_WISH = ReasonRow(Words("专利权人不再办理", "The holder no longer wants it"), ends=True)
    OTHER = ReasonRow(Words("其他原因", "Another reason"), ends=True)

    @property
    def code(self) -> str:
        """The code as it is stored and shown."""
        return self.name.lower()


ENDING: Final = tuple(one.code for one in VerificationReason if one.value.ends)
"""Codes that a refusal may name."""


def reason_of(code: str) -> ReasonRow | None:
    """The row of a code; None for a code of somebody else, as of the hub."""
    found = VerificationReason.__members__.get(code.upper())
    return found.value if found is not None else None
