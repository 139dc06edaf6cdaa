"""What people do at a node's desk and at the hub's, over HTTP: declare, recommend, decide, look."""

from collections.abc import Mapping, Sequence
from typing import Any

from deploy.drill.services import Service, eventually
from tests.federation.federation import EXAMINERS, MANAGER, OPERATOR, Federation
from tests.subplatform.node_builders import a_declaration

Json = dict[str, Any]


# ------------------------------------------------------------------------------------- at a node


def terms(number: str, **changes: object) -> Json:
    """A declaration that no rule objects to, as the node's API takes it."""
    return a_declaration(number, **changes).model_dump(mode="json", exclude_none=True)


async def declare(node: Service, declaration: Json) -> str:
    """Type a declaration in; its listing."""
    made = await node.told(
        "POST", "/api/v1/declarations", {"declaration": declaration}, by=OPERATOR
    )
    return str(made["listing"])


async def check_and_recommend(node: Service, *listings: str) -> list[Json]:
    """Check and recommend these declarations; each as it was signed."""
    await node.told("POST", "/api/v1/checks", {"listings": listings}, by=OPERATOR)
    made = await node.told(
        "POST",
        "/api/v1/recommendations",
        {"listings": listings, "accept_unchecked": True},
        by=OPERATOR,
    )
    assert made["refused"] == []
    recommended: list[Json] = made["recommended"]
    return recommended


async def offer(node: Service, number: str, **changes: object) -> str:
    """Declare, check and recommend one patent; its listing."""
    listing = await declare(node, terms(number, **changes))
    await check_and_recommend(node, listing)
    return listing


async def declaration_of(node: Service, listing: str) -> Json:
    """The declaration as its node shows it."""
    found: Json = await node.told("GET", f"/api/v1/declarations/{listing}", by=OPERATOR)
    return found


async def reaches(node: Service, listing: str, state: str, *, seconds: float = 30) -> Json:
    """Wait until the declaration is in this state at its node."""

    async def look() -> Json | None:
        found = await declaration_of(node, listing)
        return found if found["state"] == state else None

    return await eventually(f"{listing} is {state} at {node.place.name}", look, seconds=seconds)


async def change(node: Service, listing: str, **members: object) -> Json:
    """Change members of a declaration that may be edited."""
    found = await declaration_of(node, listing)
    body = {"row_version": found["row_version"], "declaration": found["declaration"] | members}
    changed: Json = await node.told("PUT", f"/api/v1/declarations/{listing}", body, by=OPERATOR)
    return changed


async def timeline(node: Service, listing: str) -> Json:
    """The listing's statements with their three receipts, verified by the node."""
    found: Json = await node.told("GET", f"/api/v1/listings/{listing}/timeline", by=OPERATOR)
    return found


async def withdraw(node: Service, listing: str) -> None:
    """Withdraw at the holder's wish."""
    wish = {"code": "holder_wish", "text": "专利权人撤回", "all_owners_consent": True}
    await node.told("POST", f"/api/v1/listings/{listing}/withdrawal", wish, by=OPERATOR)


# ------------------------------------------------------------------------------------ at the hub


async def review_of(hub: Service, listing: str, *states: str, version: int | None = None) -> Json:
    """Wait for a listing's review to be in one of these states (waiting, if none is named)."""
    wanted = "&".join(f"state={state}" for state in states or ("waiting",))

    async def look() -> Json | None:
        path = f"/api/v1/reviews?listing={listing}&{wanted}"
        found: Sequence[Json] = (await hub.told("GET", path, by=EXAMINERS[0]))["items"]
        fitting = [one for one in found if version in {None, one["version"]}]
        return fitting[-1] if fitting else None

    return await eventually(f"a review of {listing} is {states or 'waiting'}", look)


async def decide(
    hub: Service, review: Json, verdict: str, *, by: str = EXAMINERS[0], **reason: str
) -> Json:
    """Claim what waits and decide it."""
    if review["state"] == "waiting":
        await hub.told("POST", f"/api/v1/reviews/{review['review']}/claim", by=by)
    body = {
        "verdict": verdict,
        "statement_hash": review["statement_hash"],
        "reasons": [reason] if reason else [],
    }
    act = "confirmation" if review["state"] == "second_review" else "decision"
    path = f"/api/v1/reviews/{review['review']}/{act}"
    decided: Json = await hub.told("PUT", path, body, by=by)
    return decided


async def approve(hub: Service, listing: str) -> None:
    """Approve what waits, by a second examiner as well where one is asked for."""
    review = await review_of(hub, listing)
    decided = await decide(hub, review, "approve")
    if decided["state"] == "second_review":
        await decide(hub, review | {"state": "second_review"}, "approve", by=EXAMINERS[1])


async def resolve(hub: Service, review: Json, choice: str, *, by: str = MANAGER) -> Json:
    """Choose how a conflict ends."""
    body = {"choice": choice, "statement_hash": review["statement_hash"]}
    path = f"/api/v1/conflicts/{review['review']}/resolution"
    decided: Json = await hub.told("POST", path, body, by=by)
    return decided


# -------------------------------------------------------------------------- anybody, at any place


async def public(service: Service, listing: str) -> Json | None:
    """The listing as anybody sees it there; None if it was never public."""
    answer = await service.ask("GET", f"/api/v1/catalogue/listings/{listing}")
    if answer.status_code == 404:
        return None
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def is_public(
    service: Service, listing: str, *, seconds: float = 30, **members: object
) -> Json:
    """Wait until the listing is public there with these members."""

    async def look() -> Json | None:
        found = await public(service, listing)
        return found if found is not None and _has(found, members) else None

    return await eventually(
        f"{listing} is {members} at {service.place.name}", look, seconds=seconds
    )


def _has(found: Mapping[str, Any], members: Mapping[str, object]) -> bool:
    return all(found[name] == value for name, value in members.items())


async def everywhere(
    federation: Federation, listing: str, *, seconds: float = 30, **members: object
) -> list[Json]:
    """Wait until hub and both nodes show the listing with these members; what each shows."""
    return [
        await is_public(one, listing, seconds=seconds, **members) for one in federation.services
    ]
