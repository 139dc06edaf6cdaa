"""The fixed words of embedded lists, of the badge and of the page that makes snippets."""

from typing import Final

from shared_schema.bilingual import Words

EMBED_WORDS: Final = {
    "copy_code": Words("复制代码", "Copy the code"),
    "copied": Words("已复制", "Copied"),
    "copy_failed": Words("浏览器不允许复制，已选中，请按 Ctrl+C", "Selected: press Ctrl+C to copy"),
    "embed_page": Words("嵌入", "Embed"),
    "embed_this_list": Words("嵌入这个列表", "Embed this list"),
    "embed_this_listing": Words("嵌入这项许可", "Embed this offer"),
    "embed_title": Words("把目录放进你的网站", "Put the catalogue on your site"),
    "embed_lead": Words(
        "选好内容和形式，复制代码即可。不用账号，不设 Cookie；"
        "内容随目录自动更新，撤回的许可随之消失。",
        "Choose what and how, then copy the code. No account, no cookies; it follows the catalogue,"
        " and withdrawn offers disappear with it.",
    ),
    "embed_kind": Words("形式", "Form"),
    "kind_component": Words("网页组件", "Web component"),
    "kind_component_about": Words(
        "一个脚本文件，可检索、可翻页、可配色；附完整性校验值",
        "one script file: search, pages, your colours; with its integrity hash",
    ),
    "kind_iframe": Words("内嵌框架", "Frame"),
    "kind_iframe_about": Words("不用脚本", "needs no script"),
    "kind_badge": Words("徽章", "Badge"),
    "kind_badge_about": Words("一张图片：项数和日期", "one picture: how many, and the date"),
    "kind_link": Words("链接", "Link"),
    "kind_link_about": Words("处处可用", "works everywhere"),
    "embed_what": Words("内容", "What it shows"),
    "embed_look": Words("外观", "Look"),
    "embed_query": Words(
        "检索词、专利号或专利权人（可空）", "Words, a patent number or a holder (or empty)"
    ),
    "embed_language": Words("语言", "Language"),
    "embed_theme": Words("配色", "Theme"),
    "theme_light": Words("浅色", "light"),
    "theme_dark": Words("深色", "dark"),
    "theme_auto": Words("随读者的设备", "as the reader's device"),
    "embed_limit": Words("每页条数", "Offers a page"),
    "embed_box": Words("检索框", "Search box"),
    "box_on": Words("显示", "shown"),
    "box_off": Words("不显示", "hidden"),
    "embed_make": Words("生成代码和预览", "Make code and preview"),
    "embed_code": Words("代码", "Code"),
    "embed_code_about": Words(
        "点一下即可全选，复制到网页的 HTML 里。",
        "Click to select all, then paste it into your HTML.",
    ),
    "embed_preview": Words("预览", "Preview"),
    "embed_policy_about": Words(
        "若网站设有内容安全策略，请加上：", "If your site has a content security policy, add:"
    ),
    "embed_oembed": Words(
        "支持 oEmbed 的系统（WordPress、Drupal 等）粘贴网址即可：",
        "Where oEmbed is supported (WordPress, Drupal …), paste the address:",
    ),
    "new_window": Words("（新窗口）", " (new window)"),
    "all_items": Words("全部公布内容", "All published items"),
    "see_in_catalogue": Words("在目录中查看", "See in the catalogue"),
    "embed_away": Words(
        "检索索引正在生成，请稍后重新载入。",
        "The search index is being made; load this again in a moment.",
    ),
    "embed_reload": Words("重新载入", "Load again"),
    "badge_label": Words("专利开放许可", "Patent open licences"),
    "badge_count": Words("{0} 项", "{0} offers"),
    "badge_count_one": Words("1 项", "1 offer"),
    "print_note": Words("打印自", "Printed from"),
    "print_day": Words("页面日期", "Page of"),
}
