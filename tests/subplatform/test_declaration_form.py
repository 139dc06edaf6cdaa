"""The declaration form by HTTP: typed any way, checked, saved, submitted, corrected, renewed."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from shared_platform.database.engine import Database
from shared_schema.identities import SeededIds
from subplatform.holder_pages.declaration_words import DECLARATION_WORDS
from tests.subplatform.node_builders import NOW, a_number
from tests.subplatform.open_nodes import BASE, an_open_node
from tests.subplatform.organisation_places import Somebody, Town

COMPLETE = {
    "number": a_number(1),
    "title": "一种录音方法",
    "holder_1_name": "五邑大学",
    "holder_1_kind": "university",
    "mode": "lump_sum",
    "amount": "3万",
    "due_days": "30",
    "period_end": "2028-12-31",
    "territory": "nation",
    "contact_name": "张三",
    "contact_phone": "0750-3299000",
    "commitments": [
        "no_exclusive_licence",
        "keep_right_valid",
        "file_every_licence",
        "withdraw_on_transfer",
    ],
    "signer": "五邑大学",
}


@dataclass
class Desk:
    """A holder at their browser."""

    browser: httpx.AsyncClient
    owner: Somebody
    town: Town
    sent: int = field(default=0)

    async def send(self, path: str, act: str, **changes: object) -> httpx.Response:
        self.sent += 1
        fields: dict[str, object] = {**COMPLETE, "once": f"key-of-this-form-{self.sent:04}"}
        return await self.browser.post(path, data=fields | changes | {"act": act})


@pytest.fixture
async def desk(node_committed: Database, tmp_path: Path) -> AsyncIterator[Desk]:
    async with an_open_node(node_committed, tmp_path) as node:
        town = Town(node.app, node_committed.sessions, BASE, SeededIds(31), NOW)
        owner = await town.found("owner")
        async with owner.browser() as browser:
            yield Desk(browser, owner, town)


def listing_in(answer: httpx.Response) -> str:
    found = re.search(r"/declarations/([0-9a-f-]{36})/", answer.headers["location"])
    assert found is not None, answer.headers["location"]
    return found[1]


async def test_a_new_form_knows_the_organisation_and_makes_a_submitted_declaration(
    desk: Desk,
) -> None:
    empty = await desk.browser.get("/declarations/new")
    sent = await desk.send("/declarations/new", "submit", number=f"zl {a_number(1)}")
    receipt = await desk.browser.get(sent.headers["location"])
    listed = await desk.browser.get("/declarations")

    assert 'value="owner大学"' in empty.text
    assert sent.status_code == 303, sent.text
    assert sent.headers["location"].endswith("/submitted")
    assert listing_in(sent) in receipt.text
    assert "已提交" in listed.text


async def test_a_form_sent_twice_makes_one_declaration(desk: Desk) -> None:
    first = await desk.send("/declarations/new", "submit", once="the-same-key-for-both")
    second = await desk.send("/declarations/new", "submit", once="the-same-key-for-both")

    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"]


async def test_what_is_missing_or_wrong_stands_at_its_field_and_nothing_typed_is_lost(
    desk: Desk,
) -> None:
    answer = await desk.send(
        "/declarations/new", "submit", number="201910000001", amount="面议", title="很好的<b>题目"
    )

    assert answer.status_code == 422
    assert 'id="e-number"' in answer.text
    assert 'id="e-amount"' in answer.text
    assert 'value="面议"' in answer.text
    assert "很好的&lt;b&gt;题目" in answer.text


async def test_findings_of_the_rules_stop_a_submission_at_the_field_with_code_and_source(
    desk: Desk,
) -> None:
    answer = await desk.send("/declarations/new", "submit", period_end="2099-12-31")

    assert answer.status_code == 422
    assert 'id="e-period_end"' in answer.text
    assert "DEC-08" in answer.text
    assert "专利法实施细则第85条" in answer.text


async def test_checks_and_costs_are_shown_without_saving(desk: Desk) -> None:
    answer = await desk.send(
        "/declarations/new",
        "check",
        mode="instalments",
        first="1万",
        each="5000",
        times="2",
        lang="en",
    )
    refused = await desk.send("/declarations/new", "check", atlantis="1")
    checked = await desk.send(
        "/declarations/new", "check", mode="instalments", first="1万", each="5000", times="2"
    )
    listed = await desk.browser.get("/declarations")

    assert (answer.status_code, refused.status_code) == (422, 422)
    assert '<td class="number">20,000</td>' in checked.text
    assert "首期后第 2 期" in checked.text
    assert "还没有声明" in listed.text


async def test_an_incomplete_form_is_kept_as_typed_and_goes_on_later(desk: Desk) -> None:
    saved = await desk.send("/declarations/new", "save", period_end="", amount="面议")
    address = saved.headers["location"]
    opened = await desk.browser.get(address)
    listed = await desk.browser.get("/declarations")
    submitted = await desk.send(address, "submit")
    after = await desk.browser.get("/declarations")

    assert "/declarations/forms/" in address
    assert 'value="面议"' in opened.text
    assert "未填完的表单" in listed.text
    assert submitted.status_code == 303
    assert "未填完的表单" not in after.text


async def test_another_organisation_opens_no_form_of_ones_own(desk: Desk) -> None:
    saved = await desk.send("/declarations/new", "save", period_end="")
    stranger = await desk.town.found("stranger")
    async with stranger.browser() as other:
        opened = await other.get(saved.headers["location"])
        deleted = await other.post(
            f"{saved.headers['location']}/deletion", data={"once": "some-key-of-a-form"}
        )

    assert (opened.status_code, deleted.status_code) == (404, 404)


async def test_the_preview_shows_the_terms_as_the_public_page_will(desk: Desk) -> None:
    answer = await desk.send("/declarations/new", "preview")
    back = await desk.send("/declarations/new", "check")

    assert answer.status_code == 200
    assert "一次总付" in answer.text
    assert "张*" in answer.text
    assert 'value="3万"' in answer.text
    assert back.status_code == 200


async def test_a_report_is_known_by_its_content_and_kept_under_its_digest(desk: Desk) -> None:
    fields = COMPLETE | {"report_kind": "evaluation", "act": "check", "once": "key-of-a-report"}
    wrong = await desk.browser.post(
        "/declarations/new",
        data=fields,
        files={"report_file": ("报告.pdf", b"<script>alert(1)</script>", "application/pdf")},
    )
    right = await desk.browser.post(
        "/declarations/new",
        data=fields,
        files={"report_file": ("../x/报告.pdf", b"%PDF-1.7 ...", "text/html")},
    )

    assert 'id="e-report_file"' in wrong.text
    assert re.search(r'name="report_sha256" value="[0-9a-f]{64}"', right.text)
    assert 'name="report_name" value="报告.pdf"' in right.text


async def test_a_draft_is_edited_and_a_stale_edit_is_refused(desk: Desk) -> None:
    saved = await desk.send("/declarations/new", "save")
    address = f"/declarations/{listing_in(saved)}/form"
    edited = await desk.send(address, "save", row_version="1", amount="4万")
    stale = await desk.send(address, "save", row_version="1", amount="5万")
    opened = await desk.browser.get(address)

    assert (saved.status_code, edited.status_code, stale.status_code) == (303, 303, 422)
    assert "已被他人修改" in stale.text
    assert 'value="40000"' in opened.text


async def test_a_draft_is_deleted_after_a_question(desk: Desk) -> None:
    saved = await desk.send("/declarations/new", "save")
    address = f"/declarations/{listing_in(saved)}"
    asked = await desk.browser.get(f"{address}/deletion")
    gone = await desk.browser.post(f"{address}/deletion", data={"once": "key-of-a-deletion"})
    after = await desk.browser.get(address)

    assert "不能恢复" in asked.text
    assert (gone.status_code, after.status_code) == (303, 404)


async def test_terms_are_copied_and_what_is_of_one_patent_is_not(desk: Desk) -> None:
    saved = await desk.send("/declarations/new", "save")
    copied = await desk.browser.get(f"/declarations/new?copy={listing_in(saved)}")
    shown = await desk.browser.get(f"/declarations/{listing_in(saved)}")

    assert DECLARATION_WORDS["duplicate"].zh in shown.text
    assert 'value="30000"' in copied.text
    assert a_number(1)[4:] not in copied.text
    assert "一种录音方法" not in copied.text
