"""docs/import-profiles.md names every profile and every code that the importer can give."""

import re
from pathlib import Path

import pytest

from subplatform.declarations.importing.clause_refused import ClauseFault
from subplatform.declarations.importing.profile_files import profile_names

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "import-profiles.md").read_text(encoding="utf-8")
SOURCES = sorted((ROOT / "subplatform" / "declarations" / "importing").glob("*.py"))


@pytest.mark.parametrize("name", profile_names())
def test_every_profile_is_described(name: str) -> None:
    assert f"| `{name}` |" in PAGE


@pytest.mark.parametrize("fault", list(ClauseFault))
def test_every_fault_of_a_clause_is_listed(fault: ClauseFault) -> None:
    assert f"`fee.{fault.name.lower()}`" in PAGE


def test_every_code_of_the_importer_is_listed() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    refusals = set(re.findall(r'ListRefused\(\s*"([a-z_]+)"', code))
    problems = set(re.findall(r'"import\.([a-z_]+)"', code))

    unlisted = {name for name in refusals | problems if f"`import.{name}`" not in PAGE}

    assert unlisted == set()
