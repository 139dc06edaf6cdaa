"""What a node may still send: its daily quota and its place in the review queue.

Only offers and resumptions are bounded: a withdrawal or a suspension is never refused for a quota.
"""

import math
import sys
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.intake.counter import METERED, read_counter
from main_platform.intake.errors import DailyQuotaSpent, ReviewBacklog
from main_platform.intake.ports import Desk
from main_platform.nodes.quota import Quota, read_quota
from shared_schema.instants import SHANGHAI, Instant, legal_day
from shared_schema.statement import MAX_BATCH_STATEMENTS

SHORTEST_RETRY_SECONDS: Final = 10
LONGEST_RETRY_SECONDS: Final = 3_600  # staff may begin at any time
OFFER: Final = "offer"
UNBOUNDED: Final = Quota(sys.maxsize, sys.maxsize)


@dataclass(slots=True)
class Allowance:
    """A node's quota and what is used of it, counted on while a batch is judged.

    `backlog_retry_s` and `day_retry_s` are the seconds until there is likely room again.
    """

    quota: Quota = UNBOUNDED
    offers_today: int = 0
    waiting: int = 0
    day_retry_s: int = 0
    backlog_retry_s: int = LONGEST_RETRY_SECONDS

    def check(self, op: str) -> None:
        """Find room for one more statement of that operation.

        Raises:
            DailyQuotaSpent: the day's offers are used up.
            ReviewBacklog: too many offers wait for review.
        """
        daily, backlog = self.quota.daily_offers, self.quota.review_backlog
        if op in METERED and self.offers_today >= daily:
            message = (
                f"今日限额 {daily} 条已用完，零点后自动重发；撤回和暂停不受限"
                f" / today's {daily} offers are used up; sent again after midnight"
            )
            raise DailyQuotaSpent(message, retry_after_s=self.day_retry_s)
        if op == OFFER and self.waiting >= backlog:
            message = f"待审已达 {backlog} 件 / {backlog} offers wait for review"
            raise ReviewBacklog(message, retry_after_s=self.backlog_retry_s)

    def note(self, op: str) -> None:
        """Count an accepted statement."""
        self.offers_today += op in METERED
        self.waiting += op == OFFER


async def load_allowance(
    session: AsyncSession, origin: str, *, desk: Desk, metered: bool, now: Instant
) -> Allowance:
    """The node's allowance; the origin must be locked. `metered` false: nothing will be checked.

    One row for the day's use. The queue is counted no further than the quota, by index.
    """
    if not metered:
        return Allowance()
    quota = await read_quota(session, origin, default=desk.quota)
    counter = await read_counter(session, origin)
    waiting = await desk.ports.count_waiting(session, origin, quota.review_backlog)
    allowance = Allowance(quota, counter.offers_on(legal_day(now)), waiting)
    allowance.day_retry_s = seconds_to_midnight(now)
    if waiting + MAX_BATCH_STATEMENTS <= quota.review_backlog:
        return allowance  # whatever comes in one request finds room
    pace = await desk.ports.seconds_per_decision(session, origin, now)
    if pace is not None:
        seconds = max(math.ceil(pace), SHORTEST_RETRY_SECONDS)
        allowance.backlog_retry_s = min(seconds, LONGEST_RETRY_SECONDS)
    return allowance


def seconds_to_midnight(now: Instant) -> int:
    """Whole seconds until the next legal day begins (Asia/Shanghai)."""
    midnight = datetime.combine(legal_day(now) + timedelta(days=1), time(), SHANGHAI)
    return math.ceil((midnight - now).total_seconds())
