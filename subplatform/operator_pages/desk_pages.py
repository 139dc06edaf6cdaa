"""The desk's first page: what waits, whether the hub is reached, how far the copy is, alarms."""

from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Response
from starlette.responses import FileResponse

from shared_platform.alarms.alarms import open_alarms
from shared_platform.alarms.schemas import AlarmOut
from shared_platform.database.transaction import Now, Transaction
from shared_platform.public_pages.markup import local_time
from shared_platform.public_pages.reader import Reader
from shared_platform.workspace.visit import PageCaller, Visit
from shared_platform.workspace.workspace_page import show_page
from shared_schema.instants import Instant, legal_day, parse_instant
from shared_schema.problem import ProblemType
from subplatform.accounts.permissions import NODE_POLICY, Permission
from subplatform.declarations.waiting import count_waiting
from subplatform.monitoring.condition import NodeCondition, read_node_condition
from subplatform.operator_pages.callers import DeskReader
from subplatform.operator_pages.desk_words import DESK_WORDS
from subplatform.operator_pages.problem_words import problem_in_words
from subplatform.recommendation.messages import count_decisions

router = APIRouter(include_in_schema=False)
_STATIC: Final = Path(__file__).parent / "static"
_DECISIONS_OF: Final = timedelta(days=7)
_FOR_MINUTES: Final = {"cache-control": "private, max-age=600"}


@router.get("/desk")
async def desk_page(visit: DeskReader, session: Transaction, now: Now) -> Response:
    """What waits for the visitor; each number leads to its list."""
    condition = await read_node_condition(session, now=now)
    facts = {
        "waiting": await count_waiting(session, today=legal_day(now)),
        "condition": condition,
        "hub": hub_line(visit, condition),
        "decisions": await count_decisions(session, since=now - _DECISIONS_OF),
        "alarms": [
            alarm_line(AlarmOut.of(row), visit.reader) for row in await open_alarms(session)
        ],
        "may_verify": NODE_POLICY.allows(visit.caller, Permission.VERIFY_DECLARATIONS),
        "may_deliver": NODE_POLICY.allows(visit.caller, Permission.MANAGE_DELIVERIES),
    }
    return show_page(visit, "subplatform.operator_pages:desk.html", facts, words=DESK_WORDS)


@router.get("/desk/keys.js")
async def keyboard_script(visit: PageCaller) -> Response:  # noqa: ARG001  named caller
    """The script of the desk's keyboard shortcuts."""
    return FileResponse(_STATIC / "keys.js", media_type="text/javascript", headers=_FOR_MINUTES)


def hub_line(visit: Visit, condition: NodeCondition) -> dict[str, str]:
    """Whether the hub is reached, in words: `state` good, away, paused or unknown; `note`."""
    says, paused = visit.reader.says, condition.outbox.paused
    if visit.request.app.state.read_anchor() is None:
        return {"state": "unknown", "note": says(DESK_WORDS["hub_unknown_note"])}
    silent = _silent_since(condition)
    if silent is not None:
        note = says(DESK_WORDS["hub_away_note"]).format(local_time(silent))
        return {"state": "away", "note": note}
    if paused is not None and condition.outbox.paused_since is not None:
        since = local_time(condition.outbox.paused_since)
        said = problem_in_words(paused, visit.reader) or {}
        text = f"{said['title']} {said['remedy']}"
        note = says(DESK_WORDS["hub_paused_note"]).format(since, text)
        return {"state": "paused", "note": note}
    return {"state": "good", "note": ""}


def alarm_line(alarm: AlarmOut, reader: Reader) -> dict[str, Any]:
    """An alarm in one language, with its times as clocks show them."""
    return {
        "code": alarm.code,
        "title": alarm.title.get(reader.lang, alarm.code),
        "remedy": alarm.remedy.get(reader.lang, ""),
        "detail": alarm.detail,
        "since": local_time(parse_instant(alarm.raised_at)),
        "is_critical": alarm.is_critical,
    }


def _silent_since(condition: NodeCondition) -> Instant | None:
    """Since when nobody answers there; None while somebody does, or another thing is wrong."""
    silence = ProblemType.HUB_UNREACHABLE.code
    mirror, outbox = condition.mirror, condition.outbox
    since = []
    if (mirror.failure or {}).get("code") == silence and mirror.failing_since is not None:
        since.append(mirror.failing_since)
    if (outbox.paused or {}).get("code") == silence and outbox.paused_since is not None:
        since.append(outbox.paused_since)
    return min(since, default=None)
