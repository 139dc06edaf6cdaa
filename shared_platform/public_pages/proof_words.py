"""The words of "verify this": the page's own, and those that its script prints."""

from typing import Final

from shared_schema.bilingual import Words

PROOF_WORDS: Final = {
    "verify_this": Words("验证这条公示", "Verify this publication"),
    "verify_lead": Words(
        "不必相信本站：浏览器从主平台取回日志条目、存在证明和签名检查点，在你自己的电脑上逐步核对。",
        "You need not trust this site: your browser fetches the log entry, its inclusion proof and"
        " the signed checkpoint from the hub, and checks each step on your own machine.",
    ),
    "verify_button": Words("现在验证", "Verify now"),
    "verify_no_script": Words(
        "下面的链接不需要脚本；也可以用命令行自己核对：",
        "The links below need no script; or check it yourself on the command line:",
    ),
    "proof_download": Words("下载存在证明（tlog-proof）", "Download the proof (tlog-proof)"),
    "proof_checkpoint": Words("签名检查点", "Signed checkpoint"),
    "proof_entry": Words("日志条目", "Log entry"),
    "proof_object": Words("声明原文（DSSE）", "Signed statement (DSSE)"),
    "proof_all": Words("验证整个目录", "Verify the whole catalogue"),
    "step_checkpoint": Words(
        "取回检查点，日志名称相符", "Checkpoint fetched; it is of the expected log"
    ),
    "step_signature": Words(
        "检查点的 Ed25519 签名出自公布的日志公钥",
        "The checkpoint's Ed25519 signature is by the published log key",
    ),
    "step_entry": Words(
        "取回日志条目，挂牌和声明摘要与本页一致",
        "Log entry fetched; listing and statement hash are those of this page",
    ),
    "step_inclusion": Words(
        "由条目和存在证明算出的 Merkle 根等于检查点的根（RFC 6962）",
        "The Merkle root computed from entry and proof is the checkpoint's root (RFC 6962)",
    ),
    "step_statement": Words(
        "声明原文的摘要与条目所记一致", "The statement's bytes have the hashes that the entry names"
    ),
    "step_node": Words(
        "声明由报送节点登记的密钥签名（Ed25519）",
        "The statement is signed by the node's registered key (Ed25519)",
    ),
    "step_terms": Words(
        "本页显示的专利号、费用、期限和地域就是被签名的内容",
        "Number, fee, period and territory on this page are what was signed",
    ),
    "verdict_good": Words("验证通过。", "Verified."),
    "verdict_partly": Words(
        "通过；有步骤未做，原因见该步骤。",
        "Passed; a step was left out, for the reason given there.",
    ),
    "verdict_bad": Words(
        "没有通过：请保存本页并告诉主平台。", "Not verified: keep this page and tell the hub."
    ),
    "verdict_away": Words(
        "主平台没有应答，无法验证；稍后再试。",
        "The hub did not answer; nothing was checked. Try later.",
    ),
    "step_passed": Words("通过", "passed"),
    "step_failed": Words("不符", "failed"),
    "step_skipped": Words("本浏览器不支持", "not supported by this browser"),
    "step_running": Words("进行中…", "checking…"),
    "step_missing": Words(
        "无可核对：最新声明不含条件（撤回），或原文已依法删除",
        "nothing to check: the last statement has no terms (a withdrawal), or was erased",
    ),
    "anchor": Words("信任锚指纹", "Fingerprint of the anchor"),
    "log_name": Words("日志名称", "Name of the log"),
    "log_key": Words("日志公钥", "Log key"),
    "federation": Words("网络", "Federation"),
    "no_anchor": Words(
        "本站尚未加入网络，没有信任锚。",
        "This site has joined no federation: it has no anchor yet.",
    ),
}
