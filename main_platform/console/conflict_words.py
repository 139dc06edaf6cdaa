"""Words of the conflict pages."""

from collections.abc import Mapping
from typing import Final

from main_platform.console.desk_words import DESK_WORDS
from shared_schema.bilingual import Words

CONFLICT_WORDS: Final[Mapping[str, Words]] = {
    **DESK_WORDS,
    "conflicts": Words("冲突", "Conflicts"),
    "conflicts_lead": Words(
        "同一专利由两个节点声明，条件或专利权人不同：须由人裁定，不看先后。",
        "Two nodes offer one patent on other terms or for other holders: people decide, never who"
        " came first.",
    ),
    "caption": Words("先收到的在前", "The oldest first"),
    "none": Words("没有待裁定的冲突。", "No conflict waits."),
    "offer": Words("后到的声明", "The held offer"),
    "against": Words("与之冲突", "Against"),
    "what_differs": Words("不同之处", "What differs"),
    "terms_differ": Words("条件不同", "the terms"),
    "holders_differ": Words("专利权人不同", "the holders"),
    "equal": Words("无", "nothing"),
    "awaits_second": Words("一人已裁定取代，待另一人", "one chose to replace; another must agree"),
    "awaits_first": Words("待裁定", "to be settled"),
    "side_by_side": Words("逐项对照", "Side by side"),
    "side_caption": Words("标出 ≠ 的各行内容不同", "Rows marked ≠ differ"),
    "item": Words("项目", "Item"),
    "held_offer": Words("待裁定：{0}", "Held: {0}"),
    "other_offer": Words("另一声明：{0}", "Other: {0}"),
    "is_public": Words("已公示", "public"),
    "under_review": Words("审核中", "under review"),
    "erased": Words("内容已删除", "its terms were erased"),
    "open_review": Words("打开审核", "Open the review"),
    "resolve": Words("裁定", "Settle it"),
    "choice": Words("裁定结果", "How it ends"),
    "choice_hint": Words(
        "“取代”须两人分别作出同一裁定后生效，现公示的声明随之撤回。",
        "To replace, two people must choose it; the public offer is then withdrawn.",
    ),
    "text": Words("说明（发给报送节点）", "Words to the node"),
    "reasons": Words("理由（退回时必选）", "Reasons (for a return)"),
    "confirm": Words("确认裁定", "Confirm"),
    "second_must": Words(
        "{0} 已裁定取代。您可确认取代，或改作其他裁定。",
        "{0} chose to replace. Confirm it, or choose otherwise.",
    ),
    "own_choice": Words(
        "您已裁定取代，须由另一人确认；您仍可改为保留或退回。",
        "You chose to replace; another person must confirm. You may still keep or return.",
    ),
    "not_held": Words("此件已没有待裁定的冲突。", "No conflict of this one waits any more."),
    "back_to_conflicts": Words("回到冲突列表", "Back to the conflicts"),
}
CHOICE_WORDS: Final[Mapping[str, Words]] = {
    "keep_existing": Words("保留另一声明，本件不予公示", "Keep the other offer; refuse this one"),
    "replace": Words("以本件取代另一声明", "Replace the other offer by this one"),
    "return": Words("退回本件，由专利权人核实", "Return this one to its holder"),
}
CHOSEN_WORDS: Final[Mapping[str, Words]] = {
    "keep_existing": Words("{0}：保留另一声明。", "{0}: the other offer is kept."),
    "replace": Words("{0}：已裁定取代。", "{0}: replacement was chosen."),
    "return": Words("{0}：已退回。", "{0}: returned."),
}
