"""Identifiers and random values: the only module that makes them.

Use cases take `ids: IdSource`, so tests can pass a seeded one and get the same identifiers again.
"""

import random
import secrets
import time
from base64 import urlsafe_b64encode
from typing import Protocol
from uuid import UUID


class IdSource(Protocol):
    """Makes identifiers, nonces and salts."""

    def new_id(self) -> UUID:
        """A UUID version 7 (RFC 9562 §5.7): later ones sort after earlier ones."""
        ...

    def new_token(self) -> str:
        """128 random bits as base64url without padding: nonces and statement salts."""
        ...


class RandomIds:
    """Identifiers from the operating system's random source."""

    def new_id(self) -> UUID:
        """A UUID version 7 from the present millisecond and 74 random bits."""
        return _uuid7(time.time_ns() // 1_000_000, secrets.randbits(74))

    def new_token(self) -> str:
        """128 random bits as base64url without padding."""
        return _token(secrets.token_bytes(16))


class SeededIds:
    """The same identifiers for the same seed, for tests and golden files; never for services."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  the point is to repeat
        self._millisecond = 1_700_000_000_000

    def new_id(self) -> UUID:
        """The seed's next UUID version 7, one millisecond after the last."""
        self._millisecond += 1
        return _uuid7(self._millisecond, self._random.getrandbits(74))

    def new_token(self) -> str:
        """The seed's next 128 bits."""
        return _token(self._random.randbytes(16))


def _uuid7(millisecond: int, random_bits: int) -> UUID:
    value = (millisecond & (1 << 48) - 1) << 80
    value |= 0x7 << 76 | (random_bits >> 62) << 64
    value |= 0b10 << 62 | random_bits & (1 << 62) - 1
    return UUID(int=value)


def _token(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
