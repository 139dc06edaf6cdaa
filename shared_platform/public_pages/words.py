"""The fixed words of the public pages, in both languages."""

from typing import Final

from shared_schema.bilingual import Language, Words

PAGE_WORDS: Final = {
    "catalogue": Words("专利开放许可目录", "Open licensing catalogue"),
    "search": Words("查找", "Find"),
    "search_hint": Words("专利号（任意写法）或专利权人全称", "Patent number or full holder name"),
    "all_states": Words("全部状态", "all states"),
    "state": Words("状态", "State"),
    "none": Words("没有找到。可换一种写法，或选择“全部状态”。", "Nothing found. Try all states."),
    "empty": Words("目录还是空的：还没有许可经审核公示。", "Empty: nothing was approved yet."),
    "next": Words("下一页", "Next page"),
    "other_language": Words("English", "中文"),
    "number": Words("专利号", "Patent number"),
    "kind": Words("专利类型", "Kind"),
    "holders": Words("专利权人", "Holder"),
    "title": Words("发明名称", "Title"),
    "fee": Words("许可使用费支付方式和标准", "Fee and payment"),
    "period": Words("许可期限", "Licence period"),
    "technical_field": Words("技术领域", "Technical field"),
    "territory": Words("许可地域", "Territory"),
    "contact": Words("联系方式", "Contact"),
    "report": Words("评价或咨询报告", "Report"),
    "provenance": Words("来源与可验证性", "Provenance and proof"),
    "origin": Words("报送节点", "Recommended by"),
    "version": Words("版本", "Version"),
    "serial": Words("公示日志序号", "Serial in the log"),
    "approved_at": Words("审核公示时间", "Approved at"),
    "statement_hash": Words("声明摘要", "Statement hash"),
    "as_json": Words("机器可读", "As JSON"),
    "also_offered": Words("另有主要挂牌", "also offered elsewhere"),
    "primary": Words("查看主要挂牌", "See the primary listing"),
    "offer": Words(
        "接受公布的条件并付款即获得许可，专利权人不得拒绝（专利法第五十一条）。",
        "Accept these terms and pay, and you have a licence; nobody may refuse (art. 51).",
    ),
    "newer_reader": Words(
        "此条内容采用更新的格式，本站须升级后才能显示；原文可核验。",
        "Written in a newer form: this site must be upgraded to show it; the original is provable.",
    ),
    "log_size": Words("公示日志条目", "entries in the log"),
    "rehearsal": Words("演练日期", "Rehearsal day"),
    "back": Words("返回目录", "Back to the catalogue"),
    "missing": Words("没有这条许可。", "There is no such listing."),
}


def page_words(language: Language) -> dict[str, str]:
    """The words of one language by name."""
    return {name: words.spoken(language) for name, words in PAGE_WORDS.items()}
