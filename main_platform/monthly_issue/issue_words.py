"""The fixed words of the pages of monthly issues."""

from typing import Final

from shared_schema.bilingual import Words

ISSUE_WORDS: Final = {
    "lead": Words(
        "每月一期：把当时的供给目录连同公开日志的位置一起封存，编号、摘要永远不变，供存档、引用和印发。",
        "Once a month the supply catalogue is frozen at a place in the public log: a number and"
        " hashes that never change, to keep, cite and print.",
    ),
    "none_title": Words("还没有封存过月度目录", "No issue was frozen yet"),
    "none": Words(
        "第一期在当月结束后封存；在此之前可以查看和导出实时目录。",
        "The first one follows when a month is over; until then see or export the live catalogue.",
    ),
    "number": Words("期号", "Number"),
    "as_of": Words("目录日期", "Catalogue of"),
    "entries": Words("条目", "Entries"),
    "state": Words("状态", "State"),
    "errata": Words("勘误", "Errata"),
    "early": Words("当月未结束时提前封存", "frozen before the month was over"),
    "state_preparing": Words("正在生成文件", "files being made"),
    "state_published": Words("已发布", "published"),
    "state_renewing": Words("正在执行删除", "erasure in progress"),
    "preparing": Words(
        "内容已经固定在下面的日志位置，文件正在生成，几分钟内可以下载。",
        "The contents are fixed at the place in the log below; the files are being made and can be"
        " downloaded in a few minutes.",
    ),
    "renewing": Words(
        "本期有内容依法须删除，文件暂停提供；去掉该内容的新版几分钟内发布。",
        "Something in this issue must be erased by law. The files are withheld; an edition without"
        " it follows in a few minutes.",
    ),
    "files": Words("下载", "Files"),
    "form": Words("格式", "Form"),
    "size": Words("大小", "Size"),
    "hash": Words("SHA-256 摘要", "SHA-256"),
    "place": Words("在公开日志中的位置", "Place in the public log"),
    "log_origin": Words("日志", "Log"),
    "log_size": Words("条数", "Size"),
    "log_root": Words("根", "Root"),
    "frozen": Words("封存时间", "Frozen"),
    "overview": Words("本期概况", "At a glance"),
    "unclassified": Words("未填写行业", "without industry"),
    "erased": Words("依法删除", "erased"),
    "unprintable": Words(
        "PDF 所用字体没有下列字符，文中以〓代替；准确文字见 JSON 文件：",
        "The PDF's fonts lack these characters; it prints 〓 for them, the JSON file has them:",
    ),
    "verify": Words("怎样核验", "How to verify"),
    "verify_1": Words(
        "下载文件，计算 SHA-256（如 sha256sum），与上表比对。",
        "Download a file, compute its SHA-256 (sha256sum) and compare it with the table above.",
    ),
    "verify_2": Words(
        "JSON 文件内有主平台签名的检查点；用信任锚中的日志公钥核对签名、条数和根。",
        "The JSON file holds the hub's signed checkpoint: check its signature, size and root with"
        " the log key of the federation's anchor.",
    ),
    "verify_3": Words(
        "复制公开日志的前若干条，重建目录，应与 JSON 文件逐条相同；主平台用 kaixu-hub issue verify"
        " 做同样的核对。",
        "Copy that many entries of the log and rebuild the catalogue: it equals the JSON file. The"
        " hub does the same with kaixu-hub issue verify.",
    ),
    "verify_more": Words("详见“如何验证”", "More under “How to verify”"),
    "errata_lead": Words(
        "文件发布后不再改动；发现的差错列在这里。",
        "The files never change once published; what was wrong in them is listed here.",
    ),
    "errata_none": Words("本期没有勘误。", "This issue has no errata."),
    "errata_file": Words("勘误文件（每行一条，逐条链接）", "Errata as a file, one a line, chained"),
    "erratum_entry": Words("条目", "Entry"),
    "erratum_field": Words("项目", "Item"),
    "erratum_was": Words("原文", "Was"),
    "erratum_is": Words("更正", "Should be"),
    "erratum_reason": Words("理由", "Reason"),
    "erratum_day": Words("日期", "Date"),
    "erratum_erased": Words("内容已依法删除，摘要保留。", "Erased by law; its hash remains."),
    "whole_issue": Words("全期", "whole issue"),
    "field_number": Words("专利号", "patent number"),
    "field_holders": Words("专利权人", "holder"),
    "field_title": Words("发明名称", "title"),
    "field_fee": Words("许可使用费", "fee"),
    "field_period": Words("许可期限", "offer period"),
    "field_technical_field": Words("技术领域", "technical field"),
    "field_territory": Words("许可地域", "territory"),
    "field_contact": Words("联系方式", "contact"),
    "field_evaluation_report": Words("评价或咨询报告", "report"),
    "field_group": Words("分类", "classification"),
    "field_other": Words("其他", "other"),
    "editions": Words("各版及其摘要", "Editions and their hashes"),
    "editions_lead": Words(
        "内容依法删除后另出新版，旧版文件撤下，摘要保留以备核对。",
        "After an erasure a new edition follows; the former files are removed, their hashes stay.",
    ),
    "edition": Words("第 {0} 版", "Edition {0}"),
    "cause_frozen": Words("封存", "frozen"),
    "cause_erased": Words("依法删除后重排", "without what was erased"),
    "cause_restored": Words("文件遗失后重新生成", "lost files made again"),
    "feed": Words("订阅", "Feed"),
    "back": Words("各期目录", "All issues"),
    "feed_summary": Words(
        "{0} 项；目录日期 {1}；日志 {2} 条，根 {3}",
        "{0} entries; catalogue of {1}; log size {2}, root {3}",
    ),
}
