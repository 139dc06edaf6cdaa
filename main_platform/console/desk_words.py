"""Words that the review pages share: states, weights, keys."""

from collections.abc import Mapping
from typing import Final

from shared_schema.bilingual import Words

STATE_WORDS: Final[Mapping[str, Words]] = {
    "waiting": Words("待审", "waiting"),
    "claimed": Words("已领取", "claimed"),
    "second_review": Words("待复核", "second look"),
    "conflict_hold": Words("冲突待裁定", "held by a conflict"),
    "approved": Words("已批准，待登记", "approved, on its way into the log"),
    "sequenced": Words("已公示", "published"),
    "returned": Words("已退回", "returned"),
    "rejected": Words("不予公示", "refused"),
    "superseded": Words("已被新版取代", "superseded"),
}
SEVERITY_WORDS: Final[Mapping[str, Words]] = {
    "error": Words("不符", "error"),
    "warning": Words("提示", "warning"),
    "conflict": Words("冲突", "conflict"),
}
VERDICT_WORDS: Final[Mapping[str, Words]] = {
    "approve": Words("批准公示", "Approve"),
    "return": Words("退回更正", "Return for correction"),
    "reject": Words("不予公示", "Refuse"),
}
DESK_WORDS: Final[Mapping[str, Words]] = {
    "keys_title": Words("快捷键（按 ? 展开）", "Keys (press ?)"),
    "keys_on": Words("启用快捷键", "Keys are on"),
    "key_move": Words("下一行 / 上一行", "Next or previous row"),
    "key_open": Words("打开选中的一件", "Open the chosen one"),
    "key_pick": Words("勾选或取消", "Pick or unpick it"),
    "key_claim": Words("领取", "Claim"),
    "key_next": Words("转到下一件待办", "Go to the next one waiting"),
    "key_approve": Words(
        "选“批准”，再按 Enter 确认", "Choose “approve”; Enter on the button confirms"
    ),
    "key_return": Words("选“退回”，转到理由", "Choose “return” and go to the reasons"),
    "key_queue": Words("回到列表", "Back to the list"),
    "key_help": Words("显示或收起本说明", "Show or hide this list"),
    "keys_note": Words(
        "在输入框中打字时快捷键不起作用；任何决定都要在表单上按钮确认。",
        "Keys do nothing while you type in a field; every decision needs the form's button.",
    ),
    "number": Words("专利号", "Number"),
    "node": Words("报送节点", "Node"),
    "holders": Words("专利权人", "Holders"),
    "version": Words("版本", "Version"),
    "state": Words("状态", "State"),
    "findings": Words("筛查发现", "Findings"),
    "no_findings": Words("无发现", "none"),
    "high_risk": Words("高风险，须复核", "high risk: second look"),
    "opened_at": Words("收到", "Received"),
    "claimed_by": Words("领取人", "Claimed by"),
    "claimed_by_me": Words("我已领取", "claimed by me"),
    "nobody": Words("无人领取", "nobody yet"),
    "claim": Words("领取", "Claim"),
    "release": Words("放回", "Release"),
    "claimed": Words("已领取，请审核。", "It is yours now."),
    "released": Words("已放回待审。", "It waits again."),
    "next_one": Words("下一件", "Next"),
    "only_region": Words("仅显示本地区：{0}", "Only your region: {0}"),
    "read_only": Words("您可以查看，不能办理。", "You may look, not act."),
    "late": Words("已超期", "late"),
    "due": Words("将超期", "due soon"),
    "more": Words("下一页", "Next page"),
    "first_page": Words("回到第一页", "First page"),
    "cancel": Words("返回，不办理", "Back, do nothing"),
    "reasons": Words("理由（退回或不予公示时必选）", "Reasons (for a return or a refusal)"),
    "reasons_hint": Words(
        "勾选后可修改文字；文字只发给报送节点和专利权人。",
        "Tick one and change its words; only the node and the holder read them.",
    ),
    "other_reasons": Words("其他理由（{0}）", "Other reasons ({0})"),
    "reason_words": Words("说明", "Words"),
    "suggested": Words("筛查提示", "suggested by a finding"),
    "untitled": Words("（名称未提供）", "(no title given)"),
    "new_offer": Words("新声明", "new"),
    "next_version": Words("新版本", "new version"),
}
