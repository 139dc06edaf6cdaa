"""What the printed issue says, as the template takes it: words only, in the order of the pages."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from main_platform.monthly_issue.compose import Numbered
from main_platform.monthly_issue.glyphs import code_point, missing_in
from main_platform.monthly_issue.numbering import shown_number
from shared_platform.public_pages.listing_view import (
    KIND_WORDS,
    ListingView,
    listing_view,
    local_day,
)
from shared_platform.public_pages.listing_words import LISTING_WORDS
from shared_platform.public_pages.reader import Reader
from shared_platform.search.facet_words import FACET_TITLES, FEE_MODES
from shared_schema.industry import industries
from shared_schema.instants import parse_instant
from shared_schema.patent_number import print_patent_number

_READER: Final = Reader()
_UNCLASSIFIED: Final = "未分类"
_NOTES: Final = (
    "本目录收录目录日期当天可以接受的专利开放许可声明，取自主平台公开日志在封存时的全部条目。",
    "条目按专利权人填写的第一个行业（GB/T 4754）编排，同一行业内按国际专利分类和专利号排列。",
    "没有填写行业的条目列在最后的“未分类”，一条不漏。",
    "声明是要约：书面通知专利权人并按公布的方式和标准付款，即获得许可（专利法第五十一条）。",
    "付款前请在公开目录核对该声明现在是否仍然有效。",
    "联系方式经遮盖；完整联系方式由报送节点提供。",
    "本目录封存后不再改动。更正只以勘误发布；依法须删除的个人信息另出新版，旧版撤下，摘要保留。",
    "任何人可用公开日志重算本目录：封面所列日志条数和日志根决定全部内容，方法见网站“如何验证”。",
)


def volume_data(
    document: Mapping[str, Any],
    entries: Sequence[Numbered],
    *,
    volume: tuple[int, int],
    json_hash: str,
    edition: int,
) -> dict[str, Any]:
    """One volume as `issue.typ` reads it; `volume` is its place and how many there are."""
    number = str(document["number"])
    publisher = document["publisher"]
    day = document["as_of"]
    shown = [(one, _view(one, document)) for one in entries if not one.standing.is_erased]
    return {
        "title": "专利开放许可供给目录",
        "title_en": "Supply catalogue of patents under open licence",
        "publisher": publisher["zh"],
        "home": f"{publisher['url']}/issues/{number}",
        "number": number,
        "month": document["month"],
        "shown_number": shown_number(number).zh + _volume_words(volume),
        "cover": _cover(document, volume=volume, json_hash=json_hash, edition=edition),
        "counts": _counts(document["counts"]),
        "footer": f"{publisher['zh']} · 目录日期 {day} · 日志 {document['log']['size']} 条",
        "notes": {"title": "说明", "lines": list(_NOTES)},
        "contents_title": "目次",
        "sections": list(_sections(shown)),
        "ipc": {"title": "国际专利分类索引", "rows": _ipc_rows(document, entries)},
        "appendices": _appendices(entries, shown),
        "errata": _errata(publisher["url"], number),
    }


def _view(one: Numbered, document: Mapping[str, Any]) -> ListingView:
    return listing_view(
        one.standing.shown, _READER, today=parse_instant(document["frozen_at"]).date()
    )


def _cover(
    document: Mapping[str, Any], *, volume: tuple[int, int], json_hash: str, edition: int
) -> list[tuple[str, str, bool]]:
    """Label, value, and whether the value is a hash."""
    log, counts = document["log"], document["counts"]
    early = "（当月未结束，提前封存）" if document["early"] else ""
    rows = [
        ("目录日期", f"{document['as_of']}{early}", False),
        ("条目", f"{counts['entries']} 项{_volume_words(volume)}", False),
        ("出版", document["publisher"]["zh"], False),
        ("公开日志", log["origin"], False),
        ("日志条数", str(log["size"]), False),
        ("日志根", log["root"], True),
        ("JSON 摘要", json_hash, True),
    ]
    if edition > 1:
        rows.append(("版次", f"第 {edition} 版，依法删除 {counts['erased']} 项", False))
    return rows


def _volume_words(volume: tuple[int, int]) -> str:
    place, many = volume
    return f" 第 {place} 分册，共 {many} 册" if many > 1 else ""


def _counts(counts: Mapping[str, Any]) -> list[dict[str, Any]]:
    sections = [
        (f"{code} {industries()[code].title_zh}", count)
        for code, count in counts["by_section"].items()
    ]
    sections += [(_UNCLASSIFIED, counts["unclassified"])] if counts["unclassified"] else []
    kinds = [(KIND_WORDS[kind].zh, count) for kind, count in counts["by_kind"].items()]
    modes = [(FEE_MODES[mode].zh, count) for mode, count in counts["by_fee_mode"].items()]
    tables = (
        (FACET_TITLES["kind"].zh, kinds),
        (FACET_TITLES["fee_mode"].zh, modes),
        (FACET_TITLES["industry"].zh, sections),
    )
    return [{"title": title, "rows": rows} for title, rows in tables if rows]


def _sections(shown: Sequence[tuple[Numbered, ListingView]]) -> Iterator[dict[str, Any]]:
    for section, within in groupby(shown, key=lambda pair: pair[0].group[:1]):
        divisions = [
            {
                "title": _title(group) if len(group) > 1 else "",
                "entries": [_entry(one, view) for one, view in pairs],
            }
            for group, pairs in groupby(within, key=lambda pair: pair[0].group)
        ]
        yield {"title": _title(section), "divisions": divisions}


def _title(code: str) -> str:
    return f"{code} {industries()[code].title_zh}" if code else _UNCLASSIFIED


def _entry(one: Numbered, view: ListingView) -> dict[str, Any]:
    fee = "；".join(filter(None, (view.fee, view.fee_note)))
    items = (
        (LISTING_WORDS["number"].zh, view.number),
        (LISTING_WORDS["holders"].zh, "；".join(view.holders) or "—"),
        (LISTING_WORDS["fee_short"].zh, fee),
        (LISTING_WORDS["period"].zh, view.period),
        (LISTING_WORDS["technical_field"].zh, "；".join(view.technical_field) or "未填写"),
        (LISTING_WORDS["territory"].zh, view.territory),
        (LISTING_WORDS["contact"].zh, view.contact),
        (LISTING_WORDS["report"].zh, view.report),
    )
    facts = view.facts
    approved = local_day(parse_instant(str(facts["approved_at"])))
    also = "另有主要挂牌 · " if view.also_offered else ""
    newer = f"{LISTING_WORDS['newer_reader'].zh} · " if view.needs_newer_reader else ""
    return {
        "no": f"{one.no:05d}",
        "title": view.title,
        "kind": view.kind,
        "items": items if not view.needs_newer_reader else items[:1],
        "foot": f"{newer}{also}{facts['origin']} 报送 · {approved} 公示"
        f" · 日志序号 {facts['serial']} · 声明 {facts['listing']}",
    }


def _ipc_rows(document: Mapping[str, Any], entries: Sequence[Numbered]) -> list[tuple[str, str]]:
    """The subclasses of this volume's entries with the numbers they stand under."""
    here = {one.no for one in entries}
    rows = [
        (row["subclass"], "　".join(f"{no:05d}" for no in row["entries"] if no in here))
        for row in document["ipc"]
    ]
    return [row for row in rows if row[1]]


def _appendices(
    entries: Sequence[Numbered], shown: Sequence[tuple[Numbered, ListingView]]
) -> list[dict[str, Any]]:
    found = []
    erased = [one for one in entries if one.standing.is_erased]
    if erased:
        found.append(
            {
                "title": "依法删除的条目",
                "about": "下列条目的内容已依法删除；公示记录仍在公开日志中。",
                "rows": [_erased_line(one) for one in erased],
            }
        )
    missing = _missing_lines(shown)
    if missing:
        found.append(
            {
                "title": "缺字表",
                "about": "下列字符不在本目录所用字体中，正文以〓代替；准确文字见 JSON 文件。",
                "rows": missing,
            }
        )
    return found


def _erased_line(one: Numbered) -> str:
    facts = one.standing.shown
    number = print_patent_number(one.standing.number)
    return f"{one.no:05d}　{number}　日志序号 {facts['serial']}　声明 {facts['listing']}"


def _missing_lines(shown: Sequence[tuple[Numbered, ListingView]]) -> list[str]:
    places: dict[str, list[str]] = {}
    for one, view in shown:
        words = str(_entry(one, view))
        for character in missing_in(words):
            places.setdefault(character, []).append(f"{one.no:05d}")
    return [f"{code_point(one)}　{'、'.join(places[one])}" for one in sorted(places)]


def _errata(url: str, number: str) -> dict[str, Any]:
    return {
        "title": "勘误",
        "lines": [
            "本目录封存后文字不再改动。差错以勘误公布：条目、项目、原文、更正、理由、日期。",
            f"勘误及其摘要：{url}/issues/{number}",
            f"供程序读取：{url}/api/v1/issues/{number}/errata",
        ],
    }
