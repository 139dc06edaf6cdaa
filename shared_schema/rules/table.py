"""The twenty rules as a table: what is checked, on which legal ground, and what to do.

`docs/rules.md` prints this table; a test compares them. Findings take source and, where a rule has
nothing more exact to say, the hint from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule's fixed texts. `needs_register`: without register facts it is (partly) unchecked."""

    check_zh: str
    check_en: str
    source: str
    hint_zh: str
    hint_en: str
    needs_register: bool = False


RULE_TABLE: Final[Mapping[str, RuleRow]] = MappingProxyType(
    {
        "DEC-01": RuleRow(
            "专利号格式和校验位正确",
            "The patent number has the right form and check character",
            "ZC 0006-2003 专利申请号标准",
            "对照专利证书核对专利号；每份声明只写一个专利号。",
            "Compare it with the certificate; one declaration names one patent.",
        ),
        "DEC-02": RuleRow(
            "专利号中的种类与所填专利类型一致",
            "The number's kind digit agrees with the stated type",
            "ZC 0006-2003 专利申请号标准",
            "按专利证书更正专利类型或专利号。",
            "Correct the type or the number from the certificate.",
        ),
        "DEC-03": RuleRow(
            "已公告授权且专利权有效",
            "The grant is announced and the right is in force",
            "专利法实施细则第85条；专利法第44条",
            "授权公告后、专利权有效期间方可声明。",
            "Declare only after the grant announcement and while the right is in force.",
            needs_register=True,
        ),
        "DEC-04": RuleRow(
            "专利权人与登记簿一致，全体共有人同意",
            "The holders are those registered, and all co-owners consent",
            "专利法第14条；专利审查指南第五部分第十一章",
            "按登记簿列出全部专利权人，并取得每位共有人的书面同意。",
            "List every registered patentee and obtain each co-owner's written consent.",
            needs_register=True,
        ),
        "DEC-05": RuleRow(
            "使用费支付方式明确，金额齐全，币种为人民币",
            "The fee mode is known, every amount is present, the currency is yuan",
            "专利法第50条第1款；专利法实施细则第85条第(三)项",
            "写明每一笔金额；不收费的请选“免费”。",
            "State every amount; choose “free” where nothing is owed.",
        ),
        "DEC-06": RuleRow(
            "使用费不得为面议、区间或“详见合同”",
            "The price is not negotiable, a range or “see contract”",
            "专利法第51条第1款",
            "开放许可是要约，须写明确定的金额或费率。",
            "An open licence is an offer: state one definite amount or rate.",
        ),
        "DEC-07": RuleRow(
            "固定使用费一般不高于2000万元；提成一般不高于净销售额20%或利润40%",
            "Fixed fee ≤ 20 million yuan; royalty ≤ 20 % of net sales or ≤ 40 % of profit",
            "国知发运字〔2024〕19号",
            "核对金额单位；确需高于上限的，填写理由。",
            "Check the unit; give a reason where more than the ceiling is meant.",
        ),
        "DEC-08": RuleRow(
            "许可期限届满日晚于今日且不晚于专利权届满日",
            "The period ends after today and not after the patent expires",
            "专利法实施细则第85条第(四)项；专利实施许可合同备案办法（第62号令）第12条第(四)项",
            "改为今日之后、专利权届满日之前（含当日）的日期。",
            "Choose a day after today and not later than the patent's expiry.",
        ),
        "DEC-09": RuleRow(
            "许可期限不短于规则版本规定的最短期限",
            "The period is not shorter than the profile's minimum",
            "专利开放许可试点工作方案三(一)1",
            "原则上不少于一年；延长许可期限，或说明较短的原因。",
            "One year in principle: lengthen the period or explain the shorter one.",
        ),
        "DEC-10": RuleRow(
            "不在独占或者排他许可有效期内",
            "No exclusive or sole licence is in force",
            "专利法实施细则第86条第(一)项",
            "待独占或排他许可终止并备案后再声明。",
            "Declare after that licence has ended and its end is recorded.",
            needs_register=True,
        ),
        "DEC-11": RuleRow(
            "没有因权属纠纷或财产保全中止程序",
            "Procedures are not suspended by an ownership dispute or a preservation order",
            "专利法实施细则第86条第(二)项、第103条、第104条",
            "待中止程序结束后再声明。",
            "Declare after the suspension has ended.",
            needs_register=True,
        ),
        "DEC-12": RuleRow(
            "年费已按时缴纳，不在滞纳期",
            "The annual fee is paid and not in its surcharge period",
            "专利法实施细则第86条第(三)项、第115条",
            "缴清年费和滞纳金后再声明。",
            "Pay the annual fee and any surcharge, then declare.",
            needs_register=True,
        ),
        "DEC-13": RuleRow(
            "已质押的须经质权人同意",
            "A pledged patent needs the pledgee's consent",
            "专利法实施细则第86条第(四)项",
            "取得质权人书面同意并提交，或者先注销质押登记。",
            "File the pledgee's written consent, or have the pledge cancelled first.",
            needs_register=True,
        ),
        "DEC-14": RuleRow(
            "实用新型、外观设计提供专利权评价报告",
            "A utility model or design comes with its evaluation report",
            "专利法第50条第1款；广东省专利开放许可试点方案二(三)",
            "填写评价报告编号；没有的先向国家知识产权局请求作出。",
            "Give the report's number; where there is none, request it from CNIPA first.",
            needs_register=True,
        ),
        "DEC-15": RuleRow(
            "不含商业性宣传用语",
            "No commercial advertising words",
            "专利法实施细则第85条；广告法第9条第(三)项",
            "删去宣传用语，只写技术内容。",
            "Remove the advertising words and keep the technical facts.",
        ),
        "DEC-16": RuleRow(
            "四项承诺均已勾选并签署",
            "All four commitments are ticked and signed",
            "广东省专利开放许可试点方案二(二)；专利开放许可试点工作方案三(一)1",
            "由专利权人逐项勾选并签署承诺。",
            "The patentee ticks and signs each commitment.",
        ),
        "DEC-17": RuleRow(
            "许可范围：试点可列明地区；法定为全国，面向任何单位和个人",
            "Scope: the pilot may name regions; by statute it is nationwide, for anyone",
            "专利法第50条第1款；专利开放许可试点工作方案三(三)2",
            "试点列明地区代码，法定选“全国”；不得限定被许可人的数量或身份。",
            "Name regions (pilot) or choose nationwide (statute); never limit who may accept.",
        ),
        "DEC-18": RuleRow(
            "一件专利在全省只有一份有效声明",
            "One live declaration for each patent in the province",
            "联合发布规则：协议第10节",
            "先撤回另一份声明，或请主平台确定主声明。",
            "Withdraw the other offer first, or have the hub's staff decide.",
        ),
        "DEC-19": RuleRow(
            "分期支付各期金额之和等于总额",
            "The instalments add up to the total",
            "专利法实施细则第85条第(三)项",
            "核对期数、每期金额和总额。",
            "Check the number of payments, each amount and the total.",
        ),
        "DEC-20": RuleRow(
            "联系人可以联系：姓名，以及电话或邮箱",
            "The contact can be reached: a name, and a phone number or an e-mail address",
            "广东省专利开放许可试点方案二(六)",
            "填写联系人姓名，以及电话或邮箱。",
            "Give the contact's name, and a phone number or an e-mail address.",
        ),
    }
)
