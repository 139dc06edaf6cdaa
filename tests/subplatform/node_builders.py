"""Builders for the node: declarations that no rule objects to, lists, register rows, a desk."""

import csv
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_schema.declaration import COMMITMENTS, Contact, Declaration
from shared_schema.identities import IdSource, SeededIds
from shared_schema.instants import Instant
from shared_schema.patent_number import check_character
from shared_schema.register_facts import RegisterFacts
from subplatform.declarations.desk import Desk
from subplatform.declarations.drafts import NewDraft, create_draft
from subplatform.declarations.importing.supplied import Supplied, all_commitments
from subplatform.declarations.tables import DeclarationRow
from subplatform.patent_register.register import NoRegister, PatentRegister

NOW = datetime(2023, 6, 1, 2, 0, tzinfo=UTC)
TODAY = date(2023, 6, 1)
BY = "li.na"

HEADER = (
    "patent_id",
    "patent_type",
    "patent_owner",
    "patent_owner_type",
    "license_fee_type",
    "license_deadline",
    "license_location",
)
FREE = '{"type":"0"}'


class StoppedClock:
    """A clock that shows `at` until a test moves it."""

    def __init__(self, at: Instant = NOW) -> None:
        self.at = at

    def now(self) -> Instant:
        return self.at


class KnownRegister:
    """A register in memory, changed by the test."""

    def __init__(self, *facts: RegisterFacts) -> None:
        self.rows = {one.application_number: one for one in facts}

    def say(self, facts: RegisterFacts) -> None:
        self.rows[facts.application_number] = facts

    async def facts(self, numbers: Iterable[str]) -> Mapping[str, RegisterFacts]:
        return {number: self.rows[number] for number in numbers if number in self.rows}


def a_number(place: int, *, year: int = 2019) -> str:
    """The `place`-th invention of a year, with its check character."""
    digits = f"{year}1{place:07d}"
    return digits + check_character(digits)


def a_declaration(number: str | None = None, **changes: object) -> Declaration:
    body: dict[str, Any] = {
        "profile": "pilot-gd-2022",
        "patent": {
            "application_number": number or a_number(1),
            "kind": "invention",
            "title": "一种录音方法",
        },
        "holders": [{"name": "五邑大学", "kind": "university"}],
        "fee": {"payment": {"mode": "lump_sum", "amount_fen": 3_000_000, "due_days": 30}},
        "period": {"end": "2028-12-31"},
        "territory": {"include": ["CN"]},
        "contact": {"name": "张三", "phone": "13812345678"},
        "commitments": [
            {
                "code": code,
                "text_version": "2022-1",
                "signer": "五邑大学",
                "signed_at": "2023-05-30T08:00:00Z",
            }
            for code in COMMITMENTS
        ],
    }
    return Declaration.model_validate(body | changes)


SUPPLIED = Supplied(
    contact=Contact(name="张三", phone="13812345678"),
    commitments=all_commitments(
        signer="五邑大学", signed_at=datetime(2023, 5, 30, tzinfo=UTC), text_version="2022-1"
    ),
    holders_consent=True,
)


def facts_of(number: str, **changes: object) -> RegisterFacts:
    facts: dict[str, Any] = {
        "application_number": number,
        "as_of": TODAY,
        "source": "登记簿副本",
        "granted": True,
        "status": "valid",
        "holders": ["五邑大学"],
        "annual_fee": "paid",
    }
    return RegisterFacts.model_validate(facts | changes)


def a_row(number: str, **changes: str) -> dict[str, str]:
    """One line of a list in the form of the Guangdong main platform."""
    cells = (number, "发明", "五邑大学", "高校", FREE, "2026-12-31", "全国")
    return dict(zip(HEADER, cells, strict=True)) | changes


def a_list(path: Path, *rows: Mapping[str, str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        writer.writerows(rows)
    return path


def a_desk(
    sessions: async_sessionmaker[AsyncSession],
    *,
    register: PatentRegister | None = None,
    clock: StoppedClock | None = None,
    ids: IdSource | None = None,
) -> Desk:
    return Desk(sessions, register or NoRegister(), clock or StoppedClock(), ids or SeededIds(7))


async def a_draft(
    session: AsyncSession, number: str | None = None, *, ids: IdSource, **changes: object
) -> DeclarationRow:
    """A stored draft that no rule objects to, unless the changes make one object."""
    draft = NewDraft(a_declaration(number, **changes))
    row = await create_draft(session, draft, by=BY, now=NOW, ids=ids)
    await session.flush()  # tests read it with statements of their own
    return row
