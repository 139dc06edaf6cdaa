"""The issues as an Atom feed (RFC 4287): one entry each, updated when an edition is made."""

from collections.abc import Sequence

from lxml import etree

from main_platform.monthly_issue.issue_words import ISSUE_WORDS
from main_platform.monthly_issue.numbering import shown_number
from main_platform.monthly_issue.read_issues import Issue
from shared_platform.public_pages.reader import Reader
from shared_platform.syndication.feeds import ATOM
from shared_schema.instants import format_instant

_NEVER = "1970-01-01T00:00:00Z"


def atom_of(issues: Sequence[Issue], *, title: str, base: str, reader: Reader) -> bytes:
    """The feed of issues that have files, newest first."""
    root = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})  # type: ignore[dict-item]  # the stub forgets None
    updated = max((format_instant(one.editions[-1].made_at) for one in issues), default=_NEVER)
    _add(root, "title", title)
    _add(root, "id", f"{base}/issues")
    _add(root, "updated", updated)
    _add(_add(root, "author"), "name", title)
    _add(root, "link", rel="self", href=f"{base}{reader.link('/feeds/issues.atom')}")
    _add(root, "link", rel="alternate", href=f"{base}{reader.link('/issues')}", type="text/html")
    for issue in issues:
        _entry(root, issue, base=base, reader=reader)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _entry(root: "etree._Element", issue: Issue, *, base: str, reader: Reader) -> None:
    row, latest = issue.row, issue.editions[-1]
    page = f"{base}/issues/{row.number}"
    entry = etree.SubElement(root, f"{{{ATOM}}}entry")
    _add(entry, "title", f"{reader.says(shown_number(row.number))} ({row.number})")
    _add(entry, "id", page)
    _add(entry, "updated", format_instant(latest.made_at))
    _add(entry, "published", format_instant(row.frozen_at))
    _add(entry, "link", rel="alternate", href=f"{base}{reader.link(f'/issues/{row.number}')}")
    for file in issue.files:
        _add(
            entry,
            "link",
            rel="enclosure",
            href=f"{base}/api/v1/issues/{row.number}/files/{file.name}",
            type=file.media_type,
            length=str(file.length),
        )
    summary = reader.says(ISSUE_WORDS["feed_summary"])
    _add(
        entry,
        "summary",
        summary.format(latest.counts["entries"], row.as_of, row.log_size, row.log_root.hex()),
    )


def _add(
    parent: "etree._Element", name: str, text: str | None = None, **attributes: str
) -> "etree._Element":
    element = etree.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    element.text = text
    return element
