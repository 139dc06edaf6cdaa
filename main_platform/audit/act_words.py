"""What the hub's acts are called where people read them."""

from typing import Final

from shared_schema.bilingual import Words

ACT_TITLES: Final = {
    "staff_added": Words("新增工作人员", "Staff added"),
    "staff_changed": Words("变更工作人员", "Staff changed"),
    "enrolment_confirmed": Words("确认入网", "Enrolment confirmed"),
    "enrolment_refused": Words("拒绝入网", "Enrolment refused"),
    "node_suspended": Words("暂停节点", "Node suspended"),
    "node_resumed": Words("恢复节点", "Node resumed"),
    "node_retired": Words("节点退出", "Node retired"),
    "node_quota_changed": Words("变更节点限额", "Node quota changed"),
    "held_entry_released": Words("放行搁置条目", "Held entry released"),
    "held_entry_discarded": Words("弃用搁置条目", "Held entry discarded"),
    "key_added": Words("新增密钥", "Key added"),
    "key_revocation_proposed": Words("提议吊销密钥", "Key revocation proposed"),
    "key_revocation_dropped": Words("撤销吊销提议", "Key revocation dropped"),
    "log_key_proposed": Words("提议更换日志密钥", "Log key change proposed"),
    "log_key_confirmed": Words("确认更换日志密钥", "Log key change confirmed"),
    "log_key_dropped": Words("撤销更换日志密钥", "Log key change dropped"),
    "key_settled": Words("被吊销密钥处理完毕", "Revoked key settled"),
    "statements_received": Words("收到声明", "Statements received"),
    "equivocation_seen": Words("发现前后不一", "Equivocation seen"),
    "fork_seen": Words("发现日志分叉", "Fork seen"),
    "node_waived": Words("不再等待节点", "Node waived"),
    "log_recovered": Words("从节点取回日志", "Log recovered from nodes"),
    "hub_restored": Words("主平台恢复", "Hub restored"),
    "review_claimed": Words("认领审核", "Review claimed"),
    "review_released": Words("放回审核", "Review released"),
    "review_decided": Words("作出审核决定", "Review decided"),
    "conflict_decided": Words("裁定冲突", "Conflict decided"),
    "erasure_proposed": Words("提议删除个人信息", "Erasure proposed"),
    "erasure_confirmed": Words("确认删除个人信息", "Erasure confirmed"),
    "erasure_refused": Words("拒绝删除个人信息", "Erasure refused"),
    "issue_frozen": Words("月度目录定稿", "Issue frozen"),
    "issue_edition_made": Words("生成月度目录版本", "Issue edition made"),
    "issue_corrected": Words("月度目录勘误", "Issue corrected"),
}
