"""The words of the pages about nodes and their enrolments."""

from typing import Final

from shared_schema.bilingual import Words

NODE_STATES: Final = {
    "requested": Words("申请中", "asked to join"),
    "active": Words("在网", "active"),
    "suspended": Words("已暂停", "suspended"),
    "retired": Words("已退出", "retired"),
}
KEY_USES: Final = {
    "statement": Words("声明与请求签名", "statements and requests"),
    "cosigner": Words("日志联署", "cosignatures"),
    "recovery": Words("离线恢复", "offline recovery"),
}
KEY_STATES: Final = {
    "pending": Words("待确认", "pending"),
    "active": Words("有效", "active"),
    "revoked": Words("已吊销", "revoked"),
}
ENROLMENT_STATES: Final = {
    "waiting": Words("待确认", "waiting"),
    "confirmed": Words("已确认", "confirmed"),
    "refused": Words("已拒绝", "refused"),
}
TROUBLES: Final = {
    "silent": Words("久未联系", "silent"),
    "behind": Words("目录落后", "behind"),
    "gaps": Words("声明有缺号", "numbers missing"),
    "clock": Words("时钟偏差", "clock off"),
    "dead": Words("有死信", "dead letters"),
    "keys": Words("密钥将到期", "keys end soon"),
    "paused": Words("停发", "delivery paused"),
}
STANDING_REASONS: Final = {
    "key_compromise": Words("密钥可能泄露", "a key may be compromised"),
    "technical_fault": Words("技术故障", "technical fault"),
    "misconduct": Words("违反管理规定", "breach of the rules"),
    "own_wish": Words("节点自己提出", "the node asked for it"),
    "contract_ended": Words("合作终止", "the agreement ended"),
    "resolved": Words("问题已解决", "the matter is resolved"),
    "other": Words("其他", "other"),
}
KEY_REASONS: Final = {
    "key_compromise": Words("密钥可能泄露", "the key may be compromised"),
    "key_lost": Words("密钥遗失", "the key is lost"),
    "superseded": Words("已被新密钥取代", "replaced by a new key"),
    "other": Words("其他", "other"),
}
ACTIONS: Final = {
    "suspend": Words("暂停节点", "Suspend the node"),
    "resume": Words("恢复节点", "Resume the node"),
    "retire": Words("节点退出", "Retire the node"),
}
CONSEQUENCES: Final = {
    "suspend": Words(
        "立即生效：主平台不再受理该节点的任何报送，包括撤回；急需撤回的由目录管理员代办。"
        "已公示的许可不受影响，节点的报送会在恢复后自动补来。公共日志会记下暂停及理由。",
        "At once: the hub takes nothing from this node, withdrawals included; a catalogue manager"
        " withdraws what is urgent. What is published stays, what waits at the node arrives once it"
        " is resumed. The public log says so, with the reason.",
    ),
    "resume": Words(
        "立即生效：该节点可继续报送，积压的声明会自动送来。公共日志会记下恢复。",
        "At once: the node may send again; what waits there arrives by itself. The public log says"
        " so.",
    ),
    "retire": Words(
        "不可撤销：该节点不再报送任何声明。它已公示的许可继续有效，直到逐项撤回。公共日志会记下退出及理由。",
        "For good: the node sends nothing any more. What it published stays until each listing is"
        " withdrawn. The public log says so, with the reason.",
    ),
}
NODE_WORDS: Final = {
    "nodes_title": Words("节点", "Nodes"),
    "nodes_caption": Words("所有节点及其状况", "All nodes and how they do"),
    "nodes_none": Words("没有符合条件的节点。", "No node matches."),
    "nodes_none_hint": Words(
        "节点安装后运行 kaixu-node enrol，申请会出现在“入网申请”。",
        "After installing, a node runs kaixu-node enrol; its wish appears under “Enrolments”.",
    ),
    "nodes_waiting": Words("{0} 个入网申请待确认", "Enrolments that wait: {0}"),
    "all_states": Words("全部状态", "Any state"),
    "only_trouble": Words("只看有问题的", "Only with trouble"),
    "apply_filter": Words("筛选", "Filter"),
    "node": Words("节点", "Node"),
    "state": Words("状态", "State"),
    "trouble": Words("问题", "Trouble"),
    "no_trouble": Words("正常", "none"),
    "last_contact": Words("最近联系", "Last contact"),
    "never": Words("从未", "never"),
    "lag": Words("目录落后", "Behind"),
    "lag_value": Words("{0} 条 · {1} 秒", "{0} entries · {1} s"),
    "gaps": Words("缺号", "Missing"),
    "gap_since": Words("自 {0}", "since {0}"),
    "clock": Words("时钟偏差", "Clock"),
    "clock_value": Words("{0} 秒", "{0} s"),
    "dead_letters": Words("死信", "Dead letters"),
    "waiting_here": Words("待审", "Under review"),
    "waiting_there": Words("节点待发", "Waiting at the node"),
    "unknown": Words("未知", "unknown"),
    "enrolments": Words("入网申请", "Enrolments"),
    "enrolments_lead": Words(
        "节点申请加入时，两位登记员各自打电话给节点负责人，听其念出指纹，核对后确认。",
        "When a node asks to join, two registrars each call its operator, hear the fingerprint read"
        " out, compare and confirm.",
    ),
    "enrolments_none": Words("没有待确认的入网申请。", "No enrolment waits."),
    "asked_at": Words("申请时间", "Asked at"),
    "confirmed_by": Words("已确认", "Confirmed by"),
    "nobody_yet": Words("尚无", "nobody yet"),
    "of_needed": Words("{0} / {1} 人", "{0} of {1} people"),
    "open": Words("打开", "Open"),
    "enrolment_of": Words("入网申请：{0}", "Enrolment of {0}"),
    "asked_scope": Words("申请的范围", "Scope asked for"),
    "regions": Words("地区", "Regions"),
    "kinds": Words("业务种类", "Kinds"),
    "licence": Words("许可声明", "licence declarations"),
    "everywhere": Words("不限", "anywhere"),
    "compare": Words("电话核对指纹", "Compare by telephone"),
    "compare_lead": Words(
        "请节点负责人再次运行 kaixu-node enrol，按行念出指纹。"
        "下表与所听到的逐组核对；空着的两组，请按听到的填写。",
        "Have the operator run kaixu-node enrol again and read the fingerprint out, row by row."
        " Compare each group; type the two that are blank here as you hear them.",
    ),
    "row": Words("第 {0} 行", "Row {0}"),
    "group": Words("第 {0} 行第 {1} 组", "Row {0}, group {1}"),
    "group_hint": Words("四个字符，听到什么填什么", "four characters, as you hear them"),
    "all_heard": Words(
        "我已通过可信的电话号码听到整个指纹，其余各组全部一致",
        "I heard the whole fingerprint on a telephone number I trust; all other groups agree",
    ),
    "must_hear": Words("未全部听到并核对，不能确认。", "Do not confirm what you did not hear."),
    "confirm": Words("确认指纹一致", "Confirm the fingerprint"),
    "you_confirmed": Words(
        "你已确认。还须另一位登记员核对确认。", "You confirmed. Another registrar must do so too."
    ),
    "refuse_title": Words("拒绝申请", "Refuse the enrolment"),
    "refuse_lead": Words(
        "节点会读到理由，之后可以重新申请。", "The node reads the reason and may ask again."
    ),
    "reason": Words("理由", "Reason"),
    "refuse": Words("拒绝", "Refuse"),
    "identity": Words("身份与密钥", "Identity and keys"),
    "fingerprint": Words("入网时核对的指纹", "Fingerprint compared at enrolment"),
    "keys_caption": Words("节点的密钥", "Keys of the node"),
    "key_id": Words("密钥", "Key"),
    "key_use": Words("用途", "Use"),
    "valid": Words("有效期", "Valid"),
    "valid_until": Words("至 {0}", "until {0}"),
    "ends_at": Words("将于 {0} 停用", "ends {0}"),
    "revoked_at": Words("{0} 吊销", "revoked {0}"),
    "days_left": Words("还有 {0} 天", "{0} days left"),
    "act": Words("操作", "Act"),
    "propose_revocation": Words("提议吊销", "Propose to revoke"),
    "revocations": Words("待确认的吊销提议", "Proposed revocations"),
    "proposed_by": Words("{0} 于 {1} 提议", "proposed by {0}, {1}"),
    "decide_revocation": Words("查看并决定", "Look and decide"),
    "scope_quota": Words("范围与限额", "Scope and quota"),
    "offers_today": Words("今日新声明", "Offers today"),
    "under_review": Words("在审", "Under review"),
    "of_limit": Words("{0}，上限 {1}", "{0} of {1}"),
    "quota_change": Words("改限额", "Change the quota"),
    "quota_daily": Words("每日新声明上限", "Offers a day"),
    "quota_backlog": Words("在审上限", "Offers under review at once"),
    "quota_hint": Words("空着：按主平台的设置", "empty: the hub's setting"),
    "quota_save": Words("保存限额", "Save the quota"),
    "standing": Words("在网状态", "Standing"),
    "health": Words("运行状况", "Health"),
    "statements": Words("收到的声明", "Statements received"),
    "statements_value": Words("{0} 份，最大号 {1}", "{0}, highest number {1}"),
    "cosigned": Words("已联署到", "Cosigned up to"),
    "self_report": Words("节点自报", "What the node says"),
    "reported_at": Words("报告时间", "Reported at"),
    "no_report": Words("节点还没有报告过。", "The node has not reported yet."),
    "paused_why": Words("停发原因", "Paused because"),
    "alarms": Words("警报", "Alarms"),
    "none": Words("无", "none"),
    "acts_title": Words("最近的操作", "Latest acts"),
    "held_title": Words("搁置的条目", "Held entries"),
    "back_to_nodes": Words("返回节点", "Back to the nodes"),
    "back_to_node": Words("返回该节点", "Back to the node"),
    "what_happens": Words("会发生什么", "What happens"),
    "public_reason": Words("理由（公开）", "Reason (public)"),
    "do_it": Words("确定", "Do it"),
    "cancel": Words("取消", "Cancel"),
    "revoke_title": Words("吊销密钥", "Revoke a key"),
    "revoke_lead": Words(
        "吊销须两人：你提议，另一位登记员确认后立即生效，且不可撤销。已进入日志的声明仍然有效；等不及时先暂停节点。",
        "Two people revoke: you propose, another registrar confirms, then it holds at once and for"
        " good. What is in the log stands. If it cannot wait, suspend the node first.",
    ),
    "suspect_from": Words("自何日起可疑", "Suspect since (day)"),
    "suspect_hint": Words(
        "北京日期；此后以该密钥签名的在审声明将退回，空着则不追溯",
        "legal day; what it signed since and is under review goes back; empty: nothing does",
    ),
    "propose": Words("提议吊销", "Propose"),
    "revocation_title": Words("吊销提议", "Proposal to revoke"),
    "revocation_confirm": Words("确认吊销", "Confirm: revoke the key"),
    "revocation_drop": Words("撤销提议", "Drop the proposal"),
    "revocation_own": Words(
        "这是你的提议，须由另一位登记员确认；你可以撤销它。",
        "You proposed this: another registrar must confirm. You may drop it.",
    ),
    "revocation_done": Words("该提议已处理：{0}", "This proposal was decided: {0}"),
    "waiting": Words("待确认", "waiting"),
    "confirmed": Words("已确认", "confirmed"),
    "dropped": Words("已撤销", "dropped"),
}
