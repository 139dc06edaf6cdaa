"""The web component's files: each release at an address of its own, for ever the same bytes."""

import tomllib
from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from hashlib import sha384
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Release:
    """One released file; `integrity` as in the attribute of a script element (SRI 1.0 §3.5)."""

    version: str
    integrity: str

    @property
    def address(self) -> str:
        """Where it is served."""
        return f"/embed/kaixu-catalogue-{self.version}.js"

    @property
    def file(self) -> Path:
        """What is served."""
        return _HERE / "component" / f"kaixu-catalogue-{self.version}.js"

    def actual(self) -> str:
        """The integrity of the file as it lies there."""
        return f"sha384-{b64encode(sha384(self.file.read_bytes()).digest()).decode()}"


@cache
def releases() -> dict[str, Release]:
    """Every release by its version."""
    found = tomllib.loads((_HERE / "releases.toml").read_text("utf-8"))["sha384"]
    return {version: Release(version, f"sha384-{value}") for version, value in found.items()}


@cache
def current_release() -> Release:
    """The release that snippets name."""
    found = tomllib.loads((_HERE / "releases.toml").read_text("utf-8"))
    return releases()[found["current"]]
