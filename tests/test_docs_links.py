"""Every link, file and test that the manual names exists."""

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[1]
PAGES: Final = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("README*.md")])
_LINK: Final = re.compile(r"\]\((?!https?:|#|mailto:)(?P<target>[^)#\s]+)(#[^)]*)?\)")
_NAMED: Final = re.compile(
    r"(?<![\w/.-])(?P<path>(?:docs|tests|deploy|migrations|openapi|shared_schema|shared_platform"
    r"|main_platform|subplatform)/[\w./*-]*[\w*])"
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    targets = [match["target"] for match in _LINK.finditer(page.read_text(encoding="utf-8"))]

    broken = [target for target in targets if not (page.parent / target).exists()]

    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    named = {match["path"] for match in _NAMED.finditer(page.read_text(encoding="utf-8"))}

    missing = [path for path in sorted(named) if not list(ROOT.glob(path))]

    assert missing == []
