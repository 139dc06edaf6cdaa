"""The words of the verification queue and of a declaration's verification."""

from collections.abc import Mapping
from typing import Final

from shared_schema.bilingual import Words
from subplatform.operator_pages.desk_words import SHARED_WORDS

VIEW_WORDS: Final[Mapping[str, Words]] = {
    "waiting": Words("待核查", "To be verified"),
    "drafts": Words("草稿", "Drafts"),
    "correction": Words("补正中", "In correction"),
    "verified": Words("核查通过，待报送", "Verified, to be recommended"),
    "sent": Words("已报送和已公布", "Recommended and published"),
    "ended": Words("已结束", "Ended"),
    "all": Words("全部", "All"),
}
RECORD_WORDS: Final[Mapping[str, Words]] = {
    "declaration_created": Words("录入", "entered"),
    "declaration_edited": Words("修改", "edited"),
    "declaration_submitted": Words("提交核查", "handed in"),
    "declaration_taken_up": Words("开始核查", "verification begun"),
    "declaration_refused": Words("不予受理", "refused"),
    "report_demanded": Words("要求评价或检索报告", "report demanded"),
    "correction_asked": Words("要求补正", "correction asked for"),
    "declaration_accepted": Words("核查通过", "accepted"),
    "register_recorded": Words("记录登记簿答复", "register answer recorded"),
    "declarations_checked": Words("自动核查", "checked by the rules"),
    "declarations_recommended": Words("报送主平台", "recommended to the hub"),
    "decision_received": Words("收到主平台决定", "decision of the hub received"),
    "listing_withdrawn": Words("撤回", "withdrawn"),
    "listing_suspended": Words("中止", "suspended"),
    "listing_resumed": Words("恢复", "resumed"),
    "listing_expired": Words("届满", "expired"),
    "delivery_replayed": Words("死信重发", "dead letter sent again"),
    "delivery_hastened": Words("立即重试", "tried at once"),
    "signed_again": Words("用新密钥重新签名", "signed again with a new key"),
}
VERIFICATION_WORDS: Final[Mapping[str, Words]] = {
    **SHARED_WORDS,
    "verification": Words("核查", "Verification"),
    "queue_lead": Words(
        "最早的在前。打开一份声明，左边是声明，右边是自动核查和登记簿的答复。",
        "Oldest first. A declaration opens with the checks and the register's answer beside it.",
    ),
    "search": Words("专利号、名称或专利权人", "Number, title or holder"),
    "finding": Words("规则", "Rule"),
    "any_finding": Words("不限", "any"),
    "overdue_only": Words("只看补正逾期", "overdue corrections only"),
    "returned_only": Words("只看主平台退回", "returned by the hub only"),
    "blocked": Words("检查结果", "Check"),
    "blocked_any": Words("不限", "any"),
    "blocked_yes": Words("有须更正的问题", "something must be corrected"),
    "blocked_no": Words("没有须更正的问题", "nothing must be corrected"),
    "checks": Words("检查结果", "Checks"),
    "clean": Words("没有问题", "nothing found"),
    "must_correct": Words("须更正", "must be corrected"),
    "unchecked_count": Words("{0} 条规则未核查", "{0} rules not checked"),
    "entered_at": Words("录入时间", "Entered"),
    "due": Words("补正截止", "Due"),
    "is_overdue": Words("逾期", "overdue"),
    "count": Words("本页 {0} 份", "{0} on this page"),
    "queue_caption": Words("声明，最早的在前", "Declarations, oldest first"),
    "empty_waiting": Words(
        "没有待核查的声明。草稿提交后出现在这里；批量导入的草稿请看“草稿”。",
        "Nothing is to be verified. What is handed in appears here; imported drafts are under"
        " “Drafts”.",
    ),
    "empty_any": Words(
        "没有符合条件的声明。请放宽筛选，或看其他范围。",
        "Nothing matches. Loosen the filters, or look at another range.",
    ),
    "select": Words("选择", "Select"),
    "select_all": Words("全选本页", "Select all on this page"),
    "select_one": Words("选择 {0}", "Select {0}"),
    "recommend_selected": Words("报送所选", "Recommend the selected"),
    "answer_for": Words(
        "对未核查的规则，我已另行核实并负责（仅限试点规则）",
        "I looked into the rules that were not checked and answer for them (pilot rules only)",
    ),
    "check_drafts": Words("核查全部未报送的声明", "Check all that was not sent"),
    "check_drafts_note": Words(
        "按规则和登记簿逐份核查草稿：没有问题的转为核查通过，有问题的转为待补正。",
        "Checks drafts by rules and register: those without a problem become verified, the others"
        " go to correction.",
    ),
    # one declaration
    "declaration": Words("声明内容", "The declaration"),
    "number": Words("专利号", "Patent number"),
    "kind": Words("专利类型", "Kind"),
    "title": Words("发明名称", "Title"),
    "publication": Words("授权公告", "Grant"),
    "fee": Words("使用费", "Fee"),
    "fee_reason": Words("使用费说明", "Reason of the fee"),
    "period": Words("许可期限", "Period"),
    "territory": Words("许可地域", "Territory"),
    "technical_field": Words("技术领域", "Technical field"),
    "contact": Words("联系方式", "Contact"),
    "report": Words("评价或检索报告", "Evaluation or search report"),
    "abstract": Words("摘要", "Abstract"),
    "commitments": Words("承诺", "Commitments"),
    "profile": Words("适用规则", "Rules"),
    "not_given": Words("未提供", "not given"),
    "consents": Words("同意", "consents"),
    "no_consent": Words("未表示同意", "no consent given"),
    "signed_by": Words("{0} 于 {1} 签署，文本 {2}", "signed by {0} on {1}, text {2}"),
    "period_to": Words("至 {0}", "until {0}"),
    "automatic": Words("自动核查", "Automatic checks"),
    "checked_at": Words("核查于 {0}", "checked {0}"),
    "no_findings": Words("没有发现问题。", "Nothing was found."),
    "unchecked": Words("未能核查的规则", "Rules that nobody could check"),
    "unchecked_note": Words(
        "没有登记簿答复，以下规则没有核查。请录入登记簿答复。",
        "Without the register's answer these were not checked. Record the register's answer.",
    ),
    "source": Words("依据：", "Source: "),
    "register": Words("登记簿答复", "The register's answer"),
    "register_none": Words("还没有登记簿答复。", "There is no answer of the register yet."),
    "register_read": Words("{0} 的答复，来源：{1}", "as of {0}, source: {1}"),
    "register_stale": Words(
        "这份答复已超过 {0} 天，请重新查询。", "This answer is older than {0} days: ask again."
    ),
    "register_status": Words("法律状态", "Legal status"),
    "register_holders": Words("登记的权利人", "Registered holders"),
    "register_fee": Words("年费", "Annual fee"),
    "register_pledges": Words("质押", "Pledges"),
    "register_licences": Words("备案的许可", "Recorded licences"),
    "register_suspensions": Words("中止程序", "Suspended procedures"),
    "register_transfers": Words("转让", "Transfers"),
    "record_reading": Words("录入登记簿答复", "Record the register's answer"),
    "ask_again": Words("重新核查", "Check again"),
    "evidence": Words("证明材料", "Evidence"),
    "organisation": Words("申报单位", "Filed by"),
    "no_file": Words("没有提交文件", "no file was handed in"),
    "origin": Words("来源", "Origin"),
    "from_import": Words("批量导入 {0} 第 {1} 行", "imported from {0}, row {1}"),
    "from_form": Words("在线填写", "entered in a form"),
    "return_reasons": Words("要求补正或退回的原因", "Why it was given back"),
    "due_on": Words("请在 {0} 前补正（自然日）。", "To be corrected by {0} (calendar days)."),
    "overdue_since": Words("补正已于 {0} 逾期。", "The correction was due on {0}."),
    "history": Words("办理经过", "What was done"),
    "statements": Words("报送记录", "Deliveries"),
    "statement_line": Words("序号 {0}，第 {1} 版，{2}", "number {0}, version {1}, {2}"),
    "decide": Words("办理", "Decide"),
    "accept_and_recommend": Words("通过并报送", "Accept and recommend"),
    "accept_only": Words("只通过", "Accept only"),
    "recommend_it": Words("报送主平台", "Recommend to the hub"),
    "ask_correction": Words("要求补正…", "Ask for a correction…"),
    "refuse": Words("不予受理…", "Refuse…"),
    "demand_report": Words("要求评价或检索报告", "Demand a report"),
    "blocked_note": Words(
        "有须更正的问题，不能通过。请要求补正。",
        "Findings forbid to accept it. Ask for a correction.",
    ),
    "correcting_note": Words(
        "专利权人正在补正。再次提交后回到待核查。",
        "Its holder is correcting it. It comes back when it is handed in again.",
    ),
    "past_note": Words("这份声明已不在核查阶段。", "This declaration is past verification."),
    "correction_title": Words("要求补正", "Ask for a correction"),
    "correction_lead": Words(
        "勾选要补正的地方，可逐项说明。专利权人会在对应的栏目看到原因和截止日。",
        "Tick what is to be corrected and say more where needed. The holder reads it at the field.",
    ),
    "reasons": Words("原因", "Reasons"),
    "reason_note": Words("说明", "Explain"),
    "days": Words("补正期限", "Days for it"),
    "days_hint": Words(
        "自明日起算，按自然日：本平台没有工作日历数据。",
        "From tomorrow, in calendar days: this node has no data of working days.",
    ),
    "days_unit": Words("天", "days"),
    "send_correction": Words("要求补正", "Ask for the correction"),
    "refusal_title": Words("不予受理", "Refuse"),
    "refusal_lead": Words(
        "不予受理后程序即结束，不能恢复；该专利可以重新声明。专利权人会看到原因。",
        "The procedure ends and cannot be taken up again; the patent may be declared anew. The"
        " holder reads the reasons.",
    ),
    "send_refusal": Words("确认不予受理", "Refuse it"),
    "reading_title": Words("录入登记簿答复", "Record the register's answer"),
    "reading_lead": Words(
        "对照专利登记簿副本或官方查询结果填写。答复连同录入人一并保存，并立即重新核查。",
        "Copy it from the register's extract or an official search. It is kept with your name, and"
        " the rules look again at once.",
    ),
    "as_of": Words("查询日期", "Day of the answer"),
    "reading_source": Words("来源", "Source"),
    "reading_source_hint": Words(
        "例如：专利登记簿副本 编号…", "for example: extract of the register"
    ),
    "reading_holders": Words("登记的权利人", "Registered holders"),
    "one_per_line": Words("每行一个", "one on each line"),
    "granted": Words("已公告授权", "The grant is announced"),
    "pledged": Words("有质押登记", "A pledge is registered"),
    "pledgee": Words("质权人", "Pledgee"),
    "pledge_consent": Words("质权人已书面同意", "The pledgee consents in writing"),
    "exclusive": Words("有效的独占或排他许可", "An exclusive or sole licence in force"),
    "suspension": Words("中止程序", "Suspended procedure"),
    "save_reading": Words("保存并重新核查", "Save and check again"),
}
STATUS_WORDS: Final[Mapping[str, Words]] = {
    "valid": Words("有效", "in force"),
    "lapsed": Words("终止", "lapsed"),
    "invalidated": Words("宣告无效", "invalidated"),
    "pending": Words("未授权", "not granted"),
    "expired": Words("届满", "expired"),
}
FEE_WORDS: Final[Mapping[str, Words]] = {
    "paid": Words("已缴", "paid"),
    "due": Words("应缴未逾期", "due, not late"),
    "in_grace": Words("滞纳期内", "in the surcharge period"),
    "unpaid": Words("未缴", "unpaid"),
}
LICENCE_WORDS: Final[Mapping[str, Words]] = {
    "exclusive": Words("独占", "exclusive"),
    "sole": Words("排他", "sole"),
    "ordinary": Words("普通", "ordinary"),
}
SUSPENSION_WORDS: Final[Mapping[str, Words]] = {
    "ownership": Words("权属纠纷", "ownership dispute"),
    "preservation": Words("财产保全", "preservation order"),
}
COMMITMENT_WORDS: Final[Mapping[str, Words]] = {
    "no_exclusive_licence": Words(
        "开放许可期间不授予独占或排他许可", "grants no exclusive or sole licence meanwhile"
    ),
    "keep_right_valid": Words("维持专利权有效", "keeps the right in force"),
    "file_every_licence": Words("每份许可均办理备案", "records every licence"),
    "withdraw_on_transfer": Words("转让时撤回声明", "withdraws it on a transfer"),
}
