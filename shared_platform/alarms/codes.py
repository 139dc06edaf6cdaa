"""Every alarm of hub and node: one row each, with what to do. Codes are API and only ever added."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

MANUAL: Final = "docs/operations.md"


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """What an alarm means and what a person does about it.

    `is_critical`: somebody must be called now, whatever the hour.
    """

    title_zh: str
    title_en: str
    remedy_zh: str
    remedy_en: str
    is_critical: bool = False


class AlarmCode(Enum):
    """The alarm table. The member's name in lower case is the stable code."""

    NODE_SILENT = AlarmRow(
        "节点失联",
        "A node is silent",
        "给节点值班人员打电话；先查其网络和服务，再看 hub_unreachable。",
        "Call the node's operator: network and service first, then its own hub_unreachable.",
    )
    NODE_BEHIND = AlarmRow(
        "节点目录落后",
        "A node's copy lags behind",
        "看该节点 status 中的拉取失败原因；磁盘、时钟、签名验证依次排查。",
        "Read why pulling fails in the node's `status`: disk, clock, then verification.",
    )
    INTAKE_GAPS = AlarmRow(
        "节点声明序号有缺口",
        "Statements of a node are missing",
        "节点会自动补发；一小时后仍在，请节点运行 deliveries list 查看被挡住的声明。",
        "The node sends them again by itself; if they stay, look at its `deliveries list`.",
    )
    CLOCK_OFFSET = AlarmRow(
        "时钟偏差",
        "A clock is off",
        "校准时钟（NTP）；超过 300 秒后请求会被拒绝。",
        "Set the clock by NTP; beyond 300 s requests are refused.",
    )
    KEY_EXPIRING = AlarmRow(
        "密钥将在 60 天内到期",
        "A key expires within 60 days",
        "安排轮换密钥；到期后推送暂停，不会丢失。",
        "Plan its rotation; on expiry delivery pauses and loses nothing.",
    )
    KEY_EXPIRES_NOW = AlarmRow(
        "密钥将在 7 天内到期或已到期",
        "A key expires within 7 days, or has",
        "立即轮换密钥。",
        "Rotate the key now.",
        is_critical=True,
    )
    DEAD_LETTERS = AlarmRow(
        "有被永久拒绝的声明",
        "Statements were refused for good",
        "运行 kaixu-node deliveries list，按每条说明更正，再 deliveries replay。",
        "Run `kaixu-node deliveries list`, do what each line says, then `deliveries replay`.",
    )
    OUTBOX_OLD = AlarmRow(
        "发件箱积压过久",
        "Statements wait too long to be delivered",
        "看 status 中的暂停原因和断路器；恢复后自动继续。",
        "See pause and breaker in `status`; delivery goes on by itself once they are gone.",
    )
    HUB_UNREACHABLE = AlarmRow(
        "主平台无应答",
        "The hub does not answer",
        "检查网络、DNS、证书与 hub_hosts_allowed；本节点会自动重试。",
        "Check network, DNS, certificate and `hub_hosts_allowed`; the node tries again by itself.",
    )
    DELIVERY_PAUSED = AlarmRow(
        "主平台不接收本节点",
        "The hub takes nothing from this node",
        "看 status 中的暂停代码：密钥过期、暂停、签名或时钟；联系省级节点管理员。",
        "The code of the pause says why (key, standing, signature, clock); call the registrar.",
        is_critical=True,
    )
    OSEQ_CONFLICT = AlarmRow(
        "同一序号有两份不同声明",
        "Two statements under one number",
        "可能有两套同名节点在运行，或密钥被盗：停用较旧的一套，不能排除盗用时吊销密钥。",
        "Two copies of the node run, or its key was stolen: stop the older, revoke if in doubt.",
        is_critical=True,
    )
    FOREIGN_STATEMENTS = AlarmRow(
        "主平台有本节点不知道的声明",
        "The hub holds statements this node does not know",
        "节点是从旧备份恢复的：序号已跳过，按手册重建节点；若未恢复过，视为密钥被盗。",
        "The node came from a backup: numbers were skipped, rebuild it by the manual; if it did"
        " not, treat the key as stolen.",
        is_critical=True,
    )
    HUB_RESTORED = AlarmRow(
        "主平台可能由备份恢复",
        "The hub has less than it had",
        "与主平台值班人员核实；丢失的声明会自动补发，收件箱消息以日志为准。",
        "Ask the hub's operator; what was lost is sent again, and the log decides over messages.",
        is_critical=True,
    )
    MIRROR_BEHIND = AlarmRow(
        "目录副本落后",
        "The copy of the catalogue lags behind",
        "看 status 中的拉取失败原因；磁盘、时钟、网络依次排查。",
        "Read why pulling fails in `status`: disk, clock, then network.",
    )
    LOG_WITHHELD = AlarmRow(
        "来源未给出主平台已签名的条目",
        "The log's source shows less than the hub has signed",
        "主平台的签名回答说日志更长：检查中间的缓存或代理；绕过后仍在，电话通知主平台。",
        "The hub's signed answers say the log is larger: look for a cache or proxy in between; if"
        " it stays without them, telephone the hub.",
        is_critical=True,
    )
    SNAPSHOT_REFUSED = AlarmRow(
        "快照未通过验证",
        "A snapshot was refused",
        "节点已改为逐页拉取，不必处理；把说明中的代码告诉主平台。",
        "The node follows the log page by page instead; tell the hub the code in the detail.",
    )
    QUARANTINE = AlarmRow(
        "有日志条目被隔离",
        "Log entries are quarantined",
        "运行 kaixu-node verify 查看条目和原因，报告主平台；其余目录不受影响。",
        "`kaixu-node verify` names entry and reason; report it to the hub. The rest is unharmed.",
    )
    LOG_FORK = AlarmRow(
        "日志分叉",
        "The log has forked",
        "保存双方检查点，立即电话通知主平台和其他节点；不要清除数据。",
        "Keep both checkpoints, telephone the hub and other nodes at once; delete nothing.",
        is_critical=True,
    )
    LOG_ROLLBACK = AlarmRow(
        "日志变短",
        "The log became shorter",
        "主平台可能由旧备份恢复：电话通知；本地副本保留，可供其取回缺失条目。",
        "The hub came from an old backup: telephone it; this copy can give the entries back.",
        is_critical=True,
    )
    LOG_CONTRADICTION = AlarmRow(
        "日志自相矛盾",
        "The log contradicts itself",
        "证明或签名不成立：保存 detail，通知主平台；副本停在最后可信的位置。",
        "A proof or signature does not hold: keep the detail, tell the hub. The copy stays where"
        " it was last proven.",
        is_critical=True,
    )
    SEQUENCER_PAUSED = AlarmRow(
        "登记暂停",
        "Sequencing is paused",
        "节点见过的条目比本机多：先从节点取回缺失条目，见“备份与恢复”。",
        "Nodes have seen more than this hub holds: recover the entries first (Backup and restore).",
        is_critical=True,
    )
    NODE_UNHEARD = AlarmRow(
        "启动后尚未听到某节点",
        "A node is unheard since the start",
        "日志暂停登记：联系该节点使其上线；确实不能时运行 kaixu-hub log waive 并写明理由。",
        "The log waits for it: get the node online; where that cannot be, `kaixu-hub log waive` it"
        " with a reason.",
        is_critical=True,
    )
    HELD_ENTRIES = AlarmRow(
        "有条目被搁置",
        "Entries are held",
        "运行 kaixu-hub held list，按原因放行或废弃并写明理由。",
        "`kaixu-hub held list`, then release or discard each with a reason.",
    )
    PUBLISH_QUEUE_OLD = AlarmRow(
        "已批准的声明迟迟未登记",
        "Approved listings are not in the log",
        "确认 serve 或 worker 在运行；承诺是 60 秒内登记。",
        "See that `serve` or `worker` runs; the promise is 60 s.",
        is_critical=True,
    )
    EQUIVOCATION = AlarmRow(
        "节点发来互相矛盾的声明",
        "A node contradicted itself",
        "与节点核实：是恢复过备份、两套并行，还是密钥被盗；必要时暂停节点。",
        "Ask the node: restored backup, two copies, or a stolen key; suspend it if need be.",
        is_critical=True,
    )
    NODE_IN_TROUBLE = AlarmRow(
        "节点报告严重警报",
        "A node reports a critical alarm",
        "按节点报告的代码查本表；与其值班人员联系。",
        "Look the reported code up in this table; call the node's operator.",
        is_critical=True,
    )
    DISK_NEARLY_FULL = AlarmRow(
        "磁盘将满",
        "The disk is nearly full",
        "清理或扩容；写满后只读，恢复后自动继续。",
        "Free or add space; when it is full, writes are refused until there is some.",
        is_critical=True,
    )

    @property
    def code(self) -> str:
        """The stable code on the wire."""
        return self.name.lower()

    @property
    def anchor(self) -> str:
        """Where the manual says what to do."""
        return f"{MANUAL}#alarm-{self.code}"


def alarm_row(code: str) -> AlarmRow | None:
    """The row of a stored code; None when this version does not know it."""
    member = AlarmCode.__members__.get(code.upper())
    return None if member is None else member.value
