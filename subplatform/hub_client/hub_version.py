"""Compare what the hub speaks with what this node speaks (protocol §13)."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final, NoReturn

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared_platform.transport.outbound import PeerAnsweredBadly
from shared_schema.declaration import DECLARATION_SCHEMA
from shared_schema.refusal import DomainError

PROTOCOL_VERSION: Final = 1
EVERY_SECONDS: Final = 86_400.0
AGAIN_SECONDS: Final = 600.0  # after a hub that did not answer
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


class _WellKnown(BaseModel):
    """The members compared; a hub of the first release names no schemas."""

    model_config = ConfigDict(frozen=True)

    versions: Annotated[list[int], Field(max_length=100)]
    schemas: Annotated[list[str], Field(max_length=100)] = [DECLARATION_SCHEMA]


@dataclass(frozen=True, slots=True)
class HubVersions:
    """What the hub speaks; `warning` says what does not fit, None when all does."""

    versions: tuple[int, ...]
    schemas: tuple[str, ...]

    @property
    def warning(self) -> str | None:
        """What to do about a difference, in both languages."""
        if PROTOCOL_VERSION not in self.versions:
            spoken = ", ".join(map(str, self.versions))
            return (
                f"主平台使用协议版本 {spoken}，本节点为 {PROTOCOL_VERSION}：请升级"
                f" / the hub speaks protocol {spoken}, this node {PROTOCOL_VERSION}: upgrade"
            )
        accepted = ", ".join(self.schemas)
        if DECLARATION_SCHEMA not in self.schemas:
            return (
                f"主平台接受 {accepted}，本节点报送 {DECLARATION_SCHEMA}：请升级较旧的一方"
                f" / the hub accepts {accepted}, this node sends {DECLARATION_SCHEMA}:"
                " upgrade the older one"
            )
        if self.schemas[0] != DECLARATION_SCHEMA:
            return (
                f"主平台已有 {self.schemas[0]}，本节点仍报送 {DECLARATION_SCHEMA}：请安排升级"
                f" / the hub has {self.schemas[0]} already, this node still sends"
                f" {DECLARATION_SCHEMA}: plan an upgrade"
            )
        return None


def read_versions(answer: Any) -> HubVersions:  # noqa: ANN401 - untrusted JSON
    """What `/.well-known/kaixu` says of versions.

    Raises:
        PeerAnsweredBadly: it is in another form.
    """
    try:
        found = _WellKnown.model_validate(answer)
    except ValidationError as malformed:
        raise PeerAnsweredBadly("/.well-known/kaixu in another form") from malformed
    return HubVersions(tuple(found.versions), tuple(found.schemas))


async def watch_versions(versions: Callable[[], Awaitable[HubVersions]]) -> NoReturn:
    """Compare at start and once a day, until cancelled; a difference is a warning in the log."""
    while True:
        pause = EVERY_SECONDS
        try:
            found = await versions()
        except DomainError as refusal:
            _log.warning("hub_versions_unknown", code=refusal.problem.code)
            pause = AGAIN_SECONDS
        else:
            if found.warning is not None:
                _log.warning("hub_version_differs", detail=found.warning)
        await asyncio.sleep(pause)
