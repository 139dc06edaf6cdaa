"""Drafts one by one: create, edit under an optimistic lock, the procedure, delete, expire."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import records_of
from shared_platform.catalogue.tables import catalogue_listing
from shared_platform.database.engine import Database
from shared_schema.extension_items import ExtensionItems
from shared_schema.identities import SeededIds
from shared_schema.public_listing import NineItems
from shared_schema.rules import ProfileUnknown
from subplatform.declarations.drafts import (
    NewDraft,
    create_draft,
    delete_draft,
    find_declaration,
    subject_of,
)
from subplatform.declarations.edit import Edit, edit_draft
from subplatform.declarations.errors import (
    DeclarationChanged,
    DeclarationExists,
    DeclarationNotFound,
    NumberChanged,
)
from subplatform.declarations.expire import expire_listings
from subplatform.declarations.procedure import (
    demand_report,
    refuse_declaration,
    submit_draft,
    take_up,
)
from subplatform.declarations.states import DeclarationStateConflict, State
from subplatform.declarations.tables import DeclarationRow
from subplatform.patent_register.snapshots import keep_snapshots, kept_facts
from tests.subplatform.node_builders import (
    BY,
    NOW,
    TODAY,
    a_declaration,
    a_draft,
    a_number,
    facts_of,
)

NOBODY = UUID(int=0)


@pytest.fixture
def ids() -> SeededIds:
    return SeededIds(3)


async def acts_on(session: AsyncSession, row: DeclarationRow) -> list[str]:
    return [one.act for one in await records_of(session, subject_of(row.listing))]


async def test_a_draft_is_stored_with_what_the_rules_say(
    node_session: AsyncSession, ids: SeededIds
) -> None:
    row = await a_draft(node_session, ids=ids, period={"end": "2099-12-31"})

    assert (row.state, row.version, row.row_version) == ("draft", 0, 1)
    assert (row.finding_codes, row.is_blocked) == (["DEC-08"], True)
    assert row.findings[0]["message"]["zh"]
    assert (row.holder_names, row.title) == (["五邑大学"], "一种录音方法")
    assert await acts_on(node_session, row) == ["declaration_created"]


async def test_a_second_live_declaration_of_a_patent_is_refused_and_names_the_first(
    node_session: AsyncSession, ids: SeededIds
) -> None:
    first = await a_draft(node_session, ids=ids)

    with pytest.raises(DeclarationExists, match=str(first.listing)):
        await a_draft(node_session, ids=ids)


async def test_the_database_refuses_a_second_live_declaration_as_well(
    node_session: AsyncSession, ids: SeededIds
) -> None:
    first = await a_draft(node_session, ids=ids)
    second = await a_draft(node_session, a_number(2), ids=ids)

    with pytest.raises(IntegrityError, match="uq_declaration_live_number"):
        await node_session.execute(
            update(DeclarationRow)
            .where(DeclarationRow.listing == second.listing)
            .values(application_number=first.application_number)
        )


async def test_of_two_people_filing_one_patent_at_once_one_is_refused(
    node_committed: Database,
) -> None:
    async def file(seed: int) -> None:
        async with node_committed.sessions.begin() as session:
            await a_draft(session, ids=SeededIds(seed))

    done = await asyncio.gather(file(1), file(2), return_exceptions=True)

    assert [type(one) for one in done if one is not None] == [DeclarationExists]


async def test_an_unknown_rule_profile_is_refused(
    node_session: AsyncSession, ids: SeededIds
) -> None:
    draft = NewDraft(a_declaration(profile="pilot-xx"))

    with pytest.raises(ProfileUnknown):
        await create_draft(node_session, draft, by=BY, now=NOW, ids=ids)


async def test_a_kept_register_reading_is_used(node_session: AsyncSession, ids: SeededIds) -> None:
    number = a_number(1)
    await keep_snapshots(node_session, {number: facts_of(number, annual_fee="unpaid")}, now=NOW)

    row = await a_draft(node_session, number, ids=ids)

    assert (row.finding_codes, row.unchecked_rules) == (["DEC-12"], [])
    assert (row.status_as_of, row.status_source) == (TODAY, "登记簿副本")


async def test_an_older_reading_never_replaces_a_newer_one(node_session: AsyncSession) -> None:
    number = a_number(1)
    old = facts_of(number, status="lapsed", as_of=TODAY - timedelta(days=1))
    await keep_snapshots(node_session, {number: facts_of(number)}, now=NOW)

    await keep_snapshots(node_session, {number: old}, now=NOW)

    assert (await kept_facts(node_session, [number]))[number].status == "valid"


async def test_another_node_s_live_offer_is_found_as_a_conflict(
    node_session: AsyncSession, ids: SeededIds
) -> None:
    listing, offered = ids.new_id(), a_declaration(holders=[{"name": "别人"}])
    await node_session.execute(
        insert(catalogue_listing).values(
            listing=listing,
            origin="node-b",
            application_number=a_number(1),
            kind="invention",
            state="published",
            standing="primary",
            version=1,
            first_serial=7,
            serial=7,
            approved_at=NOW,
            period_end=offered.period.end,
            holder_names=["别人"],
            key_id="key",
            statement_hash=bytes(32),
            object_hash=bytes(32),
            needs_newer_reader=False,
            facts_json=b"{}",
            items_json=NineItems.from_declaration(offered).model_dump_json().encode(),
        )
    )

    row = await a_draft(node_session, a_number(1), ids=ids)

    assert (row.finding_codes, row.is_blocked) == (["DEC-18"], False)
    assert row.findings[0]["facts"]["listing"] == str(listing)


async def test_an_edit_replaces_the_content_and_judges_it_anew(
    node_session: AsyncSession, ids: SeededIds
) -> None:
    row = await a_draft(node_session, ids=ids, period={"end": "2099-12-31"})

    await edit_draft(node_session, row.listing, Edit(1, a_declaration()), by=BY, now=NOW)

    assert (row.finding_codes, row.is_blocked, row.row_version) == ([], False, 2)
    assert row.body["period"] == {"end": "2028-12-31"}
    assert await acts_on(node_session, row) == ["declaration_created", "declaration_edited"]


async def test_an_editor_who_read_an_older_row_is_refused(
    node_session: AsyncSession, ids: SeededIds
) -> None:
    row = await a_draft(node_session, ids=ids)
    await edit_draft(node_session, row.listing, Edit(1, a_declaration()), by=BY, now=NOW)

    with pytest.raises(DeclarationChanged):
        await edit_draft(node_session, row.listing, Edit(1, a_declaration()), by="other", now=NOW)


async def test_of_two_editors_at_once_one_is_refused(node_committed: Database) -> None:
    async with node_committed.sessions.begin() as session:
        listing = (await a_draft(session, ids=SeededIds(1))).listing

    async def edit(title: str) -> None:
        async with node_committed.sessions.begin() as session:
            declaration = a_declaration(abstract=title)
            await edit_draft(session, listing, Edit(1, declaration), by=title, now=NOW)

    done = await asyncio.gather(edit("甲"), edit("乙"), return_exceptions=True)

    assert [type(one) for one in done if one is not None] == [DeclarationChanged]


@pytest.mark.parametrize("state", sorted(set(State) - {State.DRAFT, State.CORRECTION}))
async def test_content_is_edited_only_in_draft_and_correction(
    node_session: AsyncSession, ids: SeededIds, state: State
) -> None:
    row = await a_draft(node_session, ids=ids)
    row.state = state
    await node_session.flush()  # the edit reads the row anew

    with pytest.raises(DeclarationStateConflict):
        await edit_draft(node_session, row.listing, Edit(1, a_declaration()), by=BY, now=NOW)


async def test_the_extension_changes_in_any_state(
    node_session: AsyncSession, ids: SeededIds
) -> None:
    row = await a_draft(node_session, ids=ids)
    row.state = State.PUBLISHED
    await node_session.flush()  # the edit reads the row anew
    extension = ExtensionItems(rd_team="声学实验室")

    await edit_draft(node_session, row.listing, Edit(1, extension=extension), by=BY, now=NOW)

    assert row.extension == {"rd_team": "声学实验室", "extensions": {}}


async def test_an_edit_cannot_turn_it_into_another_patent_s_declaration(
    node_session: AsyncSession, ids: SeededIds
) -> None:
    row = await a_draft(node_session, ids=ids)

    edit = Edit(1, a_declaration(a_number(2)))

    with pytest.raises(NumberChanged):
        await edit_draft(node_session, row.listing, edit, by=BY, now=NOW)


async def test_a_submitted_declaration_is_taken_up_and_refused_with_a_reason(
    node_session: AsyncSession, ids: SeededIds
) -> None:
    row = await a_draft(node_session, ids=ids)

    await submit_draft(node_session, row.listing, by=BY, now=NOW)
    await take_up(node_session, row.listing, by="zhao", now=NOW)
    await refuse_declaration(node_session, row.listing, reason="已转让", by="zhao", now=NOW)

    assert row.state == "refused"
    assert row.return_reasons == [{"code": "refused_by_node", "text": "已转让"}]
    assert (await acts_on(node_session, row))[1:] == [
        "declaration_submitted",
        "declaration_taken_up",
        "declaration_refused",
    ]


async def test_a_demanded_report_sends_a_utility_model_into_correction(
    node_session: AsyncSession, ids: SeededIds
) -> None:
    number = "2022232487213"
    patent = {"application_number": number, "kind": "utility_model"}
    row = await a_draft(node_session, ids=ids, patent=patent)

    await demand_report(node_session, row.listing, by="zhao", now=NOW)

    assert (row.state, row.finding_codes, row.report_demanded) == ("correction", ["DEC-14"], True)


async def test_a_report_is_not_demanded_of_what_was_sent(
    node_session: AsyncSession, ids: SeededIds
) -> None:
    row = await a_draft(node_session, ids=ids)
    row.state = State.PUBLISHED
    await node_session.flush()  # the use case reads the row anew

    with pytest.raises(DeclarationStateConflict):
        await demand_report(node_session, row.listing, by="zhao", now=NOW)


async def test_a_draft_can_be_deleted_and_declared_anew(
    node_session: AsyncSession, ids: SeededIds
) -> None:
    row = await a_draft(node_session, ids=ids)

    await delete_draft(node_session, row.listing, by=BY, now=NOW)

    assert await node_session.scalar(select(DeclarationRow.listing)) is None
    assert (await a_draft(node_session, ids=ids)).listing != row.listing
    assert "declaration_deleted" in await acts_on(node_session, row)


@pytest.mark.parametrize("state", [State.RECOMMENDED, State.PUBLISHED, State.WITHDRAWN])
async def test_what_was_sent_cannot_be_deleted(
    node_session: AsyncSession, ids: SeededIds, state: State
) -> None:
    row = await a_draft(node_session, ids=ids)
    row.state = state
    await node_session.flush()  # the deletion reads the row anew

    with pytest.raises(DeclarationStateConflict):
        await delete_draft(node_session, row.listing, by=BY, now=NOW)


async def test_a_returned_declaration_of_which_a_version_was_signed_cannot_be_deleted(
    node_session: AsyncSession, ids: SeededIds
) -> None:
    row = await a_draft(node_session, ids=ids)
    row.state, row.version, row.last_oseq = State.CORRECTION, 1, 1
    row.last_statement_hash = "0" * 64
    await node_session.flush()  # the deletion reads the row anew

    with pytest.raises(DeclarationStateConflict):
        await delete_draft(node_session, row.listing, by=BY, now=NOW)


async def test_an_unknown_listing_is_not_found(node_session: AsyncSession) -> None:
    with pytest.raises(DeclarationNotFound):
        await find_declaration(node_session, NOBODY)
    with pytest.raises(DeclarationNotFound):
        await submit_draft(node_session, NOBODY, by=BY, now=NOW)


async def test_offers_expire_after_their_last_day_and_not_on_it(
    node_session: AsyncSession, ids: SeededIds
) -> None:
    over = await a_draft(node_session, a_number(1), ids=ids, period={"end": "2023-05-31"})
    last_day = await a_draft(node_session, a_number(2), ids=ids, period={"end": "2023-06-01"})
    draft = await a_draft(node_session, a_number(3), ids=ids, period={"end": "2023-05-31"})
    over.state, last_day.state = State.SUSPENDED, State.PUBLISHED
    await node_session.flush()  # the bulk update reads the table

    expired = await expire_listings(node_session, now=NOW)
    again = await expire_listings(node_session, now=NOW)

    for row in (over, last_day, draft):
        await node_session.refresh(row)
    assert (expired, again) == (1, 0)
    assert [over.state, last_day.state, draft.state] == ["expired", "published", "draft"]
