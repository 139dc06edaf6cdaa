"""The words of the page that answers where a listing is, and what happens next in each state."""

from typing import Final

from shared_schema.bilingual import Words

LISTING_STATES: Final = {
    "received": Words("已收到", "received"),
    "waiting": Words("待审", "waiting for review"),
    "claimed": Words("审核中", "under review"),
    "second_review": Words("待复核", "waiting for a second look"),
    "conflict_hold": Words("冲突待裁定", "held by a conflict"),
    "approved": Words("已批准，待登记", "approved, on its way into the log"),
    "held": Words("已批准，条目被搁置", "approved, its entry is held"),
    "sequenced": Words("已登记", "in the log"),
    "published": Words("已公示", "published"),
    "suspended": Words("已暂停", "suspended"),
    "withdrawn": Words("已撤回", "withdrawn"),
    "expired": Words("已到期", "expired"),
    "returned": Words("已退回更正", "returned for correction"),
    "rejected": Words("不予公示", "refused"),
    "superseded": Words("已被新版取代", "superseded"),
    "erased": Words("个人信息已删除", "personal data erased"),
}
NEXT: Final = {
    "received": Words(
        "系统正在处理，通常几秒内转为待审。", "The system takes it up, within seconds as a rule."
    ),
    "waiting": Words(
        "等审核员领取：排在第 {0} 位。", "An examiner must claim it: place {0} in turn."
    ),
    "claimed": Words("等审核员 {0} 作出决定。", "The examiner {0} must decide."),
    "second_review": Words("等另一位审核员复核。", "Another examiner must look at it."),
    "conflict_hold": Words(
        "等目录管理员裁定冲突。", "A catalogue manager must decide the conflict."
    ),
    "approved": Words(
        "等登记程序写入日志，一分钟之内；更久请看“运行”。",
        "The sequencer writes it into the log within a minute; if not, look at Jobs.",
    ),
    "held": Words(
        "等目录管理员放行或弃用被搁置的条目。",
        "A catalogue manager must release or discard the held entry.",
    ),
    "sequenced": Words("已在日志中，目录正在更新。", "It is in the log; the catalogue follows."),
    "published": Words(
        "无须操作。期满自动到期；专利权人可随时撤回。",
        "Nobody need act. It ends with its period; the holder may withdraw at any time.",
    ),
    "suspended": Words(
        "等报送节点说明原因消除后恢复，或撤回。",
        "Its node must resume it once the reason is gone, or withdraw it.",
    ),
    "withdrawn": Words(
        "已终结。再次开放须由节点以新声明报送。", "It is over; a new offer is a new statement."
    ),
    "expired": Words(
        "开放期已满。续期须由专利权人在节点重新声明。",
        "Its period is over; to go on, the holder declares again at the node.",
    ),
    "returned": Words(
        "等专利权人更正，节点报送下一版。",
        "The holder corrects it; the node sends the next version.",
    ),
    "rejected": Words(
        "已终结。专利权人可按理由更正后重新报送。",
        "It is over; the holder may answer the reasons and send again.",
    ),
    "superseded": Words("以新版为准。", "The newer version counts."),
}
EVENTS: Final = {
    "received": Words("收到第 {0} 版", "Version {0} received"),
    "screened": Words("筛查完成：{0} 项发现", "Screened: {0} findings"),
    "opened": Words("进入审核", "Review opened"),
    "claimed": Words("领取审核", "Review claimed"),
    "approve": Words("批准", "Approved"),
    "confirm": Words("复核批准", "Confirmed"),
    "return": Words("退回更正", "Returned for correction"),
    "reject": Words("不予公示", "Refused"),
    "keep_existing": Words("裁定：保留已有声明", "Decided: the existing offer is kept"),
    "replace": Words("裁定：取代已有声明", "Decided: it replaces the existing offer"),
    "logged": Words("登记入日志，位置 {0}", "In the log at position {0}"),
    "withdrawn": Words("撤回", "Withdrawn"),
    "withdraw": Words("撤回", "Withdrawn"),
    "suspend": Words("暂停", "Suspended"),
    "suspended": Words("暂停", "Suspended"),
    "resume": Words("恢复", "Resumed"),
    "resumed": Words("恢复", "Resumed"),
    "conflict_decided": Words("冲突裁定", "Conflict decided"),
    "held": Words("条目被搁置", "Entry held"),
    "discarded": Words("搁置条目弃用", "Held entry discarded"),
    "queued": Words("排队等待登记", "Queued for the log"),
    "equivocation": Words("前后不一，另存为证", "Contradiction kept as evidence"),
    "erasure": Words("删除个人信息：{0}", "Erasure of personal data: {0}"),
    "expires": Words("开放期届满", "Its period ends"),
}
ERASURE_STATES: Final = {
    "asked": Words("节点已申请", "asked for by the node"),
    "proposed": Words("已提议，待另一人确认", "proposed, another person must confirm"),
    "confirmed": Words("已确认，待登记", "confirmed, on its way into the log"),
    "done": Words("已完成", "done"),
    "refused": Words("已拒绝", "refused"),
}
LISTING_WORDS: Final = {
    "where_title": Words("许可在哪里", "Where is it?"),
    "where_lead": Words(
        "许可编号、专利号（任意写法）、专利权人全称，或回执号（节点/序号，如 gz-centre/17）。",
        "Id of the listing, patent number in any form, full name of a holder, or a receipt number"
        " (node and number, gz-centre/17).",
    ),
    "where_label": Words("查什么", "Look for"),
    "where_search": Words("查找", "Find"),
    "where_none": Words("主平台没有收到过它。", "The hub never received it."),
    "where_none_hint": Words(
        "请核对编号；若节点说已报送，看该节点的缺号、死信和停发原因。",
        "Check the number; if a node says it sent it, look at that node's gaps, dead letters and"
        " pause.",
    ),
    "never_arrived": Words(
        "节点 {0} 的第 {1} 号声明从未到达：目前最大号 {2}，缺 {3} 个。请节点查看投递与死信。",
        "Statement {1} of node {0} never arrived: highest so far {2}, {3} missing. Its operator"
        " should look at deliveries and dead letters.",
    ),
    "where_found": Words("找到 {0} 项", "{0} found"),
    "where_more": Words("只显示前 {0} 项。", "Only the first {0} are shown; be more specific."),
    "listing": Words("许可", "Listing"),
    "number": Words("专利号", "Number"),
    "title": Words("名称", "Title"),
    "holders": Words("专利权人", "Holders"),
    "node": Words("报送节点", "Node"),
    "state": Words("状态", "State"),
    "version": Words("版本", "Version"),
    "open": Words("打开", "Open"),
    "next_title": Words("接下来", "What happens next"),
    "public_page": Words("公示页", "Public page"),
    "review_page": Words("审核页", "Review"),
    "held_by": Words("{1} 个节点中 {0} 个已持有副本", "{0} of {1} nodes hold a copy"),
    "period_end": Words("开放期至", "Period ends"),
    "position": Words("日志位置", "Position in the log"),
    "timeline": Words("全过程", "Timeline"),
    "timeline_caption": Words("全部事件，新的在后", "All events, the newest last"),
    "when": Words("时间", "When"),
    "what": Words("事件", "Event"),
    "who": Words("谁", "Who"),
    "details": Words("说明", "Details"),
    "back": Words("返回查找", "Back to the search"),
    "unsaid": Words("已删除或未填", "erased or not given"),
}
