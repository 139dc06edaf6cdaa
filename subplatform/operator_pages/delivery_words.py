"""The words of deliveries, dead letters and what the hub told this node."""

from collections.abc import Mapping
from typing import Final

from shared_schema.bilingual import Words
from subplatform.operator_pages.desk_words import SHARED_WORDS

DELIVERY_WORDS: Final[Mapping[str, Words]] = {
    **SHARED_WORDS,
    "deliveries": Words("报送", "Deliveries"),
    "deliveries_lead": Words(
        "已签署、要送到主平台的声明。连不上时自动重试，什么也不会丢；只有死信需要您处理。",
        "Signed statements for the hub. They are tried again by themselves and nothing is lost;"
        " only dead letters need you.",
    ),
    "way": Words("在途", "On the way"),
    "dead": Words("死信", "Dead letters"),
    "sent": Words("已送达", "Delivered"),
    "all": Words("全部", "All"),
    "decisions": Words("主平台的消息", "Messages of the hub"),
    "paused": Words("报送已暂停（自 {0}）：{1}", "Delivery is paused since {0}: {1}"),
    "probe_at": Words("下次探测 {0}。", "Next probe at {0}."),
    "resume": Words("立即恢复", "Resume now"),
    "number": Words("序号", "Number"),
    "operation": Words("事项", "What"),
    "tries": Words("次数", "Tries"),
    "next_try": Words("下次尝试", "Next try"),
    "problem": Words("问题与办法", "Problem and what to do"),
    "delivered_at": Words("送达时间", "Delivered"),
    "version": Words("第 {0} 版", "version {0}"),
    "caption": Words("报送", "Deliveries"),
    "empty_way": Words(
        "没有在途的声明：都已送达主平台。", "Nothing is on the way: the hub has everything."
    ),
    "empty_dead": Words("没有死信。", "There are no dead letters."),
    "empty_any": Words(
        "还没有报送。核查通过的声明在“核查”中报送。",
        "Nothing was delivered yet. What is verified is recommended under “Verification”.",
    ),
    "select_all": Words("全选本页", "Select all on this page"),
    "select_one": Words("选择序号 {0}", "Select number {0}"),
    "replay_selected": Words("重发所选", "Send the selected again"),
    "replay": Words("重发", "Send again"),
    "replay_note": Words(
        "排除原因后再重发：内容一个字节也不变，只是再送一次。如密钥已更换，自动用新密钥签名。"
        "内容本身要改的，请收回改正。",
        "Send again once the cause is gone: not a byte of the content changes. If keys were"
        " rotated, it is signed with the new one by itself. What must be changed is taken back.",
    ),
    "retry_now": Words("立即重试", "Try now"),
    "take_back": Words("收回改正", "Take back to correct"),
    "take_back_note": Words(
        "主平台没有收下这份声明。收回后转为待补正，改正后按下一版本重新报送。",
        "The hub did not take it. It goes to correction and is recommended anew afterwards.",
    ),
    "delivery": Words("报送 {0}", "Delivery {0}"),
    "open_declaration": Words("查看声明", "Open the declaration"),
    "statement_hash": Words("声明摘要（SHA-256）", "Statement hash (SHA-256)"),
    "signed_at": Words("签署时间", "Signed"),
    "receipts": Words("三份回执", "Three receipts"),
    "receipt_intake": Words("接收回执", "Receipt"),
    "receipt_decision": Words("审核决定", "Decision"),
    "receipt_inclusion": Words("存在证明", "Proof of inclusion"),
    "receipt_intake_about": Words(
        "主平台签名证明已收到这些字节。", "The hub signed that it has these bytes."
    ),
    "receipt_decision_about": Words(
        "主平台审核员的决定和原因。", "What the hub's examiners decided, and why."
    ),
    "receipt_inclusion_about": Words(
        "证明已写入公示日志，任何人可以验证。",
        "Proof that it stands in the public log; anybody can verify it.",
    ),
    "verified": Words("已验证", "verified"),
    "missing": Words("还没有", "not yet"),
    "invalid": Words("验证不通过，请联系主平台", "does not verify: call the hub"),
    "serial": Words("公示日志序号 {0}", "serial {0} in the public log"),
    "download_receipt": Words("下载回执", "Download the receipt"),
    "download_proof": Words("下载存在证明", "Download the proof"),
    "other_versions": Words("这份声明的各次报送", "All deliveries of this declaration"),
    "history": Words("办理经过", "What was done"),
    "last_problem": Words("最近一次的问题", "The last problem"),
    "at_field": Words("位置", "Where"),
    "messages": Words("主平台的消息", "Messages of the hub"),
    "messages_lead": Words(
        "主平台的决定和通知，最新的在前。", "Decisions and notices of the hub, newest first."
    ),
    "no_messages": Words(
        "主平台还没有发来消息。报送之后，审核决定会出现在这里。",
        "The hub has sent nothing yet. Its decisions appear here once something was recommended.",
    ),
    "message_caption": Words("消息", "Messages"),
    "kind": Words("类别", "Kind"),
    "said": Words("内容", "What it says"),
    "waits_note": Words(
        "主平台暂时连不上，这份声明在等待。连通后自动送达，不必重新报送。",
        "The hub is not reached at present, so this waits. It is delivered by itself; do not"
        " recommend it again.",
    ),
    "now": Words("即刻", "at once"),
}
DELIVERY_STATES: Final[Mapping[str, Words]] = {
    "waiting": Words("等待发送", "waiting"),
    "leased": Words("正在发送", "being sent"),
    "sent": Words("已送达", "delivered"),
    "dead": Words("死信", "dead letter"),
    "cancelled": Words("已收回", "taken back"),
}
MESSAGE_KINDS: Final[Mapping[str, Words]] = {
    "decision": Words("审核决定", "decision"),
    "entry_held": Words("暂缓写入日志", "held before the log"),
    "entry_discarded": Words("未写入日志", "not logged"),
    "recorded": Words("已登记", "recorded"),
    "equivocation": Words("序号冲突", "equivocation"),
    "key_added": Words("密钥已登记", "key added"),
    "key_revoked": Words("密钥已吊销", "key revoked"),
    "log_fork": Words("日志分叉", "fork of the log"),
    "sequenced": Words("已写入日志", "logged"),
    "withdrawn": Words("已撤回", "withdrawn"),
    "conflict_decided": Words("冲突已裁定", "conflict decided"),
    "erasure": Words("删除个人信息", "erasure"),
}
VERDICT_WORDS: Final[Mapping[str, Words]] = {
    "approved": Words("批准", "approved"),
    "returned": Words("退回补正", "returned for correction"),
    "rejected": Words("驳回", "rejected"),
}
