"""What tests of cosigning need: nodes that vouch for checkpoints, true ones and others."""

import json
from typing import Any

from sqlalchemy import text

from main_platform.catalogue.log_head import read_head
from main_platform.catalogue.publish import publish
from shared_platform.transport.signed_client import Content
from shared_schema.checkpoint import Checkpoint, cosign_checkpoint, log_note, sign_checkpoint
from shared_schema.entry_parts import Notice
from shared_schema.log_entry import HubNotice
from shared_schema.merkle import leaf_hash
from shared_schema.signing_key import SigningKey
from tests.main_platform.hub_places import NOW, ANode, OpenHub

COSIGNATURES = "/federation/v1/log/cosignatures"
TEXT = "text/plain; charset=utf-8"
ELSEWHERE = leaf_hash(b"another log's entry")


async def grow(hub: OpenHub, count: int = 1) -> int:
    """Publish notices of the hub; the size of the signed log then."""
    async with hub.database.sessions.begin() as session:
        for number in range(count):
            notice = Notice(zh=f"{number}号", en=f"number {number}")
            await publish(session, HubNotice(at=NOW, code="maintenance", notice=notice))
    await hub.context.sequencer.drain()
    return hub.context.sequencer.signed_size


async def checkpoint(hub: OpenHub) -> bytes:
    """The newest checkpoint as it is served."""
    answer = await hub.ask("GET", "/federation/v1/log/checkpoint")
    assert answer.status_code == 200
    return answer.content


def claim(hub: OpenHub, size: int, root: bytes = ELSEWHERE) -> bytes:
    """A checkpoint under the hub's own key that says something else."""
    key = hub.context.log_key
    return sign_checkpoint(Checkpoint(key.anchor.log_origin, size, root), key=key.key)


def cosigned(node: ANode, note: bytes, *, key: SigningKey | None = None) -> bytes:
    """The note with the node's cosignature."""
    anchor = node.hub.context.log_key.anchor
    own = key or node.key("cosigner")
    bare = log_note(note, origin=anchor.log_origin)
    at = node.hub.clock.now()
    return cosign_checkpoint(bare, origin=anchor.log_origin, node=node.id, key=own, at=at)


async def post(node: ANode, note: bytes) -> dict[str, Any]:
    """Post the bytes as they are; the hub's answer."""
    written = await node.client().post(COSIGNATURES, Content(note, TEXT))
    found: dict[str, Any] = json.loads(written.body)
    return found


async def vouch(node: ANode, note: bytes | None = None) -> dict[str, Any]:
    """Cosign a checkpoint, the newest if none is given, and post it."""
    return await post(node, cosigned(node, note or await checkpoint(node.hub)))


async def cosigned_sizes(hub: OpenHub) -> dict[str, int]:
    async with hub.database.sessions() as session:
        found = await session.execute(text("SELECT node, size FROM cosignature"))
        return {node: size for node, size in found}  # noqa: C416 - rows, not pairs


async def log_size(hub: OpenHub) -> int:
    async with hub.database.sessions() as session:
        return (await read_head(session)).size
