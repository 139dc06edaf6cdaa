"""Base 64 with exactly one spelling for each value, so that equal bytes are equal text.

The standard library accepts trailing bits that mean nothing; a signature or hash would then have
several spellings, and a copy that compares text would differ from one that compares bytes.
"""

import binascii


def encode_base64(raw: bytes) -> str:
    """Standard alphabet with padding (RFC 4648 §4)."""
    return binascii.b2a_base64(raw, newline=False).decode("ascii")


def decode_base64(text: str) -> bytes | None:
    """The bytes, or None for anything `encode_base64` does not print."""
    try:
        raw = binascii.a2b_base64(text, strict_mode=True)
    except (binascii.Error, ValueError):
        return None
    return raw if encode_base64(raw) == text else None
