"""Why a fee clause cannot be an offer: the typed refusal of every clause reader.

An offer must be complete and definite (Patent Law art. 51(1)). A clause that leaves the price open
breaks DEC-06; one whose amounts, units, bases or payments are missing or unintelligible breaks
DEC-05. Nothing is guessed: the refusal says what is missing and how to write it.
"""

from enum import Enum
from typing import Final, NamedTuple

from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError
from shared_schema.text import shown

_OFFER: Final = "专利法第五十一条 / Patent Law art. 51"
_STANDARD: Final = "专利法第五十条；实施细则第八十五条 / Patent Law art. 50; Implementing Rule 85"


class _Text(NamedTuple):
    rule: str
    source: str
    zh: str
    en: str
    hint_zh: str
    hint_en: str


class ClauseFault(Enum):
    """What is wrong with a clause: the rule it breaks, and what to say, in both languages."""

    NEGOTIABLE = _Text(
        "DEC-06",
        _OFFER,
        "价格没有确定，留待面议或协商",
        "the price is left to negotiation",
        "写明确定的金额或费率；另行协商的普通许可不必写进开放许可声明。",
        "State a definite amount or rate; an ordinary licence may be negotiated outside the offer.",
    )
    RESERVED = _Text(
        "DEC-06",
        _OFFER,
        "写了金额，又保留面议、协商或浮动",
        "an amount is stated but reserved for negotiation or adjustment",
        "删去“面议、议价、协商、上浮”等字样，只留确定的金额。",
        "Remove the words that reserve negotiation and keep the definite amount.",
    )
    RANGE = _Text(
        "DEC-06",
        _OFFER,
        "金额或费率是一个区间",
        "the amount or rate is a range",
        "写一个数；按条件分档的，逐档写明。",
        "State one number; where it depends on a condition, state each step.",
    )
    SEE_CONTRACT = _Text(
        "DEC-06",
        _OFFER,
        "价格或付款留待合同约定",
        "the price or payment is left to the contract",
        "把金额、期数和付款日写进声明。",
        "State the amount, the number of payments and their days in the declaration.",
    )
    MISSING_AMOUNT = _Text(
        "DEC-05",
        _STANDARD,
        "没有写金额",
        "no amount is stated",
        "写明金额和单位，如“2万元”。",
        "State the amount with its unit, as in 2万元.",
    )
    MISSING_MODE = _Text(
        "DEC-05",
        _STANDARD,
        "只有金额，没有写支付方式",
        "a sum without a payment mode",
        "写明一次总付、分期支付还是按年支付。",
        "Say whether it is paid at once, in instalments or each year.",
    )
    MISSING_UNIT = _Text(
        "DEC-05",
        _STANDARD,
        "金额没有写单位",
        "an amount has no unit",
        "写明“元”或“万元”。",
        "Write 元 or 万元 after the amount.",
    )
    MISSING_BASE = _Text(
        "DEC-05",
        _STANDARD,
        "提成比例没有写计算基数",
        "the royalty rate has no base",
        "写明按净销售额、销售额还是利润提取。",
        "Say whether the rate is of net sales, sales or profit.",
    )
    MISSING_ROYALTY = _Text(
        "DEC-05",
        _STANDARD,
        "入门费加提成的方式没有写提成",
        "an entry fee with royalty states no royalty",
        "写明提成的基数和比例，或改用一次总付。",
        "State the royalty's base and rate, or use a lump sum.",
    )
    MISSING_SCHEDULE = _Text(
        "DEC-05",
        _STANDARD,
        "分期支付没有写全期数、每期金额和间隔",
        "instalments without their number, amounts or interval",
        "写明首付、每次金额、次数、间隔（月、季度、年度）和总额。",
        "State the first payment, each payment, their number, the interval and the total.",
    )
    UNEVEN = _Text(
        "DEC-19",
        _STANDARD,
        "各期金额与总额对不上",
        "the payments do not add up to the total",
        "改正次数、每期金额或总额。",
        "Correct the number of payments, their amounts or the total.",
    )
    CONTRADICTION = _Text(
        "DEC-05",
        _STANDARD,
        "各栏所写的方式或金额互相矛盾",
        "the columns contradict each other in mode or amount",
        "改正其中之一，使各栏一致。",
        "Correct one of them so that they agree.",
    )
    CONDITIONAL = _Text(
        "DEC-05",
        _STANDARD,
        "费用随条件变化，不能算出应付金额",
        "the fee depends on a condition and what is owed cannot be computed",
        "用“其他明确合理的标准”写明，并写出最高应付金额。",
        "State it as another definite standard with the most that can be owed.",
    )
    OUT_OF_RANGE = _Text(
        "DEC-05",
        _STANDARD,
        "数值超出可用范围",
        "a value is outside the usable range",
        "检查位数、单位、天数和次数。",
        "Check digits, unit, days and number of payments.",
    )
    UNINTELLIGIBLE = _Text(
        "DEC-05",
        _STANDARD,
        "读不懂这条费用条款",
        "the fee clause cannot be read",
        "按表格的格式改写：免费、一次总付、总付额内分期支付、入门费加提成、按年付费。",
        "Rewrite it as free, lump sum, instalments, entry fee with royalty, or a yearly fee.",
    )


class ClauseRefused(DomainError):
    """A fee clause is no definite offer.

    `fault` tells why, `detail` says it, `errors[0].code` is the rule (DEC-…), and its message also
    says what to write instead.
    """

    problem = ProblemType.RULE_VIOLATED

    def __init__(self, fault: ClauseFault, clause: str, *, found: str = "") -> None:
        """Refuse `clause` for `fault`; `found` is the part of it that shows the fault."""
        text = fault.value
        seen = shown(found or clause, 80)
        zh = f"{text.zh}：“{seen}”" if seen else text.zh
        en = f"{text.en}: “{seen}”" if seen else text.en
        message = f"{zh}。{text.hint_zh} / {en}. {text.hint_en}"
        error = FieldError("/fee", text.rule, message, text.source)
        super().__init__(detail=f"{zh} / {en}", errors=[error])
        self.fault = fault

    @property
    def hint(self) -> str:
        """What to write instead, in both languages."""
        return f"{self.fault.value.hint_zh} / {self.fault.value.hint_en}"


_FAULTS: Final = {
    "amount.negotiable": ClauseFault.NEGOTIABLE,
    "amount.range": ClauseFault.RANGE,
    "amount.unit_missing": ClauseFault.MISSING_UNIT,
    "amount.too_large": ClauseFault.OUT_OF_RANGE,
    "amount.rate_out_of_bounds": ClauseFault.OUT_OF_RANGE,
}


def fault_of(error: IdentifierRefused) -> ClauseFault:
    """Which fault of a clause it is that an amount or rate in it could not be read."""
    return _FAULTS.get(error.code, ClauseFault.UNINTELLIGIBLE)
