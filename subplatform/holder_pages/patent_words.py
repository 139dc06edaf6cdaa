"""The words of the pages for patents and notices."""

from typing import Final

from shared_schema.bilingual import Words

REMOVED: Final = Words("已从清单移除。", "It was taken off the list.")
PATENT_WORDS: Final[dict[str, Words]] = {
    "patents": Words("我的专利", "My patents"),
    "patents_lead": Words(
        "登记本单位的专利，随时看到届满日和是否已声明；从这里直接开始声明。",
        "Keep your patents here: when they expire, whether they are declared; begin a declaration"
        " from here.",
    ),
    "add": Words("添加", "Add"),
    "numbers": Words("专利号", "Patent numbers"),
    "numbers_hint": Words(
        "每行一个，写法随意，如 ZL 2017 1 0601862.3。", "One a line, written any way."
    ),
    "caption": Words("本单位的专利，按号码", "Your patents, by number"),
    "patent": Words("专利", "Patent"),
    "expires": Words("权利届满", "Expires"),
    "at_latest": Words("至迟", "at the latest"),
    "declaration": Words("声明", "Declaration"),
    "declare": Words("声明开放许可", "Declare it"),
    "act": Words("办理", "Act"),
    "remove": Words("移除", "Remove"),
    "none": Words("清单还是空的：在上面填专利号。", "The list is empty: type numbers above."),
    "no_organisation": Words("您还没有单位。", "You have no organisation yet."),
    "go_to_organisation": Words("去“单位”页", "See “Organisation”"),
    "next_page": Words("下一页", "Next page"),
    "first_page": Words("回到第一页", "First page"),
    "notices": Words("通知", "Notices"),
    "notices_lead": Words(
        "退回、期限、决定和届满提醒；同时发到成员的邮箱。",
        "Returns, deadlines, decisions, periods that end; also sent to members by mail.",
    ),
    "no_notices": Words(
        "没有通知。声明有进展时会在这里出现。",
        "Nothing yet: news of your declarations appear here.",
    ),
    "new_mark": Words("新", "new"),
    "open_it": Words("查看", "Open"),
    "mark_read": Words("全部标为已读", "Mark all as read"),
}
