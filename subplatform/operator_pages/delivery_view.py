"""Deliveries, their receipts, the pause and the hub's messages, in one language."""

from typing import Any

from sqlalchemy import Row

from shared_platform.public_pages.markup import local_time
from shared_platform.public_pages.reader import Reader
from shared_platform.workspace.visit import Visit
from shared_schema.bilingual import halves
from shared_schema.instants import parse_instant
from subplatform.operator_pages.declaration_view import reason_lines
from subplatform.operator_pages.delivery_words import (
    DELIVERY_STATES,
    DELIVERY_WORDS,
    MESSAGE_KINDS,
    VERDICT_WORDS,
)
from subplatform.operator_pages.desk_words import OPERATION_WORDS
from subplatform.operator_pages.problem_words import problem_in_words
from subplatform.operator_pages.verification_words import RECORD_WORDS
from subplatform.outbox.condition import Condition
from subplatform.outbox.states import DeliveryState
from subplatform.outbox.tables import OutboxMessageRow
from subplatform.recommendation.tables import HubMessageRow
from subplatform.recommendation.timeline import StatementLine


def delivery_line(row: OutboxMessageRow, visit: Visit) -> dict[str, Any]:
    """One delivery in a list. What was delivered has no problem any more."""
    says = visit.reader.says
    is_over = row.state in {DeliveryState.SENT, DeliveryState.CANCELLED}
    waits = row.state == DeliveryState.WAITING
    is_due = waits and row.next_attempt_at <= visit.request.app.state.clock.now()
    return {
        "oseq": row.oseq,
        "listing": str(row.listing),
        "operation": says(OPERATION_WORDS[row.op]),
        "version": says(DELIVERY_WORDS["version"]).format(row.version),
        "state": row.state,
        "state_word": says(DELIVERY_STATES[row.state]),
        "attempts": row.attempts,
        "next_try": says(DELIVERY_WORDS["now"])
        if is_due
        else local_time(row.next_attempt_at)
        if waits
        else "",
        "sent_at": local_time(row.sent_at) if row.sent_at else "",
        "problem": problem_in_words(row.last_problem, visit.reader) if not is_over else None,
    }


def statement_line(line: StatementLine, visit: Visit) -> dict[str, Any]:
    """The three receipts of one statement: each `verified`, `missing` or `invalid`."""
    reader, decision = visit.reader, line.decision
    verdict = VERDICT_WORDS.get(str((decision or {}).get("verdict")))
    reasons = (decision or {}).get("reasons") or []
    return {
        "intake": line.intake,
        "received_at": local_time(line.received_at) if line.received_at else "",
        "decision": reader.says(verdict) if verdict else "",
        "reasons": reason_lines(reasons, reader),
        "inclusion": line.inclusion,
        "serial": line.serial,
        "made_at": line.made_at,
        "statement_hash": line.statement_hash,
    }


def pause_line(condition: Condition, visit: Visit) -> dict[str, str] | None:
    """Why nothing is sent at present; None while everything goes its way."""
    if condition.paused is None or condition.paused_since is None:
        return None
    said = problem_in_words(condition.paused, visit.reader)
    assert said is not None
    words = visit.reader.says(DELIVERY_WORDS["paused"])
    probe = visit.reader.says(DELIVERY_WORDS["probe_at"])
    return {
        "text": words.format(local_time(condition.paused_since), said["title"]),
        "remedy": said["remedy"],
        "probe": probe.format(local_time(condition.probe_at)) if condition.probe_at else "",
    }


def message_line(row: HubMessageRow, reader: Reader) -> dict[str, Any]:
    """One message of the hub."""
    verdict = VERDICT_WORDS.get(str(row.body.get("verdict")))
    kind = MESSAGE_KINDS.get(row.kind)
    text = row.body.get("text")
    return {
        "at": local_time(parse_instant(row.at)),
        "kind": reader.says(kind) if kind else row.kind,
        "verdict": reader.says(verdict) if verdict else "",
        "listing": str(row.listing) if row.listing else "",
        "reasons": reason_lines(row.body.get("reasons") or [], reader),
        "text": reader.says(halves(str(text))) if text else "",
    }


def record_line(one: Row[Any], reader: Reader) -> dict[str, str]:
    """One act of the audit trail; a code that nobody named stands as it is."""
    words = RECORD_WORDS.get(one.act)
    return {
        "at": local_time(one.at),
        "by": one.actor,
        "act": reader.says(words) if words else one.act,
    }
