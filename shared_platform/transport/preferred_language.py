"""Which of our two languages somebody's programs ask for (RFC 9110 §12.5.4)."""

from typing import Final

from starlette.requests import HTTPConnection

from shared_schema.bilingual import Language

_OURS: Final[tuple[Language, ...]] = ("zh", "en")


def preferred_language(request: HTTPConnection) -> Language | None:
    """The one with the higher weight, of equal ones the one named first; None: neither is named."""
    weights: dict[Language, float] = {}
    for part in ",".join(request.headers.getlist("accept-language")).split(","):
        name, _, parameter = part.strip().lower().partition(";")
        spoken = next((one for one in _OURS if name == one or name.startswith(f"{one}-")), None)
        if spoken is not None:
            weights[spoken] = max(weights.get(spoken, 0.0), weight_of(parameter))
    best = max(weights, key=lambda one: weights[one], default=None)
    return best if best is not None and weights[best] > 0 else None


def weight_of(parameter: str) -> float:
    """The weight behind a name in such a list (§12.4.2); 0 for what is no number."""
    name, _, value = parameter.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
