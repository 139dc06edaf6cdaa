"""Rule profiles: which rules weigh how much, under which regime, with which parameters.

A profile is never edited once declarations name it: a changed rule is a new profile, and old
declarations keep theirs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final, Literal

from shared_schema.finding import Severity
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError

ContactForm = Literal["masked", "hidden", "full"]
"""How anybody sees the contact of an offer: in part, not at all, or whole."""

YUAN: Final = 100
ERROR: Final = Severity.ERROR
WARNING: Final = Severity.WARNING
CONFLICT: Final = Severity.CONFLICT


@dataclass
class ProfileUnknown(DomainError):
    """A declaration names a profile that this version does not have."""

    problem = ProblemType.SCHEMA_INVALID


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleProfile:
    """One regime's rules as data.

    `minimum_months` is the shortest offer period (0: none). Ceilings are fen and percent.
    `justification` says whether a stated reason turns DEC-07's error into a warning.
    `report_required`: a utility model or design needs an evaluation report unasked.
    `report_kinds` are the documents that satisfy DEC-14. `second_examiner` lists the rules whose
    findings need a second pair of eyes. `contact` is how the catalogue shows the contact person.
    """

    id: str
    title_zh: str
    title_en: str
    effective_from: date
    effective_until: date | None
    severity: Mapping[str, Severity]
    minimum_months: int
    fixed_fee_ceiling_fen: int
    sales_royalty_ceiling_percent: Decimal
    profit_royalty_ceiling_percent: Decimal
    territory_mode: Literal["list", "nationwide"]
    justification: bool
    report_required: bool
    report_kinds: frozenset[str]
    second_examiner: frozenset[str]
    contact: ContactForm = "masked"

    def in_effect(self, day: date) -> bool:
        """Whether new declarations of that legal day fall under this profile's regime."""
        return self.effective_from <= day and (
            self.effective_until is None or day <= self.effective_until
        )


def _severities(**exceptions: Severity) -> Mapping[str, Severity]:
    table = dict.fromkeys((f"DEC-{number:02d}" for number in range(1, 21)), ERROR)
    table |= {name.replace("_", "-"): severity for name, severity in exceptions.items()}
    return MappingProxyType(table)


SECOND_EXAMINER: Final = frozenset({"DEC-07", "DEC-13", "DEC-15", "DEC-18"})

# The pilot ran from May 2022 to December 2023; the sources give months, so whole months are meant.
# Its minimum of one year is "in principle" (原则上) and real listings had shorter rests: a warning.
PILOT_GD_2022: Final = RuleProfile(
    id="pilot-gd-2022",
    title_zh="广东省专利开放许可试点（2022）",
    title_en="Guangdong open licensing pilot (2022)",
    effective_from=date(2022, 5, 1),
    effective_until=date(2023, 12, 31),
    severity=_severities(DEC_07=WARNING, DEC_09=WARNING, DEC_15=WARNING, DEC_18=CONFLICT),
    minimum_months=12,
    fixed_fee_ceiling_fen=20_000_000 * YUAN,
    sales_royalty_ceiling_percent=Decimal(20),
    profit_royalty_ceiling_percent=Decimal(40),
    territory_mode="list",
    justification=True,
    report_required=False,
    report_kinds=frozenset({"evaluation", "search"}),
    second_examiner=SECOND_EXAMINER,
)

# The law names no shortest period, so DEC-09 never speaks here; a province's profile may set one.
STATUTORY_2024: Final = RuleProfile(
    id="statutory-2024",
    title_zh="法定专利开放许可（2024年1月20日起）",
    title_en="Statutory open licensing (since 20 January 2024)",
    effective_from=date(2024, 1, 20),
    effective_until=None,
    severity=_severities(DEC_09=WARNING, DEC_18=CONFLICT),
    minimum_months=0,
    fixed_fee_ceiling_fen=20_000_000 * YUAN,
    sales_royalty_ceiling_percent=Decimal(20),
    profit_royalty_ceiling_percent=Decimal(40),
    territory_mode="nationwide",
    justification=True,
    report_required=True,
    report_kinds=frozenset({"evaluation"}),
    second_examiner=SECOND_EXAMINER,
)

PROFILES: Final[Mapping[str, RuleProfile]] = MappingProxyType(
    {profile.id: profile for profile in (PILOT_GD_2022, STATUTORY_2024)}
)


def profile_named(profile_id: str) -> RuleProfile:
    """The profile a declaration names.

    Raises:
        ProfileUnknown: this version has no such profile.
    """
    if profile_id not in PROFILES:
        known = "、".join(PROFILES)
        message = f"没有这个规则版本；可用：{known} / no such rule profile; known: {known}"
        raise ProfileUnknown(
            detail=message, errors=[FieldError("/profile", "profile.unknown", message)]
        )
    return PROFILES[profile_id]


def contact_form(profile_id: str) -> ContactForm:
    """How the catalogue shows the contact of a declaration under this profile.

    One that this version does not know may have been stricter: masked.
    """
    profile = PROFILES.get(profile_id)
    return "masked" if profile is None else profile.contact
