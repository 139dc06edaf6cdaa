"""How old what was proven is, as far as anything signed tells (protocol §8, "freshness").

A checkpoint carries no time (c2sp.org/tlog-checkpoint). Two things under it do: the `at` of its
last entry, which the hub wrote, and the time of each cosignature (c2sp.org/tlog-cosignature), which
a node signed. Neither proves that nothing newer exists; a source that is frozen shows the same
signatures for ever, so their age is all that a reader can judge.
"""

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from shared_schema.anchor import FederationAnchor
from shared_schema.instants import Instant, format_instant
from shared_schema.key_directory import KeyDirectory
from shared_schema.log_following import cosigners_of
from shared_schema.log_keys import open_log_checkpoint
from shared_schema.log_refusal import LogRefused
from shared_schema.problem import ProblemType
from shared_schema.sync_refusals import CheckpointRefused

MAX_AHEAD: Final = timedelta(minutes=5)  # a signed time further ahead of our clock says nothing
_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_AGE: Final = re.compile(r"([1-9][0-9]{0,8})([smhd])")


@dataclass(frozen=True, slots=True)
class Freshness:
    """The signed times under a checkpoint, and who vouches for its size.

    `cosigners` are nodes whose cosignature of this very checkpoint verified, of `known` nodes that
    the log itself says may cosign. `cosigned_at` is the newest of their times.
    """

    last_entry_at: Instant | None
    cosigned_at: Instant | None
    cosigners: int
    known: int

    def newest(self, now: Instant) -> Instant | None:
        """The newest signed time that is not to come; None where nothing tells."""
        said = (self.last_entry_at, self.cosigned_at)
        return max((one for one in said if one and one <= now + MAX_AHEAD), default=None)

    def facts(self) -> dict[str, Any]:
        """The members of the verdict for programs."""
        return {
            "last_entry_at": _shown(self.last_entry_at),
            "cosigned_at": _shown(self.cosigned_at),
            "cosigners": self.cosigners,
            "cosigners_known": self.known,
        }

    def text(self) -> str:
        """The line of the verdict for people."""
        last, cosigned = _shown(self.last_entry_at), _shown(self.cosigned_at)
        return (
            f"  最后条目 last entry {last or '—'}；联署 cosigned {cosigned or '—'}，"
            f"{self.cosigners}/{self.known} 个节点 nodes"
        )


class TooOld(LogRefused):
    """All is proven, but nothing signed under it is as recent as was asked for."""

    problem = ProblemType.STATE_CONFLICT
    source = "protocol §8"

    def __init__(self, found: Freshness, *, max_age: timedelta, now: Instant) -> None:
        """`found` is what the checkpoint's note and last entry tell."""
        self.found = found
        newest = found.newest(now)
        told = "—" if newest is None else format_instant(newest)
        hours = max_age.total_seconds() / 3_600
        super().__init__(
            "reader.too_old",
            f"已证实，但 {hours:g} 小时内没有任何签名时间（最新 {told}）：来源可能停滞，"
            "请换来源或联系主平台",
            f"proven, but nothing signed is newer than {hours:g} h (newest {told}): the source may"
            " be frozen; take another, or call the hub",
        )


def judge_freshness(
    note: bytes, anchor: FederationAnchor, directory: KeyDirectory, *, last_entry_at: Instant | None
) -> Freshness:
    """What the note of a checkpoint tells, by the cosigner keys that the log itself proves.

    Raises:
        CheckpointRefused: a known node's cosignature does not verify.
    """
    cosigners = cosigners_of(anchor, directory)
    try:
        opened = open_log_checkpoint(note, anchor, keys=directory.log, cosigners=tuple(cosigners))
    except LogRefused as refused:
        raise CheckpointRefused(refused) from refused
    found = [(key.name, one) for key in cosigners if (one := opened.signature_of(key)) is not None]
    return Freshness(
        last_entry_at,
        _newest([one.time for _, one in found]),
        len({name for name, _ in found}),
        len({key.name for key in cosigners}),
    )


def read_max_age(text: str) -> timedelta:
    """An age as `90m`, `24h` or `7d`.

    Raises:
        ArgumentTypeError: it is written otherwise.
    """
    found = _AGE.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError("24h, 90m, 7d")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def _newest(times: Sequence[int]) -> Instant | None:
    latest = int(datetime.max.replace(tzinfo=UTC).timestamp())
    return datetime.fromtimestamp(min(max(times), latest), tz=UTC) if times else None


def _shown(at: Instant | None) -> str | None:
    return None if at is None else format_instant(at)
