"""What every part of a running node is given: service, keys, anchor, hub, register."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from shared_platform.catalogue.log_position import CATALOGUE_CHANNEL
from shared_platform.catalogue.snapshot_copy import Beginning
from shared_platform.catalogue.snapshot_source import HttpSnapshots
from shared_platform.mail.letters import MAIL_CHANNEL
from shared_platform.service import ServiceContext, open_service
from shared_platform.transport.address_rules import AddressRules
from shared_platform.transport.outbound import Outbound
from shared_schema.anchor import FederationAnchor
from shared_schema.identities import IdSource
from shared_schema.instants import Clock
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError
from subplatform.catalogue_mirror.cosign import Cosigning
from subplatform.catalogue_mirror.pull import Mirroring
from subplatform.declarations.desk import Desk
from subplatform.declarations.import_jobs import IMPORT_CHANNEL
from subplatform.hub_client.hub import BASE, Hub
from subplatform.hub_client.node_keys import KeyRing
from subplatform.patent_register.file_register import FileRegister
from subplatform.patent_register.register import NoRegister, PatentRegister
from subplatform.recommendation.confirm import confirm_published
from subplatform.recommendation.erasures import follow_erasures
from subplatform.recommendation.signing import Signer
from subplatform.settings import NodeSettings

CHANNELS: Final = (
    "kaixu_outbox",
    "kaixu_mirror",
    IMPORT_CHANNEL,
    CATALOGUE_CHANNEL,
    MAIL_CHANNEL,
)


class NotEnrolled(DomainError):
    """The node has no anchor yet, so it does not know its hub."""

    problem = ProblemType.STATE_CONFLICT


@dataclass(slots=True)
class NodeContext:
    """A node that is open. `hub` is None until `enrol` stored an anchor."""

    settings: NodeSettings
    service: ServiceContext
    keys: KeyRing
    outbound: Outbound
    register: PatentRegister
    hub: Hub | None
    cosigning: Cosigning | None = None

    def enrolled_hub(self) -> Hub:
        """The hub.

        Raises:
            NotEnrolled: there is no anchor yet.
        """
        if self.hub is None:
            raise NotEnrolled(
                detail="还没有登记：kaixu-node enrol --anchor FILE / not enrolled yet; run enrol"
            )
        return self.hub


@asynccontextmanager
async def open_node(
    settings: NodeSettings,
    *,
    clock: Clock | None = None,
    ids: IdSource | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> AsyncIterator[NodeContext]:
    """Open the node until the block ends. `transport` takes the place of sockets, for tests.

    Raises:
        KeysMissing: `init` was not run.
        KeysExposed: a key file is readable by others.
        EmbeddedServerError: the embedded database cannot run.
    """
    keys = KeyRing(keys_folder(settings))
    keys.all()
    rules = AddressRules.of(settings.hub_hosts_allowed)
    outbound = Outbound(rules, transport=transport)
    try:
        async with open_service(
            settings,
            "subplatform",
            database_name="node",
            channels=CHANNELS,
            clock=clock,
            ids=ids,
        ) as service:
            context = NodeContext(
                settings, service, keys, outbound, register_of(settings), hub=None
            )
            anchor = read_anchor(settings)
            context.hub = None if anchor is None else hub_of(context, anchor)
            await _learn_log_keys(context)
            yield context
    finally:
        await outbound.aclose()


async def _learn_log_keys(context: NodeContext) -> None:
    """What the copy of the log has proven before counts from the first receipt on."""
    if context.hub is not None:
        async with context.service.database.sessions() as session:
            await context.hub.learn_log_keys(session, context.service.clock.now())


def hub_of(context: NodeContext, anchor: FederationAnchor) -> Hub:
    """The hub that the anchor names, spoken to with this node's statement key."""
    return Hub(
        anchor,
        node=context.settings.node,
        key=context.keys.statement,
        outbound=context.outbound,
        clock=context.service.clock,
        ids=context.service.ids,
        probe_seconds=context.settings.hub_probe_seconds,
    )


def desk_of(context: NodeContext) -> Desk:
    """What imports and checks work with."""
    service = context.service
    return Desk(service.database.sessions, context.register, service.clock, service.ids)


def mirroring_of(context: NodeContext) -> Mirroring:
    """How the node copies the hub's log.

    Raises:
        NotEnrolled: there is no anchor yet.
    """
    hub = context.enrolled_hub()
    clock = context.service.clock
    beginning = Beginning(
        HttpSnapshots(context.outbound, hub.anchor.hub_url + BASE),
        hub.anchor,
        snapshot_folder(context.settings),
        smallest=context.settings.snapshot_entries,
    )
    told = (hub.learn_log_keys, confirm_published, follow_erasures)
    return Mirroring(
        hub.log(),
        hub.anchor,
        clock,
        on_pulled=told,
        beginning=beginning,
        witness=cosigning_of(context),
    )


def cosigning_of(context: NodeContext) -> Cosigning:
    """How the node vouches for what it has proven; one for the whole process.

    Raises:
        NotEnrolled: there is no anchor yet.
    """
    if context.cosigning is None:
        hub = context.enrolled_hub()
        context.cosigning = Cosigning(
            hub,
            hub.anchor,
            context.settings.node,
            context.keys.cosigner,
            context.service.clock,
            context.service.signals,
        )
    return context.cosigning


def signer_of(context: NodeContext) -> Signer:
    """Who signs this node's statements."""
    return Signer(context.settings.node, context.keys.statement, context.service.ids)


def register_of(settings: NodeSettings) -> PatentRegister:
    """The register that the settings name."""
    return NoRegister() if settings.register_file is None else FileRegister(settings.register_file)


def keys_folder(settings: NodeSettings) -> Path:
    """Where the node's private keys are."""
    return settings.data_dir / "keys"


def snapshot_folder(settings: NodeSettings) -> Path:
    """Where the parts of a snapshot are while it is applied."""
    return settings.data_dir / "snapshot"


def anchor_file(settings: NodeSettings) -> Path:
    """Where the anchor is kept after enrolment."""
    return settings.data_dir / "anchor.json"


def read_anchor(settings: NodeSettings) -> FederationAnchor | None:
    """The stored anchor; None before enrolment.

    Raises:
        AnchorRefused: the file was changed into something else.
    """
    file = anchor_file(settings)
    return FederationAnchor.read(file.read_bytes()) if file.exists() else None
