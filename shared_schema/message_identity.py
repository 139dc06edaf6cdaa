"""What makes an inbox message this one: so that both sides notice when a number was used twice.

A hub restored from a backup gives numbers again that its nodes have read before. The identity
covers what never changes of a message; free words, which the law may erase, are not part of it.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

_LASTING: Final = ("listing", "version", "statement_hash", "serial", "verdict", "key_id", "size")


def message_identity(seq: int, kind: str, at: str, *, body: Mapping[str, object]) -> str:
    """SHA-256 (hex) over number, kind, time and the lasting members of the body.

    `at` is the time as it stands in the message.
    """
    lasting = {name: body[name] for name in _LASTING if name in body}
    said = {"seq": seq, "kind": kind, "at": at, "body": lasting}
    text = json.dumps(said, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()
