"""Made-up offers for measuring: valid numbers, real shapes, about 2.5 KB each, none like another.

They are written as plain JSON and signed for real, since a measurement must not spend its time on
making its own input. Whoever takes them in checks them like any others.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from itertools import count
from typing import Any, Final
from uuid import UUID

import orjson

from shared_schema.declaration import COMMITMENTS, Declaration
from shared_schema.dsse import sign_envelope
from shared_schema.identities import IdSource, RandomIds
from shared_schema.instants import Instant, format_instant
from shared_schema.patent_number import PatentKind, check_character
from shared_schema.signing_key import SigningKey
from shared_schema.statement import STATEMENT_TYPE

SERIAL_DIGITS: Final = 7
_KINDS: Final[tuple[tuple[PatentKind, int, tuple[int, ...]], ...]] = (
    ("invention", 1, (2014, 2015, 2016, 2017, 2018, 2019, 2020)),
    ("utility_model", 2, (2021, 2022, 2023)),
    ("design", 3, (2022, 2023)),
)
_HEADS: Final = (
    "一种基于深度学习的",
    "用于新能源汽车的",
    "一种低功耗",
    "面向海上风电的",
    "一种可降解",
)
_BODIES: Final = (
    "图像识别",
    "电池热管理",
    "语音降噪",
    "叶片检测",
    "包装材料",
    "水质监测",
    "联邦学习",
)
_TAILS: Final = ("方法及系统", "装置", "设备及其控制方法", "制备工艺", "测量仪")
_HOLDERS: Final = ("五邑大学", "岭南材料研究院", "珠江仪器有限公司", "粤北农业科学研究所")
_SENTENCE: Final = "本方案通过采集现场数据并在边缘节点完成特征提取，降低了对中心服务器带宽的依赖。"


def application_number(place: int) -> tuple[str, PatentKind]:
    """The `place`-th number, with a right check character, and the kind it says."""
    kind, digit, years = _KINDS[place % len(_KINDS)]
    year = years[place // len(_KINDS) % len(years)]
    digits = f"{year}{digit}{place:0{SERIAL_DIGITS}d}"
    return digits + check_character(digits), kind


def title_of(place: int) -> str:
    """A title of 15 to 25 characters."""
    head, body, tail = (words[place // step % len(words)] for words, step in _WORDS)
    return f"{head}{body}{tail}（{place}）"


def holder_of(place: int) -> str:
    """One of a few hundred names."""
    return f"{_HOLDERS[place % len(_HOLDERS)]}第{place % 211 + 1}室"


_WORDS: Final = ((_HEADS, 1), (_BODIES, 5), (_TAILS, 35))


@dataclass(frozen=True, slots=True)
class MadeStatement:
    """A signed offer and what the log says about it."""

    raw: bytes
    listing: UUID
    number: str
    statement_hash: str
    object_hash: str


@dataclass(slots=True)
class Maker:
    """Signs offers of one node, each the first version of a new listing."""

    node: str
    key: SigningKey
    now: Instant
    ids: IdSource = field(default_factory=RandomIds)
    places: Iterator[int] = field(default_factory=lambda: count(1))
    _body: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        """Let the contract itself write the members that are the same in all."""
        self._body = _declaration(self.now).model_dump(mode="json", by_alias=True)

    def offers(self, wanted: int) -> list[MadeStatement]:
        """The next offers; their counters follow each other."""
        return [self._offer(next(self.places)) for _ in range(wanted)]

    def _offer(self, place: int) -> MadeStatement:
        number, kind = application_number(place)
        listing = self.ids.new_id()
        payload = orjson.dumps(
            {
                "v": 1,
                "schema": "licence-declaration/1",
                "origin": self.node,
                "listing": str(listing),
                "oseq": place,
                "version": 1,
                "prev": None,
                "op": "offer",
                "subject": {"jurisdiction": "CN", "application_number": number},
                "salt": self.ids.new_token(),
                "body": self._varied(place, number, kind),
                "reason": None,
                "issued_at": format_instant(self.now),
                "crit": [],
            },
            option=orjson.OPT_SORT_KEYS,
        )
        raw = sign_envelope(payload, STATEMENT_TYPE, self.key)
        hashes = sha256(payload).hexdigest(), sha256(raw).hexdigest()
        return MadeStatement(raw, listing, number, *hashes)

    def _varied(self, place: int, number: str, kind: PatentKind) -> dict[str, Any]:
        same = self._body
        payment = same["fee"]["payment"] | {"amount_fen": 1_000_000 + place % 997 * 10_000}
        return same | {
            "patent": same["patent"]
            | {"application_number": number, "kind": kind, "title": title_of(place)},
            "holders": [same["holders"][0] | {"name": holder_of(place)}],
            "fee": same["fee"] | {"payment": payment},
            "abstract": f"{title_of(place)}。{_SENTENCE * 4}",
        }


def log_leaf(made: MadeStatement, *, node: str, key_id: str, at: str) -> bytes:
    """The log entry that offers the statement, as the hub's decision would write it."""
    entry = {
        "v": 1,
        "kind": "listing_offered",
        "at": at,
        "origin": node,
        "listing": str(made.listing),
        "version": 1,
        "application_number": made.number,
        "statement_hash": made.statement_hash,
        "object_hash": made.object_hash,
        "key_id": key_id,
        "standing": "primary",
        "decision": {"rule": "examined", "second_pair": False},
    }
    return json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _declaration(now: Instant) -> Declaration:
    signed_at = format_instant(now - timedelta(days=2))
    return Declaration.model_validate(
        {
            "profile": "pilot-gd-2022",
            "patent": {
                "application_number": application_number(0)[0],
                "kind": application_number(0)[1],
                "title": title_of(0),
            },
            "holders": [{"name": holder_of(0), "kind": "university"}],
            "fee": {"payment": {"mode": "lump_sum", "amount_fen": 1_000_000, "due_days": 30}},
            "period": {"end": f"{now.year + 2}-12-31"},
            "territory": {"include": ["CN"]},
            "contact": {"name": "张三", "phone": "13812345678"},
            "commitments": [
                {"code": code, "text_version": "2022", "signer": "张三", "signed_at": signed_at}
                for code in COMMITMENTS
            ],
        }
    )
