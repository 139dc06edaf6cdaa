"""Named places in the code where a drill may kill the program, and nothing else ever happens.

A point is armed by the settings `failpoint` and `drill` together (`shared_platform.settings`);
unarmed, reaching one costs an attribute look-up. `make drill` reaches and kills every one.
"""

import os
import re
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import structlog
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

POINTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "push.signed_not_committed": "node: statement signed and queued, not committed",
        "push.queued": "node: change and statement committed, nothing sent",
        "push.leased": "node: lease committed, nothing sent",
        "push.sending": "node: about to send the request",
        "push.answer_read": "node: answer read and proven, not stored",
        "push.hub_received": "hub: request received, nothing verified",
        "push.hub_proven": "hub: signature verified, nonce not spent",
        "push.hub_claimed": "hub: nonce and idempotency key inserted, nothing else",
        "push.hub_stored": "hub: all rows written, not committed",
        "push.hub_committed": "hub: committed, not answered",
        "approve.posted": "hub: decision arrived, nothing read",
        "approve.decided": "hub: decision and queue entry in the transaction",
        "approve.committed": "hub: decision committed, no serial",
        "approve.sequencing": "sequencer: entries applied, head not moved",
        "approve.sequenced": "sequencer: serials committed, checkpoint unsigned",
        "approve.signed": "sequencer: checkpoint signed, not committed",
        "approve.unannounced": "sequencer: checkpoint committed, nobody woken",
        "approve.notice_leaving": "hub: notices read for a node, not sent",
        "approve.notice_read": "node: notices received, not stored",
        "approve.notice_stored": "node: notices in the transaction, not committed",
        "pull.beginning": "node: before the checkpoint is asked for",
        "pull.checkpoint_read": "node: checkpoint verified, no page asked for",
        "pull.page_read": "node: page received, not proven",
        "pull.page_proven": "node: page proven, not applied",
        "pull.applying": "node: page applied in the transaction, position not moved",
        "pull.applied": "node: position moved in the transaction, not committed",
        "pull.moved": "node: page and position committed",
        "pull.noted": "node: level, own declarations not yet confirmed",
        "pull.cosigned": "node: cosignature sent and answered, not noted",
        "search.writing": "node: applied page written to the index, index not committed",
        "search.committed": "node: index committed, not noted up to where it goes",
        "search.made": "hub: new index made, readers not moved to it",
        "keys.kept": "node: new key and signed change on its disk, hub not told",
        "keys.announced": "node: the hub has the new key, the old one is still in its place",
        "revoke.recorded": "hub: key revoked and its entry queued, not committed",
        "log_key.announced": "sequencer: the log names its next key, nothing is signed by it",
        "snapshot.half_written": "hub: half of a snapshot's file is written",
        "snapshot.written": "hub: file written, not synced to the disk",
        "snapshot.synced": "hub: file synced, not renamed",
        "snapshot.renamed": "hub: file renamed, its folder not synced",
    }
)
"""Every point by its flow (before the dot), and what has happened when it is reached."""

_FORM: Final = re.compile(r"(?P<name>[a-z_]+\.[a-z_]+):(?P<nth>[1-9]\d{0,5}):(?P<action>[a-z_]+)")
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)

FindPostmaster = Callable[[], int | None]
"""The process id of the embedded database's server, if this program runs one."""


class Action(StrEnum):
    """What an armed point does."""

    KILL = "kill"
    KILL_POSTGRES = "kill_postgres"
    RAISE = "raise"


class FailpointReached(Exception):
    """An armed point was reached whose action is `raise`."""


@dataclass(slots=True)
class Trap:
    """One armed point: acts when it is reached for the `left`-th time from now, once."""

    name: str
    left: int
    action: Action

    @classmethod
    def read(cls, text: str) -> "Trap":
        """The trap that `name:nth:action` describes, as in `push.leased:1:kill`.

        Raises:
            ValueError: another form, or no such point or action.
        """
        found = _FORM.fullmatch(text)
        if found is None or found["name"] not in POINTS or found["action"] not in list(Action):
            raise ValueError(f"name:nth:action is needed, with a name of {', '.join(POINTS)}")
        return cls(found["name"], int(found["nth"]), Action(found["action"]))


@dataclass(slots=True)
class _Armed:
    trap: Trap | None = None
    postmaster: FindPostmaster = lambda: None


_armed: Final = _Armed()


def arm(text: str | None, *, postmaster: FindPostmaster) -> None:
    """Arm the point that `text` names (`Trap.read`) in this process; None disarms.

    Raises:
        ValueError: `text` has another form.
    """
    _armed.trap = None if text is None else Trap.read(text)
    _armed.postmaster = postmaster


def failpoint(name: str) -> None:
    """Do nothing, unless a drill armed this point.

    Raises:
        FailpointReached: armed with the action `raise`.
    """
    if _armed.trap is not None:
        _reach(_armed.trap, name)


def failpoint_after_commit(session: AsyncSession, name: str) -> None:
    """As `failpoint`, at the moment at which the session's transaction has committed."""
    if _armed.trap is None or _armed.trap.name != name:
        return

    def committed(done: Session) -> None:
        if not done.in_nested_transaction():
            failpoint(name)

    event.listen(session.sync_session, "after_commit", committed)


def _reach(trap: Trap, name: str) -> None:
    """Act if it is this trap's turn.

    Raises:
        FailpointReached: the action is `raise`.
    """
    if trap.name != name:
        return
    trap.left -= 1
    if trap.left:
        return
    _armed.trap = None
    _log.critical("failpoint_reached", failpoint=name, action=trap.action.value)
    if trap.action is Action.RAISE:
        raise FailpointReached(name)
    victim = os.getpid() if trap.action is Action.KILL else _armed.postmaster()
    if victim is not None:
        os.kill(victim, signal.SIGKILL)
