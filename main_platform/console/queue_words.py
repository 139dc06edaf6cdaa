"""Words of the review queue and of decisions over a selection."""

from collections.abc import Mapping
from typing import Final

from main_platform.console.desk_words import DESK_WORDS
from shared_schema.bilingual import Words

LANE_WORDS: Final[Mapping[str, Words]] = {
    "free": Words("待领取", "Free"),
    "mine": Words("我领取的", "Mine"),
    "claimed": Words("已有人领取", "Claimed"),
    "second": Words("待复核", "Second look"),
    "conflict": Words("冲突", "Conflicts"),
    "open": Words("全部未决", "All open"),
    "decided": Words("已办结", "Decided"),
}
EMPTY_WORDS: Final[Mapping[str, Words]] = {
    "free": Words(
        "没有待领取的声明。节点报送后会自动出现在这里。",
        "Nothing waits. What nodes recommend appears here by itself.",
    ),
    "mine": Words(
        "您没有领取任何一件。到“待领取”中选一件。",
        "You have claimed none. Choose one among the free ones.",
    ),
    "claimed": Words("没有被领取的审核。", "None is claimed."),
    "second": Words("没有待复核的。", "None waits for a second look."),
    "conflict": Words("没有冲突。", "There are no conflicts."),
    "open": Words("没有未办结的审核。", "Nothing is open."),
    "decided": Words("还没有办结的审核。", "None was decided yet."),
}
QUEUE_WORDS: Final[Mapping[str, Words]] = {
    **DESK_WORDS,
    "reviews": Words("审核", "Reviews"),
    "lanes": Words("按状态", "By state"),
    "caption": Words(
        "各节点轮流，每个节点先到的在前", "Nodes take turns, each node's oldest first"
    ),
    "caption_oldest": Words("先收到的在前", "The oldest first"),
    "narrow": Words("筛选", "Narrow"),
    "all_nodes": Words("全部节点", "all nodes"),
    "kind": Words("专利类型", "Kind"),
    "all_kinds": Words("全部类型", "all kinds"),
    "severity": Words("筛查发现", "Findings"),
    "any_severity": Words("不限", "any"),
    "severity_warning": Words("有提示", "a warning"),
    "severity_conflict": Words("有冲突", "a conflict"),
    "severity_error": Words("有不符", "an error"),
    "severity_high": Words("高风险", "high risk"),
    "rule": Words("规则", "Rule"),
    "any_rule": Words("不限", "any"),
    "age": Words("时限", "Age"),
    "any_age": Words("不限", "any"),
    "age_due": Words("将超期或已超期", "due soon or late"),
    "age_late": Words("已超期", "late"),
    "version_filter": Words("版本", "Version"),
    "any_version": Words("不限", "any"),
    "version_first": Words("新声明", "new offers"),
    "version_next": Words("新版本", "new versions"),
    "order": Words("排序", "Order"),
    "order_fair": Words("节点轮流", "nodes take turns"),
    "order_oldest": Words("先到先审", "oldest first"),
    "number_any_form": Words("专利号（任意写法）", "Patent number (any form)"),
    "apply": Words("筛选", "Apply"),
    "clear_all": Words("清除筛选", "Clear"),
    "none_narrowed": Words(
        "没有符合条件的。可清除筛选再看。", "None fits. Clear the filters to see all."
    ),
    "pick": Words("勾选", "Pick"),
    "pick_this": Words("勾选 {0}", "Pick {0}"),
    "all_here": Words("本页全部", "All on this page"),
    "picked": Words("已勾选", "Picked:"),
    "decide_picked": Words("对勾选的作决定", "Decide those picked"),
    "offer": Words("声明", "Offer"),
    "age_title": Words("等待", "Waiting"),
    "who": Words("领取", "Claimed"),
    "act": Words("办理", "Act"),
    "first_by": Words("初审：{0}", "approved by {0}"),
    "start_next": Words("从第一件开始", "Start with the first"),
    # a selection
    "selection_title": Words("对勾选的作决定", "Decide those picked"),
    "selection_lead": Words(
        "下列 {0} 件将作同一决定，逐件记录；不能办理的会列出原因并保留原状。",
        "These {0} get the same decision, each recorded singly; what cannot be decided is listed"
        " with the reason and stays as it is.",
    ),
    "selection_caption": Words("已勾选的声明", "The offers picked"),
    "selection_none": Words(
        "没有勾选任何一件。回到列表勾选。", "None was picked. Go back and pick some."
    ),
    "selection_confirms": Words("作为复核员办理", "You act as the second examiner"),
    "verdict": Words("决定", "Decision"),
    "decide_these": Words("确认办理这 {0} 件", "Decide these {0}"),
    "results_title": Words("办理结果", "What became of each"),
    "results_lead": Words("已办理 {0} 件，未办理 {1} 件。", "Decided: {0}. Not decided: {1}."),
    "results_caption": Words("逐件结果", "Result of each"),
    "result": Words("结果", "Result"),
    "why_not": Words("未办理的原因和处理办法", "Why not, and what to do"),
    "back_to_queue": Words("回到审核列表", "Back to the reviews"),
}
