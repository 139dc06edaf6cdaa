"""Which places an offer belongs to, so that a city's officer sees what is filed there. Pure."""

from collections.abc import Iterable, Sequence

from shared_schema.credit_code import region_in
from shared_schema.declaration import Holder
from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.region import lineage


def places_of(holders: Sequence[Holder], node_regions: Iterable[str]) -> list[str]:
    """Region codes of the holders' credit codes (GB 32100-2015 §4) with all that they lie in.

    Where no holder states a place that is known, those of the node's scope count.
    """
    stated = {step for holder in holders for step in _place(holder)}
    return sorted(stated or {step for region in node_regions for step in lineage(region)})


def _place(holder: Holder) -> tuple[str, ...]:
    if holder.credit_code is None:
        return ()
    try:
        return lineage(region_in(holder.credit_code))
    except IdentifierRefused:
        return ()  # some authorities register for the whole country, under no region
