#!/usr/bin/env python3
"""A portal in one file: prove the hub's log, then write the offers it proves as one page.

    pip install kaixu
    python portal.py anchor.json work/ public/index.html        # from cron, as often as you like

It believes the anchor and nothing else. Where the log cannot be proven, the page of the last
proven state stays as it is and the reason is printed. `work/` is kept between runs: the next one
proves only what is new, and a log that went back is refused. It must not be served.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from shared_schema.fee_text import describe_fee
from shared_schema.patent_number import print_patent_number
from shared_schema.public_listing import NineItems
from shared_schema.reader.command import main as verify
from shared_schema.territory import describe

PROVEN = {0, 4}  # 4: entries whose statements prove nothing are set aside; they are not in the file


def main(anchor: Path, work: Path, page: Path) -> int:
    """Prove and publish; the exit status is that of kaixu-verify."""
    work.mkdir(parents=True, exist_ok=True)
    lines = work / "catalogue.ndjson"
    files = ["--state", str(work / "kaixu.state"), "--out", str(lines)]
    status = verify(["--anchor", str(anchor), *files])
    if status in PROVEN:
        hub = json.loads(anchor.read_text("utf-8"))["hub_url"]
        draft = page.with_suffix(".draft")
        draft.write_bytes(write_page(open_offers(lines), hub))
        draft.replace(page)  # readers see the old page or the new one, never half of one
    return status


def open_offers(lines: Path) -> Iterator[dict[str, Any]]:
    """What can be accepted today, of what was proven; each patent once."""
    with lines.open(encoding="utf-8") as file:
        for one in map(json.loads, file):
            if one["state"] == "published" and one["primary"] is None and one["items"]:
                yield one


def write_page(offers: Iterator[dict[str, Any]], hub: str) -> bytes:
    """The page; texts are set as texts, so nothing a holder wrote becomes markup."""
    html = ET.Element("html", lang="zh-CN")
    head = ET.SubElement(html, "head")
    ET.SubElement(head, "meta", charset="utf-8")
    ET.SubElement(head, "title").text = "专利开放许可（已验证）"
    body = ET.SubElement(html, "body")
    ET.SubElement(body, "h1").text = "专利开放许可（已验证）"
    for offer in offers:
        items = NineItems.model_validate(offer["items"])
        article = ET.SubElement(body, "article", id=offer["listing"])
        heading = ET.SubElement(article, "h2")
        link = ET.SubElement(heading, "a", href=f"{hub}/listings/{offer['listing']}")
        link.text = items.title or print_patent_number(items.number)
        until = f"{print_patent_number(items.number)} · 至 {items.period.end}"
        where = describe(items.territory, "zh")
        for text in ("、".join(items.holders), describe_fee(items.fee, "zh"), where, until):
            ET.SubElement(article, "p").text = text
        proof = ET.SubElement(article, "small")
        proof.text = f"#{offer['provenance']['serial']} {offer['provenance']['statement_hash']}"
    return b"<!doctype html>\n" + ET.tostring(html, encoding="utf-8", method="html")


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:4])))
