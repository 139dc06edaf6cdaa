"""Colours as people can read them: contrast by WCAG 2.2, and a shade that has enough of it."""

import re
from typing import Final

LEAST_CONTRAST: Final = 4.5  # WCAG 2.2 §1.4.3, level AA, text of any size
LIGHT_GROUNDS: Final = ("#ffffff", "#fbfaf7")
DARK_GROUNDS: Final = ("#1d2129", "#14171d")
"""The two grounds of the public pages, as in kaixu.css; a test compares them."""

_FORM: Final = re.compile(r"#[0-9a-f]{6}")
_STEPS: Final = 20
_ON_DARK: Final = 6.0  # light on dark dazzles less than it should: a little more
_DARK: Final = 0.04045  # WCAG's relative luminance: below this, linear


def readable_colour(text: str) -> str:
    """The colour, if it can be read on the light grounds of the pages.

    Raises:
        ValueError: not `#rrggbb`, or too pale; says by how much.
    """
    colour = text.strip().lower()
    if _FORM.fullmatch(colour) is None:
        raise ValueError("a colour as #rrggbb is needed")
    weakest = min(contrast(colour, ground) for ground in LIGHT_GROUNDS)
    if weakest < LEAST_CONTRAST:
        raise ValueError(
            f"its contrast on the pages is {weakest:.1f}; WCAG 2.2 asks for {LEAST_CONTRAST}:"
            " choose a darker colour"
        )
    return colour


def on_dark(colour: str) -> str:
    """The same hue, lightened until it can be read on the dark grounds."""
    for step in range(_STEPS + 1):
        shade = _mixed(colour, "#ffffff", step / _STEPS)
        if all(contrast(shade, ground) >= _ON_DARK for ground in DARK_GROUNDS):
            return shade
    return "#ffffff"


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21 (WCAG 2.2, contrast ratio)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= _DARK else float(((part + 0.055) / 1.055) ** 2.4)


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mixed(one: str, other: str, share: float) -> str:
    pairs = zip(_parts(one), _parts(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)
