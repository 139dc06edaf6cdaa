"""What the rules need to know besides the declaration: the day, the register, the other offers."""

from dataclasses import dataclass
from datetime import date

from shared_schema.declaration import Period
from shared_schema.fee_terms import FeeTerms
from shared_schema.register_facts import RegisterFacts
from shared_schema.territory import Territory


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveOffer:
    """A published, unwithdrawn offer of some patent: from which origin, on which terms."""

    origin: str
    listing: str
    application_number: str
    holders: tuple[str, ...]
    fee: FeeTerms
    period: Period
    territory: Territory


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleContext:
    """The circumstances of one check.

    `today` is the legal day (Asia/Shanghai). `register` None: nobody has looked yet, see
    `unchecked_rules`. `live_offers` may hold offers of other patents; they are ignored. `listing`
    is the declaration's own listing id, so that a new version does not conflict with itself.
    `report_demanded`: the verifier asked for an evaluation or search report (DEC-14, pilot).
    """

    today: date
    register: RegisterFacts | None = None
    live_offers: tuple[LiveOffer, ...] = ()
    listing: str | None = None
    report_demanded: bool = False
