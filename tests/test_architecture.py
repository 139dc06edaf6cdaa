"""The architecture's rules, each with the check that enforces it (docs/architecture.md).

The order of folders is import-linter's (`pyproject.toml`); here stands that nothing escapes it, and
that it really turns red.
"""

import ast
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[1]
LAYERED: Final = ("shared_platform", "main_platform", "subplatform")
PACKAGES: Final = ("shared_schema", *LAYERED)
SOURCES: Final = sorted(
    path for package in (*PACKAGES, "deploy") for path in (ROOT / package).rglob("*.py")
)
WRITTEN: Final = (*SOURCES, *(p for f in ("tests", "migrations") for p in (ROOT / f).rglob("*.py")))
MAX_FILE_LINES: Final = 400
MAX_FUNCTION_LINES: Final = 50
BANNED_NAMES: Final = {"utils", "helpers", "common", "base", "manager", "misc", "service"}
ALLOWED: Final = {Path("shared_platform/service.py")}  # the frame of a service, no feature's file
LINT: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); from importlinter.cli import lint_imports;"
    " sys.exit(lint_imports(config_filename='pyproject.toml', cache_dir=None))"
)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def contracts() -> list[dict[str, Any]]:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = config["tool"]["importlinter"]["contracts"]
    return found


def layers_of(package: str) -> set[str]:
    """The names placed in the package's own contract, optional ones included."""
    return {
        name.strip(" ()")
        for contract in contracts()
        if package in contract.get("containers", ())
        for layer in contract["layers"]
        for name in layer.split("|")
    }


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for found in ast.walk(tree):
        if isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef):
            yield found


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("package", LAYERED)
def test_every_folder_is_placed_in_a_contract(package: str) -> None:
    present = {
        path.stem
        for path in (ROOT / package).iterdir()
        if (path.is_dir() and any(path.glob("*.py"))) or path.suffix == ".py"
    } - {"__init__", "__pycache__"}

    assert present - layers_of(package) == set()


@pytest.mark.parametrize("package", LAYERED)
def test_a_folder_that_nobody_placed_would_fail_the_check(package: str) -> None:
    own = [contract for contract in contracts() if package in contract.get("containers", ())]

    assert [contract.get("exhaustive") for contract in own] == [True]


@pytest.mark.parametrize(
    ("file", "added", "broken"),
    [
        pytest.param(
            "main_platform/nodes/states.py",
            "main_platform.intake",
            "Inside the hub",
            id="within-the-hub",
        ),
        pytest.param(
            "subplatform/accounts/permissions.py",
            "subplatform.declarations",
            "Inside the node",
            id="within-the-node",
        ),
        pytest.param(
            "shared_platform/settings.py",
            "shared_platform.catalogue",
            "Inside the platform",
            id="within-the-platform",
        ),
        pytest.param(
            "shared_schema/text.py", "shared_platform", "between packages", id="between-packages"
        ),
        pytest.param(
            "main_platform/tables.py", "subplatform", "between packages", id="hub-to-node"
        ),
        pytest.param(
            "shared_schema/text.py", "sqlalchemy", "The wire contract", id="contract-to-sql"
        ),
    ],
)
def test_a_seeded_import_upwards_turns_the_check_red(
    file: str, added: str, broken: str, tmp_path: Path
) -> None:
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    seeded = tmp_path / file
    source = seeded.read_text(encoding="utf-8")
    seeded.write_text(f"{source}\nimport {added}\n", encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-P", "-c", LINT, str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0, done.stderr
    red = [line for line in done.stdout.splitlines() if "BROKEN" in line]
    assert any(broken in line for line in red), done.stdout + done.stderr


def test_a_file_has_at_most_400_lines() -> None:
    long = [
        named(path)
        for path in WRITTEN
        if len(path.read_text(encoding="utf-8").splitlines()) > MAX_FILE_LINES
    ]

    assert long == []


def test_a_function_has_at_most_50_lines() -> None:
    long = [
        f"{named(path)}: {function.name}"
        for path in SOURCES
        for function in functions(parse(path))
        if (function.end_lineno or 0) - function.lineno >= MAX_FUNCTION_LINES
    ]

    assert long == []


def test_no_module_bears_a_name_that_says_nothing() -> None:
    vague = [
        named(path)
        for path in SOURCES
        if path.stem in BANNED_NAMES and path.relative_to(ROOT) not in ALLOWED
    ]

    assert vague == []


def test_nothing_hides_behind_type_checking() -> None:
    hiding = [
        named(path)
        for path in SOURCES
        for one in ast.walk(parse(path))
        if isinstance(one, ast.Name | ast.alias) and _name(one) == "TYPE_CHECKING"
    ]

    assert hiding == []


def test_only_the_readers_tool_opens_files_and_connections_in_the_wire_contract() -> None:
    reader = ROOT / "shared_schema" / "reader"
    opening = [
        f"{named(path)}: {module}"
        for path in (ROOT / "shared_schema").rglob("*.py")
        if reader not in path.parents
        for module in _imported(parse(path))
        if module.startswith(
            ("sqlite3", "socket", "http.", "urllib.request", "shared_schema.reader")
        )
    ]

    assert opening == []


def test_no_feature_ends_a_transaction() -> None:
    ending = [
        f"{named(path)}:{call.lineno}"
        for path in SOURCES
        if path.relative_to(ROOT).parts[0] in {"main_platform", "subplatform"}
        for call in ast.walk(parse(path))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in {"commit", "rollback"}
        and ast.unparse(call.func.value).endswith("session")
    ]

    assert ending == []


def _imported(tree: ast.Module) -> Iterator[str]:
    for found in ast.walk(tree):
        if isinstance(found, ast.Import):
            yield from (alias.name for alias in found.names)
        elif isinstance(found, ast.ImportFrom):
            yield found.module or ""


def _name(found: ast.Name | ast.alias) -> str:
    return found.id if isinstance(found, ast.Name) else found.name
