"""After the storm: wait for calm, and compare what every place holds with the ledger."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from deploy.drill.examining import Examining
from deploy.drill.federation import EXAMINERS, HUB, OPERATOR, Drilled, database_of
from deploy.drill.ledger import Ledger
from deploy.drill.load import read
from deploy.drill.services import eventually
from shared_platform.catalogue.rebuild import catalogue_digest

CALM_SECONDS: Final = 240.0
_OPS: Final = {"recommend": "offer", "suspension": "suspend", "withdrawal": "withdraw"}
_OPEN: Final = frozenset(
    {"received", "screened", "waiting", "claimed", "second_review", "approved"}
)
Statement = tuple[str, int, str, int, str, str]
"""Origin, oseq, listing, version, op, statement hash."""


@dataclass(slots=True)
class Compared:
    """What was found: all lists must be empty."""

    statements: int = 0
    log_size: int = 0
    acts: int = 0
    found_acts: int = 0
    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether nothing was lost, doubled or wrong, and all copies are equal."""
        return (
            not (self.lost or self.duplicated or self.wrong)
            and len(set(self.digests.values())) == 1
        )


async def calm(drilled: Drilled) -> None:
    """Wait until nothing is on its way any more: outboxes, reviews, queue, copies, notices."""
    for what, holds in (
        ("every outbox is empty", _is_delivered),
        ("every review is decided", _is_decided),
        ("every copy is level", _is_level),
        ("every notice has come", _is_told),
        ("every declaration stands as its copy does", _is_confirmed),
    ):
        await eventually(what, partial(holds, drilled), seconds=CALM_SECONDS)


async def _is_delivered(drilled: Drilled) -> bool:
    for node in drilled.nodes.values():
        found = await read(node, "/api/v1/deliveries/standing", by=OPERATOR)
        if any(found["counts"].get(state) for state in ("waiting", "leased")):
            return False
    return True


async def _is_decided(drilled: Drilled) -> bool:
    counts = await read(drilled.hub, "/api/v1/reviews/counts", by=EXAMINERS[0])
    return not any(one["count"] for one in counts if one["state"] in _OPEN)


async def _is_level(drilled: Drilled) -> bool:
    """All that is queued has its serial, and all copies are of one size."""
    pages = [
        await read(place, "/api/v1/catalogue/listings?limit=1", by=next(iter(place.tokens)))
        for place in drilled.places.values()
    ]
    async with database_of(drilled.hub) as session:
        waiting = await session.scalar(text("SELECT count(*) FROM publish_queue"))
    return len({page["log_size"] for page in pages}) == 1 and not waiting


async def _is_told(drilled: Drilled) -> bool:
    """Every node has stored every message of its inbox."""
    async with database_of(drilled.hub) as session:
        rows = list(await session.execute(text("SELECT id, inbox_head FROM node")))
    for row in rows:
        async with database_of(drilled.nodes[row.id]) as session:
            heard = await session.scalar(text("SELECT max(seq) FROM hub_message"))
        if (heard or 0) != row.inbox_head:
            return False
    return True


async def _is_confirmed(drilled: Drilled) -> bool:
    """A node killed after it applied a page confirms its own with the next one."""
    for node in drilled.nodes.values():
        async with database_of(node) as session:
            differing = await session.scalar(
                text(
                    "SELECT count(*) FROM declaration d JOIN catalogue_listing c USING (listing)"
                    " WHERE d.state <> c.state"
                )
            )
        if differing:
            return False
    return True


async def compare(drilled: Drilled, ledger: Ledger, examining: Examining) -> Compared:
    """Read everything from the raw rows of every place and hold it against the ledger."""
    found = Compared(wrong=list(ledger.violations))
    found.acts = len(ledger.acts)
    found.found_acts = sum(act.found for act in ledger.acts)
    said: list[Statement] = []
    for name, node in drilled.nodes.items():
        async with database_of(node) as session:
            own = await _node_statements(session, name, "sent")
            taken_back = await _node_statements(session, name, "cancelled")
            others = await _node_statements(session, name, "waiting", "leased", "dead")
            found.wrong += [f"{name}: not delivered: {one}" for one in others]
            _compare_node(found, ledger, name, own=own, taken_back=taken_back)
            found.wrong += await _node_states(session, name, ledger)
            found.digests[name] = await catalogue_digest(session)
        said += own
    async with database_of(drilled.hub) as session:
        await _compare_hub(session, found, said, examining=examining)
        await _compare_decisions(session, found, examining)
        found.digests[HUB] = await catalogue_digest(session)
    found.statements = len(said)
    await _verify_all(drilled, found)
    return found


async def _node_statements(session: AsyncSession, name: str, *states: str) -> list[Statement]:
    """The node's statements in these states of delivery, by number."""
    rows = await session.execute(
        text(
            "SELECT oseq, listing, version, op, statement_hash, state FROM outbox_message"
            " ORDER BY oseq"
        )
    )
    return [
        (name, row.oseq, str(row.listing), row.version, row.op, row.statement_hash)
        for row in rows
        if row.state in states
    ]


def _compare_node(
    found: Compared,
    ledger: Ledger,
    name: str,
    *,
    own: Sequence[Statement],
    taken_back: Sequence[Statement],
) -> None:
    """Each act made each of its statements once; what was acknowledged is what is there.

    Only a suspension that never left may have been taken back, by the withdrawal after it.
    """
    everything = [*own, *taken_back]
    if sorted(one[1] for one in everything) != list(range(1, len(everything) + 1)):
        found.wrong.append(f"{name}: statement numbers are not dense")
    withdrawn = {one[2] for one in own if one[4] == "withdraw"}
    found.wrong += [
        f"{name}: taken back: {one}"
        for one in taken_back
        if one[4] != "suspend" or one[2] not in withdrawn
    ]
    there = Counter((one[2], one[4]) for one in everything)
    meant = Counter(
        (listing, op)
        for kind, op in _OPS.items()
        for act in ledger.of_kind(name, kind)
        for listing in act.subjects
    )
    found.lost += [f"{name}: {key} × {n}" for key, n in (meant - there).items()]
    found.duplicated += [f"{name}: {key} × {n}" for key, n in (there - meant).items()]
    hashes = {one[5] for one in everything}
    for act in ledger.of_kind(name, "recommend"):
        for told in act.answer or ():
            if told["statement_hash"] not in hashes:
                found.lost.append(f"{name}: acknowledged {told}")
    found.lost += [
        f"{name}: act {act.number} has no answer"
        for act in ledger.acts
        if act.place == name and not act.is_acknowledged
    ]


async def _node_states(session: AsyncSession, name: str, ledger: Ledger) -> list[str]:
    """Declarations that do not stand where the last act must have brought them."""
    wanted: dict[str, str] = {}
    for act in ledger.acts:
        if act.place == name and act.kind in _OPS:
            state = {"recommend": "published", "suspension": "suspended", "withdrawal": "withdrawn"}
            wanted |= dict.fromkeys(act.subjects, state[act.kind])
    rows = await session.execute(text("SELECT listing, state FROM declaration"))
    states = {str(row.listing): row.state for row in rows}
    return [
        f"{name}: {listing} is {states.get(listing)}, not {state}"
        for listing, state in wanted.items()
        if states.get(listing) != state
    ]


async def _compare_hub(
    session: AsyncSession,
    found: Compared,
    said: Sequence[Statement],
    *,
    examining: Examining,
) -> None:
    """The hub has every statement once, and the log every one that was not returned, once."""
    columns = "origin, oseq, listing, version, op, statement_hash"
    rows = await session.execute(text(f"SELECT {columns} FROM submission"))  # noqa: S608
    there = Counter(
        (r.origin, r.oseq, str(r.listing), r.version, r.op, r.statement_hash) for r in rows
    )
    meant = Counter(said)
    found.lost += [f"hub: {one}" for one in (meant - there)]
    found.duplicated += [f"hub: {one}" for one in (there - meant)]
    entries = list(
        await session.execute(text("SELECT serial, leaf FROM log_entry ORDER BY serial"))
    )
    found.log_size = len(entries)
    if [row.serial for row in entries] != list(range(len(entries))):
        found.wrong.append("serials are not dense")
    logged = Counter(
        entry["statement_hash"]
        for entry in (json.loads(bytes(row.leaf)) for row in entries)
        if entry.get("statement_hash")
    )
    public = Counter(
        one[5]
        for one in said
        if one[4] != "offer"
        or examining.verdict_on({"version": one[3], "listing": one[2]}) == "approve"
    )
    found.lost += [f"log: {one}" for one in (public - logged)]
    found.duplicated += [f"log: {one}" for one in (logged - public)]


async def _compare_decisions(session: AsyncSession, found: Compared, examining: Examining) -> None:
    """Each review was decided once, as the examiners meant it, and what they were told is there."""
    rows = await session.execute(
        text(
            "SELECT review.id, review.listing, review.version, array_agg(decision.verdict) AS said"
            " FROM review LEFT JOIN decision ON decision.review = review.id GROUP BY review.id"
        )
    )
    decided: dict[str, list[str]] = {}
    for row in rows:
        decided[str(row.id)] = list(row.said)
        meant = examining.verdict_on({"version": row.version, "listing": str(row.listing)})
        if list(row.said) != [meant]:
            found.wrong.append(f"review {row.id}: {row.said}, not {meant}")
    found.lost += [
        f"decision {verdict} on {review}"
        for review, verdict in examining.decided.items()
        if decided.get(review) != [verdict]
    ]
    audited = await session.scalar(
        text("SELECT count(*) FROM audit_record WHERE act = 'review_decided'")
    )
    if audited != len(decided):
        found.wrong.append(f"{audited} audit records of {len(decided)} decisions")


async def _verify_all(drilled: Drilled, found: Compared) -> None:
    """Let each place prove its own copy against a replay of the log."""
    ran = await asyncio.gather(*(one.run("verify") for one in drilled.places.values()))
    for name, one in zip(drilled.places, ran, strict=True):
        if one.answer.get("digest") != found.digests[name]:
            found.wrong.append(f"{name}: verify read {one.answer}")
