"""A hub that signed a smaller, other log is shown so by the node, and both keep evidence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.alarms.alarms import open_alarms
from shared_platform.database.signals import Signals
from shared_platform.transport.peer_refusal import PeerFieldError, PeerRefusal, ProblemForm
from shared_schema.checkpoint import Checkpoint
from shared_schema.log_following import read_vouched
from shared_schema.log_fork import ForkVerdict, judge_fork
from shared_schema.recovery_page import has_other_past, read_recovery
from shared_schema.signing_key import SigningKey
from subplatform.catalogue_mirror.cosign import Cosigning, give_back
from subplatform.catalogue_mirror.forks import evidence_of, list_forks
from subplatform.catalogue_mirror.pull import Mirroring, pull
from subplatform.catalogue_mirror.recover import Wanted
from tests.shared_platform.hub_log_peer import Federation, HubLog, a_number
from tests.subplatform.hub_peer import SetClock

Sessions = async_sessionmaker[AsyncSession]


@dataclass
class ForkedHub:
    """A restored hub that has signed `own` and believes proofs only, as the real one does."""

    true: HubLog
    own: HubLog
    bodies: list[bytes] = field(default_factory=list)

    def log(self) -> HubLog:
        return self.own

    async def cosign(self, note: bytes) -> Mapping[str, Any]:
        raise AssertionError(f"{len(note)} bytes")

    async def show(self, note: bytes) -> None:
        raise AssertionError(f"{len(note)} bytes")

    async def recover(self, body: bytes) -> Mapping[str, Any]:
        self.bodies.append(body)
        page = read_recovery(body)
        found = read_vouched(page.checkpoint, self.true.anchor)
        signed = Checkpoint(self.true.anchor.log_origin, found.size, found.root)
        proven = has_other_past(page, signed, before=self.own.range)
        form = ProblemForm(
            code="log_fork" if proven else "schema_invalid",
            checkpoint=self.own.note().decode() if proven else None,
            errors=[] if proven else [PeerFieldError(code="recovery.root")],
        )
        raise PeerRefusal(form, status=409, retry_after_s=None)


def a_log(*, seed: int, size: int) -> Federation:
    log = Federation(seed=seed)
    log.enrol("gz-exchange")
    while log.hub.size < size:
        log.offer("gz-exchange", a_number(log.hub.size + 50))
    return log


async def test_a_hub_that_signed_another_smaller_log_is_proven_so_and_kept_as_evidence(
    node_sessions: Sessions,
) -> None:
    true, other = a_log(seed=1, size=9).hub, a_log(seed=9, size=5).hub
    other.signers = true.signers
    hub = ForkedHub(true, other)
    key = SigningKey.from_seed(b"c" * 32)
    cosigning = Cosigning(hub, true.anchor, "gz-exchange", lambda: key, SetClock(), Signals())
    await pull(node_sessions, Mirroring(true, true.anchor, SetClock(), witness=cosigning))

    with pytest.raises(PeerRefusal) as refused:
        await give_back(node_sessions, cosigning, Wanted(first=5, to=9))

    async with node_sessions() as session:
        (kept,) = await list_forks(session)
        alarms = {one.code for one in await open_alarms(session)}
    assert refused.value.code == "log_fork"
    assert [read_recovery(body).past is None for body in hub.bodies] == [True, False]
    assert judge_fork(evidence_of(kept), true.anchor).verdict is ForkVerdict.TWO_PASTS
    assert "log_fork" in alarms
