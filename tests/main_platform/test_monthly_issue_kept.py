"""What happens to an issue later: errata, erasures, proofs, and its commands and chore."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import text

from main_platform.catalogue.publish import Queued, queue_entries
from main_platform.catalogue.tables import ERASURE
from main_platform.jobs.issues import IssueChore
from main_platform.monthly_issue.freeze import Publisher
from shared_platform.audit.trail import Subject
from shared_platform.database.engine import Database
from shared_schema.log_entry import ObjectErased
from tests.main_platform.hub_console import Console, a_console
from tests.main_platform.issue_places import (
    DECEMBER_FIRST,
    FORMULA,
    NOVEMBER,
    NUMBER,
    RARE,
    IssuingHub,
    an_issuing_hub,
)

ERRATA = f"/api/v1/issues/{NUMBER}/errata"


@pytest.fixture
async def place(hub_committed: Database, tmp_path: Path) -> AsyncIterator[IssuingHub]:
    async with an_issuing_hub(hub_committed, tmp_path) as opened:
        yield opened


@pytest.fixture
def console(
    hub_committed: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Console]:
    yield from a_console(hub_committed, tmp_path, monkeypatch)


async def tamper(place: IssuingHub, change: str) -> None:
    """Change a row as somebody who owns the database can."""
    async with place.hub.database.sessions.begin() as session:
        for act in ("DISABLE", "ENABLE"):
            for table in ("issue_entry", "log_entry"):
                await session.execute(text(f"ALTER TABLE {table} {act} TRIGGER append_only"))
            if act == "DISABLE":
                await session.execute(text(change))


async def errata_of(place: IssuingHub) -> list[dict[str, Any]]:
    raw = (await place.hub.ask("GET", ERRATA)).content
    return [json.loads(line) for line in raw.splitlines()]


async def test_errata_stand_beside_the_issue_in_a_chain_of_their_own(place: IssuingHub) -> None:
    issue = await place.frozen()

    first = await place.correct()
    second = await place.correct(no=None, field="other")
    unknown = await place.correct(no=4)
    nothing = await place.correct(was="装置")

    assert (first.status_code, second.status_code) == (201, 201)
    raw = (await place.hub.ask("GET", ERRATA)).content
    lines = raw.splitlines(keepends=True)
    one, two = (json.loads(line) for line in lines)
    assert (one["prev"], two["prev"]) == (None, sha256(lines[0]).hexdigest())
    assert two["prev"] == first.json()["sha256"]
    assert one["listing"] == str(place.offers[2].listing)
    assert [answer.json()["errors"][0]["pointer"] for answer in (unknown, nothing)] == [
        "/no",
        "/should_be",
    ]
    page = await place.hub.ask("GET", f"/issues/{NUMBER}")
    assert sha256(raw).hexdigest() in page.text
    assert await place.issue() == issue


async def test_what_is_erased_leaves_files_and_errata_and_every_hash_stays(
    place: IssuingHub, console: Console
) -> None:
    before = await place.frozen()
    old = before["files"][0]
    await place.correct(no=1, was=RARE)
    await place.correct(no=2)
    place.federation.erase(place.offers[2].last)
    await place.publish()

    withheld = await place.hub.ask("GET", old["url"])
    withheld_errata = await place.hub.ask("GET", ERRATA)
    renewing = await place.hub.ask("GET", f"/issues/{NUMBER}")
    assert (await place.issue())["state"] == "renewing"
    assert await place.make() == ["erased"]
    after = await place.issue()

    assert (withheld.status_code, withheld_errata.status_code) == (503, 503)
    assert RARE not in renewing.text
    assert (await place.hub.ask("GET", old["url"])).status_code == 410
    (former,) = after["former_editions"]
    assert [one["sha256"] for one in former["files"]] == [one["sha256"] for one in before["files"]]
    assert not (place.issues.folder.folder / old["sha256"]).exists()
    for form in (".json", ".csv"):
        assert RARE.encode() not in await place.download(after, form)
    words = "".join(
        page.extract_text()
        for page in PdfReader(io.BytesIO(await place.download(after, ".pdf"))).pages
    )
    assert "依法删除的条目" in words
    assert "林测量装置" not in words
    assert FORMULA in words
    assert [one.get("erased", False) for one in await errata_of(place)] == [True, False]
    proven = await console.ask("issue", "verify", NOVEMBER)
    assert (proven.code, proven.facts["breaches"]) == (0, [])


async def test_a_confirmed_erasure_withholds_files_before_the_log_tells_of_it(
    place: IssuingHub,
) -> None:
    issue = await place.frozen()
    erased = ObjectErased(
        at=DECEMBER_FIRST,
        object_hash=place.offers[2].last.object_hash,
        reason="personal_data",
    )
    async with place.hub.database.sessions.begin() as session:
        await queue_entries(session, [Queued(erased, subject=Subject(ERASURE, "x"))])

    withheld = await place.hub.ask("GET", issue["files"][0]["url"])

    assert (withheld.status_code, withheld.json()["code"]) == (503, "maintenance")
    assert await place.make() == []


async def test_an_erasure_of_something_else_leaves_the_issue_alone(place: IssuingHub) -> None:
    offered = place.offer(7, "另一装置")
    place.federation.change(offered, "withdraw")
    await place.publish()
    issue = await place.frozen()

    place.federation.erase(offered.versions[0])
    await place.publish()

    assert await place.make() == []
    assert await place.issue() == issue


async def test_verifying_finds_changed_files_changed_rows_and_another_log(
    place: IssuingHub, console: Console
) -> None:
    issue = await place.frozen()
    await place.correct()
    path = place.issues.folder.folder / issue["files"][1]["sha256"]
    path.write_bytes(b"other")
    found = []
    for change in (
        "DELETE FROM issue_entry WHERE no = 2",
        "UPDATE issue_erratum_line SET line = overlay(line PLACING '乙'::bytea FROM 9)",
        "UPDATE log_entry SET leaf = leaf || ' ' WHERE serial = 1",
    ):
        await tamper(place, change)
        said = await console.ask("issue", "verify", NOVEMBER)
        assert said.code == 5
        found.append({one["code"] for one in said.facts["breaches"]})

    rows = {"issue.file", "issue.json", "issue.entries"}
    assert found == [rows, rows | {"issue.erratum"}, {"issue.log"}]


async def test_the_console_freezes_lists_shows_and_corrects(
    place: IssuingHub, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAIXU_HUB_TODAY", "2026-12-01")
    month = ("2026-11", "--as", "sun.lei")
    early = await console.ask("issue", "freeze", "2027-01", "--early", "--as", "sun.lei")
    made = await console.ask("issue", "freeze", *month)
    again = await console.ask("issue", "freeze", *month)
    listed = await console.run("issue", "list")
    shown = await console.ask("issue", "show", NUMBER)
    given = ("--field", "title", "--was", "甲", "--should-be", "乙", "--reason", "错字")
    added = await console.ask("issue", "erratum", NOVEMBER, "--no", "1", *given, "--as", "ma.lin")
    denied = await console.ask("issue", "erratum", NOVEMBER, *given, "--as", "li.hua")

    assert (early.code, early.refusal) == (4, "state_conflict")
    assert (again.code, again.refusal) == (4, "already_exists")
    assert (made.code, made.facts["state"], len(made.facts["files"])) == (0, "published", 4)
    assert made.facts["files"] == (await place.issue())["files"]
    assert NUMBER in listed.out
    assert shown.facts["frozen_by"] == "sun.lei"
    assert (added.code, added.facts["line"]["should_be"]) == (0, "乙")
    assert (denied.code, denied.refusal) == (1, "permission_denied")


async def test_the_chore_freezes_last_month_only_where_it_is_told_to(place: IssuingHub) -> None:
    context = place.hub.context
    service = context.service

    def chore(*, automatic: bool) -> IssueChore:
        return IssueChore(
            place.issues,
            context.log_key.anchor,
            Publisher.of(context.settings),
            service.signals,
            place.hub.clock,
            automatic=automatic,
        )

    assert await chore(automatic=False).look() == []
    assert await chore(automatic=True).look() == [NUMBER]
    assert await chore(automatic=True).look() == []


async def test_two_who_freeze_at_once_make_one_issue(place: IssuingHub) -> None:
    async with asyncio.TaskGroup() as group:
        asked = [
            group.create_task(place.hub.ask("POST", "/api/v1/issues", {"month": NOVEMBER}, by=name))
            for name in ("sun.lei", "ma.lin")
        ]

    assert sorted(task.result().status_code for task in asked) == [201, 409]
