"""pycsw with the same listings: its own schema in SQLite, its own OAI-PMH, one process.

SQLite and not the run's PostgreSQL, because the set-up of pycsw 2.6 creates functions in PL/Python
2 there, which no current server has.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lxml import etree

from deploy.bench.child_processes import serving
from deploy.bench.made_log import NODE
from deploy.bench.peer_environment import PYCSW, install_peer, program, run_apart
from deploy.bench.world import HOST, World, free_port
from shared_platform.harvest.records import DC, metadata
from shared_schema.log_page import PageEntry
from shared_schema.public_listing import NineItems
from shared_schema.statement import declaration_of, read_statement

PAGE: Final = 200
"""Records in an answer: of 50 to 1,000 the size at which pycsw gave most records a second."""

CSW: Final = "http://www.opengis.net/cat/csw/2.0.2"
_TERMS: Final = "http://purl.org/dc/terms/"
_INSERT: Final = (
    "INSERT OR REPLACE INTO records (identifier, typename, schema, mdsource, insert_date, xml,"
    " anytext, title, creator, type, date)"
    " VALUES (?, 'csw:Record', ?, 'local', ?, ?, ?, ?, ?, ?, ?)"
)
_DESCRIPTION: Final = """
provider_name provider_url contact_name contact_position contact_address contact_city
contact_stateorprovince contact_postalcode contact_country contact_phone contact_fax contact_email
contact_url contact_hours contact_instructions contact_role identification_title
identification_abstract identification_keywords identification_keywords_type identification_fees
identification_accessconstraints
"""
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Peer:
    """A running pycsw."""

    address: str
    database: Path

    async def load_rows(self, rows: Iterable[Row]) -> None:
        """Put rows into its table."""
        await asyncio.to_thread(self._insert, rows)

    async def load(self, entries: Sequence[PageEntry], *, at: str) -> None:
        """Put listings into its table, as if they had been catalogued at this instant."""
        await asyncio.to_thread(self._load, entries, at)

    def _load(self, entries: Sequence[PageEntry], at: str) -> None:
        rows = (peer_row(one.object_bytes, at) for one in entries if one.object_bytes is not None)
        self._insert(rows)

    def _insert(self, rows: Iterable[Row]) -> None:
        with closing(sqlite3.connect(self.database)) as connection, connection:
            connection.executemany(_INSERT, rows)
            connection.execute("ANALYZE")


@asynccontextmanager
async def a_pycsw(world: World) -> AsyncIterator[Peer]:
    """Install it, give it an empty catalogue, and run it until the block ends.

    Raises:
        BenchFailed: it cannot be installed or does not start.
    """
    environment = await install_peer(world, PYCSW)
    folder = world.folder / "pycsw"
    folder.mkdir()
    peer = Peer(f"http://{HOST}:{(port := free_port())}/", folder / "records.db")
    settings = folder / "pycsw.cfg"
    settings.write_text(_settings(peer), encoding="utf-8")
    python, log = program(environment, "python"), folder / "pycsw.log"
    set_up = [program(environment, "pycsw-admin.py"), "-c", "setup_db", "-f", str(settings)]
    await run_apart([python, *set_up], {}, log=log)
    server = ["waitress", f"--listen={HOST}:{port}", "--threads=1", "pycsw.wsgi:application"]
    asked = "/?mode=oaipmh&verb=Identify"
    variables = {"PYCSW_CONFIG": str(settings)}
    async with serving(server, variables, port=port, log=log, python=python, asked=asked):
        yield peer


def _settings(peer: Peer) -> str:
    """The least that pycsw starts with; nothing in it slows it down."""
    lines = (
        "[server]",
        f"url={peer.address}",
        "home=.",
        "mimetype=application/xml; charset=UTF-8",
        "encoding=UTF-8",
        "language=en-US",
        f"maxrecords={PAGE}",
        "[manager]",
        "transactions=false",
        "[metadata:main]",
        *(f"{name}=bench" for name in _DESCRIPTION.split()),
        "[repository]",
        f"database=sqlite:///{peer.database.as_posix()}",
        "table=records",
    )
    return "\n".join(lines) + "\n"


def peer_row(raw: bytes, at: str) -> Row:
    """The statement's listing in pycsw's columns."""
    statement = read_statement(raw).statement
    items = NineItems.from_declaration(declaration_of(statement)).model_dump(mode="json")
    shown = {
        "listing": str(statement.listing),
        "number": statement.subject.application_number,
        "origin": NODE,
        "items": items,
    }
    return dublin_core_row(shown, at)


def dublin_core_row(shown: Mapping[str, Any], at: str, *, abstract: str = "") -> Row:
    """The listing as the Dublin Core that our own OAI-PMH gives, in pycsw's columns.

    An abstract is only searched in, as with us.
    """
    page = f"https://hub.example/listings/{shown['listing']}"
    told = {"state": "published", **shown, "approved_at": at}
    record = metadata(told, "oai_dc", page=page)
    record.tag = f"{{{CSW}}}Record"
    record.attrib.clear()
    etree.SubElement(record, f"{{{_TERMS}}}modified").text = at
    texts = {str(one.tag): one.text or "" for one in record.iterchildren()}
    xml = etree.tostring(record, encoding="unicode")
    named = (texts.get(f"{{{DC}}}{name}", "") for name in ("title", "creator", "type"))
    return (page, CSW, at, xml, " ".join([*texts.values(), abstract]), *named, at)
