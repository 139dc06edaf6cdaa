"""A catalogue of any size put straight into the tables: listings as a search meets them.

About 1.5 KB of Chinese text each, the words as unevenly spread as real ones are. Nothing here is
signed, so nobody can verify it: for measuring what is read, not what is taken in.
"""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from random import Random
from typing import Any, Final, cast
from uuid import UUID

import orjson

from deploy.bench.machine import connect
from deploy.bench.made_log import NODE
from deploy.bench.made_statements import application_number
from deploy.bench.made_words import HOLDERS, INDUSTRIES, IPC, TAILS, WORDS
from shared_platform.catalogue.listing_rows import all_columns
from shared_platform.database.engine import Database
from shared_schema.catalogue_state import ListingHead, ListingState, Standing, Terms
from shared_schema.declaration import COMMITMENTS, Declaration
from shared_schema.instants import Instant, format_instant
from shared_schema.patent_number import kind_of
from shared_schema.text import fold

RARE, IN_20TH, IN_QUARTER, IN_HALF = "铱合金", "催化剂", "传感器", "数据"
"""Words of one in 5,000 listings, of 5 %, of 27 % and of 55 % of them."""

SEVERAL: Final = "深度学习图像识别系统"
"""Several words typed together, as people do."""

_MARKERS: Final = ((RARE, 0.0002), (IN_20TH, 0.05), (IN_QUARTER, 0.27), (IN_HALF, 0.55))
_IN_TITLE: Final = 0.2  # of the listings with such a word
_FREE, _ONE_SUM = 0.4, 0.4  # of all offers; the others ask for a royalty
_CLAUSES: Final = 9
_PAGE: Final = 5_000
_STATES: Final = ("published",) * 92 + ("withdrawn",) * 6 + ("suspended",) * 2
_SEED: Final = 20261122
_LISTING_BASE: Final = 1 << 100
_OBJECTS: Final = ("object_hash", "envelope")
_LISTING_COLUMNS: Final = """
listing origin application_number kind state standing version first_serial serial approved_at
period_end holder_names title key_id statement_hash object_hash terms_object needs_newer_reader
facts_json items_json
"""
_LISTINGS: Final = tuple(_LISTING_COLUMNS.split())


@dataclass(frozen=True, slots=True)
class MadeListing:
    """One listing: its columns in the order of `_LISTINGS`, the envelope behind it, its title."""

    columns: tuple[object, ...]
    object_hash: bytes
    envelope: bytes
    title: str
    number: str
    facts: bytes
    items: bytes


@dataclass(slots=True)
class Shelf:
    """Makes listings, each other than all before it; the same ones in every run.

    Attributes:
        now: when all of them were approved.
        first_serial: the place in the log of the first one.
    """

    now: Instant
    first_serial: int
    _random: Random = field(default_factory=lambda: Random(_SEED))  # noqa: S311 - not for secrets
    _made: int = 0
    _body: dict[str, Any] = field(init=False)
    _items: dict[str, Any] = field(init=False)
    _facts: dict[str, Any] = field(init=False)
    _weights: list[float] = field(init=False)

    def __post_init__(self) -> None:
        """Let the product itself write what is the same in all."""
        declaration = _declaration(self.now)
        columns = all_columns(_head(self.now), Terms(declaration))
        self._body = declaration.model_dump(mode="json", by_alias=True)
        self._items = orjson.loads(cast(bytes, columns["items_json"]))
        self._facts = orjson.loads(cast(bytes, columns["facts_json"]))
        total, self._weights = 0.0, []
        for place in range(len(WORDS)):
            total += 1 / (place + 12)
            self._weights.append(total)

    def listings(self, wanted: int) -> Iterator[MadeListing]:
        """The next listings."""
        for _ in range(wanted):
            yield self._listing()
            self._made += 1

    def _listing(self) -> MadeListing:
        chance, place = self._random, self._made
        number, kind = application_number(place)
        words = chance.choices(WORDS, cum_weights=self._weights, k=3 + 2 * _CLAUSES)
        marked = [word for word, share in _MARKERS if chance.random() < share]
        in_title = "".join(one for one in marked if chance.random() < _IN_TITLE)
        title = f"一种基于{words[0]}的{in_title}{words[1]}{words[2]}{chance.choice(TAILS)}"
        clauses = [f"{a}与{b}相连" for a, b in zip(words[3::2], words[4::2], strict=True)]
        clauses += [f"采用{word}" for word in marked]
        chance.shuffle(clauses)
        holder = chance.choice(HOLDERS)
        body = self._body | {
            "patent": {"application_number": number, "kind": kind, "title": title},
            "holders": [holder],
            "fee": _fee(chance),
            "period": {"end": str(self._end(chance))},
            "territory": {"include": [chance.choice(("CN", "CN", "44", "440100", "440300"))]},
            "technical_field": {
                "ipc": [chance.choice(IPC)],
                "industries": [chance.choice(INDUSTRIES)],
            },
            "abstract": f"本发明公开了{title}，{'，'.join(clauses)}。",
        }
        return self._shown(body, number=number, title=title, holder=str(holder["name"]))

    def _end(self, chance: Random) -> date:
        """One in twenty offers has ended."""
        return self.now.date() + timedelta(days=int(chance.random() * 2_000) - 100)

    def _shown(self, body: dict[str, Any], *, number: str, title: str, holder: str) -> MadeListing:
        listing = UUID(int=_LISTING_BASE + self._made)
        serial = self.first_serial + self._made
        payload = orjson.dumps({"schema": "licence-declaration/1", "body": body})
        envelope = b'{"payload":"%b","payloadType":"bench","signatures":[]}' % b64encode(payload)
        object_hash = sha256(envelope).digest()
        origin = f"{NODE}-{self._made % 20}"
        facts, items = self._facts_of(listing, origin, number), self._items_of(body, title)
        columns = (
            listing,
            origin,
            number,
            kind_of(number),
            self._random.choice(_STATES),
            "primary",
            1,
            serial,
            serial,
            self.now,
            date.fromisoformat(body["period"]["end"]),
            [fold(holder)],
            title,
            "bench",
            object_hash,
            object_hash,
            object_hash,
            False,
            facts,
            items,
        )
        return MadeListing(columns, object_hash, envelope, title, number, facts, items)

    def _items_of(self, body: dict[str, Any], title: str) -> bytes:
        same = self._items
        items = same | {
            "number": body["patent"]["application_number"],
            "title": title,
            "holders": [body["holders"][0]["name"]],
            "fee": body["fee"],
            "territory": body["territory"],
            "period": same["period"] | body["period"],
            "technical_field": same["technical_field"] | body["technical_field"],
        }
        return orjson.dumps(items)

    def _facts_of(self, listing: UUID, origin: str, number: str) -> bytes:
        serial = self.first_serial + self._made
        named = {"listing": str(listing), "origin": origin, "number": number, "serial": serial}
        return orjson.dumps(self._facts | named)


async def fill(database: Database, shelf: Shelf, wanted: int) -> list[MadeListing]:
    """Put so many listings into the tables and move the copy's position behind them.

    A few hundred of them, spread over all, are returned as samples.
    """
    connection = await connect(database.url)
    samples: list[MadeListing] = []
    try:
        for first in range(0, wanted, _PAGE):
            made = list(shelf.listings(min(_PAGE, wanted - first)))
            objects = [(one.object_hash, one.envelope) for one in made]
            await connection.copy_records_to_table(
                "statement_object", records=objects, columns=_OBJECTS
            )
            rows = [one.columns for one in made]
            await connection.copy_records_to_table(
                "catalogue_listing", records=rows, columns=_LISTINGS
            )
            samples += made[:: max(1, wanted // 500)]
        await connection.execute(
            "UPDATE catalogue_cursor SET size = size + $1, checkpoint_size = checkpoint_size + $1",
            wanted,
        )
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
    return samples


def _fee(chance: Random) -> dict[str, Any]:
    draw = chance.random()
    if draw < _FREE:
        return {"payment": {"mode": "free"}}
    if draw < _FREE + _ONE_SUM:
        fen = chance.choice((500_000, 3_000_000, 8_000_000, 30_000_000, 200_000_000))
        return {"payment": {"mode": "lump_sum", "amount_fen": fen, "due_days": 30}}
    rate = chance.choice(("1", "2.5", "5", "8"))
    royalty = {"base": "net_sales", "rate_percent": rate}
    return {"payment": {"mode": "entry_plus_royalty", "entry_fen": 1_000_000, "royalty": royalty}}


def _declaration(now: Instant) -> Declaration:
    number, kind = application_number(0)
    signed_at = format_instant(now - timedelta(days=2))
    return Declaration.model_validate(
        {
            "profile": "pilot-gd-2022",
            "patent": {"application_number": number, "kind": kind, "title": "一种装置"},
            "holders": [HOLDERS[0]],
            "fee": {"payment": {"mode": "free"}},
            "period": {"end": f"{now.year + 2}-12-31"},
            "territory": {"include": ["CN"]},
            "technical_field": {"ipc": [IPC[0]], "industries": [INDUSTRIES[0]]},
            "contact": {"name": "张三", "phone": "13812345678"},
            "commitments": [
                {"code": code, "text_version": "2022", "signer": "张三", "signed_at": signed_at}
                for code in COMMITMENTS
            ],
        }
    )


def _head(now: Instant) -> ListingHead:
    return ListingHead(
        origin=NODE,
        listing=UUID(int=_LISTING_BASE),
        application_number=application_number(0)[0],
        version=1,
        state=ListingState.PUBLISHED,
        standing=Standing.PRIMARY,
        primary=None,
        first_serial=0,
        serial=0,
        approved_at=now,
        statement_hash="00" * 32,
        object_hash="00" * 32,
        key_id="bench",
        reason_code=None,
        terms_object="00" * 32,
    )
