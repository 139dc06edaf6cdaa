"""The declaration form: its fields, what they say as a declaration, and a declaration as fields.

Nothing is decided here: the rules judge the declaration that comes out. What cannot be read stands
at its field; what was typed is never lost.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from shared_platform.workspace.form_words import said_of
from shared_platform.workspace.forms import FormError
from shared_schema.bilingual import halves
from shared_schema.declaration import COMMITMENTS, Commitment, Declaration
from shared_schema.extension_items import ExtensionItems
from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.instants import Instant, format_instant
from shared_schema.patent_number import kind_of, parse_application_number, print_patent_number
from subplatform.holder_pages import fee_fields
from subplatform.holder_pages.fee_fields import fee_values, read_fee
from subplatform.holder_pages.field_reading import FieldReading, Values

HOLDERS: Final = 20
HOLDER_FIELDS: Final = ("name", "kind", "code", "share", "consents")
TEXT_VERSIONS: Final = {"pilot-gd-2022": "2022-1", "statutory-2024": "2024-1"}
_EXTENSION: Final = ("rd_team", "background", "prospects")
_PLACES: Final = fee_fields.PLACES | {
    "/patent/application_number": "number",
    "/patent/kind": "number",
    "/patent/title": "title",
    "/patent/publication_number": "publication_number",
    "/patent/grant_date": "grant_date",
    "/patent": "number",
    "/number": "number",
    "/holders": "holder_1_name",
    "/fee_reason": "fee_reason",
    "/period/start": "period_start",
    "/period": "period_end",
    "/territory/exclude": "exclude",
    "/territory": "territory",
    "/technical_field/ipc": "ipc",
    "/technical_field/industries": "industries",
    "/technical_field": "field_text",
    "/contact/phone": "contact_phone",
    "/contact/email": "contact_email",
    "/contact": "contact_name",
    "/evaluation_report": "report_kind",
    "/abstract": "abstract",
    "/commitments": "commitments",
}
RULE_FIELDS: Final = {
    "DEC-01": "number",
    "DEC-02": "number",
    "DEC-03": "number",
    "DEC-04": "holder_1_name",
    "DEC-05": "mode",
    "DEC-06": "mode",
    "DEC-07": "fee_reason",
    "DEC-08": "period_end",
    "DEC-09": "period_end",
    "DEC-14": "report_kind",
    "DEC-15": "abstract",
    "DEC-16": "commitments",
    "DEC-17": "territory",
    "DEC-19": "total",
    "DEC-20": "contact_name",
}
"""Where to correct what a rule objects to, for reasons that name a rule and no place."""
_HOLDER_PLACES: Final = {"credit_code": "code", "share_percent": "share"}
NAMES: Final = (
    fee_fields.NAMES
    | set(_PLACES.values())
    | {f"holder_{place}_{part}" for place in range(1, HOLDERS + 1) for part in HOLDER_FIELDS}
    | {"include", "report_number", "report_issued_on", "report_sha256", "report_name", "signer"}
    | set(_EXTENSION)
    | {"organisation", "holder_rows"}
)
"""Every field that the form may send; any other is refused."""
_NATIONWIDE: Final = "CN"


@dataclass(frozen=True, slots=True)
class Read:
    """What the fields say: a declaration, or why there is none yet."""

    declaration: Declaration | None
    extension: ExtensionItems
    errors: tuple[FormError, ...]
    missing: tuple[str, ...]

    @property
    def number(self) -> str | None:
        """The application number, where there is a declaration."""
        return None if self.declaration is None else self.declaration.patent.application_number


def read_form(
    values: Values, *, profile: str, now: Instant, signed: Sequence[Commitment] = ()
) -> Read:
    """Read all fields. Commitments that stood already keep the instant they were signed."""
    reading = FieldReading(values)
    body: dict[str, Any] = {
        "profile": profile,
        "patent": _patent(reading),
        "holders": _holders(reading),
        "fee": read_fee(reading),
        "fee_reason": reading.text("fee_reason"),
        "period": _dates(reading),
        "territory": _territory(reading),
        "technical_field": {
            "ipc": reading.listed("ipc"),
            "industries": reading.listed("industries"),
            "text": reading.text("field_text"),
        },
        "contact": _contact(reading),
        "evaluation_report": _report(reading),
        "abstract": reading.text("abstract"),
        "commitments": _commitments(reading, profile, signed=signed, now=now),
    }
    declaration = None
    if not reading.missing and not reading.errors:
        try:
            declaration = Declaration.model_validate(body)
        except ValidationError as invalid:
            reading.errors += _errors(invalid)
    extension = _extension(reading)
    return Read(declaration, extension, tuple(reading.errors), tuple(reading.missing))


def _patent(reading: FieldReading) -> dict[str, Any]:
    typed = reading.text("number", required=True)
    patent: dict[str, Any] = {
        "title": reading.text("title"),
        "publication_number": reading.text("publication_number"),
        "grant_date": reading.day("grant_date"),
    }
    if typed is not None:
        try:
            number = parse_application_number(typed)
        except IdentifierRefused as refused:
            reading.errors.append(FormError("number", halves(refused.detail)))
        else:
            patent |= {"application_number": number, "kind": kind_of(number)}
    return patent


def _holders(reading: FieldReading) -> list[dict[str, Any]]:
    holders = []
    for place in range(1, HOLDERS + 1):
        prefix = f"holder_{place}_"
        name = reading.text(f"{prefix}name", required=place == 1)
        if name is not None:
            holders.append(
                {
                    "name": name,
                    "kind": reading.text(f"{prefix}kind") or "other",
                    "credit_code": reading.text(f"{prefix}code"),
                    "share_percent": reading.text(f"{prefix}share"),
                    "consents": reading.ticked(f"{prefix}consents"),
                }
            )
    return holders


def _dates(reading: FieldReading) -> dict[str, Any]:
    return {
        "start": reading.day("period_start"),
        "end": reading.day("period_end", required=True),
    }


def _territory(reading: FieldReading) -> dict[str, Any]:
    if (reading.text("territory") or "nation") == "nation":
        return {"include": [_NATIONWIDE], "exclude": reading.several("exclude")}
    included = reading.several("include")
    if not included:
        reading.missing.append("include")
    return {"include": included, "exclude": reading.several("exclude")}


def _contact(reading: FieldReading) -> dict[str, Any] | None:
    name = reading.text("contact_name")
    phone, email = reading.text("contact_phone"), reading.text("contact_email")
    if name is None and (phone or email):
        reading.missing.append("contact_name")
    return {"name": name, "phone": phone, "email": email} if name else None


def _report(reading: FieldReading) -> dict[str, Any] | None:
    kind = reading.text("report_kind")
    if kind is None:
        return None
    return {
        "kind": kind,
        "number": reading.text("report_number"),
        "issued_on": reading.day("report_issued_on"),
        "sha256": reading.text("report_sha256"),
    }


def _commitments(
    reading: FieldReading, profile: str, *, signed: Sequence[Commitment], now: Instant
) -> list[dict[str, Any]]:
    ticked = [code for code in COMMITMENTS if code in reading.several("commitments")]
    signer = reading.text("signer", required=bool(ticked))
    before = {(one.code, one.signer): one for one in signed}
    return [
        {
            "code": code,
            "text_version": TEXT_VERSIONS.get(profile, profile),
            "signer": signer,
            "signed_at": format_instant(
                before[code, signer].signed_at if signer and (code, signer) in before else now
            ),
        }
        for code in ticked
        if signer
    ]


def _extension(reading: FieldReading) -> ExtensionItems:
    try:
        return ExtensionItems.model_validate({name: reading.text(name) for name in _EXTENSION})
    except ValidationError as invalid:
        reading.errors += [FormError(str(one["loc"][0]), said_of(one)) for one in invalid.errors()]
        return ExtensionItems()


def _errors(invalid: ValidationError) -> Iterable[FormError]:
    for one in invalid.errors(include_url=False):
        yield FormError(field_of("/" + "/".join(str(step) for step in one["loc"])), said_of(one))


def field_of(pointer: str) -> str:
    """The form's field for a place in the declaration (RFC 6901); empty: the form as a whole."""
    steps = [step for step in pointer.split("/") if step and step not in fee_fields.MODES]
    if steps[:1] == ["declaration"]:
        steps = steps[1:]
    if steps[:1] == ["holders"] and len(steps) > 1 and steps[1].isdigit():
        part = steps[2] if len(steps) > 2 else "name"  # noqa: PLR2004  place and member
        return f"holder_{int(steps[1]) + 1}_{_HOLDER_PLACES.get(part, part)}"
    while steps:
        known = _PLACES.get("/" + "/".join(steps))
        if known is not None:
            return known
        steps.pop()
    return ""


def form_values(declaration: Declaration, extension: Mapping[str, Any]) -> dict[str, object]:
    """The fields that say the same as the declaration."""
    patent, field, contact = declaration.patent, declaration.technical_field, declaration.contact
    is_nationwide = declaration.territory.include == (_NATIONWIDE,)
    values: dict[str, object] = {
        "number": print_patent_number(patent.application_number),
        "title": patent.title,
        "publication_number": patent.publication_number,
        "grant_date": patent.grant_date,
        "fee_reason": declaration.fee_reason,
        "period_start": declaration.period.start,
        "period_end": declaration.period.end,
        "territory": "nation" if is_nationwide else "regions",
        "include": () if is_nationwide else declaration.territory.include,
        "exclude": declaration.territory.exclude,
        "ipc": ", ".join(field.ipc),
        "industries": ", ".join(field.industries),
        "field_text": field.text,
        "contact_name": contact.name if contact else None,
        "contact_phone": contact.phone if contact else None,
        "contact_email": contact.email if contact else None,
        "abstract": declaration.abstract,
        "commitments": [one.code for one in declaration.commitments],
        "signer": declaration.commitments[0].signer if declaration.commitments else None,
    }
    values |= (
        fee_values(declaration.fee) | _holder_values(declaration) | _report_values(declaration)
    )
    return values | {name: extension.get(name) for name in _EXTENSION}


def _holder_values(declaration: Declaration) -> dict[str, object]:
    values: dict[str, object] = {}
    for place, holder in enumerate(declaration.holders[:HOLDERS], start=1):
        prefix = f"holder_{place}_"
        values[f"{prefix}name"], values[f"{prefix}kind"] = holder.name, holder.kind
        values[f"{prefix}code"] = holder.credit_code
        values[f"{prefix}share"] = holder.share_percent
        values[f"{prefix}consents"] = "true" if holder.consents else None
    return values


def _report_values(declaration: Declaration) -> dict[str, object]:
    report = declaration.evaluation_report
    if report is None:
        return {}
    return {
        "report_kind": report.kind,
        "report_number": report.number,
        "report_issued_on": report.issued_on,
        "report_sha256": report.sha256,
    }


def texts_of(values: Mapping[str, object]) -> dict[str, list[str]]:
    """Values as a form sends them; what is None or empty is left out."""
    shown: dict[str, list[str]] = {}
    for name, value in values.items():
        if isinstance(value, (list, tuple)):
            shown[name] = [str(one) for one in value]
        elif value not in {None, ""}:
            shown[name] = ["true" if value is True else str(value)]
    return shown


def holder_rows(values: Values) -> int:
    """How many rows of holders to show: those that are filled in, and what was asked for."""
    filled = [
        place
        for place in range(1, HOLDERS + 1)
        if "".join(values.get(f"holder_{place}_name", ())).strip()
    ]
    asked = "".join(values.get("holder_rows", ["1"])[-1:])
    wanted = int(asked) if asked.isdigit() else 1
    return min(max([1, wanted, *filled]), HOLDERS)
