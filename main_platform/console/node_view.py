"""What the pages about nodes show: each node with its troubles, its keys, its fingerprint."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from main_platform.monitoring.health import NodeHealth
from main_platform.nodes.enrol import Enrolment
from main_platform.nodes.schemas import NodeKeyOut, NodeOut
from main_platform.settings import HubSettings
from shared_platform.public_pages.reader import Reader
from shared_schema.instants import Instant, parse_instant
from shared_schema.region import region_name, regions

CLOCK_SECONDS: Final = 60
KEY_DAYS: Final = 60
ROWS: Final = 4
_SHOWN: Final = 4  # characters of a key's id in one group


@dataclass(frozen=True, slots=True)
class NodeLine:
    """One node of the list; `health` is None where it is not enrolled."""

    out: NodeOut
    health: NodeHealth | None
    troubles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One key, with its times as instants and its id in groups."""

    key: NodeKeyOut
    grouped: str
    not_after: Instant
    days_left: int
    revoke_at: Instant | None
    revoked_at: Instant | None


@dataclass(frozen=True, slots=True)
class Blank:
    """A group of a fingerprint that must be heard, not read: its field, row and column from 1."""

    name: str
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Dictation:
    """A fingerprint as four rows of four groups, two of them left for the listener to type.

    Which two depends on who listens, so that two people hear different ones.
    """

    rows: Sequence[Sequence[str | Blank]]
    blanks: tuple[Blank, Blank]

    @classmethod
    def of(cls, enrolment: Enrolment, listener: str) -> "Dictation":
        """The rows for this listener."""
        groups = enrolment.fingerprint.split()
        first, second = _places(f"{enrolment.id}/{listener}", len(groups))
        a = Blank("first_group", first // ROWS + 1, first % ROWS + 1)
        b = Blank("second_group", second // ROWS + 1, second % ROWS + 1)
        shown: list[str | Blank] = [*groups]
        shown[first], shown[second] = a, b
        rows = [shown[at : at + ROWS] for at in range(0, len(shown), ROWS)]
        return cls(rows, (a, b))

    def whole(self, first: str, second: str) -> str:
        """The fingerprint as it was heard."""
        typed = {self.blanks[0].name: first, self.blanks[1].name: second}
        heard = [
            one if isinstance(one, str) else typed[one.name] for row in self.rows for one in row
        ]
        return " ".join(heard)


def lines_of(
    nodes: Sequence[NodeOut], health: Sequence[NodeHealth], settings: HubSettings, *, now: Instant
) -> list[NodeLine]:
    """Every node with its health, and what is wrong with it."""
    known = {one.node: one for one in health}
    found = [(one, known.get(one.node)) for one in nodes]
    return [NodeLine(out, one, _troubles(one, settings, now=now)) for out, one in found]


def region_names(codes: Sequence[str], reader: Reader) -> list[str]:
    """Regions as people call them, each with its code; an unknown code stands alone."""
    known = regions()
    return [
        f"{region_name(code, reader.lang)} ({code})" if code in known else code for code in codes
    ]


def key_lines(node: NodeOut, *, now: Instant) -> list[KeyLine]:
    """The node's keys, those in use first."""
    lines = [_key_line(key, now=now) for key in node.keys]
    return sorted(lines, key=lambda one: (one.key.state == "revoked", one.key.use, one.not_after))


def _key_line(key: NodeKeyOut, *, now: Instant) -> KeyLine:
    not_after = parse_instant(key.not_after)
    groups = [key.key_id[at : at + _SHOWN] for at in range(0, len(key.key_id), _SHOWN)]
    return KeyLine(
        key,
        " ".join(groups),
        not_after,
        (not_after - now).days,
        _instant(key.revoke_at),
        _instant(key.revoked_at),
    )


def _instant(text: str | None) -> Instant | None:
    return None if text is None else parse_instant(text)


def _troubles(health: NodeHealth | None, settings: HubSettings, *, now: Instant) -> tuple[str, ...]:
    if health is None:
        return ()
    silent = health.seen_at is None or (now - health.seen_at).total_seconds() > (
        settings.alarm_silence_seconds
    )
    report = health.report
    found = {
        "silent": silent,
        "behind": health.lag.seconds > settings.alarm_lag_seconds,
        "gaps": health.missing > 0,
        "clock": abs(health.clock_offset_seconds or 0) > CLOCK_SECONDS,
        "dead": report is not None and report.dead > 0,
        "paused": report is not None and report.paused is not None,
        "keys": any(key.days_left < KEY_DAYS for key in health.keys),
    }
    return tuple(name for name, is_so in found.items() if is_so)


def _places(seed: str, count: int) -> tuple[int, int]:
    """Two different groups, the earlier one first."""
    digest = sha256(seed.encode()).digest()
    first = digest[0] % count
    second = (first + 1 + digest[1] % (count - 1)) % count
    return min(first, second), max(first, second)
