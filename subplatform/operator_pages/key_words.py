"""The words of the page about the node's keys."""

from collections.abc import Mapping
from typing import Final

from shared_schema.bilingual import Words
from subplatform.operator_pages.desk_words import SHARED_WORDS

USE_WORDS: Final[Mapping[str, Words]] = {
    "statement": Words("签名密钥：签署声明和请求", "statement key: signs statements and requests"),
    "cosigner": Words("联署密钥：为日志联署", "cosigner key: vouches for the log"),
    "recovery": Words(
        "恢复密钥：离线保存，应急吊销", "recovery key: kept offline, for emergencies"
    ),
}
KEY_WORDS: Final[Mapping[str, Words]] = {
    **SHARED_WORDS,
    "keys": Words("密钥", "Keys"),
    "keys_lead": Words(
        "本节点的身份。私钥只在服务器上，网页既看不到也不能更换；更换和吊销在命令行办理。",
        "The identity of this node. Private keys stay on the server: pages neither see nor change"
        " them; they are replaced and revoked on the command line.",
    ),
    "anchor": Words("主平台的信任锚指纹", "Fingerprint of the federation's anchor"),
    "anchor_note": Words(
        "与主平台人员电话或当面核对，一致才可信。", "Compare it with the hub's staff by telephone."
    ),
    "not_enrolled": Words(
        "还没有登记：系统管理员运行 kaixu-node enrol --anchor FILE。",
        "Not enrolled yet: an administrator runs kaixu-node enrol --anchor FILE.",
    ),
    "registered": Words("登记过的密钥", "Keys that were registered"),
    "caption": Words("本节点的密钥，以公示日志为准", "This node's keys as the public log has them"),
    "fingerprint": Words("指纹（RFC 7638）", "Fingerprint (RFC 7638)"),
    "use": Words("用途", "Used for"),
    "until": Words("有效至", "Valid until"),
    "key_state": Words("状态", "State"),
    "in_use": Words("使用中", "in use"),
    "valid": Words("有效", "valid"),
    "revoked": Words("已吊销（日志第 {0} 条）", "revoked (entry {0})"),
    "ended": Words("已到期", "expired"),
    "added": Words("登记于日志第 {0} 条", "added by entry {0}"),
    "ends_soon": Words("{0} 天内到期", "ends within {0} days"),
    "unfinished": Words(
        "{0}的更换没有完成，请在命令行重复同一条命令。",
        "Replacing the {0} key was not finished: repeat the command.",
    ),
    "no_keys": Words(
        "日志副本中还没有本节点的密钥。登记并同步后显示。",
        "The copied log has no key of this node yet; they appear after enrolment.",
    ),
    "present": Words("服务器上现用的密钥", "Keys in use on the server"),
    "on_the_line": Words("在命令行办理", "On the command line"),
    "do_show": Words("查看密钥和到期日", "Look at the keys"),
    "do_rotate": Words("到期前更换（新旧并用一段时间）", "Replace one before it ends"),
    "do_emergency": Words("泄露时立即更换，旧密钥即刻失效", "Replace one that leaked, at once"),
    "do_revoke": Words("泄露时立即吊销", "Revoke one that leaked"),
}
