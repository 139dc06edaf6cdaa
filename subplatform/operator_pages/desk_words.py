"""The words of the desk's first page, and those that several of its pages share."""

from collections.abc import Mapping
from typing import Final

from shared_schema.bilingual import Words

STATE_WORDS: Final[Mapping[str, Words]] = {
    "draft": Words("草稿", "draft"),
    "submitted": Words("待核查", "to be verified"),
    "verifying": Words("核查中", "being verified"),
    "correction": Words("待补正", "to be corrected"),
    "verified": Words("核查通过", "verified"),
    "recommended": Words("已报送", "recommended"),
    "published": Words("已公布", "published"),
    "suspended": Words("已中止", "suspended"),
    "withdrawal_requested": Words("撤回中", "being withdrawn"),
    "withdrawn": Words("已撤回", "withdrawn"),
    "expired": Words("已届满", "expired"),
    "refused": Words("不予受理", "refused"),
}
SEVERITY_WORDS: Final[Mapping[str, Words]] = {
    "error": Words("须更正", "must be corrected"),
    "warning": Words("提示", "warning"),
    "conflict": Words("冲突", "conflict"),
}
OPERATION_WORDS: Final[Mapping[str, Words]] = {
    "offer": Words("声明", "offer"),
    "withdraw": Words("撤回", "withdrawal"),
    "suspend": Words("中止", "suspension"),
    "resume": Words("恢复", "resumption"),
}
SHARED_WORDS: Final[Mapping[str, Words]] = {
    "next_page": Words("下一页", "Next page"),
    "first_page": Words("回到第一页", "Back to the first page"),
    "apply_filter": Words("筛选", "Filter"),
    "clear_filter": Words("清除筛选", "Clear filters"),
    "view": Words("范围", "Show"),
    "patent": Words("专利", "Patent"),
    "holders": Words("专利权人", "Holders"),
    "state": Words("状态", "State"),
    "back": Words("返回", "Back"),
    "code": Words("代码", "Code"),
    "what_to_do": Words("怎么办：", "What to do: "),
    "none": Words("无", "none"),
    "not_known": Words("未知", "not known"),
    "untitled": Words("（名称未提供）", "(no title given)"),
    "at": Words("时间", "Time"),
    "who": Words("经办", "By"),
    "what": Words("事项", "What"),
    "cancel": Words("不办了，返回", "Cancel and go back"),
    "keys_open": Words("快捷键（?）", "Keyboard shortcuts (?)"),
    "keys_title": Words("键盘快捷键", "Keyboard shortcuts"),
    "keys_next": Words("下一项", "next item"),
    "keys_previous": Words("上一项", "previous item"),
    "keys_go": Words("打开当前项", "open the current item"),
    "keys_select": Words("选中或取消", "select or clear it"),
    "keys_back": Words("返回列表", "back to the list"),
    "keys_help": Words("显示或收起本表", "show or hide this list"),
    "keys_on": Words("启用快捷键", "Keys are on"),
    "keys_note": Words("在输入框中打字时不起作用。", "They rest while you type in a field."),
}
DESK_WORDS: Final[Mapping[str, Words]] = {
    **SHARED_WORDS,
    "desk": Words("经办台", "Desk"),
    "desk_lead": Words("等着办理的事，每个数字都可以点开。", "What waits; every number opens."),
    "verify_first": Words("要核查", "To verify"),
    "to_verify": Words("待核查", "to verify"),
    "since": Words("最早 {0}", "oldest {0}"),
    "drafts": Words("未提交的草稿", "drafts not handed in"),
    "overdue": Words("补正逾期", "corrections overdue"),
    "in_correction": Words("补正中", "in correction"),
    "returned": Words("主平台退回", "returned by the hub"),
    "verified": Words("核查通过，待报送", "verified, to be recommended"),
    "to_deliver": Words("要报送", "To deliver"),
    "on_the_way": Words("在途", "on the way"),
    "dead": Words("死信", "dead letters"),
    "decisions": Words("近 7 日收到的决定", "decisions of the last 7 days"),
    "hub_and_catalogue": Words("主平台与目录", "Hub and catalogue"),
    "hub": Words("主平台", "Hub"),
    "hub_reached": Words("可以连通", "reached"),
    "hub_away": Words("连不上", "not reached"),
    "hub_unknown": Words("尚未登记", "not enrolled yet"),
    "hub_away_note": Words(
        "自 {0} 起连不上主平台。待报送的声明都保留着，连通后自动继续，不必重做。",
        "The hub has not been reached since {0}. What is to be delivered is kept and goes on by"
        " itself; nothing need be done again.",
    ),
    "hub_paused_note": Words(
        "自 {0} 起主平台暂不接收：{1}", "Since {0} the hub takes nothing from this node: {1}"
    ),
    "hub_unknown_note": Words(
        "本节点还没有登记到主平台：由系统管理员在命令行运行 kaixu-node enrol --anchor FILE。",
        "This node is not enrolled: an administrator runs kaixu-node enrol --anchor FILE.",
    ),
    "last_contact": Words("最近联络 {0}", "last contact {0}"),
    "lag": Words("目录落后", "catalogue lag"),
    "lag_entries": Words("{0} 条", "{0} entries"),
    "level": Words("已同步", "in step"),
    "alarms": Words("警报", "Alarms"),
    "no_alarms": Words("没有警报。", "No alarms."),
    "critical": Words("紧急", "critical"),
    "alarm_since": Words("自 {0}", "since {0}"),
    "all_quiet": Words(
        "没有等着办理的事。可以从批量导入开始，或等专利权人提交声明。",
        "Nothing waits. Begin with an import, or wait for holders to hand in declarations.",
    ),
}
