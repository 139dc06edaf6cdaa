"""Words of the page of one held entry."""

from collections.abc import Mapping
from typing import Final

from main_platform.console.desk_words import DESK_WORDS
from shared_schema.bilingual import Words

HELD_WORDS: Final[Mapping[str, Words]] = {
    **DESK_WORDS,
    "held": Words("被搁置的条目", "A held entry"),
    "lead": Words(
        "已批准，但读者会拒绝这样的条目，因此没有登记。",
        "Approved, but readers would refuse such an entry, so it was not logged.",
    ),
    "why": Words("原因", "Why"),
    "since": Words("搁置于", "Since"),
    "entry": Words("条目", "The entry"),
    "reason": Words("理由（记入审计）", "Reason (kept in the audit trail)"),
    "act": Words("处理", "What becomes of it"),
    "release": Words("放行：原因已消除，重新登记", "Release: the cause is gone, log it"),
    "discard": Words(
        "废弃：永不登记，审核退回，通知节点",
        "Discard: never log it, return its review",
    ),
    "confirm": Words("确认", "Confirm"),
    "released": Words("已放行，正在登记。", "Released; it is on its way into the log."),
    "discarded": Words("已废弃，节点会收到通知。", "Discarded; its node is told."),
    "back": Words("回到待办总览", "Back to the dashboard"),
}
