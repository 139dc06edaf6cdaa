"""The monthly issues for people: the list, one issue with its files and errata, the feed."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from fastapi import APIRouter, Request, Response

from main_platform.monthly_issue.errata import Erratum, count_errata, errata_file, read_errata
from main_platform.monthly_issue.issue_feed import atom_of
from main_platform.monthly_issue.issue_words import ISSUE_WORDS
from main_platform.monthly_issue.numbering import shown_number
from main_platform.monthly_issue.read_issues import Issue, IssueState, find_issue, list_issues
from main_platform.monthly_issue.schemas import EditionOut, IssueFileOut
from main_platform.monthly_issue.tables import IssueEditionRow
from shared_platform.database.transaction import Transaction
from shared_platform.public_pages.frame import show
from shared_platform.public_pages.listing_view import local_day, local_time
from shared_platform.public_pages.reader import Reader, Reading
from shared_platform.search.facet_words import FACET_TITLES, facet_words
from shared_schema.bilingual import Words
from shared_schema.instants import parse_instant

PAGE: Final = 24
_KIB: Final = 1024
_FORMS: Final = {"json": "JSON", "csv": "CSV", "xlsx": "Excel", "pdf": "PDF"}
_ATOM: Final = "application/atom+xml"
_SHORTLY: Final = {"cache-control": "public, max-age=600"}

router = APIRouter(include_in_schema=False)
feed_router = APIRouter(tags=["syndication"])


@dataclass(frozen=True, slots=True)
class FileView:
    """One file as a page offers it."""

    form: str
    name: str
    size: str
    sha256: str
    url: str | None


@dataclass(frozen=True, slots=True)
class EditionView:
    """One edition as a page tells of it."""

    edition: int
    cause: str
    made: str
    files: tuple[FileView, ...]


@dataclass(frozen=True, slots=True)
class ErratumView:
    """One correction as a page prints it; without words where they were erased."""

    seq: int
    place: str
    field: str
    was: str
    should_be: str
    reason: str
    day: str
    is_erased: bool


@dataclass(frozen=True, slots=True)
class IssueView:
    """An issue as a page prints it."""

    number: str
    name: str
    as_of: str
    is_early: bool
    state: str
    state_word: str
    frozen: str
    log_origin: str
    log_size: int
    log_root: str
    entries: int | None
    erased: int
    unclassified: int
    errata: int
    unprintable: str
    counts: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]
    present: EditionView | None
    former: tuple[EditionView, ...]


@router.get("/issues")
async def issues_page(
    request: Request, session: Transaction, reader: Reading, before: str | None = None
) -> Response:
    """The issues, newest first."""
    found = await list_issues(session, before=before, limit=PAGE + 1)
    page = found[:PAGE]
    errata = await count_errata(session, [one.row.number for one in page])
    following = page[-1].row.number if len(found) > PAGE else None
    facts = {
        "issues": [issue_view(one, reader, errata=errata) for one in page],
        "next_url": reader.link("/issues", [("before", following)]) if following else None,
        "first_url": reader.link("/issues") if before else None,
        "own": spoken_words(reader),
    }
    return show(request, "issues.html", facts, reader=reader)


@router.get("/issues/{number}")
async def issue_page(
    request: Request, session: Transaction, number: str, reader: Reading
) -> Response:
    """One issue: files with sizes and hashes, errata, editions, how to verify."""
    issue = await find_issue(session, number)
    errata = await read_errata(session, number)
    if issue.state is IssueState.RENEWING:
        errata = [
            one for one in errata if one.facts.get("no") not in (*issue.erased, *issue.unlogged)
        ]
    shown = issue_view(issue, reader, errata={number: len(errata)})
    facts = {
        "one": shown,
        "editions": [shown.present, *shown.former],
        "errata": [_erratum_view(one, reader) for one in errata],
        "errata_sha256": sha256(errata_file(errata)).hexdigest() if errata else "",
        "errata_url": f"/api/v1/issues/{number}/errata",
        "own": spoken_words(reader),
    }
    return show(request, "issue.html", facts, reader=reader)


@feed_router.get(
    "/feeds/issues.atom",
    summary="月度目录订阅 / feed of the monthly issues",
    response_class=Response,
    responses={
        200: {
            "description": "成功 / found",
            "content": {_ATOM: {"schema": {"type": "string"}, "example": "<feed>…</feed>"}},
        }
    },
)
async def issues_feed(request: Request, session: Transaction, reader: Reading) -> Response:
    """The latest issues, and again each time one has a new edition."""
    issues = await list_issues(session, limit=PAGE)
    settings = request.app.state.settings
    title = Words(f"{settings.name_zh} · 月度目录", f"{settings.name_en} · monthly issues")
    feed = atom_of(
        [one for one in issues if one.latest is not None],
        title=reader.says(title),
        base=settings.base_url,
        reader=reader,
    )
    fields = _SHORTLY | {"vary": "accept-language"}
    return Response(feed, media_type=_ATOM, headers=fields)


def issue_view(issue: Issue, reader: Reader, *, errata: dict[str, int]) -> IssueView:
    """The issue in the reader's language."""
    row, latest = issue.row, issue.latest
    counts = latest.counts if latest else None
    return IssueView(
        number=row.number,
        name=reader.says(shown_number(row.number)),
        as_of=row.as_of.isoformat(),
        is_early=row.is_early,
        state=issue.state.value,
        state_word=reader.says(ISSUE_WORDS[f"state_{issue.state}"]),
        frozen=local_time(row.frozen_at),
        log_origin=row.log_origin,
        log_size=row.log_size,
        log_root=row.log_root.hex(),
        entries=counts["entries"] if counts else None,
        erased=counts["erased"] if counts else 0,
        unclassified=counts["unclassified"] if counts else 0,
        errata=errata.get(row.number, 0),
        unprintable="　".join(latest.unprintable) if latest else "",
        counts=_count_tables(counts, reader) if counts else (),
        present=_edition_view(latest, issue.state is IssueState.PUBLISHED, reader)
        if latest
        else None,
        former=tuple(_edition_view(one, False, reader) for one in issue.editions[:-1]),  # noqa: FBT003 - the only flag
    )


def spoken_words(reader: Reader) -> dict[str, str]:
    """The words of these pages in the reader's language."""
    return {name: reader.says(words) for name, words in ISSUE_WORDS.items()}


def _count_tables(
    counts: dict[str, dict[str, int]], reader: Reader
) -> tuple[tuple[str, tuple[tuple[str, int], ...]], ...]:
    """The tables of the cover; the names of the counts are those of the catalogue's facets."""
    tables = {
        "kind": counts["by_kind"],
        "fee_mode": counts["by_fee_mode"],
        "industry": counts["by_section"],
    }
    return tuple(
        (
            reader.says(FACET_TITLES[name]),
            tuple((reader.says(facet_words(name, code)), count) for code, count in found.items()),
        )
        for name, found in tables.items()
        if found
    )


def _edition_view(row: IssueEditionRow, is_given_out: bool, reader: Reader) -> EditionView:  # noqa: FBT001 - the only flag
    shown = EditionOut.of(row, is_given_out=is_given_out)
    return EditionView(
        row.edition,
        reader.says(ISSUE_WORDS[f"cause_{row.cause}"]),
        local_time(row.made_at),
        tuple(_file_view(one) for one in shown.files),
    )


def _file_view(file: IssueFileOut) -> FileView:
    form = _FORMS[file.name.rpartition(".")[2]]
    return FileView(form, file.name, _size(file.bytes), file.sha256, file.url)


def _size(length: int) -> str:
    if length < _KIB * _KIB:
        return f"{max(1, round(length / _KIB)):,} KB"
    return f"{length / _KIB / _KIB:,.1f} MB"


def _erratum_view(erratum: Erratum, reader: Reader) -> ErratumView:
    facts = erratum.facts
    if facts.get("erased"):
        return ErratumView(erratum.seq, "", "", "", "", "", "", is_erased=True)
    no = facts["no"]
    whole = reader.says(ISSUE_WORDS["whole_issue"])
    return ErratumView(
        erratum.seq,
        f"{no:05d}" if no else whole,
        reader.says(ISSUE_WORDS[f"field_{facts['field']}"]),
        facts["was"],
        facts["should_be"],
        facts["reason"],
        local_day(parse_instant(facts["at"])),
        is_erased=False,
    )
