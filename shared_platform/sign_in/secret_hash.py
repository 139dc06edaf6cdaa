"""Random secrets are stored as SHA-256: 256 random bits need no slow hash (SP 800-63B §5.1.4)."""

import hashlib

from shared_schema.identities import IdSource


def new_secret(ids: IdSource) -> str:
    """256 random bits as base64url."""
    return ids.new_token() + ids.new_token()


def secret_hash(secret: str) -> bytes:
    """What is stored of a secret. Rows are found by it, so the time of a look-up tells nothing."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
