"""The declaration form as a page: its fields, what is known, what the rules say beside them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.public_pages.listing_view import KIND_WORDS, listing_view
from shared_platform.public_pages.listing_words import LISTING_WORDS
from shared_platform.public_pages.terms_view import terms_view
from shared_platform.workspace.forms import FormError, FormView
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import Words
from shared_schema.declaration import COMMITMENTS, Declaration
from shared_schema.instants import Instant, format_instant, legal_day
from shared_schema.public_listing import NineItems
from shared_schema.region import COUNTRY, region_name, regions
from shared_schema.rules.commitments import COMMITMENT_TITLES
from subplatform.holder_pages.declaration_words import DECLARATION_WORDS
from subplatform.holder_pages.fee_fields import BASES, INTERVALS, MODES, STEPS
from subplatform.holder_pages.field_reading import FILL_IN, Values
from subplatform.holder_pages.form_case import FormCase, principals
from subplatform.holder_pages.form_checks import (
    NOBODY,
    Checked,
    PatentFacts,
    cost_preview,
    fee_guidance,
    patent_facts,
    reason_errors,
)
from subplatform.holder_pages.form_values import TEXT_VERSIONS, Read, holder_rows
from subplatform.holder_pages.form_words import FORM_WORDS
from subplatform.holder_pages.organisation_fields import KINDS, choices
from subplatform.holder_pages.own_visit import OwnVisit

HOLDER_KINDS: Final = {
    name: KINDS[name]
    for name in ("university", "institute", "state_enterprise", "enterprise", "other", "individual")
}
_REPORTS: Final = ("evaluation", "search", "consulting")
_MORE: Final = ("field_text", "ipc", "industries", "abstract", "rd_team", "background", "prospects")
_HOME: Final = "44"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a form page shows: the case, its fields as typed, and what was found."""

    case: FormCase
    values: Values
    read: Read
    checked: Checked | None
    errors: Sequence[FormError] = ()
    key: str = ""
    row_version: int | None = None

    def with_errors(self, errors: Sequence[FormError]) -> "Shown":
        """The same with errors at fields and in the summary."""
        return replace(self, errors=tuple(errors))


async def form_page(
    session: AsyncSession, own: OwnVisit, shown: Shown, *, profile: str, now: Instant
) -> Response:
    """The page; 422 where it says what is wrong."""
    reader = own.visit.reader
    form = FormView(shown.values, tuple(shown.errors), shown.key, reader)
    known = await patent_facts(session, form.value("number"))
    declaration = shown.read.declaration
    facts: dict[str, Any] = {
        "case": shown.case,
        "heading": reader.says(FORM_WORDS[_heading(shown.case)]),
        "form": form,
        "row_version": shown.row_version or (shown.case.row.row_version if shown.case.row else 0),
        "reasons": [
            (one.field, reader.says(one.message)) for one in reason_errors(shown.case.reasons)
        ],
        "holder_rows": holder_rows(shown.values),
        "more_open": any(form.value(name) for name in _MORE),
        "show_reason": bool(form.value("fee_reason") or form.error("fee_reason")),
        "organisations": () if shown.case.row else await principals(session, own.scope),
        "missing": [(name, _title(name, own)) for name in shown.read.missing],
        "checked": shown.checked is not None,
        "notes": shown.checked.notes(reader) if shown.checked else (),
        "unchecked": shown.checked.unchecked if shown.checked else (),
        "cost": cost_preview(declaration.fee, declaration.period.end, known, reader=reader, now=now)
        if declaration
        else None,
        "guidance": fee_guidance(profile, reader),
        "text_version": TEXT_VERSIONS.get(profile, profile),
    }
    facts |= _choices(own) | _known_lines(known, own)
    words = DECLARATION_WORDS | FORM_WORDS
    status = 422 if shown.errors else 200
    template = "subplatform.holder_pages:form.html"
    return show_page(own.visit, template, facts, words=words, status=status)


def _heading(case: FormCase) -> str:
    if case.row is None:
        return "new_title"
    if case.renews:
        return "renew_title"
    return "correct_title" if case.reasons else "edit_title"


def _title(name: str, own: OwnVisit) -> str:
    """What a field is called; one of many by its last part."""
    known = FORM_WORDS.get(name) or FORM_WORDS.get(f"holder_{name.rpartition('_')[2]}", FILL_IN)
    return own.visit.reader.says(known)


def _choices(own: OwnVisit) -> dict[str, Any]:
    reader = own.visit.reader
    cities = sorted(code for code, one in regions().items() if one.parent == _HOME)
    provinces = sorted(code for code, one in regions().items() if one.parent == COUNTRY)
    return {
        "holder_kinds": choices(HOLDER_KINDS, reader),
        "modes": choices(MODES, reader),
        "bases": choices(BASES, reader),
        "intervals": choices(INTERVALS, reader),
        "steps": STEPS,
        "cities": [(code, region_name(code, reader.lang)) for code in cities],
        "provinces": [(code, region_name(code, reader.lang)) for code in provinces],
        "report_kinds": [(kind, reader.says(FORM_WORDS[kind])) for kind in _REPORTS],
        "commitments": [
            (code, reader.says(COMMITMENT_TITLES[code]).capitalize()) for code in COMMITMENTS
        ],
    }


def _known_lines(known: PatentFacts | None, own: OwnVisit) -> dict[str, Any]:
    """The kind and the expiry of the number, and what the register says of it."""
    reader = own.visit.reader
    if known is None:
        return {"known": None, "known_line": "", "register_line": "", "period_hint": ""}
    said = FORM_WORDS["on_day" if known.is_expiry_known else "at_latest"]
    line = reader.says(FORM_WORDS["known_as"]).format(
        reader.says(KIND_WORDS[known.kind]), reader.says(said), known.expires
    )
    register = reader.says(FORM_WORDS["no_register"])
    if known.facts is not None:
        names = "、".join(holder.name for holder in known.facts.holders)
        register = reader.says(FORM_WORDS["register_says"]).format(
            known.facts.source, known.facts.as_of, names
        )
    return {
        "known": known,
        "known_line": line,
        "register_line": register,
        "period_hint": reader.says(FORM_WORDS["period_end_hint"]).format(known.expires),
    }


def preview_page(
    own: OwnVisit, shown: Shown, declaration: Declaration, *, now: Instant
) -> Response:
    """The declaration as the public page of a listing will show it."""
    reader = own.visit.reader
    items = NineItems.from_declaration(declaration)
    public = {
        "listing": str(shown.case.listing or NOBODY),
        "number": declaration.patent.application_number,
        "items": items.model_dump(mode="json", by_alias=True),
        "state": "published",
        "reason": None,
        "standing": "primary",
        "needs_newer_reader": False,
        "primary": None,
        "approved_at": format_instant(now),
    }
    extension = [
        (reader.says(LISTING_WORDS[name]), text)
        for name in ("rd_team", "background", "prospects")
        if (text := getattr(shown.read.extension, name))
    ]
    facts = {
        "case": shown.case,
        "one": listing_view(public, reader, today=legal_day(now)),
        "terms": terms_view(items, str(public["number"]), reader, today=legal_day(now)),
        "state_since": "",
        "extension": extension,
        "sent": list(shown.values.items()),
        "key": shown.key,
        "row_version": shown.row_version or 0,
    }
    words: dict[str, Words] = {**LISTING_WORDS, **DECLARATION_WORDS, **FORM_WORDS}
    return show_page(own.visit, "subplatform.holder_pages:preview.html", facts, words=words)
