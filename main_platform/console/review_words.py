"""Words of one review's page."""

from collections.abc import Mapping
from typing import Final

from main_platform.console.desk_words import DESK_WORDS
from main_platform.console.guidance_words import GUIDANCE_WORDS
from shared_schema.bilingual import Words

REVIEW_WORDS: Final[Mapping[str, Words]] = {
    **DESK_WORDS,
    **GUIDANCE_WORDS,
    "reviews": Words("审核", "Reviews"),
    "back_to_queue": Words("回到列表", "Back to the list"),
    "as_published": Words("公示后的内容", "As it will be published"),
    "terms": Words("费用怎么算", "What it comes to"),
    "for_staff": Words("仅供审核", "For staff only"),
    "was": Words("原为", "was"),
    "changed_from_public": Words(
        "与现公示版本不同处以 ≠ 标出，旧值附后。",
        "≠ marks what differs from the public version; what it was follows.",
    ),
    "changed_from_previous": Words(
        "与上一版（第 {0} 版）不同处以 ≠ 标出，旧值附后。",
        "≠ marks what differs from version {0}; what it was follows.",
    ),
    "unchanged": Words("与上一版内容相同。", "Nothing differs from the version before."),
    "no_terms": Words(
        "内容已删除，或须用更新的程序阅读。", "The terms were erased, or need a newer reader."
    ),
    "findings_title": Words("筛查发现", "Findings of the screening"),
    "findings_none": Words("规则筛查没有发现问题。", "The rules have nothing to say."),
    "what_to_do": Words("处理：", "To do: "),
    "rule_source": Words("依据：", "Source: "),
    "at_item": Words("位置：", "At: "),
    "unchecked_title": Words("未核对的规则", "Not checked"),
    "unchecked_lead": Words(
        "以下各项须对照专利登记簿核对，报送时未附登记信息：",
        "These need the patent register, and no register facts came with the offer:",
    ),
    "legal_status": Words("法律状态与证据", "Legal status and evidence"),
    "expires": Words("专利权最迟届满", "The right ends at the latest on"),
    "report": Words("评价报告", "Evaluation report"),
    "report_at_node": Words(
        "文件由节点保存，可凭摘要核对。", "The node keeps the file; its hash identifies it."
    ),
    "consents": Words("共有人同意", "Co-owners' consent"),
    "consents_sole": Words("单独所有，无须同意", "a sole owner: none needed"),
    "consents_all": Words("全部注明同意", "all consent"),
    "consents_missing": Words("未注明：{0}", "not stated: {0}"),
    "commitments": Words("承诺签署", "Commitments"),
    "commitments_count": Words("已签 {0} 项，共 4 项", "{0} of 4 signed"),
    "conflict_notice": Words(
        "同一专利另有声明，条件或专利权人不同，须先裁定。",
        "Another offer of the patent differs; the conflict must be settled first.",
    ),
    "conflict_open": Words("打开冲突对照", "Open the conflict"),
    "also_notice": Words(
        "同一专利另有条件相同的声明，批准后并列公示。",
        "An equal offer of the patent exists; both will be listed.",
    ),
    "history": Words("办理记录", "What was decided"),
    "history_none": Words("还没有决定。", "Nothing was decided yet."),
    "decide": Words("决定", "Decide"),
    "decide_second": Words("复核", "Second look"),
    "first_approved": Words("{0} 已初审批准。", "{0} approved it."),
    "own_approval": Words(
        "您已初审，须由另一人复核。", "You approved it; another person must look."
    ),
    "needs_second": Words(
        "批准后还须由复核员复核。", "After your approval a second examiner must confirm."
    ),
    "not_yours": Words(
        "由 {0} 领取；如需接手，请其放回。", "{0} has it; ask for it to be released."
    ),
    "verdict": Words("决定", "Decision"),
    "confirm": Words("确认", "Confirm"),
    "decided_notice": Words("{0}：{1}。", "{0}: {1}."),
    "facts": Words("审核信息", "This review"),
    "statement_hash": Words("声明摘要", "Statement hash"),
    "where_is": Words("查看声明全程", "Where the listing is"),
    "published_page": Words("公示页面", "Public page"),
}
