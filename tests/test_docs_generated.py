"""Every generated part of the manual equals what the code makes now, and none is forgotten."""

import re
import tomllib
from enum import Enum
from pathlib import Path
from typing import Final

import pytest

from deploy.write_docs import DOCS, PARTS, problem_table, render, state_diagram
from main_platform.settings import HubSettings
from shared_platform.settings import PlatformSettings
from shared_schema.problem import ProblemType
from subplatform.settings import NodeSettings

PAGES: Final = sorted(DOCS.glob("*.md"))


class Light(Enum):
    RED = "red"
    GREEN = "green"
    BROKEN = "broken"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_generated_parts_of_a_page_are_up_to_date(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    assert render(text) == text, "run: python -m deploy.write_docs"


def test_every_part_that_can_be_made_stands_on_some_page() -> None:
    shown = {
        name
        for page in PAGES
        for name in re.findall(r"<!-- generated: ([a-z-]+) -->", page.read_text(encoding="utf-8"))
    }

    assert shown == set(PARTS)


def test_every_problem_has_a_cause_and_every_cause_a_problem() -> None:
    causes = tomllib.loads((DOCS / "problems.toml").read_text(encoding="utf-8"))

    assert set(causes) == {one.code for one in ProblemType}
    assert all(cause.endswith(".") for cause in causes.values())


def test_the_problem_table_has_one_row_for_each_problem_and_no_broken_cell() -> None:
    rows = problem_table().splitlines()[2:]

    assert len(rows) == len(ProblemType)
    assert {row.count("|") for row in rows} == {7}


def test_a_page_that_was_changed_by_hand_is_made_good_again() -> None:
    page = "before\n<!-- generated: hub-roles -->\nlies\n<!-- end -->\nafter\n"

    made = render(page)

    assert "lies" not in made
    assert made.startswith("before\n")
    assert made.endswith("after\n")
    assert render(made) == made


def test_a_part_nobody_can_make_is_an_error() -> None:
    with pytest.raises(KeyError):
        render("<!-- generated: weather -->\n<!-- end -->")


def test_a_diagram_begins_with_the_first_state_and_ends_where_nothing_leads_on() -> None:
    table = {
        (Light.RED, "go"): Light.GREEN,
        (Light.GREEN, "stop"): Light.RED,
        (Light.GREEN, "crash"): Light.BROKEN,
        (Light.GREEN, "melt"): Light.BROKEN,
    }

    diagram = state_diagram(table.items())

    assert diagram.splitlines()[2:-1] == [
        "    [*] --> red",
        "    red --> green: go",
        "    green --> red: stop",
        "    green --> broken: crash, melt",
        "    broken --> [*]",
    ]


def test_a_table_that_begins_with_none_begins_by_its_actions() -> None:
    diagram = state_diagram({(None, "buy"): Light.RED}.items())

    assert "    [*] --> red: buy" in diagram.splitlines()


def unread_settings(kind: type[PlatformSettings], package: str) -> set[str]:
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("shared_platform", package)
        for path in (DOCS.parent / folder).rglob("*.py")
    )
    return {
        name for name in kind.model_fields if not re.search(rf"(settings|self)\.{name}\b", code)
    }


@pytest.mark.parametrize(
    ("service", "kind", "package"),
    [("Hub", HubSettings, "main_platform"), ("Node", NodeSettings, "subplatform")],
)
def test_settings_that_nothing_reads_are_named_as_such(
    service: str, kind: type[PlatformSettings], package: str
) -> None:
    manual = (DOCS / "operations.md").read_text(encoding="utf-8")
    part = manual.partition(f"### {service}\n")[2].partition("\n##")[0]

    named = set(
        re.findall(
            r"`([a-z_]+)`", part.partition("Not read in this version:")[2].partition("\n\n")[0]
        )
    )

    assert named == unread_settings(kind, package)
