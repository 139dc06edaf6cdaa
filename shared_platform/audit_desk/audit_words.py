"""The words of the audit page."""

from typing import Final

from shared_schema.bilingual import Words

AUDIT_WORDS: Final = {
    "audit": Words("审计", "Audit trail"),
    "audit_lead": Words(
        "谁在何时对什么做了什么。记录只增不改，并逐条封入校验链。",
        "Who did what to what, and when. Records are only added, and sealed into a hash chain.",
    ),
    "audit_actor": Words("谁", "Who"),
    "audit_actor_hint": Words("账号名或节点", "account or node"),
    "audit_act": Words("行为", "Act"),
    "audit_subject": Words("对象", "Subject"),
    "audit_subject_hint": Words("编号或账号名", "its id or name"),
    "audit_kind": Words("对象种类", "Kind of subject"),
    "audit_since": Words("从（含）", "From (included)"),
    "audit_until": Words("到（含）", "To (included)"),
    "audit_any": Words("全部", "Any"),
    "audit_search": Words("查找", "Search"),
    "audit_clear": Words("清除条件", "Clear filters"),
    "audit_bad_day": Words("请写成 2026-11-22 这样的日期。", "Write a date like 2026-11-22."),
    "audit_when": Words("时间", "When"),
    "audit_details": Words("详情", "Details"),
    "audit_place": Words("链上位置", "Place in chain"),
    "audit_unsealed": Words("待封", "not sealed yet"),
    "audit_results": Words("审计记录，新的在前", "Acts, newest first"),
    "audit_none": Words("没有符合条件的记录。", "No act matches."),
    "audit_none_hint": Words(
        "放宽日期或去掉一个条件再查；更早的记录可能已归档，可导出查看。",
        "Widen the days or drop a filter; older acts may be archived: export them.",
    ),
    "audit_older": Words("更早的记录", "Older acts"),
    "audit_newest": Words("回到最新", "Back to the newest"),
    "audit_export": Words("导出所查记录", "Export what was searched"),
    "audit_export_about": Words(
        "含已归档的月份；导出本身也会记入。",
        "Archived months included; the export is itself an act.",
    ),
    "audit_state": Words("校验链状态", "State of the chain"),
    "audit_head": Words("链头", "Head"),
    "audit_head_hint": Words(
        "把这一行抄到别处，日后即可证明这里没有改过。",
        "Write this line down elsewhere: it can later prove that nothing here was changed.",
    ),
    "audit_waiting": Words("待封记录", "Waiting to be sealed"),
    "audit_anchored": Words("最近存到库外", "Last written outside the database"),
    "audit_never": Words("尚未", "not yet"),
    "audit_kept": Words("保存期限", "Kept in the database for"),
    "audit_days": Words("{0} 天，之后归档", "{0} days, then archived"),
    "audit_archives": Words("归档文件", "Archives"),
    "audit_archives_count": Words("{0} 个文件，{1} 条", "{0} files, {1} acts"),
    "audit_check": Words("核对最近 {0} 条", "Check the last {0}"),
    "audit_check_all": Words(
        "核对全部：在服务器上运行 verify。", "To check all, run verify on the server."
    ),
    "audit_holds": Words("已核对 {0} 条，链完整。", "{0} checked; the chain is unbroken."),
    "audit_broken": Words(
        "链有断裂！保留现场，立即报告。不要修改数据库。",
        "The chain is broken! Keep everything as it is, report at once; change nothing.",
    ),
}
KIND_TITLES: Final = {
    "account": Words("账号", "Account"),
    "audit": Words("审计记录", "Audit trail"),
    "conflict": Words("冲突", "Conflict"),
    "declaration": Words("声明", "Declaration"),
    "delivery": Words("投递", "Delivery"),
    "erasure": Words("个人信息删除", "Erasure"),
    "held_entry": Words("搁置条目", "Held entry"),
    "import": Words("导入", "Import"),
    "issue": Words("月度目录", "Monthly issue"),
    "listing": Words("许可", "Listing"),
    "log": Words("日志", "Log"),
    "log_key": Words("日志密钥", "Log key"),
    "mandate": Words("委托", "Mandate"),
    "node": Words("节点", "Node"),
    "organisation": Words("单位", "Organisation"),
    "portal_key": Words("门户密钥", "Portal key"),
    "review": Words("审核", "Review"),
}
