"""Base 64 with exactly one spelling for each value, so that equal bytes are equal text.

The standard library accepts trailing bits that mean nothing; a signature or hash would then have
several spellings, and a copy that compares text would differ from one that compares bytes.
"""

import binascii
from base64 import b64decode, b64encode


def encode_base64(raw: bytes) -> str:
    """Standard alphabet with padding (RFC 4648 §4)."""
    return b64encode(raw).decode("ascii")


def decode_base64(text: str) -> bytes | None:
    """The bytes, or None for anything `encode_base64` does not print."""
    try:
        raw = b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if encode_base64(raw) == text else None
