"""Fee terms: how much a licensee pays, when, and on what base (Patent Law art. 50(1), Rule 85(3)).

One closed set of payment modes, each definite enough to compute what is owed, and two modifiers
that wrap any mode: a free period at the start, and use first, pay later. Amounts are integer fen;
rates are decimals with a stated base; nothing is a float. Whether terms are allowed is for `rules`,
not for here: a draft may hold instalments that do not add up, so that the holder can be shown why.
"""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Fen = Annotated[int, Field(ge=0, le=10**15)]
DueDays = Annotated[int, Field(ge=0, le=3650)]
Months = Annotated[int, Field(ge=1, le=240)]
Percent = Annotated[Decimal, Field(ge=0, le=100, max_digits=9, decimal_places=6)]
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class _Terms(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class RateRoyalty(_Terms):
    """A share of a yearly sum. `sales` is used where the text says 销售额 without 净."""

    base: Literal["net_sales", "sales", "profit"]
    rate_percent: Percent
    cap_fen: Fen | None = None


class UnitRoyalty(_Terms):
    """A fixed amount for each unit made or sold; `unit` as printed (件, 台)."""

    base: Literal["per_unit"] = "per_unit"
    unit: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    amount_fen: Fen
    cap_fen: Fen | None = None


Royalty = Annotated[RateRoyalty | UnitRoyalty, Field(discriminator="base")]


class Free(_Terms):
    """免费: nothing is owed."""

    mode: Literal["free"] = "free"


class LumpSum(_Terms):
    """一次总付: one sum, within `due_days` of the contract taking effect (None: not stated)."""

    mode: Literal["lump_sum"] = "lump_sum"
    amount_fen: Fen
    due_days: DueDays | None = None
    working_days: bool = False


class Instalments(_Terms):
    """总付额内分期支付: a first payment, then `times` of `each_fen`; they must add up (DEC-19).

    `times` counts the payments after the first. `due_days_before` counts back from the end of each
    `interval`. `stated_payments` is the published count including the first, where there was one.
    """

    mode: Literal["instalments"] = "instalments"
    first_fen: Fen
    first_due_days: DueDays | None = None
    each_fen: Fen
    times: Annotated[int, Field(ge=0, le=240)]
    interval: Literal["month", "quarter", "year"] = "year"
    due_days_before: DueDays | None = None
    stated_payments: Annotated[int, Field(ge=0, le=241)] | None = None
    total_fen: Fen


class EntryPlusRoyalty(_Terms):
    """入门费加提成: an entry fee, each year where `entry_yearly`, and a royalty."""

    mode: Literal["entry_plus_royalty"] = "entry_plus_royalty"
    entry_fen: Fen
    entry_yearly: bool = False
    royalty: Royalty


class RoyaltyOnly(_Terms):
    """提成: a royalty without entry fee."""

    mode: Literal["royalty"] = "royalty"
    royalty: Royalty


class AnnualFixed(_Terms):
    """按年付费: the same sum each year, for `years` years (None: every year of the licence)."""

    mode: Literal["annual_fixed"] = "annual_fixed"
    amount_fen: Fen
    years: Annotated[int, Field(ge=1, le=20)] | None = None


class AnnualFeeEqual(_Terms):
    """等于当年专利年费: each year the patent's official annual fee of that year (plan 02(5))."""

    mode: Literal["annual_fee_equal"] = "annual_fee_equal"


class Step(_Terms):
    """The sum owed in licence year `year` (from 1)."""

    year: Annotated[int, Field(ge=1, le=20)]
    amount_fen: Fen


class Stepped(_Terms):
    """分年阶梯: a sum for each licence year; years beyond the last step owe the last sum."""

    mode: Literal["stepped"] = "stepped"
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=20)]


class Other(_Terms):
    """其他明确合理的标准: words, and the most that can ever be owed: so the offer stays definite.

    A draft read from a published "面议" has no maximum; DEC-05 asks for one.
    """

    mode: Literal["other"] = "other"
    text: ShortText
    maximum_fen: Fen | None = None


Payment = Annotated[
    Free
    | LumpSum
    | Instalments
    | EntryPlusRoyalty
    | RoyaltyOnly
    | AnnualFixed
    | AnnualFeeEqual
    | Stepped
    | Other,
    Field(discriminator="mode"),
]


class FreePeriod(_Terms):
    """免费期: nothing accrues in the first `months` months of a licence."""

    months: Months


class PayAfterUse(_Terms):
    """先使用后付费: the first payment falls due `due_days` after a trial of `trial_months`.

    None: not stated by the source.
    """

    trial_months: Months | None = None
    due_days: DueDays | None = None


class FeeTerms(_Terms):
    """What an accepting enterprise owes: one payment mode and the modifiers around it."""

    payment: Payment
    free_period: FreePeriod | None = None
    pay_after_use: PayAfterUse | None = None
    currency: Literal["CNY"] = "CNY"
    note: ShortText | None = None
