"""The verification queue and a declaration's verification, as an operator's browser sees them."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from shared_platform.database.engine import Database
from subplatform.accounts.documents import Handed, hand_in
from subplatform.declarations.drafts import find_declaration
from subplatform.declarations.tables import DeclarationRow
from subplatform.operator_pages.verification_words import VERIFICATION_WORDS
from subplatform.verification.reasons import VerificationReason
from tests.subplatform.node_builders import BY, NOW, a_declaration, a_number, facts_of
from tests.subplatform.node_desk import NodeDesk, a_node_desk
from tests.subplatform.open_nodes import BASE
from tests.subplatform.organisation_places import Town

QUEUE = "/verification"


@pytest.fixture
async def desk(node_committed: Database, tmp_path: Path) -> AsyncIterator[NodeDesk]:
    async with a_node_desk(node_committed, tmp_path) as desk:
        yield desk


async def row_of(desk: NodeDesk, listing: UUID) -> DeclarationRow:
    async with desk.sessions() as session:
        return await find_declaration(session, listing)


READING = {
    "as_of": "2023-06-01",
    "source": "专利登记簿副本 2023-0601",
    "status": "valid",
    "holders": "五邑大学",
    "annual_fee": "paid",
}


async def test_the_queue_shows_the_oldest_first_and_is_filtered_by_its_address(
    desk: NodeDesk,
) -> None:
    for place in (1, 2, 3):
        await desk.handed_in(place)
    browser = await desk.a_visitor("zhao.min", "verifier")

    page = await browser.get(f"{QUEUE}?lang=en")
    narrow = await browser.get(f"{QUEUE}?words=201910000002")
    nothing = await browser.get(f"{QUEUE}?blocked=yes&lang=en")

    numbers = page.texts("//tr[@data-item]//span[@class='number']")
    assert numbers == sorted(numbers)
    assert len(numbers) == 3
    assert len(narrow.all("//tr[@data-item]")) == 1
    assert nothing.texts("//div[@class='empty']") == [VERIFICATION_WORDS["empty_any"].en]


async def test_a_register_answer_typed_in_lets_an_operator_accept_and_recommend(
    desk: NodeDesk,
) -> None:
    listing = await desk.handed_in()
    browser = await desk.a_visitor("zhao.min", "operator")
    path = f"{QUEUE}/{listing}"

    saved = await browser.fill(f"{path}/reading", READING)
    shown = await browser.get(f"{path}?lang=en")
    sent = await browser.fill(path, {"act": "accept_and_recommend"})

    assert saved.status == 303, saved.text
    assert READING["source"] in shown.texts("//section[@aria-labelledby='register']")[0]
    assert sent.status == 303, sent.text
    row = await row_of(desk, listing)
    assert (row.state, row.version, row.status_source) == ("recommended", 1, READING["source"])


async def test_what_nobody_checked_is_recommended_only_by_somebody_who_answers_for_it(
    desk: NodeDesk,
) -> None:
    listing = await desk.handed_in()
    browser = await desk.a_visitor("zhao.min", "operator")
    path = f"{QUEUE}/{listing}"

    refused = await browser.fill(path, {"act": "accept_and_recommend"})
    stayed = await row_of(desk, listing)
    sent = await browser.fill(path, {"act": "accept_and_recommend", "answers": "true"})

    assert refused.status == 422
    assert "DEC-03" in refused.texts("//div[@role='alert']")[0]
    assert stayed.state == "submitted"
    assert sent.status == 303
    assert (await row_of(desk, listing)).state == "recommended"


async def test_a_correction_is_asked_for_at_fields_with_a_day_and_stays_until_handed_in(
    desk: NodeDesk,
) -> None:
    listing = await desk.handed_in()
    browser = await desk.a_visitor("zhao.min", "verifier")
    path = f"{QUEUE}/{listing}"

    nothing = await browser.fill(f"{path}/correction", {"days": "10"})
    asked = await browser.fill(
        f"{path}/correction",
        {"codes": ["fee_unclear"], "note_fee_unclear": "写明付款日", "days": "10"},
    )
    await browser.post(f"{QUEUE}/checks")
    row = await row_of(desk, listing)
    shown = await browser.get(path)

    assert nothing.status == 422
    assert nothing.all("//fieldset[@id='f-codes']//p[@class='error']")
    assert asked.status == 303, asked.text
    assert (row.state, str(row.correction_due)) == ("correction", "2023-06-11")
    assert row.return_reasons[0]["pointer"] == "/fee"
    assert "写明付款日" in shown.text


async def test_a_refusal_takes_only_reasons_that_end_a_procedure(desk: NodeDesk) -> None:
    listing = await desk.handed_in()
    browser = await desk.a_visitor("zhao.min", "verifier")
    path = f"{QUEUE}/{listing}/refusal"

    wrong = await browser.fill(path, {"codes": ["fee_unclear"]})
    right = await browser.fill(path, {"codes": ["holder_wish"]})

    assert wrong.status == 422
    assert right.status == 303
    assert (await row_of(desk, listing)).state == "refused"


async def test_a_form_sent_twice_acts_once(desk: NodeDesk) -> None:
    listing = await desk.handed_in()
    browser = await desk.a_visitor("zhao.min", "operator")
    path = f"{QUEUE}/{listing}"
    key = (await browser.get(path)).all("//input[@name='once']")[0].get("value")
    fields = {"once": key, "act": "accept_and_recommend", "answers": "true"}

    first = await browser.post(path, fields)
    again = await browser.post(path, fields)

    assert (first.status, again.status) == (303, 303)
    assert (await row_of(desk, listing)).version == 1


async def test_where_another_must_accept_nobody_accepts_what_they_handed_in(
    node_committed: Database, tmp_path: Path
) -> None:
    async with a_node_desk(node_committed, tmp_path, acceptance_by_another=True) as desk:
        listing = await desk.handed_in()
        author = await desk.a_visitor(BY, "operator")
        other = await desk.a_visitor("zhao.min", "verifier")
        path = f"{QUEUE}/{listing}"

        own = await author.fill(path, {"act": "accept"})
        by_another = await other.fill(path, {"act": "accept"})

        assert own.status == 422
        assert by_another.status == 303
        assert (await row_of(desk, listing)).state == "verified"


async def test_a_verifier_sees_no_button_to_recommend_and_may_not(desk: NodeDesk) -> None:
    listing = await desk.handed_in()
    verifier = await desk.a_visitor("zhao.min", "verifier")
    path = f"{QUEUE}/{listing}"

    page = await verifier.get(path)
    tried = await verifier.fill(path, {"act": "accept_and_recommend", "answers": "true"})

    assert not page.all("//button[@value='accept_and_recommend']")
    assert tried.status in {403, 422}
    assert (await row_of(desk, listing)).state == "submitted"


async def test_several_verified_declarations_are_recommended_at_once(desk: NodeDesk) -> None:
    listings = [await desk.handed_in(place) for place in (1, 2)]
    browser = await desk.a_visitor("zhao.min", "operator")
    for listing in listings:
        await browser.fill(f"{QUEUE}/{listing}", {"act": "accept"})

    sent = await browser.fill(
        f"{QUEUE}?view=verified",
        {"listings": [str(one) for one in listings], "answers": "true"},
        action=f"{QUEUE}/recommendations",
    )

    assert sent.status == 303, sent.text
    assert [(await row_of(desk, one)).state for one in listings] == ["recommended"] * 2


def test_the_guide_names_every_reason_with_its_words() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "operators.md").read_text(encoding="utf-8")

    for one in VerificationReason:
        row = f"| `{one.code}` | {one.value.title.zh} | {one.value.title.en} |"
        assert row in guide, f"docs/operators.md lacks {row}"


async def test_programs_accept_correct_and_record_readings_as_pages_do(desk: NodeDesk) -> None:
    first, second = await desk.handed_in(1), await desk.handed_in(2)
    reading = facts_of(a_number(1)).model_dump(mode="json", exclude_none=True)
    other = reading | {"application_number": a_number(3)}
    api = "/api/v1/declarations"
    async with desk.node.client(signed_in=True) as program:
        wrong = await program.put(f"{api}/{first}/register-reading", json={"reading": other})
        read = await program.put(f"{api}/{first}/register-reading", json={"reading": reading})
        accepted = await program.post(f"{api}/{first}/acceptance")
        again = await program.post(f"{api}/{first}/acceptance")
        asked = {"objections": [{"code": "fee_unclear"}], "days": 5}
        corrected = await program.post(f"{api}/{second}/correction", json=asked)
        unknown = {"objections": [{"code": "no_such_code"}]}
        refused = await program.post(f"{api}/{second}/correction", json=unknown)

    assert (wrong.status_code, read.status_code) == (422, 200)
    assert (accepted.json()["state"], again.status_code) == ("verified", 409)
    assert corrected.json()["correction_due"] == "2023-06-06"
    assert refused.status_code in {409, 422}


async def test_a_verifier_downloads_the_report_that_the_holder_handed_in(desk: NodeDesk) -> None:
    context = desk.node.context
    owner = await Town(desk.node.app, desk.sessions, BASE, context.service.ids, NOW).found(
        "wang.fang"
    )
    pdf = b"%PDF-1.7 a report"
    async with desk.sessions.begin() as session:
        handed = Handed("评价报告.pdf", pdf)
        data_dir = context.settings.data_dir
        kept = await hand_in(
            session, handed, owner.organisation, data_dir=data_dir, by=owner.name, now=NOW
        )
    report = {"kind": "evaluation", "number": "PJ-1", "sha256": kept.sha256}
    declared = a_declaration(a_number(9), evaluation_report=report)
    async with owner.api() as program:
        body = {"declaration": declared.model_dump(mode="json", exclude_none=True)}
        listing = (await program.post("/api/v1/declarations", json=body)).json()["listing"]
    browser = await desk.a_visitor("zhao.min", "operator")

    page = await browser.get(f"{QUEUE}/{listing}")
    file = await browser.client.get(f"{QUEUE}/{listing}/report")
    passed = await browser.fill(f"{QUEUE}/{listing}", {"act": "accept"})

    assert "评价报告.pdf" in page.text
    assert file.content == pdf
    assert file.headers["content-disposition"].startswith("attachment")
    assert passed.status == 422, "what its holder has not handed in is accepted by nobody"
