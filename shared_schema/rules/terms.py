"""Whether two offers have the same terms: fee, period and territory by meaning, not by wording.

3,000 yuan equals 0.3 万元, a lump sum of nothing equals free, instalments without a second payment
equal a lump sum; notes and published counts do not matter.
"""

from datetime import date
from functools import singledispatch
from typing import Final, Protocol

from shared_schema.declaration import Period
from shared_schema.fee_terms import (
    AnnualFixed,
    EntryPlusRoyalty,
    FeeTerms,
    Free,
    Instalments,
    LumpSum,
    Other,
    Payment,
    RoyaltyOnly,
    Stepped,
)
from shared_schema.territory import Territory
from shared_schema.text import fold

_FREE: Final = Free()


class Terms(Protocol):
    """What a licensee would agree to: a declaration, a live offer."""

    @property
    def fee(self) -> FeeTerms:
        """What is owed."""
        ...

    @property
    def period(self) -> Period:
        """How long the offer stands."""
        ...

    @property
    def territory(self) -> Territory:
        """Where the licence holds."""
        ...


def terms_equal(a: Terms, b: Terms, *, today: date | None = None) -> bool:
    """Whether an enterprise would accept the same thing by accepting either.

    Territories are minimal by construction, so they compare as they are. A start on or before
    `today` is the same as none: both offers are open.
    """
    return (
        _fees_equal(a.fee, b.fee)
        and a.period.end == b.period.end
        and _start(a.period, today) == _start(b.period, today)
        and a.territory == b.territory
    )


def _fees_equal(a: FeeTerms, b: FeeTerms) -> bool:
    if simplest(a.payment) == simplest(b.payment) == _FREE:
        return True
    return (simplest(a.payment), a.free_period, a.pay_after_use) == (
        simplest(b.payment),
        b.free_period,
        b.pay_after_use,
    )


def _start(period: Period, today: date | None) -> date | None:
    if period.start is None or today is None:
        return period.start
    return period.start if period.start > today else None


@singledispatch
def simplest(payment: Payment) -> Payment:
    """The plainest payment that costs the same at the same time, for comparison only."""
    return payment


@simplest.register
def _(payment: LumpSum) -> Payment:
    if payment.amount_fen == 0:
        return _FREE
    working = payment.working_days and payment.due_days is not None
    return payment.model_copy(update={"working_days": working})


@simplest.register
def _(payment: Instalments) -> Payment:
    total = payment.first_fen + payment.times * payment.each_fen
    if payment.times == 0 and total == payment.total_fen:
        return simplest(LumpSum(amount_fen=total, due_days=payment.first_due_days))
    return payment.model_copy(update={"stated_payments": None})


@simplest.register
def _(payment: EntryPlusRoyalty) -> Payment:
    if payment.entry_fen == 0:
        return RoyaltyOnly(royalty=payment.royalty)
    return payment


@simplest.register
def _(payment: AnnualFixed) -> Payment:
    return payment if payment.amount_fen else _FREE


@simplest.register
def _(payment: Stepped) -> Payment:
    amounts = {step.amount_fen for step in payment.steps}
    if len(amounts) == 1 and payment.steps[0].year == 1:
        return simplest(AnnualFixed(amount_fen=amounts.pop()))
    return payment


@simplest.register
def _(payment: Other) -> Payment:
    return payment.model_copy(update={"text": fold(payment.text)})
