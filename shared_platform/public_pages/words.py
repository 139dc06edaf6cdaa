"""The fixed words of the public pages, in both languages; long texts are templates."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from shared_platform.public_pages.embed_words import EMBED_WORDS
from shared_platform.public_pages.listing_words import LISTING_WORDS
from shared_platform.public_pages.proof_words import PROOF_WORDS
from shared_schema.bilingual import Language, Words

_FRAME_WORDS: Final = {
    "catalogue": Words("专利开放许可目录", "Open licensing catalogue"),
    "sign_in": Words("登录", "Sign in"),
    "skip": Words("跳到正文", "Skip to content"),
    "main_menu": Words("主导航", "Main menu"),
    "boards": Words("专栏", "Boards"),
    "nodes": Words("报送节点", "Nodes"),
    "issues": Words("月度目录", "Monthly issues"),
    "issue_title": Words("月度供给目录", "Monthly supply catalogue,"),
    "statistics": Words("统计", "Statistics"),
    "verify_page": Words("如何验证", "How to verify"),
    "api_page": Words("接口", "API"),
    "about": Words("关于", "About"),
    "other_language": Words("English", "中文"),
    "large_print": Words("大字版", "Large print"),
    "normal_print": Words("标准字号", "Normal print"),
    "rehearsal": Words("演练日期", "Rehearsal day"),
    "contact_us": Words("联系我们", "Contact"),
    "accessibility": Words("无障碍声明", "Accessibility statement"),
    "machine_readable": Words("机器可读", "For programs"),
    "footer_links": Words("页脚链接", "Footer"),
    "back": Words("返回目录", "Back to the catalogue"),
    "log_size": Words("条公示日志", "entries in the public log"),
}
_SEARCH_WORDS: Final = {
    "search": Words("查找", "Search"),
    "search_label": Words(
        "技术词、专利号（任意写法）或专利权人", "Words, a patent number in any form, or a holder"
    ),
    "lead": Words(
        "公布的条件对所有人一视同仁：接受条件并付款，即获得许可。",
        "The published terms are open to everyone: accept them, pay, and you have a licence.",
    ),
    "filters": Words("筛选", "Filters"),
    "more_values": Words("更多", "More"),
    "all_values": Words("全部取值", "All values"),
    "all_values_lead": Words(
        "每个数字是选中后会找到的许可数。", "Each number is how many offers the choice finds."
    ),
    "back_to_search": Words("返回检索", "Back to the search"),
    "apply": Words("应用筛选", "Apply filters"),
    "clear_all": Words("清除全部", "Clear all"),
    "remove_filter": Words("去掉", "Remove"),
    "chosen": Words("已选条件", "Chosen filters"),
    "state": Words("状态", "State"),
    "sort": Words("排序", "Sort by"),
    "results": Words("检索结果", "Results"),
    "total": Words("共 {0} 项许可", "{0} offers"),
    "total_one": Words("共 1 项许可", "1 offer"),
    "browsing": Words(
        "检索索引正在生成，稍后即可按词检索和筛选。现在可以浏览，也可以按专利号或专利权人全称查找。",
        "The search index is being made. Meanwhile you can browse, or look up a patent number or"
        " the full name of a holder.",
    ),
    "none_title": Words("没有找到符合条件的许可", "No offer matches"),
    "unknown_words": Words("目录中没有出现过：", "Nothing in the catalogue contains: "),
    "meant_as_filter": Words("也可以用筛选：", "As a filter: "),
    "number_not_offered": Words(
        "{0} 是有效的专利号，但目录中没有它的开放许可。",
        "{0} is a valid patent number, but the catalogue has no offer of it.",
    ),
    "number_next": Words(
        "可以向国家知识产权局查询它的法律状态和专利权人，与专利权人另行商谈普通许可；"
        "声明开放许可后，这里会显示。",
        "Ask CNIPA for its legal status and holder, and negotiate an ordinary licence with the"
        " holder; should it be offered later, it will be found here.",
    ),
    "try_instead": Words("可以改查：", "Try instead:"),
    "none_hint": Words(
        "换一种说法，或去掉一些条件。", "Try other words, or remove some of the filters."
    ),
    "empty_title": Words("目录还是空的", "The catalogue is empty"),
    "empty": Words("还没有许可经审核公示。", "No offer was approved yet."),
    "next": Words("下一页", "Next page"),
    "first_page": Words("回到第一页", "Back to the first page"),
    "pages": Words("翻页", "Pages"),
    "days_left": Words("还剩 {0} 天", "{0} days left"),
    "last_day": Words("今天截止", "ends today"),
    "also_offered": Words("另有主要挂牌", "also offered elsewhere"),
    "same_search": Words("把这个检索用于程序：", "This search for programs: "),
    "overview": Words("目录概况", "At a glance"),
    "all_statistics": Words("全部统计", "All statistics"),
    "count": Words("项数", "Offers"),
}
_OTHER_WORDS: Final = {
    "holder_page": Words("专利权人", "Holder"),
    "holder_listings": Words("该专利权人的开放许可", "Offers of this holder"),
    "holder_none": Words(
        "目录中没有这个专利权人的许可。请用登记的全称。",
        "The catalogue has no offer of this holder. Use the full registered name.",
    ),
    "nodes_lead": Words(
        "节点受理、核查专利权人的声明，并向主平台报送。节点名单和密钥写在公开日志里。",
        "Nodes receive and check the declarations of holders and recommend them to the hub. Nodes"
        " and their keys stand in the public log.",
    ),
    "node_state": Words("状态", "State"),
    "node_since": Words("加入时间", "Since"),
    "node_regions": Words("服务地区", "Regions served"),
    "node_offers": Words("开放许可中", "Open offers"),
    "node_listings": Words("该节点报送的许可", "Offers from this node"),
    "node_id": Words("标识", "Identifier"),
    "node_missing": Words("没有这个节点。", "There is no such node."),
    "node_name": Words("节点", "Node"),
    "no_nodes": Words("还没有节点加入。", "No node has joined yet."),
    "this_node": Words("本站", "this site"),
    "boards_lead": Words("按主题整理的许可，随目录自动更新。", "Offers by theme, always current."),
    "board_all": Words("查看全部并继续筛选", "See all, and filter further"),
    "board_missing": Words("没有这个专栏。", "There is no such board."),
    "board_none": Words("目前没有符合的许可。", "No offer fits at the moment."),
    "statistics_lead": Words(
        "按当前开放的许可统计，随目录实时更新；点击名称查看清单。",
        "Counted over the offers open now, always current; each name leads to its list.",
    ),
    "statistics_none": Words(
        "检索索引正在生成，统计稍后可用。",
        "The search index is being made; statistics follow in a moment.",
    ),
    "problem_403": Words("不能办理", "This may not be done"),
    "problem_409": Words("现在不能办理", "Not now"),
    "problem_404": Words("没有这个页面", "There is no such page"),
    "problem_410": Words("内容已经移除", "This was removed"),
    "problem_422": Words("这个地址里有看不懂的条件", "This address asks for something unknown"),
    "problem_429": Words("请求过于频繁", "Too many requests"),
    "problem_500": Words("出错了，原因已记录", "Something failed; the cause was recorded"),
    "problem_503": Words("服务暂时不可用", "The service is away for a moment"),
    "problem_what": Words("发生了什么", "What happened"),
    "problem_do": Words("可以怎么做", "What you can do"),
    "problem_403_do": Words(
        "若工作需要，请管理员给您的账号加上相应角色；若是从别的网站过来的，请回到本站页面再办一次。",
        "If your work needs it, ask an administrator for a role that may; if another site led you"
        " here, do it again on a page of this site.",
    ),
    "problem_409_do": Words(
        "返回上一页，刷新后看当前状态，再决定怎么办。",
        "Go back, load the page again and look at its present state.",
    ),
    "problem_404_do": Words(
        "检查地址，或从目录重新查找。许可的地址永久有效，撤回后仍能打开。",
        "Check the address, or search the catalogue. The address of an offer stays for ever, even"
        " after it was withdrawn.",
    ),
    "problem_410_do": Words(
        "内容已依法移除，不会再恢复；目录的其他部分不受影响。",
        "It was removed by law and will not return; the rest of the catalogue stands.",
    ),
    "problem_422_do": Words(
        "去掉看不懂的条件重新查找。", "Search again without the part that is not understood."
    ),
    "problem_429_do": Words("稍等片刻再试。", "Wait a moment and try again."),
    "problem_500_do": Words(
        "稍后再试；若仍出错，请把下面的请求号告诉我们。",
        "Try again later; if it fails again, tell us the request number below.",
    ),
    "problem_503_do": Words(
        "几秒后重新载入即可，数据不受影响。",
        "Load the page again in a few seconds; nothing is lost.",
    ),
    "request_number": Words("请求号", "Request number"),
}
PAGE_WORDS: Final[Mapping[str, Words]] = (
    _FRAME_WORDS | _SEARCH_WORDS | _OTHER_WORDS | LISTING_WORDS | PROOF_WORDS | EMBED_WORDS
)


@cache
def page_words(language: Language) -> Mapping[str, str]:
    """The words of one language by name."""
    return MappingProxyType({name: one.spoken(language) for name, one in PAGE_WORDS.items()})
