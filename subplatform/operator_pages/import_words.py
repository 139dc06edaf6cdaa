"""The words of spreadsheet imports and of import profiles."""

from collections.abc import Mapping
from typing import Final

from shared_schema.bilingual import Words
from subplatform.operator_pages.desk_words import SHARED_WORDS

JOB_STATES: Final[Mapping[str, Words]] = {
    "waiting": Words("排队中", "waiting"),
    "running": Words("处理中", "in progress"),
    "read": Words("已预检，未写入", "read, nothing written"),
    "done": Words("已导入", "imported"),
    "refused": Words("未导入", "not imported"),
    "failed": Words("中断", "interrupted"),
}
OUTCOME_WORDS: Final[Mapping[str, Words]] = {
    "new": Words("新增草稿", "new drafts"),
    "updated": Words("更新草稿", "updated drafts"),
    "unchanged": Words("内容未变", "unchanged"),
    "refused": Words("不能导入", "refused"),
}
IMPORT_WORDS: Final[Mapping[str, Words]] = {
    **SHARED_WORDS,
    "imports": Words("批量导入", "Import"),
    "imports_lead": Words(
        "下载模板，填好后上传。先预检，看清每一行的结果，再决定导入；导入的都是草稿，不会直接报送。",
        "Download the template, fill it in, upload it. It is read first and every row explained;"
        " then you decide. What is imported are drafts: nothing is sent.",
    ),
    "step_template": Words("1. 下载模板", "1. Download the template"),
    "template_xlsx": Words("Excel 模板", "Excel template"),
    "template_csv": Words("CSV 模板", "CSV template"),
    "template_note": Words(
        "第二行是填写说明，可以保留。别的平台公布的清单不用改格式：选对应的导入配置即可。",
        "The second row explains the columns and may stay. Lists of other platforms need no"
        " template: choose their profile.",
    ),
    "step_upload": Words("2. 上传并预检", "2. Upload and read"),
    "file": Words("清单文件", "The list"),
    "file_hint": Words(
        ".xlsx 或 .csv（UTF-8、GB18030），最多 {0} MB", ".xlsx or .csv, at most {0} MB"
    ),
    "profile": Words("导入配置", "Import profile"),
    "profile_hint": Words("清单的列按它对应到声明的各项。", "It says what each column means."),
    "for_whom": Words("为哪个单位导入", "For which organisation"),
    "supplied": Words("整批补充（清单里没有时）", "For all rows (where the list lacks it)"),
    "supplied_note": Words("行内已有的内容不会被替换。", "What a row says itself is not replaced."),
    "contact_name": Words("联系人", "Contact"),
    "contact_phone": Words("电话", "Phone"),
    "contact_email": Words("邮箱", "E-mail"),
    "signer": Words("承诺签署人", "Commitments signed by"),
    "signed_on": Words("承诺签署日", "Signed on"),
    "text_version": Words("承诺书版本", "Version of their text"),
    "holders_consent": Words(
        "持有全体专利权人的书面同意", "The written consent of all holders is on file"
    ),
    "read_it": Words("上传并预检", "Upload and read"),
    "uploading": Words("上传进度", "Upload"),
    "file_missing": Words("请选择文件", "Choose a file"),
    "recent": Words("最近的导入", "Recent imports"),
    "recent_caption": Words("导入，最新的在前", "Imports, newest first"),
    "no_imports": Words(
        "还没有导入过。从下载模板开始。", "Nothing was imported yet. Begin with the template."
    ),
    "asked_at": Words("时间", "Asked"),
    "asked_by": Words("经办", "By"),
    "rows": Words("行", "Rows"),
    "profiles": Words("导入配置", "Import profiles"),
    # one import
    "progress": Words("已处理 {0} / {1} 行", "{0} of {1} rows"),
    "progress_unknown": Words("已处理 {0} 行", "{0} rows so far"),
    "stay_or_go": Words(
        "可以离开本页，处理会继续；回到“批量导入”能看到结果。",
        "You may leave: it goes on, and the result is under “Import”.",
    ),
    "outcome": Words("结果", "Result"),
    "read_note": Words(
        "以上是预检结果，还没有写入任何内容。", "This is a reading alone: nothing was written."
    ),
    "done_note": Words("导入完成。", "Imported."),
    "unread_columns": Words("没有用到的列：", "Columns that were not read: "),
    "findings": Words("草稿中的问题", "What the rules find in the drafts"),
    "finding_count": Words("{0} 份", "{0} drafts"),
    "problem_rows": Words("有问题的行", "Rows with problems"),
    "problem_caption": Words("有问题的行", "Rows with problems"),
    "no_problem_rows": Words(
        "没有不能导入或须更正的行。", "No row is refused or must be corrected."
    ),
    "row": Words("行号", "Row"),
    "place": Words("位置", "Where"),
    "content": Words("内容", "Content"),
    "message": Words("问题与办法", "Problem and what to do"),
    "download_marked": Words("下载带问题列的表格", "The list with a column of problems"),
    "download_report": Words("下载逐行报告（CSV）", "A report of every row (CSV)"),
    "step_import": Words("3. 导入", "3. Import"),
    "whole": Words(
        "全部或不导入：只要有一行不能导入，就一行也不写入",
        "All or nothing: if any row cannot be imported, none is written",
    ),
    "import_now": Words("导入 {0} 行", "Import {0} rows"),
    "nothing_to_import": Words(
        "没有可以导入的行。请更正后重新上传。",
        "No row can be imported. Correct it and upload again.",
    ),
    "again": Words("再试一次", "Try again"),
    "again_note": Words(
        "已写入的行保持不变，重复导入不会产生重复的声明。",
        "Rows that were written stay; importing again makes nothing twice.",
    ),
    "open_drafts": Words("查看导入的草稿", "Open the imported drafts"),
    "upload_another": Words("上传另一份", "Upload another"),
    # profiles
    "profiles_lead": Words(
        "导入配置说明一份清单的哪一列是声明的哪一项。新平台只需新增一个配置文件（docs/import-profiles.md）。",
        "A profile says which column is which item. A new platform needs a new file alone"
        " (docs/import-profiles.md).",
    ),
    "profile_name": Words("名称", "Name"),
    "profile_source": Words("来源", "Source"),
    "profile_rules": Words("适用规则", "Rules"),
    "profile_caption": Words("导入配置", "Import profiles"),
    "mapping": Words("列的对应关系", "What each column is"),
    "column": Words("列", "Column"),
    "becomes": Words("对应", "Becomes"),
    "how": Words("取值", "How it is read"),
    "missing": Words("清单没有的内容", "What the list lacks"),
    "ignored": Words("不读取的列", "Columns left unread"),
    "test_it": Words("用一份文件试读", "Try it with a file"),
    "test_note": Words("试读只出报告，不写入。", "Trying only reports; nothing is written."),
}
MEMBER_WORDS: Final[Mapping[str, Words]] = {
    "number": Words("专利号", "patent number"),
    "kind": Words("专利类型", "kind"),
    "holders": Words("专利权人", "holders"),
    "title": Words("发明名称", "title"),
    "publication_number": Words("授权公告号", "publication number"),
    "grant_date": Words("授权公告日", "day of grant"),
    "holder_kind": Words("专利权人类型", "kind of holder"),
    "credit_code": Words("统一社会信用代码", "credit code"),
    "consent": Words("共有人同意", "consent of co-owners"),
    "fee": Words("使用费", "fee"),
    "fee_reason": Words("使用费说明", "reason of the fee"),
    "period": Words("许可期限", "period"),
    "period_start": Words("起始日", "first day"),
    "territory": Words("许可地域", "territory"),
    "technical_field": Words("技术领域", "technical field"),
    "abstract": Words("摘要", "abstract"),
    "contact": Words("联系方式", "contact"),
    "evaluation_report": Words("评价或检索报告", "report"),
    "commitments": Words("承诺", "commitments"),
}
