"""Texts that people wrote, as markup: escaped, marked where their language is another."""

import re
from typing import Final

import orjson
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from shared_schema.instants import SHANGHAI, Instant

CHINESE: Final = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]+")
_RUN: Final = re.compile(rf"{CHINESE.pattern}(?:[\s\d，。、；：（）·]*{CHINESE.pattern})*")


@pass_context
def mark_language(context: Context, text: object) -> Markup:
    """Escape the text; on English pages, Chinese in it says that it is (WCAG 2.2 §3.1.2)."""
    safe = escape(text)
    if context["lang"] == "zh":
        return safe
    return Markup(_RUN.sub(lambda run: f'<span lang="zh-CN">{run[0]}</span>', str(safe)))  # noqa: S704 - escaped above


def script_data(value: object) -> Markup:
    """The value as JSON inside a script element: no text in it can end the element."""
    text = orjson.dumps(value).decode()
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - no markup is left in it


def local_time(instant: Instant) -> str:
    """An instant as its readers' clocks show it, to the minute."""
    return instant.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
