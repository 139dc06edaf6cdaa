"""Words of what two people decide: second looks, erasures, keys."""

from collections.abc import Mapping
from typing import Final

from main_platform.console.desk_words import DESK_WORDS
from shared_schema.bilingual import Words

SECOND_WORDS: Final[Mapping[str, Words]] = {
    **DESK_WORDS,
    "second_looks": Words("复核", "Second look"),
    "lead": Words(
        "须由两人分别作出的决定：一人提出或初审，另一人确认。同一人不能两次出手。",
        "What two people decide: one proposes or approves, another confirms; never the same person"
        " twice.",
    ),
    "nothing": Words("没有待您确认的事项。", "Nothing waits for your confirmation."),
    "reviews": Words("待复核的声明", "Offers that another examiner approved"),
    "reviews_link": Words("全部待复核（{0}）", "All that wait for a second look ({0})"),
    "reviews_none": Words("没有待复核的声明。", "None waits."),
    "conflicts": Words("待第二人裁定的冲突", "Conflicts of which one person chose to replace"),
    "conflicts_link": Words("打开冲突列表", "Open the conflicts"),
    "erasures": Words("删除内容", "Erasures"),
    "erasures_none": Words("没有删除申请。", "No erasure waits."),
    "log_keys": Words("日志密钥", "The log's key"),
    "log_keys_none": Words("没有日志密钥的提议。", "Nothing is proposed about the log's key."),
    "nodes": Words("节点登记与密钥吊销", "Enrolments and revocations of keys"),
    "nodes_link": Words("打开节点页面", "Open the nodes"),
    "caption": Words("最近的在前", "The latest first"),
    "offer": Words("声明", "Offer"),
    "approved_by": Words("初审", "Approved by"),
    "age_title": Words("等待", "Waiting"),
    "what": Words("事项", "What"),
    "proposed_by": Words("提出", "Proposed by"),
    "asked_by_node": Words("节点 {0} 申请", "asked by node {0}"),
    "listing": Words("声明编号", "Listing"),
    "origin": Words("报送节点", "Node"),
    "reason": Words("理由", "Reason"),
    "extent": Words("范围", "Extent"),
    "extent_hint": Words(
        "不填：未公示的全部删除；已公示的删除公示版本之前的各版。",
        "Left open: all of what is not public, else the versions before the public one.",
    ),
    "versions": Words("涉及版本", "Versions"),
    "when": Words("时间", "When"),
    "back": Words("回到复核", "Back to the second looks"),
    "erasure": Words("删除内容", "Erasure"),
    "erase_happens": Words(
        "主平台的内容立即清空，日志写入删除条目，各节点随后删除；证明仍然有效，内容不可恢复。",
        "The hub's copy is emptied at once, the log says so and every copy follows; proofs still"
        " hold, and nothing can be restored.",
    ),
    "sure": Words("我确认，此事不可撤销", "I am sure: it cannot be undone"),
    "confirm": Words("确认执行", "Confirm"),
    "propose": Words("提出删除", "Propose the erasure"),
    "refuse": Words("不予执行", "Refuse it"),
    "refuse_title": Words("不予执行", "Refuse"),
    "own_proposal": Words(
        "您提出的，须由另一人确认。", "You proposed it; another person must confirm."
    ),
    "proposed": Words("已提出，待另一人确认。", "Proposed; another person must confirm."),
    "confirmed": Words("已确认，正在执行。", "Confirmed; it is being carried out."),
    "refused": Words("已不予执行。", "Refused."),
    "taken_up": Words(
        "节点提出申请；由您提出后，再由另一人确认。",
        "The node asks; propose it, then another person confirms.",
    ),
    "log_key": Words("日志密钥", "The log's key"),
    "rotate": Words("更换日志密钥", "Replace the log's key"),
    "retire": Words("停用旧日志密钥", "End the old log key"),
    "key_happens": Words(
        "写入日志后，各节点按新密钥验证；请先确认新密钥文件已妥善备份。",
        "Once it is in the log, nodes verify by the new key; be sure that its file is kept safe.",
    ),
    "key_id": Words("现密钥", "Present key"),
    "new_key": Words("新密钥", "New key"),
    "drop": Words("放弃提议", "Drop it"),
    "dropped": Words("提议已放弃。", "The proposal was dropped."),
    "find_first": Words(
        "要提出新的删除，请在“撤回与中止”中找到声明。",
        "To propose one, find the listing under “Withdrawals”.",
    ),
}
EXTENT_WORDS: Final[Mapping[str, Words]] = {
    "ended": Words("未公示声明的全部内容", "all of a listing that is not public"),
    "before_live": Words("公示版本之前的各版", "the versions before the public one"),
    "withdraw": Words("撤回声明并删除全部内容", "withdraw the listing and erase all of it"),
}
ERASURE_STATES: Final[Mapping[str, Words]] = {
    "asked": Words("节点申请，待提出", "asked by its node"),
    "proposed": Words("已提出，待确认", "proposed, to be confirmed"),
    "confirmed": Words("执行中", "being carried out"),
    "done": Words("已完成", "done"),
    "refused": Words("不予执行", "refused"),
}
SURE: Final = Words("请勾选确认", "Tick that you are sure")
