"""The words of the catalogue mirror's page."""

from collections.abc import Mapping
from typing import Final

from shared_schema.bilingual import Words
from subplatform.operator_pages.desk_words import SHARED_WORDS

MIRROR_WORDS: Final[Mapping[str, Words]] = {
    **SHARED_WORDS,
    "mirror": Words("目录同步", "Mirror"),
    "mirror_lead": Words(
        "本节点保存全省目录的完整副本，逐条验证后才采用，并为主平台的日志联署。",
        "This node keeps a whole copy of the catalogue, proves each entry before it takes it, and"
        " vouches for the hub's log.",
    ),
    "position": Words("本节点的位置", "Where this copy stands"),
    "size": Words("已验证条目", "Entries proven"),
    "hub_size": Words("主平台的条目", "Entries at the hub"),
    "lag": Words("落后", "Behind by"),
    "lag_of": Words("{0} 条，{1}", "{0} entries, {1}"),
    "level": Words("已同步", "in step"),
    "seconds": Words("{0} 秒", "{0} s"),
    "minutes": Words("{0} 分钟", "{0} min"),
    "root": Words("根（SHA-256）", "Root (SHA-256)"),
    "last_pull": Words("最近一次联络", "Last contact"),
    "never": Words("从未", "never"),
    "failing": Words("自 {0} 起同步不成功。", "Following has failed since {0}."),
    "quarantined": Words("隔离的条目", "Entries set aside"),
    "newer": Words("需升级才能显示的条目", "Entries that need a newer version"),
    "forks": Words("日志分叉证据", "Evidence of a fork"),
    "cosigning": Words("联署", "Cosigning"),
    "cosigned": Words("已联署到 {0} 条，{1}", "cosigned {0} entries, {1}"),
    "not_cosigned": Words("还没有联署。", "Nothing was cosigned yet."),
    "cosigning_failed": Words("最近一次联署不成功：", "The last cosignature was not taken: "),
    "alarms": Words("与目录有关的警报", "Alarms about the catalogue"),
    "no_alarms": Words("没有。", "None."),
    "verify": Words("核验副本", "Verify the copy"),
    "verify_lead": Words(
        "从本节点保存的条目重新计算整棵树，核对签名，并重做一遍目录比较。期间读取不受影响。",
        "The tree is computed anew from the stored entries, signatures are checked, and the"
        " catalogue is made again and compared. Readers are not disturbed.",
    ),
    "verify_now": Words("立即核验", "Verify now"),
    "verified": Words("副本与主平台所签完全一致。", "The copy is exactly what the hub signed."),
    "differs": Words("副本有问题：", "The copy is not what it should be:"),
    "digest": Words("目录摘要（可与主平台或其他节点比较）", "Digest, to compare with others"),
    "too_large": Words(
        "副本超过 {0} 条，请在命令行运行 kaixu-node verify。",
        "The copy has more than {0} entries: run kaixu-node verify on the command line.",
    ),
    "not_enrolled": Words(
        "本节点还没有登记，没有可核验的副本：kaixu-node enrol --anchor FILE。",
        "This node is not enrolled, so there is nothing to verify: kaixu-node enrol --anchor FILE.",
    ),
}
