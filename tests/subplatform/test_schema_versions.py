"""Hub and node of different versions: what works goes on, what cannot waits, nothing is lost."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from main_platform.review.decide import Ruling
from shared_platform.catalogue.rebuild import rebuild_projection
from shared_schema.declaration import DECLARATION_SCHEMA, Declaration
from shared_schema.declaration_versions import READERS, accepted_schemas, is_newer
from shared_schema.statement import SignedStatement, Statement, Subject, sign_statement
from subplatform.hub_client.hub_version import HubVersions, read_versions
from subplatform.outbox.condition import read_condition
from subplatform.outbox.counter import take_oseqs
from subplatform.outbox.enqueue import enqueue
from tests.subplatform.hub_pair import Pair
from tests.subplatform.node_builders import a_declaration, a_number
from tests.subplatform.test_recommend_to_real_hub import pair  # noqa: F401 - a fixture

NEXT = "licence-declaration/2"


def read_next(body: Mapping[str, object]) -> Declaration:
    """A next version, for tests: the title has moved."""
    older: dict[str, Any] = dict(body) | {"schema": DECLARATION_SCHEMA}
    patent = dict(older["patent"])
    patent["title"] = patent.pop("name_of_invention")
    return Declaration.model_validate(older | {"patent": patent}, extra="ignore")


@pytest.fixture
def upgrade(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make the programs of this process understand the next version."""
    return lambda: monkeypatch.setitem(READERS, NEXT, read_next)


def next_body(number: str) -> dict[str, Any]:
    body = a_declaration(number).model_dump(mode="json", by_alias=True, exclude_none=True)
    patent = body["patent"]
    patent["name_of_invention"] = patent.pop("title")
    return body | {"schema": NEXT}


async def send_next(pair: Pair, number: str) -> SignedStatement:  # noqa: F811 - the fixture
    """A newer node signs an offer of the next version and puts it into its outbox."""
    node = pair.node
    async with node.sessions.begin() as session:
        statement = Statement(
            schema_id=NEXT,
            origin=pair.node_id,
            listing=node.ids.new_id(),
            oseq=await take_oseqs(session, 1),
            version=1,
            prev=None,
            op="offer",
            subject=Subject(application_number=number),
            salt=node.ids.new_token(),
            body=next_body(number),
            issued_at=node.now.replace(microsecond=0),
        )
        signed = sign_statement(statement, node.signer.key())
        await enqueue(session, [signed], now=node.now)
    return signed


async def deliveries(pair: Pair) -> list[tuple[str, str | None]]:  # noqa: F811 - the fixture
    """State and problem of each statement in the outbox, in their order."""
    async with pair.node.sessions() as session:
        found = await session.execute(
            text("SELECT state, last_problem->>'code' FROM outbox_message ORDER BY oseq")
        )
        return [(state, code) for state, code in found]


async def shown(pair: Pair, listing: UUID) -> dict[str, Any]:  # noqa: F811 - the fixture
    answer = await pair.hub.ask("GET", f"/api/v1/catalogue/listings/{listing}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def copied(pair: Pair, listing: UUID) -> tuple[bytes, bool, bytes | None]:  # noqa: F811 - the fixture
    """The node's copy: the statement's bytes, whether they need a newer reader, the items."""
    async with pair.node.sessions() as session:
        found = await session.execute(
            text(
                "SELECT o.envelope, l.needs_newer_reader, l.items_json FROM catalogue_listing l"
                " JOIN statement_object o ON o.object_hash = l.object_hash WHERE listing = :id"
            ),
            {"id": listing},
        )
        envelope, newer, items = found.one()
    return envelope, newer, items


def test_the_newest_two_versions_are_accepted(
    upgrade: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert accepted_schemas() == (DECLARATION_SCHEMA,)
    assert is_newer(NEXT)

    upgrade()
    assert accepted_schemas() == (NEXT, DECLARATION_SCHEMA)
    assert not is_newer(NEXT)

    monkeypatch.setitem(READERS, "licence-declaration/10", read_next)
    assert accepted_schemas() == ("licence-declaration/10", NEXT)


async def test_a_newer_hub_takes_what_an_older_node_sends(pair: Pair, upgrade: Any) -> None:  # noqa: F811 - the fixture
    upgrade()
    (listing,) = await pair.node.recommended()

    await pair.decide(Ruling("approve"))
    await pair.follow()

    assert (await shown(pair, listing))["items"]["title"] == "一种录音方法"
    assert (await copied(pair, listing))[1] is False


async def test_a_newer_hub_takes_the_next_version_by_its_reader(pair: Pair, upgrade: Any) -> None:  # noqa: F811 - the fixture
    upgrade()
    signed = await send_next(pair, a_number(7))
    await pair.node.deliver_all()

    await pair.decide(Ruling("approve"))
    await pair.follow()

    listing = signed.statement.listing
    assert (await shown(pair, listing))["items"]["title"] == "一种录音方法"
    assert (await copied(pair, listing))[0] == signed.raw


async def test_an_older_hub_makes_a_newer_node_wait_and_loses_nothing(
    pair: Pair,  # noqa: F811 - the fixture
    upgrade: Any,
) -> None:
    signed = await send_next(pair, a_number(7))
    (plain,) = await pair.node.recommended()

    waiting = await deliveries(pair)
    async with pair.node.sessions() as session:
        paused = (await read_condition(session)).paused
    assert waiting == [("waiting", "schema_unsupported"), ("sent", None)]
    assert paused is None or paused["code"] == "schema_unsupported"

    upgrade()  # the hub
    pair.node.clock.advance(7_200)
    await pair.node.deliver_all()
    await pair.decide(Ruling("approve"))

    assert await deliveries(pair) == [("sent", None), ("sent", None)]
    assert (await shown(pair, signed.statement.listing))["state"] == "published"
    assert (await shown(pair, plain))["state"] == "published"


async def test_the_operator_reads_that_the_hub_must_be_upgraded(pair: Pair) -> None:  # noqa: F811 - the fixture
    await send_next(pair, a_number(7))
    await pair.node.deliver_all()

    async with pair.node.sessions() as session:
        paused = (await read_condition(session)).paused
    assert paused is not None
    assert paused["code"] == "schema_unsupported"
    assert "the hub must be upgraded" in paused["detail"]
    assert DECLARATION_SCHEMA in paused["detail"]
    (error,) = paused["errors"]
    assert (error["pointer"], error["code"]) == ("/schema", "schema.unsupported")


async def test_an_older_copy_keeps_the_next_version_and_reads_it_once_upgraded(
    pair: Pair,  # noqa: F811 - the fixture
    upgrade: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    upgrade()
    signed = await send_next(pair, a_number(7))
    await pair.node.deliver_all()
    await pair.decide(Ruling("approve"))
    listing = signed.statement.listing

    monkeypatch.delitem(READERS, NEXT)
    await pair.follow()
    kept = await copied(pair, listing)
    upgrade()
    async with pair.node.sessions.begin() as session:
        await rebuild_projection(session)
    read = await copied(pair, listing)

    assert kept == (signed.raw, True, None)
    assert read[:2] == (signed.raw, False)
    assert json.loads(read[2] or b"")["title"] == "一种录音方法"


async def test_a_page_of_a_newer_offer_says_so(
    pair: Pair,  # noqa: F811 - the fixture
    upgrade: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    upgrade()
    signed = await send_next(pair, a_number(7))
    await pair.node.deliver_all()
    await pair.decide(Ruling("approve"))
    monkeypatch.delitem(READERS, NEXT)
    async with pair.hub.database.sessions.begin() as session:
        await rebuild_projection(session)

    page = await pair.hub.ask("GET", f"/listings/{signed.statement.listing}")

    assert page.status_code == 200
    assert "须升级后才能显示" in page.text
    assert (await pair.hub.ask("GET", "/")).status_code == 200


async def test_the_hub_names_what_it_accepts_and_a_node_compares(pair: Pair, upgrade: Any) -> None:  # noqa: F811 - the fixture
    same = await pair.client.versions()
    upgrade()
    newer = await pair.client.versions()

    assert same == HubVersions((1,), (DECLARATION_SCHEMA,))
    assert same.warning is None
    assert "plan an upgrade" in str(newer.warning)
    assert "upgrade" in str(HubVersions((2,), (NEXT,)).warning)
    assert "older one" in str(HubVersions((1,), (NEXT,)).warning)
    assert read_versions({"versions": [1]}).warning is None  # a hub that names no schemas yet
