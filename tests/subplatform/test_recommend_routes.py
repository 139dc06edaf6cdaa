"""Recommendations, deliveries and mirror over HTTP, as the node's people use them."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.sign_in.accounts import NewAccount, create_account
from shared_platform.sign_in.tokens import NewToken, issue_token
from shared_platform.transport.problem_documents import document_problems
from shared_platform.transport.problems import install_problems
from shared_schema.identities import SeededIds
from subplatform.accounts.permissions import NODE_POLICY
from subplatform.catalogue_mirror import routes as mirror_routes
from subplatform.declarations.states import State
from subplatform.outbox import routes as delivery_routes
from subplatform.recommendation import routes
from tests.subplatform.hub_peer import ANCHOR, KeyExpired, rule_violation
from tests.subplatform.recommending import Recommending, put_into

Sessions = async_sessionmaker[AsyncSession]
ROUTERS = (routes.router, delivery_routes.router, mirror_routes.router)
WISH = {"code": "holder_wish", "text": "专利权人申请撤回"}


@pytest.fixture
def node(node_sessions: Sessions) -> Recommending:
    return Recommending(node_sessions)


@pytest.fixture
def app(node: Recommending) -> FastAPI:
    app = FastAPI()
    app.state.sessions, app.state.clock, app.state.ids = node.sessions, node.clock, node.ids
    app.state.access_policy = NODE_POLICY
    app.state.signer, app.state.read_anchor = node.signer, lambda: ANCHOR
    install_problems(app, clock=node.clock)
    document_problems(app)
    for router in ROUTERS:
        app.include_router(router)
    return app


async def client_with(app: FastAPI, node: Recommending, role: str) -> httpx.AsyncClient:
    ids = SeededIds(91)
    async with node.sessions.begin() as session:
        account = NewAccount(role, role, (role,))
        await create_account(session, account, policy=NODE_POLICY, ids=ids, now=node.now)
        token = await issue_token(session, role, NewToken("test"), ids=ids, now=node.now)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="https://node.test",
        headers={"authorization": f"Bearer {token}"},
    )


@pytest.fixture
async def operator(app: FastAPI, node: Recommending) -> AsyncIterator[httpx.AsyncClient]:
    async with await client_with(app, node, "operator") as client:
        yield client


async def test_an_operator_recommends_all_that_is_verified(
    operator: httpx.AsyncClient, node: Recommending
) -> None:
    listings = await node.verified(2)

    answer = await operator.post("/api/v1/recommendations", json={})

    assert answer.status_code == 200
    made = answer.json()
    assert {one["listing"] for one in made["recommended"]} == set(map(str, listings))
    assert (made["refused"], made["next"]) == ([], None)


async def test_a_refusal_names_each_listing_and_its_reason(
    operator: httpx.AsyncClient, node: Recommending
) -> None:
    (draft,) = await node.drafts()

    answer = await operator.post("/api/v1/recommendations", json={"listings": [str(draft)]})

    assert answer.status_code == 409
    (error,) = answer.json()["errors"]
    assert error["pointer"] == f"/listings/{draft}"
    assert error["code"] == "recommendation.state"


async def test_a_listing_is_suspended_withdrawn_and_shown(
    operator: httpx.AsyncClient, node: Recommending
) -> None:
    (listing,) = await node.recommended()
    await put_into(node, listing, State.PUBLISHED)
    path = f"/api/v1/listings/{listing}"

    suspended = await operator.post(f"{path}/suspension", json=WISH)
    withdrawn = await operator.post(f"{path}/withdrawal", json=WISH)
    await node.deliver_all()
    timeline = (await operator.get(f"{path}/timeline")).json()
    proof = await operator.get(f"{path}/proof")

    assert suspended.json()["state"] == "suspended"
    # The suspension had not been sent: the withdrawal takes it back and its version.
    assert (withdrawn.json()["state"], withdrawn.json()["version"]) == ("withdrawal_requested", 2)
    shown = [(one["op"], one["delivery"], one["intake"]) for one in timeline["statements"]]
    assert shown == [
        ("offer", "sent", "verified"),
        ("suspend", "cancelled", "missing"),
        ("withdraw", "sent", "verified"),
    ]
    assert proof.status_code == 404


async def test_a_dead_letter_is_shown_replayed_and_corrected(
    operator: httpx.AsyncClient, node: Recommending
) -> None:
    (listing,) = await node.verified()
    node.peer.refusing[listing] = rule_violation
    await node.recommend(listing)
    await node.deliver_all()

    dead = (await operator.get("/api/v1/deliveries", params={"state": "dead"})).json()["items"]
    replayed = await operator.post("/api/v1/deliveries/1/replay")
    again = await operator.post("/api/v1/deliveries/1/replay")
    await node.deliver_all()
    all_replayed = await operator.post("/api/v1/deliveries/replay")
    await node.deliver_all()
    corrected = await operator.post(f"/api/v1/listings/{listing}/correction")

    assert dead[0]["problem"]["errors"][0]["code"] == "DEC-08"
    assert replayed.json()["state"] == "waiting"
    assert again.status_code == 409
    assert all_replayed.json() == {"replayed": [1]}
    assert corrected.json()["state"] == "correction"
    assert corrected.json()["return_reasons"][0]["pointer"] == "/period/end"


async def test_deliveries_are_paged_and_their_receipts_downloaded(
    operator: httpx.AsyncClient, node: Recommending
) -> None:
    await node.recommended(3)

    first = (await operator.get("/api/v1/deliveries", params={"limit": 2})).json()
    rest = await operator.get("/api/v1/deliveries", params={"limit": 2, "after": first["next"]})
    one = (await operator.get("/api/v1/deliveries/2")).json()
    receipt = await operator.get("/api/v1/deliveries/2/receipt")
    missing = await operator.get("/api/v1/deliveries/9")

    assert [item["oseq"] for item in first["items"]] == [1, 2]
    assert [item["oseq"] for item in rest.json()["items"]] == [3]
    assert rest.json()["next"] is None
    assert one["receipt"]["oseq"] == 2
    assert receipt.json()["schema"] == "stored-receipt/1"
    assert missing.status_code == 404


async def test_a_pause_is_shown_and_ended_by_hand(
    operator: httpx.AsyncClient, node: Recommending
) -> None:
    (listing,) = await node.verified()
    await node.recommend(listing)
    node.line.faults.extend([KeyExpired(), KeyExpired()])
    await node.deliver_all()

    paused = (await operator.get("/api/v1/deliveries/standing")).json()
    resumed = (await operator.post("/api/v1/deliveries/resume")).json()

    assert paused["counts"]["waiting"] == 1
    assert paused["paused"]["code"] == "key_expired"
    assert resumed["paused"] is None


async def test_the_mirror_tells_how_it_stands(operator: httpx.AsyncClient) -> None:
    answer = (await operator.get("/api/v1/mirror")).json()

    assert (answer["size"], answer["lag_entries"], answer["alarms"]) == (0, 0, [])


async def test_a_verifier_neither_recommends_nor_withdraws(
    app: FastAPI, node: Recommending
) -> None:
    (listing,) = await node.verified()
    async with await client_with(app, node, "verifier") as verifier:
        answers = [
            await verifier.post("/api/v1/recommendations", json={}),
            await verifier.post(f"/api/v1/listings/{listing}/withdrawal", json=WISH),
            await verifier.post(f"/api/v1/listings/{listing}/suspension", json=WISH),
            await verifier.post(f"/api/v1/listings/{listing}/correction"),
            await verifier.get("/api/v1/deliveries"),
            await verifier.post("/api/v1/deliveries/replay"),
        ]

    assert {answer.status_code for answer in answers} == {403}


async def test_nobody_gets_in_without_a_token(app: FastAPI) -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://node.test") as nobody:
        answer = await nobody.get("/api/v1/deliveries")

    assert answer.status_code == 401


def _bodies() -> list[type[BaseModel]]:
    fields = [
        field
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for field in (route.body_field, route.response_field)
    ]
    kinds = {getattr(getattr(field, "field_info", None), "annotation", None) for field in fields}
    models = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
    return sorted(models, key=lambda kind: kind.__name__)


def _examples(kind: type[BaseModel]) -> list[Any]:
    extra: Any = kind.model_config.get("json_schema_extra") or {}
    return list(extra.get("examples", ()))


@pytest.mark.parametrize("kind", _bodies(), ids=lambda kind: str(kind.__name__))
def test_the_examples_of_the_documents_are_valid(kind: type[BaseModel]) -> None:
    for example in _examples(kind):
        kind.model_validate(example)


def test_every_body_that_people_send_has_an_example() -> None:
    sent = [kind for kind in _bodies() if kind.__name__.endswith("In")]

    assert len(sent) == 3
    assert all(map(_examples, sent))
