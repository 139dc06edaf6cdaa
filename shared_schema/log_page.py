"""The delta page of the log on the wire: `GET /federation/v1/log/entries`, written and read.

A page is not signed; everything in it is checked against a signed checkpoint by whoever applies it.
Reading therefore proves the form only, and that the page is the one that was asked for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import orjson

from shared_schema.log_entry import MAX_ENTRY_BYTES
from shared_schema.log_refusal import LogRefused
from shared_schema.merkle import MAX_TREE_SIZE
from shared_schema.strict_base64 import decode_base64, encode_base64

MAX_PAGE_ENTRIES: Final = 1_000
MAX_PAGE_BYTES: Final = 8 * 1024 * 1024
MAX_OBJECT_BYTES: Final = 1024 * 1024
_MALFORMED: Final = ("page.malformed", "页面格式不符", "the page is malformed")


class PageInvalid(LogRefused):
    """The bytes are not a page of the log, or not the page that was asked for."""

    source = "protocol §5"


@dataclass(frozen=True, slots=True)
class PageEntry:
    """One entry as delivered: its exact bytes and its statement's envelope, where there is one.

    `left_out`: a snapshot does not carry this statement, because a later one of its listing
    replaced it. It is a claim: whoever reads the whole snapshot finds out whether it holds.
    """

    serial: int
    leaf: bytes
    object_bytes: bytes | None = None
    left_out: bool = False


@dataclass(frozen=True, slots=True)
class LogPage:
    """Consecutive entries from `first`; `next` is where the following page begins."""

    first: int
    next: int
    tree_size: int
    entries: tuple[PageEntry, ...]


def write_page(first: int, entries: Iterable[PageEntry], *, tree_size: int) -> bytes:
    """The page's bytes; stops before the page would exceed its bound, but never empty for that."""
    shown: list[dict[str, Any]] = []
    weight = 0
    for entry in entries:
        record = write_record(entry)
        weight += len(record["entry"]) + len(record["object"] or "") + 64
        if shown and (weight > MAX_PAGE_BYTES or len(shown) == MAX_PAGE_ENTRIES):
            break
        shown.append(record)
    page = {
        "from": first,
        "next": first + len(shown),
        "tree_size": tree_size,
        "entries": shown,
    }
    return orjson.dumps(page)


def read_page(raw: bytes, *, first: int, limit: int) -> LogPage:
    """Read the page that begins at `first` and has at most `limit` entries.

    Raises:
        PageInvalid: not JSON, another page, gaps, disorder, too many or too large parts.
    """
    if len(raw) > 2 * MAX_PAGE_BYTES:
        raise PageInvalid("page.too_large", "页面过大", "the page is too large")
    try:
        page = orjson.loads(raw)
    except orjson.JSONDecodeError as broken:
        raise PageInvalid("page.json", "页面不是 JSON", "the page is not JSON") from broken
    if not isinstance(page, dict) or not isinstance(rows := page.get("entries"), list):
        raise PageInvalid(*_MALFORMED)
    size = _checked_bounds(page, first=first, count=len(rows), limit=limit)
    entries = tuple(read_record(row, first + index) for index, row in enumerate(rows))
    return LogPage(first, first + len(rows), size, entries)


def _checked_bounds(page: dict[str, Any], *, first: int, count: int, limit: int) -> int:
    """The log's size as the page says it, once its bounds fit each other and what was asked for.

    Raises:
        PageInvalid: they do not.
    """
    if page.get("from") != first:
        raise PageInvalid("page.first", "不是所要的页面", "this is another page than asked for")
    if page.get("next") != first + count:
        raise PageInvalid("page.next", "下一页位置不符", "next is not where the page ends")
    if count > limit:
        raise PageInvalid("page.too_many", "条目过多", "more entries than asked for")
    size = page.get("tree_size")
    if type(size) is not int or not 0 <= size <= MAX_TREE_SIZE:
        raise PageInvalid(*_MALFORMED, pointer="/tree_size")
    if count and size < first + count:
        raise PageInvalid(
            "page.tree_size", "条目多于日志大小", "more entries than the log is said to have"
        )
    return size


def write_record(entry: PageEntry) -> dict[str, Any]:
    """One entry in the form that pages and snapshots share."""
    body = None if entry.object_bytes is None else encode_base64(entry.object_bytes)
    record = {"serial": entry.serial, "entry": encode_base64(entry.leaf), "object": body}
    return record | ({"left_out": True} if entry.left_out else {})


def read_record(row: object, serial: int, *, may_leave_out: bool = False) -> PageEntry:
    """Read the record of the entry `serial`. Only snapshots may leave statements out.

    Raises:
        PageInvalid: another serial, or parts that are missing, too large or not base64.
    """
    if not isinstance(row, dict) or row.get("serial") != serial:
        raise PageInvalid(
            "page.serial",
            f"条目 {serial} 缺失或次序不符",
            f"entry {serial} is missing or misplaced",
        )
    leaf = _bytes(row.get("entry"), serial, MAX_ENTRY_BYTES)
    sent = row.get("object")
    if sent is None:
        left_out = may_leave_out and row.get("left_out") is True
        return PageEntry(serial, leaf, left_out=left_out)
    return PageEntry(serial, leaf, _bytes(sent, serial, MAX_OBJECT_BYTES))


def _bytes(sent: object, serial: int, limit: int) -> bytes:
    raw = decode_base64(sent) if isinstance(sent, str) else None
    if not raw or len(raw) > limit:
        raise PageInvalid(*_MALFORMED, pointer=f"/entries/{serial}")
    return raw
