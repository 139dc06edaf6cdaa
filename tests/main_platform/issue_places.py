"""A hub on the first of December with a few open offers, and what is done to its issues there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from main_platform.catalogue.publish import Queued, queue_entries
from main_platform.monthly_issue.make_files import Issues
from shared_platform.database.engine import Database
from shared_schema.catalogue_state import ListingChange
from shared_schema.log_entry import UnknownEntry, read_entry
from tests.main_platform.hub_log import Deciding
from tests.main_platform.hub_places import OpenHub, an_open_hub
from tests.shared_platform.hub_log_peer import Offered, a_number
from tests.shared_schema.offers import a_declaration

NOVEMBER: Final = "2026-11"
NUMBER: Final = "KX-2026-11"
DECEMBER_FIRST: Final = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
FORMULA: Final = "=HYPERLINK(1)测量装置"
RARE: Final = "𠮷林测量装置"  # no font of the printed issue has the first character
PERSON: Final = {"name": "赵小燕", "phone": "13987650001"}
OFFERS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    (FORMULA, {"ipc": ["G01B 11/00"], "industries": ["C40"]}),
    ("无行业的水泵", {"ipc": ["F04D 1/00"]}),
    (RARE, {"ipc": ["A01B 1/00"], "industries": ["A01", "C40"]}),
)


@dataclass
class IssuingHub:
    """An open hub whose log says what a federation decided."""

    hub: OpenHub
    federation: Deciding = field(default_factory=Deciding)
    offers: list[Offered] = field(default_factory=list)
    queued: int = 1  # the hub's own log has its own first entry

    def offer(self, place: int, title: str, **changes: Any) -> Offered:
        """An offer of the federation's one node; not in the hub's log yet."""
        number = a_number(place)
        patent = {"application_number": number, "kind": "invention", "title": title}
        declaration = a_declaration(**{"patent": patent, "contact": PERSON} | changes)
        offered = self.federation.offer("gz-centre", number, declaration=declaration)
        self.offers.append(offered)
        return offered

    async def publish(self) -> None:
        """Put into the log, and sign, what the federation decided since the last time."""
        peer = self.federation.hub
        entries = []
        for serial in range(self.queued, peer.size):
            entry = read_entry(peer.leaves[serial])
            assert not isinstance(entry, UnknownEntry)
            name = peer.named[serial] if isinstance(entry, ListingChange) else None
            entries.append(Queued(entry, self.federation.envelopes[name] if name else None))
        self.queued = peer.size
        async with self.hub.database.sessions.begin() as session:
            await queue_entries(session, entries)
        await self.hub.context.sequencer.drain()

    async def order(self, month: str = NOVEMBER, **body: Any) -> None:
        """Freeze a month; its files are not made yet."""
        answer = await self.hub.ask("POST", "/api/v1/issues", {"month": month} | body, by="sun.lei")
        assert answer.status_code == 201, answer.text

    async def make(self) -> list[str]:
        """Make what is due; the causes of the new editions."""
        made = await self.issues.make_due(now=self.hub.clock.now())
        return [one.cause for one in made]

    @property
    def issues(self) -> Issues:
        """What makes files on this hub."""
        return Issues(self.hub.database.sessions, self.hub.context.issues)

    async def frozen(self) -> dict[str, Any]:
        """The issue of November with its files."""
        await self.order()
        assert await self.make() == ["frozen"]
        return await self.issue()

    async def issue(self) -> dict[str, Any]:
        """The issue of November as readers see it."""
        found: dict[str, Any] = (await self.hub.ask("GET", f"/api/v1/issues/{NUMBER}")).json()
        return found

    async def download(self, issue: dict[str, Any], form: str) -> bytes:
        """The file of this form."""
        (url,) = [one["url"] for one in issue["files"] if one["name"].endswith(form)]
        answer = await self.hub.ask("GET", url)
        assert answer.status_code == 200, answer.text
        return answer.content

    async def correct(self, **changes: Any) -> Any:
        """Add an erratum; the answer."""
        body = {"no": 1, "field": "title", "was": "装制", "should_be": "装置", "reason": "错字"}
        path = f"/api/v1/issues/{NUMBER}/errata"
        return await self.hub.ask("POST", path, body | changes, by="ma.lin")


@asynccontextmanager
async def an_issuing_hub(database: Database, folder: Path) -> AsyncIterator[IssuingHub]:
    """The hub with its staff and three offers, one classed in each way."""
    async with an_open_hub(database, folder) as hub:
        for name, role in STAFF.items():
            await hub.hire(name, role)
        issuing = IssuingHub(hub)
        issuing.federation.enrol("gz-centre")
        for place, (title, technical_field) in enumerate(OFFERS, start=1):
            issuing.offer(place, title, technical_field=technical_field)
        await issuing.publish()
        hub.clock.instant = DECEMBER_FIRST
        yield issuing


STAFF: Final = {
    "sun.lei": "catalogue_manager",
    "ma.lin": "catalogue_manager",
    "li.hua": "examiner",
    "audit": "auditor",
}
