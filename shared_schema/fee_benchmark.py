"""What others ask: published licence fees by kind, mode and IPC section, as data with its source.

The table (`reference_data/fee_benchmark.csv`) ships empty: CNIPA's figures by industry are not to
be had, and none are made up. An office that has figures with a source adds rows. `measure` says
what the quantiles are: `yuan` of the fixed part, or `percent` of the royalty's base.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Literal

from shared_schema.patent_number import PatentKind
from shared_schema.reference_table import read_reference_table

Place = Literal["below_quarter", "below_median", "above_median", "above_three_quarters"]


@dataclass(frozen=True, slots=True)
class FeeBenchmark:
    """One row. `section`: a letter of the IPC, empty for all; `sample`: how many fees were read."""

    kind: str
    mode: str
    section: str
    measure: str
    quantile_25: Decimal
    median: Decimal
    quantile_75: Decimal
    sample: int
    period: str
    source: str

    def place_of(self, value: Decimal) -> Place:
        """Between which quantiles the value lies; a value on a quantile counts as below it."""
        if value <= self.quantile_25:
            return "below_quarter"
        if value <= self.median:
            return "below_median"
        return "above_median" if value <= self.quantile_75 else "above_three_quarters"


@cache
def fee_benchmarks() -> tuple[FeeBenchmark, ...]:
    """The table that this program ships."""
    return read_benchmarks(read_reference_table("fee_benchmark"))


def read_benchmarks(rows: Iterable[dict[str, str]]) -> tuple[FeeBenchmark, ...]:
    """Rows of the table as benchmarks."""
    return tuple(
        FeeBenchmark(
            kind=row["kind"],
            mode=row["mode"],
            section=row["section"],
            measure=row["measure"],
            quantile_25=Decimal(row["quantile_25"]),
            median=Decimal(row["median"]),
            quantile_75=Decimal(row["quantile_75"]),
            sample=int(row["sample"]),
            period=row["period"],
            source=row["source"],
        )
        for row in rows
    )


def benchmark_for(
    kind: PatentKind,
    mode: str,
    sections: Iterable[str],
    *,
    table: tuple[FeeBenchmark, ...] | None = None,
) -> FeeBenchmark | None:
    """The row of the patent's own section, else that of all sections; None: there is none."""
    known = fee_benchmarks() if table is None else table
    fitting = {one.section: one for one in known if (one.kind, one.mode) == (kind, mode)}
    return next((fitting[one] for one in (*sections, "") if one in fitting), None)
