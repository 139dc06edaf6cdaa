"""Texts that want to become markup: one of each family that browsers have fallen for."""

from lxml import html

from tests.shared_platform.page_places import Page

PRINTABLE_TEXTS = (
    "<script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    '<a href="javascript:alert(1)">x</a>',
    "javascript:alert(1)",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<math><mtext></mtext><style><img src=x onerror=alert(1)></style>",
    '" onfocus=alert(1) autofocus x="',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }}",
    "{% include '/etc/passwd' %}",
    "${7*7}",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<link rel=stylesheet href=//evil.example>",
    "<form action=//evil.example><input name=q>",
    "<object data=javascript:alert(1)>",
    "一种<b onclick=alert(1)>装置</b>",
    "专利</span><script>alert(1)</script>装置",
    "＜script＞alert(1)＜/script＞",
    "`<script>alert(1)</script>`",
)
"""What a declaration may hold: the contract refuses characters that cannot be seen."""

HOSTILE_TEXTS = (
    *PRINTABLE_TEXTS,
    "\u202e<script>alert(1)</script>",
    "<scr\u200bipt>alert(1)</scr\u200bipt>",
    "\x00<script>alert(1)</script>",
)


def foreign_markup(page: Page) -> list[str]:
    """What no page of ours holds: inline scripts, handlers, frames, addresses elsewhere."""
    found = page.all(
        "//script[not(starts-with(@src, '/'))] | //iframe | //object | //embed | //base | //math"
        " | //meta[@http-equiv] | //*[@*[starts-with(name(), 'on')]]"
        " | //img[not(starts-with(@src, '/'))]"
        " | //link[@rel='stylesheet'][not(starts-with(@href, '/'))]"
        " | //*[starts-with(normalize-space(@href), 'javascript:')]"
        " | //form[not(starts-with(@action, '/'))] | //style"
    )
    return [html.tostring(one, encoding="unicode")[:120] for one in found]
