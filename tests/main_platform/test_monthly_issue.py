"""The monthly issue as staff freeze it and readers get it: one month, one place in the log."""

import io
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import feedparser  # type: ignore[import-untyped]
import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from main_platform.monthly_issue.schemas import IssueDocument
from shared_platform.database.engine import Database
from tests.main_platform.hub_places import an_open_hub
from tests.main_platform.issue_places import (
    FORMULA,
    NOVEMBER,
    NUMBER,
    RARE,
    IssuingHub,
    an_issuing_hub,
)


@pytest.fixture
async def place(hub_committed: Database, tmp_path: Path) -> AsyncIterator[IssuingHub]:
    async with an_issuing_hub(hub_committed, tmp_path) as opened:
        yield opened


async def test_an_issue_says_what_was_open_grouped_and_with_hashes_of_every_file(
    place: IssuingHub,
) -> None:
    issue = await place.frozen()

    assert (issue["state"], issue["as_of"], issue["early"]) == ("published", "2026-12-01", False)
    for file in issue["files"]:
        raw = await place.download(issue, file["name"])
        assert (sha256(raw).hexdigest(), len(raw)) == (file["sha256"], file["bytes"])
    document = IssueDocument.model_validate_json(await place.download(issue, ".json"))
    assert [(one.code, one.entries) for one in document.groups] == [
        ("A01", [1]),
        ("C40", [2]),
        (None, [3]),
    ]
    assert document.counts.by_section == {"A": 1, "C": 1}
    assert (document.counts.unclassified, document.log.root) == (1, issue["log"]["root"])
    assert [one.subclass for one in document.ipc] == ["A01B", "F04D", "G01B"]


async def test_the_printed_issue_holds_every_title_and_names_what_it_cannot_print(
    place: IssuingHub,
) -> None:
    issue = await place.frozen()

    pdf = PdfReader(io.BytesIO(await place.download(issue, ".pdf")))
    words = "".join(page.extract_text() for page in pdf.pages).replace("\n", "")
    fonts = embedded_fonts(pdf)
    for title in (FORMULA, "无行业的水泵", "〓林测量装置"):
        assert title in words
    assert "U+20BB7" in words
    assert issue["unprintable"] == ["𠮷"]
    assert NUMBER in words
    assert f"{len(pdf.pages)} / {len(pdf.pages)}" in words
    assert {"NotoSerifSC-Regular", "NotoSansSC-Regular"} <= fonts
    assert "13987650001" not in words


def embedded_fonts(pdf: PdfReader) -> set[str]:
    found = set()
    for page in pdf.pages:
        resources: Any = page["/Resources"]
        for one in resources["/Font"].values():
            font = one.get_object()
            if "/FontFile3" in font["/DescendantFonts"][0]["/FontDescriptor"]:
                found.add(font["/BaseFont"].partition("+")[2].removesuffix("-Identity-H"))
    return found


async def test_tables_hold_every_entry_and_start_no_formula(place: IssuingHub) -> None:
    issue = await place.frozen()

    table = (await place.download(issue, ".csv")).decode("utf-8-sig")
    book = CalamineWorkbook.from_filelike(io.BytesIO(await place.download(issue, ".xlsx")))
    rows = book.get_sheet_by_index(0).to_python()

    assert f"'{FORMULA}" in table
    assert [row[0] for row in rows] == ["序号", "1", "2", "3"]
    assert rows[2][4] == FORMULA
    assert RARE in table
    assert "赵小燕" not in table


async def test_lost_files_come_back_with_the_same_bytes_whatever_happened_since(
    place: IssuingHub,
) -> None:
    issue = await place.frozen()
    for file in issue["files"]:
        (place.issues.folder.folder / file["sha256"]).unlink()
    place.federation.change(place.offers[0], "withdraw")
    place.offer(9, "后来的装置")
    await place.publish()

    assert await place.make() == []
    assert await place.issue() == issue
    for file in issue["files"]:
        raw = await place.download(issue, file["name"])
        assert sha256(raw).hexdigest() == file["sha256"]


async def test_a_month_has_one_issue(place: IssuingHub) -> None:
    await place.order()

    again = await place.hub.ask("POST", "/api/v1/issues", {"month": NOVEMBER}, by="ma.lin")

    assert (again.status_code, again.json()["code"]) == (409, "already_exists")
    assert again.json()["issue"] == NUMBER


async def test_only_the_month_that_ended_is_frozen_or_the_present_one_early(
    place: IssuingHub,
) -> None:
    wanted = {
        ("2026-12", False): 409,
        ("2027-01", True): 409,
        ("2026-10", False): 409,
        ("2026-13", False): 422,
    }

    for (month, early), status in wanted.items():
        body = {"month": month, "early": early}
        answer = await place.hub.ask("POST", "/api/v1/issues", body, by="sun.lei")
        assert answer.status_code == status, answer.text

    early_one = {"month": "2026-12", "early": True}
    answer = await place.hub.ask("POST", "/api/v1/issues", early_one, by="sun.lei")
    assert answer.status_code == 201
    assert (answer.json()["state"], answer.json()["early"]) == ("preparing", True)


async def test_only_the_catalogues_managers_freeze_and_correct(place: IssuingHub) -> None:
    erratum = {"field": "other", "was": "甲", "should_be": "乙", "reason": "错字"}
    wanted = {"/api/v1/issues": {"month": NOVEMBER}, f"/api/v1/issues/{NUMBER}/errata": erratum}

    for path, body in wanted.items():
        for by, status in ((None, 401), ("li.hua", 403), ("audit", 403)):
            assert (await place.hub.ask("POST", path, body, by=by)).status_code == status


async def test_a_download_is_kept_for_ever_and_continued(place: IssuingHub) -> None:
    issue = await place.frozen()
    url = issue["files"][0]["url"]

    async with place.hub.client() as reader:
        whole = await reader.get(url)
        held = await reader.get(url, headers={"if-none-match": whole.headers["etag"]})
        rest = await reader.get(url, headers={"range": "bytes=100-"})
        unknown = await reader.get(f"/api/v1/issues/{NUMBER}/files/KX-2026-11.docx")

    assert "immutable" in whole.headers["cache-control"]
    assert held.status_code == 304
    assert (rest.status_code, rest.content) == (206, whole.content[100:])
    assert unknown.status_code == 404


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_pages_and_feed_tell_of_the_issue_or_that_there_is_none(
    place: IssuingHub, lang: str
) -> None:
    async with place.hub.client() as reader:
        empty = await reader.get("/issues", params={"lang": lang})
        await place.order()
        ordered = await reader.get(f"/issues/{NUMBER}", params={"lang": lang})
        await place.make()
        listed = await reader.get("/issues", params={"lang": lang})
        page = await reader.get(f"/issues/{NUMBER}", params={"lang": lang})
        feed = await reader.get("/feeds/issues.atom", params={"lang": lang})
        missing = await reader.get("/issues/KX-2001-01", headers={"accept": "text/html"})

    issue = await place.issue()
    none = {"zh": "还没有封存过月度目录", "en": "No issue was frozen yet"}[lang]
    assert none in empty.text
    assert 'role="status"' in ordered.text
    assert NUMBER in listed.text
    assert all(file["sha256"] in page.text for file in issue["files"])
    (entry,) = feedparser.parse(feed.content).entries
    assert entry.id.endswith(f"/issues/{NUMBER}")
    assert [one.length for one in entry.enclosures] == [str(one["bytes"]) for one in issue["files"]]
    assert missing.status_code == 404


async def test_nothing_is_frozen_of_a_log_without_a_checkpoint(
    hub_committed: Database, tmp_path: Path
) -> None:
    async with an_open_hub(hub_committed, tmp_path) as hub:
        await hub.hire("sun.lei", "catalogue_manager")
        body = {"month": NOVEMBER, "early": True}
        answer = await hub.ask("POST", "/api/v1/issues", body, by="sun.lei")

    assert (answer.status_code, answer.json()["code"]) == (409, "state_conflict")
