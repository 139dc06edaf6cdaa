"""What every part of a running hub is given: service, log key, sequencer, snapshots."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.checkpoint import LOG_CHANNEL
from main_platform.catalogue.hub_key import anchor_of, load_hub_key
from main_platform.catalogue.log_head import read_head
from main_platform.catalogue.log_key import LogKey
from main_platform.catalogue.open_log import open_log
from main_platform.catalogue.publish import PUBLISH_CHANNEL
from main_platform.catalogue.run import Consequences, Pace, Sequencer
from main_platform.catalogue.sequencer import Sequenced
from main_platform.catalogue.snapshot_files import SnapshotFolder
from main_platform.catalogue.write_snapshot import ERASED_CHANNEL, Snapshots
from main_platform.cosigning.guard import NodeHearing
from main_platform.erasure.complete import complete_erasures
from main_platform.jobs.figures import show_figures
from main_platform.monitoring.figures import NodeFigures
from main_platform.monthly_issue.freeze import ISSUE_CHANNEL
from main_platform.monthly_issue.issue_files import IssueFolder
from main_platform.nodes.cosigned import largest_cosigned
from main_platform.nodes.end_key import KEY_CHANNEL
from main_platform.nodes.inbox import INBOX_CHANNEL
from main_platform.nodes.quota import Quota
from main_platform.review.sequenced import on_sequenced as tell_of_reviews
from main_platform.settings import HubSettings
from shared_platform.alarms.figures import add_database_figures
from shared_platform.catalogue.log_key_rows import read_log_keys
from shared_platform.catalogue.log_position import CATALOGUE_CHANNEL
from shared_platform.mail.letters import MAIL_CHANNEL
from shared_platform.service import ServiceContext, open_service
from shared_platform.settings import SettingsInvalid
from shared_schema.anchor import FederationAnchor
from shared_schema.identities import IdSource
from shared_schema.instants import Clock
from shared_schema.schema_errors import field_errors
from shared_schema.signed_note import VerifierKeyInvalid
from shared_schema.signing_key import SigningKey

CHANNELS: Final = (
    MAIL_CHANNEL,
    INBOX_CHANNEL,
    PUBLISH_CHANNEL,
    LOG_CHANNEL,
    CATALOGUE_CHANNEL,
    KEY_CHANNEL,
    ERASED_CHANNEL,
    ISSUE_CHANNEL,
)


@dataclass(frozen=True, slots=True)
class HubContext:
    """A hub that is open."""

    settings: HubSettings
    service: ServiceContext
    log_key: LogKey
    sequencer: Sequencer
    snapshots: Snapshots
    issues: IssueFolder


@asynccontextmanager
async def open_hub(
    settings: HubSettings, *, clock: Clock | None = None, ids: IdSource | None = None
) -> AsyncIterator[HubContext]:
    """Open the hub until the block ends: key, database, and the log's first entry in the queue.

    Raises:
        SettingsInvalid: federation, log origin or public address cannot stand in an anchor.
        HubKeyMissing: `init` was not run, or the key is lost.
        LogBelongsToAnother: the database holds the log of another federation or key.
        EmbeddedServerError: the embedded database cannot run.
    """
    log_key = read_log_key(settings)
    async with open_service(
        settings,
        "main_platform",
        database_name="hub",
        channels=CHANNELS,
        clock=clock,
        ids=ids,
    ) as service:
        yield await start_hub(settings, service, log_key=log_key)


async def start_hub(
    settings: HubSettings, service: ServiceContext, *, log_key: LogKey
) -> HubContext:
    """The hub on an open service; queues the log's first entry if there is none.

    Raises:
        LogBelongsToAnother: the database holds the log of another federation or key.
    """
    async with service.database.sessions.begin() as session:
        log_key.follow(await read_log_keys(session), (await read_head(session)).checkpoint_size)
        await open_log(session, log_key.anchor, now=service.clock.now())
    sequencer = _sequencer(settings, service, log_key)
    show_figures(service.metrics.registry, sequencer)
    figures = NodeFigures(service.metrics.registry, default_quota(settings))
    add_database_figures(
        service.metrics, service.database.sessions, figures.refresh, clock=service.clock
    )
    folder = SnapshotFolder(settings.data_dir / "snapshots")
    snapshots = Snapshots(service.database.sessions, folder, log_key)
    issues = IssueFolder(settings.data_dir / "issues")
    return HubContext(settings, service, log_key, sequencer, snapshots, issues)


def read_log_key(settings: HubSettings) -> LogKey:
    """With what the log is signed, and the anchor that says so.

    Raises:
        HubKeyMissing: `init` was not run, or the key is lost.
        SettingsInvalid: federation, log origin or public address cannot stand in an anchor.
    """
    key = load_hub_key(settings.data_dir)
    return LogKey(key, hub_anchor(settings, key), settings.data_dir)


def hub_anchor(settings: HubSettings, key: SigningKey) -> FederationAnchor:
    """The anchor of a hub with these settings and this key.

    Raises:
        SettingsInvalid: federation, log origin or public address cannot stand in an anchor.
    """
    try:
        return anchor_of(settings, key)
    except ValidationError as invalid:
        errors = field_errors(invalid, {})
        raise SettingsInvalid("设置不能写入信任锚 / no anchor can be made", errors) from invalid
    except VerifierKeyInvalid as invalid:
        raise SettingsInvalid(f"log_origin: {invalid.detail}") from invalid


def default_quota(settings: HubSettings) -> Quota:
    """What a node may send for which staff set nothing else."""
    return Quota(settings.daily_offer_limit, settings.review_backlog_limit)


async def on_sequenced(session: AsyncSession, entries: Sequence[Sequenced]) -> None:
    """What follows when entries have their serials, in the batch's transaction."""
    await tell_of_reviews(session, entries)
    await complete_erasures(session, entries)


def _sequencer(settings: HubSettings, service: ServiceContext, log_key: LogKey) -> Sequencer:
    return Sequencer(
        service.database.sessions,
        service.signals,
        service.clock,
        log_key,
        Consequences(
            on_sequenced=on_sequenced,
            largest_cosigned=largest_cosigned,
            hearing=NodeHearing(
                service.database.sessions, service.clock, settings.start_grace_seconds
            ),
        ),
        Pace(settings.sequencer_batch, settings.sequencer_seconds),
    )
