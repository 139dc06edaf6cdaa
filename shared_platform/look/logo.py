"""Pictures that may be a service's logo: of a known kind by their content, small, without scripts.

An SVG is a program's document: it may hold shapes and their style, and nothing that runs, loads or
links.
"""

import re
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

from lxml import etree

from shared_platform.settings import PlatformSettings
from shared_platform.stored_file import drafted
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError

MOST_BYTES: Final = 200 * 1024
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_SVG: Final = "{http://www.w3.org/2000/svg}"
_ALLOWED: Final = frozenset(
    {
        "svg", "g", "defs", "title", "desc", "metadata", "symbol", "use", "path", "rect", "circle",
        "ellipse", "line", "polyline", "polygon", "text", "tspan", "linearGradient",
        "radialGradient", "stop", "clipPath", "mask", "pattern", "style",
    }
)  # fmt: skip
_LOADING: Final = re.compile(r"url\(\s*['\"]?(?!#)|@import|expression\(|javascript:", re.IGNORECASE)


class LogoRefused(DomainError):
    """The picture cannot be the logo; `errors[0].code` is `logo.…`."""

    problem = ProblemType.SCHEMA_INVALID

    def __init__(self, code: str, zh: str, en: str) -> None:
        """Refuse with the code `logo.<code>` and its message in both languages."""
        message = f"{zh} / {en}"
        super().__init__(message, [FieldError("/logo", f"logo.{code}", message)])


def check_logo(content: bytes) -> str:
    """The kind of the picture by its content: png, webp or svg.

    Raises:
        LogoRefused: too large, of another kind, or an SVG that does more than draw.
    """
    if not content:
        raise LogoRefused("empty", "文件是空的", "the file is empty")
    if len(content) > MOST_BYTES:
        limit = MOST_BYTES // 1024
        raise LogoRefused("too_large", f"标志最大 {limit} KB", f"a logo has at most {limit} KB")
    if content.startswith(_PNG):
        return "png"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "webp"
    _check_svg(content)
    return "svg"


def store_logo(settings: PlatformSettings, content: bytes) -> str:
    """Keep the picture under a name of its content; the name.

    Raises:
        LogoRefused: it cannot be the logo.
        OSError: the disk does not take it.
    """
    kind = check_logo(content)
    name = f"logo-{sha256(content).hexdigest()[:16]}.{kind}"
    with drafted(settings.data_dir / name) as draft:
        draft.write(content)
    return name


def _check_svg(content: bytes) -> None:
    unknown = LogoRefused(
        "kind", "只接受 PNG、WebP 或 SVG 图片", "only PNG, WebP and SVG pictures are taken"
    )
    if b"<!DOCTYPE" in content[:4096].upper() or b"<!ENTITY" in content.upper():
        raise LogoRefused("entities", "SVG 不能含 DOCTYPE 或实体", "an SVG may declare no entities")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as malformed:
        raise unknown from malformed
    if root.tag != f"{_SVG}svg":
        raise unknown
    for one in (*root.itersiblings(preceding=True), *root.iter(), *root.itersiblings()):
        _check_element(one)


def _check_element(one: etree._Element) -> None:
    tag: object = one.tag
    if tag is etree.Comment:
        return
    if not isinstance(tag, str):  # an instruction may load
        raise _active("<?…?>")
    name = etree.QName(one).localname
    is_drawn = tag.startswith(_SVG) and name in _ALLOWED
    if not is_drawn and tag.startswith(_SVG):
        raise _active(f"<{name}>")
    if _LOADING.search(one.text or ""):
        raise _active(f"<{name}>")
    for attribute, value in one.attrib.items():
        _check_attribute(etree.QName(attribute).localname, str(value))


def _check_attribute(name: str, value: str) -> None:
    if name.lower().startswith("on") or _LOADING.search(value):
        raise _active(name)
    if name in {"href", "src"} and not value.startswith("#") and urlsplit(value).path != "":
        raise _active(name)


def _active(what: str) -> LogoRefused:
    return LogoRefused(
        "active",
        f"SVG 只能含图形，不能含脚本、链接或外部资源：{what}",
        f"an SVG may only draw, with no script, link or loaded resource: {what}",
    )
