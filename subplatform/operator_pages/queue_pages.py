"""The verification queue: filters in the address, oldest first; a selection is recommended."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.public_pages.reader import Reader
from shared_platform.workspace.forms import Filled, FormView, form_of, fresh
from shared_platform.workspace.submit_once import Done, submit_once
from shared_platform.workspace.visit import Visit
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import Words
from shared_schema.instants import legal_day
from shared_schema.patent_number import print_patent_number
from shared_schema.rules.table import RULE_TABLE
from subplatform.accounts.permissions import NODE_POLICY, Permission
from subplatform.accounts.scope import EVERYTHING
from subplatform.declarations.read_declarations import (
    DeclarationLine,
    DeclarationQuery,
    list_declarations,
)
from subplatform.declarations.states import ENDED, State
from subplatform.operator_pages.callers import AskingVerifier, DeskRecommender, DeskVerifier
from subplatform.operator_pages.desk_words import STATE_WORDS
from subplatform.operator_pages.said import said_on
from subplatform.operator_pages.verification_words import VERIFICATION_WORDS, VIEW_WORDS
from subplatform.recommendation.errors import NotRecommendable
from subplatform.recommendation.recommend import PILOT_PROFILES, Wanted, recommend
from subplatform.verification.check import check_drafts

router = APIRouter(include_in_schema=False)
QUEUE: Final = "/verification"
PAGE: Final = 50
View = Literal["waiting", "drafts", "correction", "verified", "sent", "ended", "all"]
_STATES: Final[dict[str, tuple[State, ...]]] = {
    "waiting": (State.SUBMITTED, State.VERIFYING),
    "drafts": (State.DRAFT,),
    "correction": (State.CORRECTION,),
    "verified": (State.VERIFIED,),
    "sent": (
        State.RECOMMENDED,
        State.PUBLISHED,
        State.SUSPENDED,
        State.WITHDRAWAL_REQUESTED,
    ),
    "ended": ENDED,
    "all": (),
}


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What the address asks for."""

    view: View
    words: str
    finding: str
    blocked: str
    overdue: bool
    returned: bool
    before: UUID | None
    import_id: UUID | None = None

    def query(self, today: date) -> DeclarationQuery:
        """The reader's form of it; what ended or was sent comes newest first."""
        return DeclarationQuery(
            states=_STATES[self.view],
            finding=self.finding or None,
            blocked={"yes": True, "no": False}.get(self.blocked),
            words=self.words.strip() or None,
            import_id=self.import_id,
            was_sent=True if self.returned else None,
            overdue_on=today if self.overdue else None,
            before=self.before,
            limit=PAGE,
            oldest_first=self.view not in {"sent", "ended", "all"},
        )

    def pairs(self, **changes: str) -> list[tuple[str, str]]:
        """What stands in the address, without the place on the list."""
        kept = {
            "view": "" if self.view == "waiting" else self.view,
            "words": self.words,
            "finding": self.finding,
            "blocked": self.blocked,
            "overdue": "true" if self.overdue else "",
            "returned": "true" if self.returned else "",
            "import": str(self.import_id) if self.import_id else "",
        }
        return [(name, value) for name, value in (kept | changes).items() if value]


async def read_filter(
    view: View = "waiting",
    words: Annotated[str, Query(max_length=100)] = "",
    finding: Annotated[str, Query(pattern=r"^(DEC-[0-9]{2})?$")] = "",
    blocked: Literal["", "yes", "no"] = "",
    *,
    overdue: bool = False,
    returned: bool = False,
    before: UUID | None = None,
    import_id: Annotated[UUID | None, Query(alias="import")] = None,
) -> QueueFilter:
    """The filter of a request."""
    return QueueFilter(view, words, finding, blocked, overdue, returned, before, import_id)


class SelectionForm(BaseModel):
    """Which declarations to recommend; `answers`: for the rules that nobody could check."""

    model_config = ConfigDict(extra="forbid")

    listings: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=PAGE)]
    answers: bool = False


Asked = Annotated[QueueFilter, Depends(read_filter)]
SentSelection = Annotated[Filled[SelectionForm], Depends(form_of(SelectionForm))]


@router.get(QUEUE)
async def queue_page(
    visit: DeskVerifier, session: Transaction, asked: Asked, now: Now, ids: Ids
) -> Response:
    """A page of the queue."""
    form = fresh(visit.reader, key=ids.new_token())
    return await _page(visit, session, asked, form=form, today=legal_day(now))


@router.post(f"{QUEUE}/recommendations")
async def recommend_selection(
    visit: DeskRecommender, sent: SentSelection, session: Transaction, now: Now
) -> Response:
    """Recommend what was selected; what may not go is named and stays."""

    async def act() -> Done:
        assert sent.model is not None
        wanted = Wanted(sent.model.listings, accepts_unchecked=sent.model.answers)
        signer = visit.request.app.state.signer
        made = await recommend(session, wanted, signer=signer, by=visit.caller.name, now=now)
        kept = "；".join(one.message for one in made.refused)
        sentence = Words(
            f"已报送 {len(made.recommended)} 份。" + (f"未报送：{kept}" if kept else ""),
            f"{len(made.recommended)} recommended." + (f" Kept back: {kept}" if kept else ""),
        )
        return Done(f"{QUEUE}?view=verified", sentence)

    try:
        if sent.model is not None:
            return await submit_once(visit, sent, act, session=session, now=now)
    except NotRecommendable as refusal:
        sent = sent.refused(refusal)
    verified = QueueFilter("verified", "", "", "", overdue=False, returned=False, before=None)
    form = sent.view(visit.reader)
    return await _page(visit, session, verified, form=form, today=legal_day(now), status=422)


@router.post(f"{QUEUE}/checks")
async def check_all(visit: AskingVerifier) -> Response:
    """Check everything that was not sent, by rules and register."""
    state = visit.request.app.state
    found = await check_drafts(state.desk, by=visit.caller.name)
    said = Words(
        f"核查了 {found.checked} 份：通过 {found.verified}，待补正 {found.correction}。",
        f"{found.checked} checked: {found.verified} verified, {found.correction} to correct.",
    )
    return await said_on(visit, QUEUE, said)


async def _page(
    visit: Visit,
    session: Transaction,
    asked: QueueFilter,
    *,
    form: FormView,
    today: date,
    status: int = 200,
) -> Response:
    page = await list_declarations(session, asked.query(today), within=EVERYTHING)
    reader = visit.reader
    facts: dict[str, Any] = {
        "asked": asked,
        "form": form,
        "lines": [_line(one, reader, today) for one in page.lines],
        "views": [(name, reader.says(words)) for name, words in VIEW_WORDS.items()],
        "rules": [(code, _rule(code, reader)) for code in RULE_TABLE],
        "next_url": reader.link(QUEUE, asked.pairs(before=str(page.next))) if page.next else None,
        "may_recommend": NODE_POLICY.allows(visit.caller, Permission.RECOMMEND),
        "has_pilot": any(one.profile in PILOT_PROFILES for one in page.lines),
    }
    template = "subplatform.operator_pages:queue.html"
    return show_page(visit, template, facts, words=VERIFICATION_WORDS, status=status)


def _line(one: DeclarationLine, reader: Reader, today: date) -> dict[str, Any]:
    return {
        "listing": str(one.listing),
        "number": print_patent_number(one.application_number),
        "title": one.title or reader.says(VERIFICATION_WORDS["untitled"]),
        "holders": one.holder_names,
        "state": one.state,
        "state_word": reader.says(STATE_WORDS[one.state]),
        "is_blocked": one.is_blocked,
        "codes": one.finding_codes,
        "unchecked": len(one.unchecked_rules),
        "due": one.correction_due,
        "is_overdue": one.correction_due is not None and one.correction_due < today,
        "created_at": one.created_at,
        "is_returned": one.state == State.CORRECTION and one.version > 0,
    }


def _rule(code: str, reader: Reader) -> str:
    row = RULE_TABLE[code]
    return f"{code} {reader.says(Words(row.check_zh, row.check_en))}"
