"""Looking for words in everything a service keeps: each column of each row, each file, unpacked.

Statements lie in DSSE envelopes (base64 in JSON in bytes) and bundles are compressed, so a plain
search of a dump would find nothing and prove nothing. Of a search index the terms are read, those
of deleted documents as well.
"""

import base64
import binascii
import json
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import tantivy
import zstandard
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.search.fields import PAIRS, schema
from shared_platform.search.segmentation import normalise, pairs

_ZSTD = b"\x28\xb5\x2f\xfd"
_OPENINGS = 100
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


def words_in_files(folder: Path, words: Iterable[str]) -> dict[str, set[str]]:
    """By path inside the folder, which of the words its files hold."""
    wanted = tuple(words)
    found: dict[str, set[str]] = {}
    for file in sorted(folder.rglob("*")):
        held: set[str] = set()
        if file.name == "meta.json":
            held = words_in_index(file.parent, wanted)
        elif file.is_file():
            held = {
                one for text_ in _texts_of_lines(_content(file)) for one in wanted if one in text_
            }
        if held:
            found[str(file.relative_to(folder))] = held
    return found


def _content(file: Path) -> bytes:
    """Nothing of a file that a running service removed meanwhile."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""


def words_in_index(folder: Path, words: Iterable[str]) -> set[str]:
    """Which of the words the files of a search index know, in living documents or deleted ones."""
    searcher = _searcher(folder)
    if searcher is None:
        return set()
    return {
        word
        for word in words
        if all(searcher.doc_freq(PAIRS, pair) for pair in pairs(normalise(word)))
    }


def _searcher(folder: Path) -> tantivy.Searcher | None:
    """The index as it stands; None when it was given up for one made anew.

    Its service goes on: files of segments that were merged vanish under whoever opens them.
    """
    for _ in range(_OPENINGS):
        if not (folder / "meta.json").exists():
            return None
        try:
            return tantivy.Index(schema(), path=str(folder)).searcher()
        except ValueError:
            time.sleep(0.05)
    pytest.fail(f"never whole: {folder}")


def _texts_of_lines(content: bytes) -> Iterator[str]:
    """Lines are records of their own: logs, and parts of snapshots."""
    if content.startswith(_ZSTD):
        content = zstandard.ZstdDecompressor().decompress(content, max_output_size=2**26)
    for line in content.splitlines():
        yield from _texts_of_bytes(line)


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
