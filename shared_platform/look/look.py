"""What operators changed of the settings that pages show: one file, read again when it changed.

It stands over the settings and holds only what was changed; `look.json` lies in `data_dir`, so a
service of several machines shares it as it shares its boards.
"""

import json
from pathlib import Path
from typing import Annotated, Any, Final

import structlog
from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared_platform.settings import Colour, EmbedAncestors, PlatformSettings
from shared_platform.stored_file import drafted

FILE: Final = "look.json"
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


class Look(BaseModel):
    """Each member in place of the setting of its name; None leaves the setting.

    `logo` names a file beside this one; empty: no logo, whatever the settings say.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name_zh: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    name_en: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    accent_colour: Colour | None = None
    icp_record: Annotated[str, Field(max_length=60)] | None = None
    police_record: Annotated[str, Field(max_length=60)] | None = None
    public_contact: Annotated[str, Field(max_length=200)] | None = None
    embed_ancestors: Annotated[EmbedAncestors, Field(max_length=2000)] | None = None
    logo: Annotated[str, Field(pattern=r"^(logo-[0-9a-f]{16}\.(png|webp|svg))?$")] | None = None

    def over(self, settings: PlatformSettings) -> PlatformSettings:
        """The settings as pages show them."""
        changed: dict[str, Any] = self.model_dump(exclude_none=True, exclude={"logo"})
        if self.logo is not None:
            changed["logo_file"] = settings.data_dir / self.logo if self.logo else None
        return settings.model_copy(update=changed)


class LiveLook:
    """The look of a running service.

    A file that cannot be used changes nothing: what was shown before stays.
    """

    def __init__(self, settings: PlatformSettings) -> None:
        self._settings = settings
        self._stamp: tuple[int, int] = (0, 0)
        self._look = Look()
        self._shown = settings
        self.settings()

    @property
    def look(self) -> Look:
        """What was changed, as of now."""
        self.settings()
        return self._look

    def settings(self) -> PlatformSettings:
        """The settings as pages show them now."""
        file = look_file(self._settings)
        stamp = _stamp_of(file)
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._look = read_look(file)
                self._shown = self._look.over(self._settings)
            except (OSError, ValidationError, ValueError) as error:
                _log.error("look_unusable", file=str(file), error=type(error).__name__)
        return self._shown


def shown_settings(request: Request) -> Any:  # noqa: ANN401 - each service has its own settings
    """The settings as pages show them: with what operators changed, where a service allows that."""
    look: LiveLook | None = getattr(request.app.state, "look", None)
    return request.app.state.settings if look is None else look.settings()


def look_file(settings: PlatformSettings) -> Path:
    """Where the changes are kept; it need not exist."""
    return settings.data_dir / FILE


def read_look(file: Path) -> Look:
    """The changes in the file; none where there is no file.

    Raises:
        ValidationError: it holds something else.
    """
    return Look.model_validate_json(file.read_bytes()) if file.exists() else Look()


def store_look(settings: PlatformSettings, look: Look) -> None:
    """Replace the changes whole; running services follow with their next page.

    Raises:
        OSError: the disk does not take it.
    """
    text = json.dumps(look.model_dump(exclude_none=True), ensure_ascii=False, indent=1)
    with drafted(look_file(settings)) as draft:
        draft.write(text.encode())


def _stamp_of(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
