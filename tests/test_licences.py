"""What we install at run time is licensed so that anybody may run and change the whole."""

import re
from importlib import metadata
from pathlib import Path
from typing import Final

import pytest

LOCK: Final = Path(__file__).resolve().parents[1] / "requirements" / "run.lock"
PINNED: Final = re.compile(
    r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==(?![^;\n]*sys_platform == .win32)", re.MULTILINE
)
INSTALLED: Final = sorted(set(PINNED.findall(LOCK.read_text("utf-8"))) - {"colorama"})  # Windows
FREE: Final = re.compile(
    r"MIT|BSD|Apache|ISC|MPL|Mozilla|PSF|Python Software|OFL|Zlib|LGPL|Lesser", re.IGNORECASE
)
NEVER: Final = re.compile(r"(?<![A-Za-z])A?GPL|Affero|(?<!Lesser )General Public", re.IGNORECASE)
TAIL: Final = " :: "


def licence_of(facts: metadata.PackageMetadata) -> str:
    """The declared expression, else the classifiers, else the beginning of the free text."""
    told = facts.json
    classified = [one.rpartition(TAIL)[2] for one in told.get("classifier", []) if "Licen" in one]
    texts = (told.get("license_expression"), "; ".join(classified), told.get("license"))
    return next((str(one)[:99] for one in texts if one), "")


@pytest.mark.parametrize("name", INSTALLED)
def test_what_runs_with_us_is_free_to_pass_on(name: str) -> None:
    licence = licence_of(metadata.metadata(name))

    assert FREE.search(licence), licence or "no licence is declared"
    assert not NEVER.search(licence), licence


@pytest.mark.parametrize(
    "licence", ["AGPL-3.0", "GNU General Public License v3", "GPL-2.0-only", ""]
)
def test_what_binds_the_whole_or_says_nothing_would_be_found(licence: str) -> None:
    assert NEVER.search(licence) or not FREE.search(licence)


def test_the_lock_names_what_is_installed() -> None:
    assert len(INSTALLED) > 40
