"""Spreadsheet imports in a browser: template, what each row would become, import, the file back."""

import io
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from uuid import UUID
from zipfile import ZipFile

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from shared_platform.database.engine import Database
from subplatform.accounts.scope import EVERYTHING
from subplatform.context import desk_of
from subplatform.declarations.desk import Desk
from subplatform.declarations.import_jobs import (
    LEASE,
    TRANSITIONS,
    JobAction,
    JobState,
    JobStateConflict,
    ask_again,
    find_job,
    take_job,
)
from subplatform.declarations.import_work import ImportWork
from subplatform.declarations.importing.marked_workbook import MARK_COLUMN
from subplatform.declarations.importing.profile_files import load_profile
from subplatform.declarations.importing.template_files import template_rows
from subplatform.declarations.read_declarations import (
    DeclarationQuery,
    count_declarations,
    list_declarations,
)
from subplatform.declarations.tables import DeclarationRow
from subplatform.operator_pages.import_words import IMPORT_WORDS, JOB_STATES
from tests.shared_platform.page_places import Page
from tests.subplatform.node_builders import NOW, StoppedClock, a_number
from tests.subplatform.node_desk import NodeBrowser, NodeDesk, a_node_desk
from tests.subplatform.open_nodes import BASE
from tests.subplatform.organisation_places import Town

GOOD = {
    "专利类型": "发明",
    "发明名称": "一种录音方法",
    "专利权人": "五邑大学",
    "专利权人类型": "高校",
    "共有人同意": "是",
    "许可使用费支付方式和标准": "免费",
    "许可期限届满日": "2028-12-31",
    "许可地域": "全国",
    "联系人": "张三",
    "联系电话": "13812345678",
    "承诺签署人": "五邑大学",
    "承诺签署日": "2023-05-30",
    "承诺书版本": "2022-1",
}


@pytest.fixture
async def desk(node_committed: Database, tmp_path: Path) -> AsyncIterator[NodeDesk]:
    async with a_node_desk(node_committed, tmp_path) as desk:
        yield desk


def a_filled_template(*rows: dict[str, str]) -> bytes:
    """Our own template as a spreadsheet program saves it, with rows beneath its explanations."""
    header, notes = template_rows(load_profile("kaixu"))
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, cells in enumerate((header, notes, *_cells(header, rows))):
            for column, cell in enumerate(cells):
                sheet.write_string(place, column, cell)
    return out.getvalue()


def _cells(header: list[str], rows: Iterable[dict[str, str]]) -> Iterator[list[str]]:
    for row in rows:
        yield [row.get(name, "") for name in header]


def work_of(desk: NodeDesk) -> ImportWork:
    context = desk.node.context
    return ImportWork(
        desk_of(context),
        context.service.signals,
        context.settings.data_dir,
        context.settings.rule_profile,
    )


async def upload(browser: NodeBrowser, content: bytes, name: str = "清单.xlsx") -> Page:
    page = await browser.get("/imports")
    key = page.all("//input[@name='once']")[0].get("value")
    answer = await browser.client.post(
        "/imports",
        data={"once": key or "", "profile": "kaixu"},
        files={"file": (name, content, "application/octet-stream")},
    )
    return Page(answer)


async def read_by(desk: NodeDesk, browser: NodeBrowser, content: bytes) -> str:
    sent = await upload(browser, content)
    assert sent.status == 303, sent.text
    await work_of(desk).run_next()
    return sent.answer.headers["location"]


async def drafts(desk: NodeDesk) -> int:
    async with desk.sessions() as session:
        counts = await count_declarations(session, within=EVERYTHING)
        return sum(counts.states.values())


async def test_a_filled_template_is_read_first_and_imported_when_somebody_says_so(
    desk: NodeDesk,
) -> None:
    browser = await desk.a_visitor("zhao.min", "operator")
    rows = [GOOD | {"专利号": a_number(place)} for place in (1, 2)]

    path = await read_by(desk, browser, a_filled_template(*rows))
    read = await browser.get(f"{path}?lang=en")
    before = await drafts(desk)
    started = await browser.fill(path, {})
    await work_of(desk).run_next()
    done = await browser.get(f"{path}?lang=en")

    assert IMPORT_WORDS["read_note"].en in read.text
    assert read.texts("//ul[@class='figures']/li")[0].startswith("2 ")
    assert (before, await drafts(desk)) == (0, 2)
    assert started.status == 303
    assert IMPORT_WORDS["done_note"].en in done.text
    drafts_link = next(one for one in done.links() if "import=" in one)
    assert len((await browser.get(drafts_link)).all("//tr[@data-item]")) == 2


async def test_rows_with_problems_stand_on_the_page_and_in_the_list_that_comes_back(
    desk: NodeDesk,
) -> None:
    browser = await desk.a_visitor("zhao.min", "operator")
    hostile = "=cmd|'/c calc'!A1"
    rows = [
        GOOD | {"专利号": a_number(1), "发明名称": hostile},
        GOOD | {"专利号": "2019100000018"},
        GOOD | {"专利号": a_number(3), "许可使用费支付方式和标准": "面议"},
    ]

    path = await read_by(desk, browser, a_filled_template(*rows))
    page = await browser.get(path)
    file = (await browser.client.get(f"{path}/problems.xlsx")).content
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(file)).get_sheet_by_index(0).to_python()

    shown = page.texts("//section[@aria-labelledby='rows']//tbody/tr")
    assert len(shown) == 2
    assert "patent_number.check_digit" in shown[0]
    assert sheet[0][-1] == MARK_COLUMN
    assert "patent_number.check_digit" in str(sheet[3][-1])
    assert hostile in sheet[2]
    with ZipFile(io.BytesIO(file)) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")
    again = await read_by(desk, browser, file)
    assert (await browser.get(again)).texts("//ul[@class='figures']/li") == page.texts(
        "//ul[@class='figures']/li"
    )


async def test_all_or_nothing_writes_nothing_where_one_row_is_refused(desk: NodeDesk) -> None:
    browser = await desk.a_visitor("zhao.min", "operator")
    rows = [GOOD | {"专利号": a_number(1)}, GOOD | {"专利号": "2019100000018"}]
    path = await read_by(desk, browser, a_filled_template(*rows))

    await browser.fill(path, {"whole": "true"})
    await work_of(desk).run_next()
    none = await drafts(desk)
    refused = await browser.get(path)
    await browser.fill(path, {})
    await work_of(desk).run_next()

    assert none == 0
    assert refused.texts("//span[@id='state']") == [JOB_STATES["refused"].zh]
    assert await drafts(desk) == 1


async def test_all_or_nothing_writes_everything_in_one_go(desk: NodeDesk) -> None:
    browser = await desk.a_visitor("zhao.min", "operator")
    rows = [GOOD | {"专利号": a_number(place)} for place in (1, 2, 3)]
    path = await read_by(desk, browser, a_filled_template(*rows))

    await browser.fill(path, {"whole": "true"})
    await work_of(desk).run_next()

    assert await drafts(desk) == 3
    report = await browser.client.get(f"{path}/report.csv")
    assert report.text.count("\n") > 3


async def test_an_import_whose_process_was_killed_is_taken_up_again(desk: NodeDesk) -> None:
    browser = await desk.a_visitor("zhao.min", "operator")
    sent = await upload(browser, a_filled_template(GOOD | {"专利号": a_number(1)}))
    assert sent.status == 303
    async with desk.sessions.begin() as session:
        killed = await take_job(session, now=NOW)
        assert killed is not None
        busy = await take_job(session, now=NOW)
    context = desk.node.context
    later = StoppedClock(NOW + 2 * LEASE)
    desk_later = Desk(desk.sessions, context.register, later, context.service.ids)
    work = ImportWork(
        desk_later, context.service.signals, context.settings.data_dir, "pilot-gd-2022"
    )

    assert busy is None
    assert await work.run_next()
    async with desk.sessions() as session:
        row = await find_job(session, killed.id, within=EVERYTHING)
    assert (row.state, row.tries) == ("read", 2)


async def test_what_is_no_list_is_refused_in_words(desk: NodeDesk) -> None:
    browser = await desk.a_visitor("zhao.min", "operator")

    path = await read_by(desk, browser, b"\xff\xfe not a list")
    page = await browser.get(path)
    nothing = await browser.fill("/imports", {"profile": "kaixu"})

    assert page.texts("//span[@id='state']") == [JOB_STATES["refused"].zh]
    assert page.all("//div[@role='alert']")
    assert nothing.status == 422
    assert IMPORT_WORDS["file_missing"].zh in nothing.text


async def test_templates_come_as_workbook_and_csv_and_profiles_show_their_columns(
    desk: NodeDesk,
) -> None:
    browser = await desk.a_visitor("zhao.min", "operator")

    workbook = await browser.client.get("/imports/template.xlsx")
    as_csv = await browser.client.get("/imports/template.csv")
    profiles = await browser.get("/imports/profiles?lang=en")
    one = await browser.get("/imports/profiles/guangdong?lang=en")

    assert workbook.content[:4] == b"PK\x03\x04"
    assert as_csv.content.startswith(b"\xef\xbb\xbf")
    assert len(profiles.all("//tbody/tr")) >= 7
    assert one.status == 200
    assert [page.untranslated() for page in (profiles, one)] == [[], []]


@pytest.mark.parametrize("state", JobState)
@pytest.mark.parametrize("action", JobAction)
def test_every_state_of_an_import_and_every_action_is_decided(
    state: JobState, action: JobAction
) -> None:
    after = TRANSITIONS.get((state, action))

    assert after is None or after in JOB_STATES
    assert (state is JobState.DONE) <= (after is None)


async def test_what_runs_or_is_done_is_not_started_again(desk: NodeDesk) -> None:
    browser = await desk.a_visitor("zhao.min", "operator")
    path = await read_by(desk, browser, a_filled_template(GOOD | {"专利号": a_number(1)}))
    await browser.fill(path, {})
    await work_of(desk).run_next()
    async with desk.sessions.begin() as session:
        with pytest.raises(JobStateConflict):
            await ask_again(
                session, UUID(path.rsplit("/", 1)[1]), dry_run=False, whole=False, by="x", now=NOW
            )


async def test_a_holder_imports_for_their_own_organisation_and_no_other_sees_it(
    desk: NodeDesk,
) -> None:
    ids = desk.node.context.service.ids
    town = Town(desk.node.app, desk.sessions, BASE, ids, NOW)
    owner, stranger = await town.found("wang.fang"), await town.found("li.qiang")
    mine, theirs = NodeBrowser(owner.browser()), NodeBrowser(stranger.browser())

    path = await read_by(desk, mine, a_filled_template(GOOD | {"专利号": a_number(1)}))
    await mine.fill(path, {})
    await work_of(desk).run_next()
    seen = [await one.get(path) for one in (mine, theirs)]
    file = await theirs.client.get(f"{path}/problems.xlsx")
    started = await theirs.post(path, {"once": "x" * 30})

    assert [page.status for page in seen] == [200, 404]
    assert (file.status_code, started.status) == (404, 404)
    assert theirs.client.cookies
    assert not (await theirs.get("/imports")).all("//tr[@data-item]")
    async with desk.sessions() as session:
        page = await list_declarations(session, DeclarationQuery(), within=EVERYTHING)
        found = await session.get(DeclarationRow, page.lines[0].listing)
    assert found.organisation_id == owner.organisation


async def test_a_holder_without_an_organisation_is_told_to_register_one(desk: NodeDesk) -> None:
    browser = await desk.a_visitor("chen.bo", "holder")

    refused = await upload(browser, a_filled_template(GOOD | {"专利号": a_number(1)}))

    assert refused.status == 422
    assert refused.all("//div[@role='alert']")
