"""Words of the pages about withdrawals and suspensions."""

from collections.abc import Mapping
from typing import Final

from main_platform.console.desk_words import DESK_WORDS
from shared_schema.bilingual import Words

WITHDRAWAL_WORDS: Final[Mapping[str, Words]] = {
    **DESK_WORDS,
    "withdrawals": Words("撤回与中止", "Withdrawals"),
    "lead": Words(
        "节点的撤回、中止和恢复无须审批，优先登记；主平台可依职权撤回或中止。",
        "What nodes withdraw, suspend or resume needs nobody's approval and goes first; the office"
        " may withdraw or suspend by itself.",
    ),
    "find": Words("找到要撤回或中止的声明", "Find the listing"),
    "find_hint": Words(
        "输入专利号（任意写法）或声明编号", "A patent number in any form, or a listing id"
    ),
    "search": Words("查找", "Find"),
    "found": Words("找到的声明", "Listings found"),
    "found_none": Words(
        "没有这样的声明。核对号码，或到目录中查找。",
        "There is none. Check the number, or search the catalogue.",
    ),
    "changes": Words("近期的撤回、中止和恢复", "Withdrawals, suspensions and resumptions of late"),
    "caption": Words("最近的在前", "The latest first"),
    "none": Words("还没有撤回或中止。", "There are none yet."),
    "only_waiting": Words("只看登记中的", "Only those on their way"),
    "all": Words("全部", "All"),
    "listing": Words("声明", "Listing"),
    "what": Words("事项", "What"),
    "by_whom": Words("办理", "By"),
    "reason": Words("理由", "Reason"),
    "when": Words("时间", "When"),
    "in_log": Words("登记", "In the log"),
    "on_its_way": Words("登记中", "on its way"),
    "not_public": Words("无须登记", "nothing public"),
    "waits_for_office": Words("主平台中止中，不登记", "the office suspended it: not logged"),
    "by_node": Words("节点 {0}", "node {0}"),
    "by_office": Words("主平台 {0}", "office: {0}"),
    "act": Words("办理", "Act"),
    "withdraw": Words("撤回", "Withdraw"),
    "suspend": Words("中止", "Suspend"),
    "resume": Words("恢复", "Resume"),
    "erase": Words("删除内容", "Erase"),
    "withdrawn_already": Words("已撤回", "withdrawn"),
    "not_published": Words("未公示", "never public"),
    "published": Words("公示中", "public"),
    "suspended": Words("中止中", "suspended"),
    "back": Words("回到撤回与中止", "Back to the withdrawals"),
    "reason_title": Words("理由", "Reason"),
    "reason_hint": Words(
        "理由代码随条目公开；说明只发给报送节点和专利权人。",
        "The reason's code becomes public; the words go to the node and the holder alone.",
    ),
    "sure_withdraw": Words(
        "我确认撤回：不可恢复，声明编号永久作废；已达成的许可不受影响。",
        "I am sure: it cannot be undone and its id is never used again; licences granted stay.",
    ),
    "sure_suspend": Words(
        "我确认中止：中止期间不能据此达成许可，只有主平台能恢复。",
        "I am sure: nobody can accept it meanwhile, and only the office resumes it.",
    ),
    "sure_resume": Words(
        "我确认恢复：声明按原条件继续公示。", "I am sure: it stands again on its terms."
    ),
    "what_happens": Words("将会发生", "What happens"),
    "happens_withdraw": Words(
        "声明从目录和各节点消失，报送节点收到通知；同一专利的其他声明可能接替为主声明，被搁置的冲突会重新待审。",
        "It leaves the catalogue and every node, its node is told; another offer of the patent may"
        " become the primary one, and held ones may wait again.",
    ),
    "happens_suspend": Words(
        "目录中标为已中止，节点不能自行恢复；批准新版本也会结束中止。",
        "The catalogue marks it suspended; its node cannot resume it, and approving a newer version"
        " ends it.",
    ),
    "happens_resume": Words("目录中恢复为开放许可中。", "The catalogue shows it as open again."),
}
TITLES: Final[Mapping[str, Words]] = {
    "withdraw": Words("撤回声明", "Withdraw a listing"),
    "suspend": Words("中止声明", "Suspend a listing"),
    "resume": Words("恢复声明", "Resume a listing"),
}
DONE: Final[Mapping[str, Words]] = {
    "withdraw": Words(
        "{0} 已撤回，正在登记。", "{0} was withdrawn; it is on its way into the log."
    ),
    "suspend": Words("{0} 已中止，正在登记。", "{0} was suspended; it is on its way into the log."),
    "resume": Words("{0} 已恢复，正在登记。", "{0} stands again; it is on its way into the log."),
}
SURE: Final = Words("请勾选确认", "Tick that you are sure")
ONE_REASON: Final = Words("请选一项理由", "Choose one reason")
