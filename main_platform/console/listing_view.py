"""A listing's state in words, who must act next, and everything that happened, in order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from main_platform.console.listing_traces import Traces
from main_platform.console.listing_words import ERASURE_STATES, EVENTS, LISTING_STATES, NEXT
from main_platform.review.tables import ListingChangeRow
from main_platform.review.timeline import Timeline, VersionHistory
from shared_platform.public_pages.reader import Reader
from shared_platform.public_pages.reason_words import reason_words
from shared_schema.bilingual import Words
from shared_schema.instants import Instant, legal_day, whole_second


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened; `details` are lines in the reader's language."""

    at: Instant
    what: str
    who: str = ""
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The answer: where it is, what happens next, all events, the oldest first."""

    state: str
    title: str
    next: str
    events: Sequence[Event]


def whereabouts(timeline: Timeline, traces: Traces, *, reader: Reader, now: Instant) -> Whereabouts:
    """The listing as staff read it."""
    state = _state(timeline, traces, now=now)
    events = [*_events(timeline, traces, reader)]
    title = LISTING_STATES.get(state, Words(state, state))
    return Whereabouts(
        state,
        reader.says(title),
        _next(state, timeline, traces).spoken(reader.lang),
        sorted(events, key=lambda one: whole_second(one.at)),  # as the log's entries are dated
    )


def _state(timeline: Timeline, traces: Traces, *, now: Instant) -> str:
    """The timeline's state, with what only other desks and the calendar know."""
    state = timeline.state
    if state == "approved" and any(one.discarded_at is None for one in traces.held):
        return "held"
    ends = timeline.listing.period_end
    if state in {"published", "sequenced"} and ends is not None and ends < legal_day(now):
        return "expired"
    return state


def _next(state: str, timeline: Timeline, traces: Traces) -> Words:
    claimers = [one.review.claimed_by for one in timeline.versions if one.review]
    given = {
        "waiting": traces.place or 1,
        "claimed": next((one for one in reversed(claimers) if one), "–"),
    }.get(state, "")
    return Words(*(text.format(given) for text in NEXT.get(state, Words("", ""))))


def _events(timeline: Timeline, traces: Traces, reader: Reader) -> Iterator[Event]:
    for version in timeline.versions:
        yield from _of_version(version, traces, reader=reader, origin=timeline.listing.origin)
    for change in timeline.hub_changes:
        yield from _of_change(change, traces, reader)
    yield from _of_queue(traces, reader)
    yield from _of_erasures(traces, reader)
    for one in traces.evidence:
        yield Event(one.received_at, _says(reader, "equivocation"), one.origin)


def _of_queue(traces: Traces, reader: Reader) -> Iterator[Event]:
    for held in traces.held:
        yield Event(held.held_at, _says(reader, "held"), details=(held.code, held.detail))
        if held.discarded_at is not None:
            yield Event(held.discarded_at, _says(reader, "discarded"))
    for queued_at in traces.queued_at:
        yield Event(queued_at, _says(reader, "queued"))


def _of_erasures(traces: Traces, reader: Reader) -> Iterator[Event]:
    for erasure in traces.erasures:
        steps = (
            ("asked", erasure.asked_at, erasure.origin),
            ("proposed", erasure.proposed_at, erasure.proposed_by or ""),
            (erasure.state, erasure.decided_at, erasure.decided_by or ""),
        )
        for state, at, who in steps:
            if at is not None:
                said = reader.says(ERASURE_STATES[state])
                yield Event(at, _says(reader, "erasure", said), who, (erasure.reason,))


def _of_version(
    version: VersionHistory, traces: Traces, *, reader: Reader, origin: str
) -> Iterator[Event]:
    sent, review = version.submission, version.review
    yield Event(sent.received_at, _says(reader, "received", sent.version), f"{origin}/{sent.oseq}")
    if review is not None:
        codes = tuple(review.finding_codes)
        yield Event(review.opened_at, _says(reader, "screened", len(codes)), details=codes)
        if review.claimed_at is not None:
            who = review.claimed_by or ""
            yield Event(review.claimed_at, _says(reader, "claimed"), who)
    for decision in version.decisions:
        details = tuple(_reason(one, reader) for one in decision.reasons)
        yield Event(decision.at, _says(reader, decision.verdict), decision.examiner, details)
    if review is not None and review.serial is not None and review.serial in traces.logged_at:
        yield _logged(review.serial, traces, reader)
    if version.change is not None:
        yield from _of_change(version.change, traces, reader)


def _of_change(change: ListingChangeRow, traces: Traces, reader: Reader) -> Iterator[Event]:
    details = []
    if change.reason_code:
        details.append(reader.says(reason_words(change.reason_code)))
    if change.text:
        details.append(change.text)
    yield Event(change.at, _says(reader, change.kind), change.actor, tuple(details))
    if change.serial is not None and change.serial in traces.logged_at:
        yield _logged(change.serial, traces, reader)


def _logged(serial: int, traces: Traces, reader: Reader) -> Event:
    return Event(traces.logged_at[serial], _says(reader, "logged", serial))


def _reason(reason: dict[str, Any], reader: Reader) -> str:
    said = reason[reader.lang]
    return f"{said} — {reason['text']}" if reason.get("text") else str(said)


def _says(reader: Reader, event: str, *given: object) -> str:
    words = EVENTS.get(event)
    return reader.says(words).format(*given) if words else event
