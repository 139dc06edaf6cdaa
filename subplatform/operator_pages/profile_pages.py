"""Import profiles: which there are, and what each reads out of which column."""

from collections.abc import Iterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Response

from shared_platform.public_pages.reader import Reader
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import Words
from shared_schema.rules import PROFILES
from subplatform.declarations.importing.profile import ImportProfile
from subplatform.declarations.importing.profile_files import load_profile, profile_names
from subplatform.operator_pages.callers import Importer
from subplatform.operator_pages.import_pages import IMPORTS
from subplatform.operator_pages.import_words import IMPORT_WORDS, MEMBER_WORDS

router = APIRouter(include_in_schema=False)
ProfileName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
_TEXTS: Final = {
    "ipc": "technical_field",
    "industries": "technical_field",
    "field_text": "technical_field",
    "contact_name": "contact",
    "contact_phone": "contact",
    "contact_email": "contact",
    "report_kind": "evaluation_report",
    "report_number": "evaluation_report",
    "report_date": "evaluation_report",
    "commitments_signer": "commitments",
    "commitments_date": "commitments",
    "commitments_version": "commitments",
}


@router.get(f"{IMPORTS}/profiles")
async def profiles_page(visit: Importer) -> Response:
    """The profiles that come with the program."""
    reader = visit.reader
    facts = {"profiles": [_heading(load_profile(name), reader) for name in profile_names()]}
    template = "subplatform.operator_pages:profiles.html"
    return show_page(visit, template, facts, words=IMPORT_WORDS)


@router.get(f"{IMPORTS}/profiles/{{name}}")
async def profile_page(visit: Importer, name: ProfileName) -> Response:
    """One profile: columns and what they become."""
    profile, reader = load_profile(name), visit.reader
    facts: dict[str, Any] = {
        "profile": _heading(profile, reader),
        "mapping": list(_mapping(profile, reader)),
        "missing": [reader.says(MEMBER_WORDS[one]) for one in profile.missing],
        "ignored": profile.ignored,
    }
    template = "subplatform.operator_pages:profile.html"
    return show_page(visit, template, facts, words=IMPORT_WORDS)


def _heading(profile: ImportProfile, reader: Reader) -> dict[str, str]:
    rules = PROFILES[profile.rule_profile]
    return {
        "name": profile.name,
        "title": reader.says(Words(profile.title_zh, profile.title_en)),
        "source": profile.source,
        "rules": reader.says(Words(rules.title_zh, rules.title_en)),
    }


def _mapping(profile: ImportProfile, reader: Reader) -> Iterator[dict[str, str]]:
    """Each column that is read, what it becomes, and which labels it may hold."""
    for column, member, how in _columns(profile):
        yield {"column": column, "member": reader.says(MEMBER_WORDS[member]), "how": how}


def _columns(profile: ImportProfile) -> Iterator[tuple[str, str, str]]:
    holders, fee, period = profile.holders, profile.fee, profile.period
    kinds = "、".join((*profile.kind.labels, *profile.kind.not_granted))
    yield profile.number.column, "number", ""
    yield profile.kind.column, "kind", kinds
    yield holders.column, "holders", " ".join(holders.separators)
    optional = (
        (holders.kind_column, "holder_kind", "、".join(holders.kinds)),
        (holders.credit_code_column, "credit_code", ""),
        (holders.consent_column, "consent", "、".join(holders.consent_labels)),
        (period.start_column, "period_start", ""),
        (period.end_column, "period", ""),
        (period.years_column, "period", ""),
        (profile.territory.column, "territory", ""),
    )
    for name in ("column", "mode_column", "clause_column", "sum_column"):
        column = getattr(fee, name, None)
        if column is not None:
            labels = getattr(fee, "modes", {}) if name in {"column", "mode_column"} else {}
            yield column, "fee", "、".join(labels)
    yield from ((column, member, how) for column, member, how in optional if column)
    for text, column in profile.texts:
        if column is not None:
            yield column, _TEXTS.get(text, text), ""
