"""Examiners who decide all the time: approve, and return one listing of so many once."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from deploy.drill.federation import EXAMINERS, HUB
from deploy.drill.ledger import Ledger
from deploy.drill.load import Json, answered, is_returned_once, read
from deploy.drill.services import Service

_PAUSE_SECONDS: Final = 0.3
_LOT: Final = 40
_RETURN: Final = [{"code": "period_too_short", "text": "演练：请延长许可期限"}]
_OK: Final = 200


@dataclass(slots=True)
class Examining:
    """The examiners' work until cancelled. `decided` are the decisions that were acknowledged."""

    hub: Service
    ledger: Ledger
    returns: bool = True
    decided: dict[str, str] = field(default_factory=dict)

    def verdict_on(self, review: Json) -> str:
        """What the examiners decide about this review, whoever asks and however often."""
        is_first = review["version"] == 1 and is_returned_once(review["listing"])
        return "return" if self.returns and is_first else "approve"

    async def work(self) -> None:
        """Decide everything that waits, for ever."""
        while True:
            found = await read(
                self.hub, f"/api/v1/reviews?state=waiting&limit={_LOT}", by=EXAMINERS[0]
            )
            for verdict in ("approve", "return"):
                lot = [one for one in found["items"] if self.verdict_on(one) == verdict]
                if lot:
                    await self._decide(lot, verdict)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _decide(self, lot: Sequence[Json], verdict: str) -> None:
        act = self.ledger.intend(HUB, verdict, *(one["review"] for one in lot))
        body = {
            "verdict": verdict,
            "reasons": _RETURN if verdict == "return" else [],
            "reviews": [
                {"review": one["review"], "statement_hash": one["statement_hash"]} for one in lot
            ],
        }
        answer = await answered(
            self.hub, "POST", "/api/v1/reviews/decisions", body, by=EXAMINERS[0]
        )
        if answer is None or answer.status_code != _OK:
            return  # the next look shows what still waits
        results = answer.json()["results"]
        done = [one["review"] for one in results if one["problem"] is None]
        self.decided |= dict.fromkeys(done, verdict)
        self.ledger.acknowledge(act, done)
