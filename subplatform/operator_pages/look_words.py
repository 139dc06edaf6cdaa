"""The words of the page about the node's look."""

from collections.abc import Mapping
from typing import Final

from shared_schema.bilingual import Words
from subplatform.operator_pages.desk_words import SHARED_WORDS

LOOK_WORDS: Final[Mapping[str, Words]] = {
    **SHARED_WORDS,
    "look": Words("外观", "Look"),
    "look_lead": Words(
        "公开页面和工作台的名称、颜色、标志和页脚。保存后立即生效，所有页面一起更换。",
        "Name, colour, logo and foot of all pages. What is saved is shown at once, everywhere.",
    ),
    "name_zh": Words("中文名称", "Chinese name"),
    "name_en": Words("英文名称", "English name"),
    "name_hint": Words(
        "主平台登记的节点名称不随之改变，需要更名请联系主平台。",
        "The name that the hub has of this node stays; ask the hub to change it.",
    ),
    "accent_colour": Words("主色", "Colour"),
    "colour_hint": Words(
        "文字用它也要看得清：对比度至少 {0}（WCAG 2.2）。深色屏幕自动换用较亮的同色。",
        "Text in it must be readable: a contrast of {0} at least (WCAG 2.2). Dark screens get a"
        " lighter shade of it.",
    ),
    "footer": Words("页脚", "Foot of the pages"),
    "icp_record": Words("ICP 备案号", "ICP record number"),
    "police_record": Words("公安备案号", "Public security record number"),
    "public_contact": Words("联系方式", "Contact"),
    "embedding": Words("嵌入", "Embedding"),
    "embed_ancestors": Words("可以嵌入目录的网站", "Sites that may embed the catalogue"),
    "embed_hint": Words(
        "* 表示任何网站；或每行一个来源，如 https://portal.example；清空表示不允许。",
        "* for any site; or one source on each line, as https://portal.example; empty: none.",
    ),
    "embed_builder": Words("生成嵌入代码", "Make the code to embed"),
    "preview": Words("预览", "Preview"),
    "save": Words("保存", "Save"),
    "preview_title": Words("预览（还没有保存）", "Preview (not saved yet)"),
    "sample_link": Words("链接", "a link"),
    "sample_text": Words(
        "专利开放许可：接受公布的条件即获得许可。", "Accept the published terms and have a licence."
    ),
    "contrast_on": Words("在 {0} 上 {1}", "{1} on {0}"),
    "contrast": Words("对比度", "Contrast"),
    "dark_shade": Words("深色屏幕上用 {0}", "{0} on dark screens"),
    "logo": Words("标志", "Logo"),
    "logo_hint": Words(
        "PNG、WebP 或 SVG，最大 {0} KB；SVG 不能含脚本、链接和外部资源。",
        "PNG, WebP or SVG, at most {0} KB; an SVG holds no script, link or loaded resource.",
    ),
    "logo_present": Words("现在的标志", "The logo now"),
    "logo_none": Words("没有标志，显示“许”字印章。", "No logo: the seal 许 is shown."),
    "choose_logo": Words("选择图片", "Choose a picture"),
    "store_logo": Words("更换标志", "Change the logo"),
    "remove_logo": Words("去掉标志", "Remove the logo"),
    "file_missing": Words("请选择图片", "Choose a picture"),
    "reset": Words("全部恢复为配置文件的内容…", "Back to the settings file…"),
    "reset_title": Words("恢复为配置文件的内容", "Back to the settings file"),
    "reset_lead": Words(
        "在网页上更改过的名称、颜色、标志、页脚和嵌入来源全部取消，立即生效。",
        "Everything that was changed on pages is dropped, at once: name, colour, logo, foot,"
        " embedding.",
    ),
    "confirm_reset": Words("确认恢复", "Drop the changes"),
}
