"""Looking for words in everything a database holds: each column of each row, unpacked.

Statements lie in DSSE envelopes (base64 in JSON in bytes) and bundles are compressed, so a plain
search of a dump would find nothing and prove nothing.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Iterator
from typing import Any

import zstandard
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_ZSTD = b"\x28\xb5\x2f\xfd"
_TABLES = text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")


async def words_found(session: AsyncSession, words: Iterable[str]) -> dict[str, set[str]]:
    """By `table.column`, which of the words its values hold."""
    wanted = tuple(words)
    found: dict[str, set[str]] = {}
    for table in (await session.scalars(_TABLES)).all():
        rows = await session.execute(text(f'SELECT * FROM "{table}"'))
        cells = [cell for row in rows.mappings() for cell in row.items()]
        for column, value in cells:
            held = {word for text_ in texts_in(value) for word in wanted if word in text_}
            if held:
                found.setdefault(f"{table}.{column}", set()).update(held)
    return found


def texts_in(value: Any) -> Iterator[str]:
    """Every text in a value: decoded, decompressed, parsed, to the bottom."""
    if isinstance(value, str):
        yield from _texts_of_text(value)
    elif isinstance(value, bytes | bytearray | memoryview):
        yield from _texts_of_bytes(bytes(value))
    elif isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from texts_in(member)
    elif isinstance(value, list | tuple | set):
        for member in value:
            yield from texts_in(member)


def _texts_of_text(value: str) -> Iterator[str]:
    yield value
    if value[:1] in {"{", "["}:
        try:
            yield from texts_in(json.loads(value))
        except ValueError:
            return
    elif len(value) > 60 and " " not in value:
        try:
            yield from _texts_of_bytes(base64.b64decode(value, validate=True))
        except (binascii.Error, ValueError):
            return


def _texts_of_bytes(value: bytes) -> Iterator[str]:
    if value.startswith(_ZSTD):
        value = zstandard.ZstdDecompressor().decompress(value, max_output_size=2**26)
    yield from _texts_of_text(value.decode("utf-8", "ignore"))
