"""This node's own keys as the copied log has them, and what warns of their end."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.catalogue.head_store import load_directory
from shared_schema.entry_parts import KeyUse
from shared_schema.instants import Instant
from shared_schema.key_change import expiry_warning


@dataclass(frozen=True, slots=True)
class OwnKey:
    """One key with the serials of the entries that added and revoked it."""

    key_id: str
    use: KeyUse
    added_at: int
    revoked_at: int | None
    not_after: Instant | None

    def warning(self, now: Instant) -> int | None:
        """The threshold of days that its end has passed; None for a revoked key as well."""
        if self.not_after is None or self.revoked_at is not None:
            return None
        return expiry_warning(self.not_after, now=now)


async def read_own_keys(session: AsyncSession, node: str) -> list[OwnKey]:
    """All keys this node ever had, by use and age."""
    directory = await load_directory(session)
    own = [record for record in directory.keys.values() if record.node == node]
    return [
        OwnKey(one.key.key_id, one.key.use, one.added_at, one.revoked_at, one.key.not_after)
        for one in sorted(own, key=lambda record: (record.key.use, record.added_at))
    ]


def ending_keys(keys: Iterable[OwnKey], *, now: Instant) -> list[OwnKey]:
    """The newest key of each use, where its end is near."""
    newest = {one.use: one for one in keys if one.revoked_at is None}
    return [one for one in newest.values() if one.warning(now) is not None]
