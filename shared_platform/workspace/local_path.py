"""Addresses to go on to: only ever a path of this service, whatever a link asks for."""

import re
from typing import Final
from urllib.parse import urlsplit

from shared_platform.public_pages.reader import Reader

_PATH: Final = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,1000}")


def local_path(wanted: str | None) -> str | None:
    """The address if it is a path of this service; None for every other."""
    if not wanted or _PATH.fullmatch(wanted) is None:
        return None
    url = urlsplit(wanted)
    return None if url.scheme or url.netloc else wanted


def with_reader(address: str, reader: Reader) -> str:
    """The local address in the reader's language, unless it names one itself."""
    missing = [pair for pair in reader.pairs() if f"{pair[0]}=" not in address]
    path, mark, fragment = address.partition("#")
    for name, value in missing:
        path += f"{'&' if '?' in path else '?'}{name}={value}"
    return path + mark + fragment
