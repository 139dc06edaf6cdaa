"""Words of the first page of the console."""

from collections.abc import Mapping
from typing import Final

from main_platform.console.desk_words import DESK_WORDS
from shared_schema.bilingual import Words

DASHBOARD_WORDS: Final[Mapping[str, Words]] = {
    **DESK_WORDS,
    "dashboard": Words("待办总览", "Dashboard"),
    "what_waits": Words("待办", "What waits"),
    "promise": Words(
        "承诺：收到后 {0} 天内办结；剩五分之一时限时标为将超期。",
        "Promise: decided within {0} days; due soon when a fifth of that is left.",
    ),
    "nothing_waits": Words(
        "没有待办。节点报送后会自动出现在这里。",
        "Nothing waits. What nodes recommend appears here by itself.",
    ),
    "oldest_since": Words("最早 {0}", "oldest {0}"),
    "is_late": Words("{0} 件已超期", "{0} late"),
    "is_due": Words("{0} 件将超期", "{0} due soon"),
    "at_least": Words("{0} 以上", "more than {0}"),
    "oldest": Words("等待最久的", "Waiting the longest"),
    "oldest_caption": Words("先收到的在前", "The oldest first"),
    "to_all": Words("全部待领取", "All that are free"),
    "alarms": Words("警报", "Alarms"),
    "alarms_none": Words("没有警报。", "No alarm stands."),
    "alarm_since": Words("自 {0}", "since {0}"),
    "alarm_critical": Words("严重", "critical"),
    "what_to_do": Words("处理：", "To do: "),
    "held": Words("被搁置的条目", "Held entries"),
    "held_lead": Words(
        "已批准而不能登记的条目；目录管理员可放行或废弃。",
        "Approved, and cannot be logged; a catalogue manager releases or discards them.",
    ),
    "held_caption": Words("先搁置的在前", "The oldest first"),
    "held_why": Words("原因", "Why"),
    "held_since": Words("搁置于", "Since"),
    "offer": Words("声明", "Offer"),
    "age_title": Words("等待", "Waiting"),
}
TILE_WORDS: Final[Mapping[str, Words]] = {
    "waiting": Words("待领取", "Free"),
    "mine": Words("我领取的", "Mine"),
    "claimed": Words("已有人领取", "Claimed"),
    "to_confirm": Words("待我复核", "For my second look"),
    "second_review": Words("待复核", "Second look"),
    "suspect": Words("密钥可疑的声明", "Signed by a suspect key"),
    "conflict_hold": Words("冲突待裁定", "Conflicts"),
    "proposals": Words("待他人确认的提议", "Proposals to confirm"),
    "withdrawals": Words("撤回与中止登记中", "Withdrawals on their way"),
    "queue": Words("已批准待登记", "Approved, to be logged"),
    "held": Words("被搁置的条目", "Held entries"),
    "alarms": Words("警报", "Alarms"),
}
