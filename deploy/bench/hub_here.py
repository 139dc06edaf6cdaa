"""A hub in this process, on a database of the run: its application and its sequencer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, insert
from starlette.types import ASGIApp

from deploy.bench.made_log import NODE
from deploy.bench.world import World
from main_platform.application import build_hub_app
from main_platform.catalogue.log_head import lock_head, store_checkpoint, store_range
from main_platform.catalogue.log_tiles import store_bundles, store_tiles
from main_platform.catalogue.tables import LogBundleRow, LogTileRow, PublishQueueRow
from main_platform.context import CHANNELS, HubContext, read_log_key, start_hub
from main_platform.nodes.tables import NodeKeyRow, NodeRow
from shared_platform.database.engine import Database
from shared_platform.database.signals import listening
from shared_platform.service import ServiceContext
from shared_schema.entry_parts import NodeScope
from shared_schema.identities import RandomIds
from shared_schema.instants import SystemClock


@dataclass(frozen=True, slots=True)
class HubHere:
    """An open hub."""

    app: ASGIApp
    context: HubContext


@asynccontextmanager
async def hub_here(world: World, database: Database) -> AsyncIterator[HubHere]:
    """The hub of the made log's anchor on this database, listening for its signals."""
    settings = world.hub_settings(database)
    async with listening(database.url, CHANNELS) as signals:
        service = ServiceContext(
            settings=settings,
            database=database,
            clock=SystemClock(),
            ids=RandomIds(),
            signals=signals,
        )
        context = await start_hub(settings, service, log_key=read_log_key(settings))
        yield HubHere(build_hub_app(context), context)


async def write_hub_tables(world: World, database: Database) -> None:
    """Make a hub of a copy of the made log: head, checkpoint, tiles and bundles."""
    log = world.log
    async with database.sessions.begin() as session:
        await lock_head(session)
        for table in (LogTileRow, LogBundleRow, PublishQueueRow):
            await session.execute(delete(table))
        await store_tiles(session, 0, log.size, completed=log.completed)
        await store_bundles(session, 0, log.size, leaves=[one.leaf for one in log.entries])
        await store_range(session, log.range)
        await store_checkpoint(session, log.note(), size=log.size, now=log.now)


async def admit_node(world: World, database: Database) -> None:
    """Put the node and its statement key into the hub's tables, as an enrolment would."""
    log, key = world.log, world.log.node_key.public
    async with database.sessions.begin() as session:
        scope = NodeScope(regions=("44",), kinds=("licence",)).model_dump(mode="json")
        node = {
            "id": NODE,
            "name_zh": "测速节点",
            "name_en": "Bench node",
            "state": "active",
            "scope": scope,
            "created_at": log.now,
        }
        await session.execute(insert(NodeRow).values(node))
        statement_key = {
            "key_id": key.key_id,
            "node": NODE,
            "use": "statement",
            "algorithm": key.algorithm,
            "public_key": key.raw,
            "state": "active",
            "not_after": log.now + timedelta(days=365),
        }
        await session.execute(insert(NodeKeyRow).values(statement_key))
