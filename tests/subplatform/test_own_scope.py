"""One organisation never reaches what is another's, by whatever route; agents only by mandate."""

import csv
import io
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from shared_platform.database.engine import Database
from shared_platform.sign_in.accounts import NewAccount, create_account
from shared_schema.identities import SeededIds
from subplatform.accounts.permissions import FILING, NODE_POLICY
from subplatform.accounts.scope import Mandated, Scope
from subplatform.application import describe_node_app
from subplatform.declarations.content import body_of
from tests.main_platform.hub_interface import Operation, operations
from tests.subplatform.node_builders import HEADER, NOW, TODAY, a_declaration, a_number, a_row
from tests.subplatform.open_nodes import BASE, an_open_node
from tests.subplatform.organisation_places import Somebody, Town

OPEN_TO_HOLDERS = [
    one
    for one in operations(describe_node_app())
    if any(one.caller in NODE_POLICY.grants[role] for role in (*FILING, "agent"))
]
WITH_OBJECTS = [
    one for one in OPEN_TO_HOLDERS if set(re.findall(r"\{(\w+)\}", one.path)) - {"name"}
]
PARAMETERS = {"listing", "run", "account", "mandate", "form", "kind", "oseq", "number", "job"}
SHARED = {"name"}
"""What stands in paths: each names an object of the other organisation below, or no object."""


@dataclass
class Objects:
    """One thing of each kind that belongs to the first organisation."""

    listing: str
    run: str
    upload: str
    account: str
    mandate: str
    form: str
    job: str

    def place_in(self, path: str) -> str:
        known = {"kind": "csv", "oseq": "1", "number": a_number(1)} | {
            name: str(value) for name, value in vars(self).items()
        }
        return re.sub(r"\{(\w+)\}", lambda found: known[found[1]], path)


@dataclass
class Neighbours:
    """The node, two universities, an agent with a mandate of neither, and what the first has."""

    town: Town
    first: Somebody
    second: Somebody
    agent: Somebody
    objects: Objects


@pytest.fixture
async def neighbours(node_committed: Database, tmp_path: Path) -> AsyncIterator[Neighbours]:
    async with an_open_node(node_committed, tmp_path) as node:
        town = Town(node.app, node_committed.sessions, BASE, SeededIds(23), NOW)
        first, second = await town.found("first"), await town.found("second")
        agent = await town.found("agent", "agent", kind="agency")
        yield Neighbours(town, first, second, agent, await objects_of(first, agent))


async def objects_of(owner: Somebody, agent: Somebody) -> Objects:
    async with owner.api() as api, agent.api() as theirs:
        filed = await api.post("/api/v1/declarations", json=filing(1))
        assert filed.status_code == 201, filed.text
        uploaded = await api.post("/api/v1/uploads", content=a_list(2))
        imported = await api.post("/api/v1/imports", json=importing(uploaded.json()["upload"]))
        assert imported.status_code == 200, imported.text
        kept = await api.post("/api/v1/uploads", content=a_list(3))
        asked = await theirs.post("/api/v1/mandates", json=a_mandate(owner))
        assert asked.status_code == 201, asked.text
    async with owner.browser() as browser:
        begun = {"act": "save", "once": "key-of-a-begun-form", "title": "一种录音方法"}
        saved = await browser.post("/declarations/new", data=begun)
        assert saved.status_code == 303, saved.text
        brought = await browser.post(
            "/imports",
            data={"profile": "guangdong", "once": "key-of-an-import-job"},
            files={"file": ("x.csv", a_list(6), "text/csv")},
        )
        assert brought.status_code == 303, brought.text
    return Objects(
        filed.json()["listing"],
        imported.json()["import"],
        kept.json()["upload"],
        str(owner.account),
        asked.json()["id"],
        saved.headers["location"].rpartition("/")[2],
        brought.headers["location"].rpartition("/")[2],
    )


def filing(place: int, **more: object) -> dict[str, object]:
    return {"declaration": body_of(a_declaration(a_number(place)))} | more


def a_list(place: int) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADER)
    writer.writeheader()
    writer.writerow(a_row(a_number(place)))
    return text.getvalue().encode()


def importing(upload: str, **more: object) -> dict[str, object]:
    return {"upload": upload, "file_name": "x.csv", "profile": "guangdong"} | more


def a_mandate(of: Somebody, **changes: object) -> dict[str, object]:
    body = {
        "organisation": str(of.organisation),
        "begins_on": TODAY.isoformat(),
        "ends_on": date(2024, 5, 31).isoformat(),
    }
    return body | changes


async def ask(who: Somebody, operation: Operation, objects: Objects) -> httpx.Response:
    client = who.browser() if operation.is_page else who.api()
    async with client:
        has_body = operation.method in {"POST", "PUT", "PATCH"} and not operation.is_page
        return await client.request(
            operation.method,
            objects.place_in(operation.path),
            json={"role": "viewer"} if has_body else None,
        )


def test_every_parameter_of_a_route_that_holders_may_call_names_a_known_object() -> None:
    found = {name for one in OPEN_TO_HOLDERS for name in re.findall(r"\{(\w+)\}", one.path)}

    assert found <= PARAMETERS | SHARED


async def test_what_is_anothers_does_not_exist_by_any_route(neighbours: Neighbours) -> None:
    answers = {
        f"{one.method} {one.path}": (await ask(neighbours.second, one, neighbours.objects))
        for one in WITH_OBJECTS
    }

    assert len(answers) >= 15
    assert {name: one.status_code for name, one in answers.items() if one.status_code != 404} == {}


async def test_an_agent_without_a_mandate_in_force_reaches_nothing(neighbours: Neighbours) -> None:
    of_mandates = [one for one in WITH_OBJECTS if "{mandate}" in one.path]
    others = [one for one in WITH_OBJECTS if one not in of_mandates]

    answers = [await ask(neighbours.agent, one, neighbours.objects) for one in others]

    assert {one.status_code for one in answers} == {404}


async def test_lists_counts_and_exports_hold_only_what_is_ones_own(neighbours: Neighbours) -> None:
    async with neighbours.first.api() as own, neighbours.second.api() as other:
        mine = (await own.get("/api/v1/declarations")).json()["items"]
        theirs = [
            (await other.get("/api/v1/declarations")).json()["items"],
            (await other.get("/api/v1/declarations/counts")).json()["states"],
            (await other.get("/api/v1/imports")).json(),
            (await other.get("/api/v1/mandates")).json(),
        ]
        export = (await other.get("/api/v1/declarations/findings.csv")).text
        by_import = await other.get(
            "/api/v1/declarations", params={"import_id": neighbours.objects.run}
        )

    assert len(mine) == 2
    assert theirs == [[], {}, [], []]
    assert export.count("\n") == 1
    assert by_import.json()["items"] == []


async def test_nobody_files_imports_or_uploads_into_anothers_organisation(
    neighbours: Neighbours,
) -> None:
    whose = str(neighbours.first.organisation)
    async with neighbours.second.api() as other:
        uploaded = (await other.post("/api/v1/uploads", content=a_list(1))).json()["upload"]
        filed = await other.post("/api/v1/declarations", json=filing(9, organisation=whose))
        foreign_file = await other.post(
            "/api/v1/imports", json=importing(neighbours.objects.upload)
        )
        foreign_list = await other.post(
            "/api/v1/imports", json=importing(uploaded, organisation=whose)
        )
        same_patent = await other.post("/api/v1/declarations", json=filing(1))
        in_a_list = await other.post("/api/v1/imports", json=importing(uploaded))

    assert (filed.status_code, foreign_file.status_code, foreign_list.status_code) == (404,) * 3
    assert same_patent.status_code == 409
    assert neighbours.objects.listing not in same_patent.text
    assert in_a_list.json()["report"]["refusals"] == {"import.other_organisation": 1}


async def test_a_mandate_opens_what_it_names_until_it_is_revoked(neighbours: Neighbours) -> None:
    address = f"/api/v1/declarations/{neighbours.objects.listing}"
    mandate = f"/api/v1/mandates/{neighbours.objects.mandate}"
    async with neighbours.first.api() as owner, neighbours.agent.api() as agent:
        own_word = await agent.post(f"{mandate}/acceptance")
        await owner.post(f"{mandate}/acceptance")
        read = await agent.get(address)
        filed = await agent.post(
            "/api/v1/declarations",
            json=filing(8, organisation=str(neighbours.first.organisation)),
        )
        withdrawn = await agent.post(
            f"/api/v1/listings/{neighbours.objects.listing}/withdrawal",
            json={"reason": {"code": "holder_wish", "text": "x"}},
        )
        await owner.post(f"{mandate}/revocation")
        after = await agent.get(address)

    assert own_word.status_code == 403
    assert read.status_code == 200
    assert filed.json()["organisation_id"] == str(neighbours.first.organisation)
    assert withdrawn.status_code == 404
    assert after.status_code == 404


async def test_a_mandate_for_one_patent_opens_no_other(neighbours: Neighbours) -> None:
    numbers = [f"ZL {a_number(1)}"]
    async with neighbours.first.api() as owner, neighbours.agent.api() as agent:
        asked = await agent.post(
            "/api/v1/mandates", json=a_mandate(neighbours.first, numbers=numbers)
        )
        await owner.post(f"/api/v1/mandates/{asked.json()['id']}/acceptance")
        listed = await agent.get("/api/v1/declarations")
        other = await agent.post(
            "/api/v1/declarations",
            json=filing(7, organisation=str(neighbours.first.organisation)),
        )

    assert [one["application_number"] for one in listed.json()["items"]] == [a_number(1)]
    assert other.status_code == 404


async def test_a_viewer_reads_and_changes_nothing(neighbours: Neighbours) -> None:
    viewer = await neighbours.town.hire("viewer", "viewer", neighbours.first.organisation)
    address = f"/api/v1/declarations/{neighbours.objects.listing}"
    async with viewer.api() as api:
        read, deleted = await api.get(address), await api.delete(address)
        filed = await api.post("/api/v1/declarations", json=filing(9))

    assert (read.status_code, deleted.status_code, filed.status_code) == (200, 403, 403)


async def test_the_nodes_own_people_reach_every_organisation(neighbours: Neighbours) -> None:
    operator = await neighbours.town.let_in(*await an_operator(neighbours.town))
    async with operator.api() as api:
        listed = await api.get("/api/v1/declarations")
        filed = await api.post("/api/v1/declarations", json=filing(9))

    assert len(listed.json()["items"]) == 2
    assert filed.json()["organisation_id"] is None


async def an_operator(town: Town) -> tuple[UUID, str, UUID]:
    async with town.sessions.begin() as session:
        wanted = NewAccount("operator", "Operator", ("operator",))
        made = await create_account(session, wanted, policy=NODE_POLICY, ids=town.ids, now=NOW)
    return made.id, made.name, UUID(int=0)


def test_the_scope_of_nobody_holds_nothing() -> None:
    nobody, agent = Scope("x"), Scope("x", mandated=(Mandated(UUID(int=1), frozenset({"a"})),))

    assert not nobody.holds(None, "a")
    assert not nobody.holds(UUID(int=1), "a")
    assert agent.holds(UUID(int=1), "a")
    assert not agent.holds(UUID(int=1), "b")
    assert agent.whole_organisations() == []
