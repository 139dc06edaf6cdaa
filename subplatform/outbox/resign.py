"""Undelivered statements follow the key: what is sent is signed with the key the node has now.

The payload stays byte for byte, so number, version and statement hash stay too; the hub takes such
a statement for the same one, whichever envelope it saw first.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_schema.dsse import read_envelope, sign_envelope
from shared_schema.signing_key import SigningKey
from shared_schema.statement import STATEMENT_TYPE
from subplatform.outbox.tables import OutboxMessageRow


def resign(rows: Sequence[OutboxMessageRow], key: SigningKey) -> bool:
    """Sign those of the locked rows anew that another key signed; whether there was one."""
    mark = b'"keyid":"%b"' % key.key_id.encode()  # no base64 holds a quotation mark
    others = [row for row in rows if mark not in row.envelope]
    for row in others:
        row.envelope = sign_envelope(read_envelope(row.envelope).payload, STATEMENT_TYPE, key)
    return bool(others)


async def statement_keys(session: AsyncSession, oseqs: Sequence[int]) -> dict[int, str]:
    """With which key each of these statements is signed, by number."""
    found = await session.execute(
        select(OutboxMessageRow.oseq, OutboxMessageRow.envelope).where(
            OutboxMessageRow.oseq.in_(oseqs)
        )
    )
    return {oseq: read_envelope(raw).signatures[0].key_id for oseq, raw in found}
