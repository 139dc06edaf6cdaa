"""What a stored receipt of the hub proves about statements of this node."""

from collections.abc import Mapping
from typing import Any

import orjson

from shared_schema.anchor import FederationAnchor
from shared_schema.log_keys import NO_LOG_KEYS, LogKeys, receipt_key
from shared_schema.receipt import StoredReceipt


def statements_received(
    stored: bytes, anchor: FederationAnchor, keys: LogKeys = NO_LOG_KEYS
) -> set[tuple[int, str]]:
    """Number and payload hash of each statement that the hub signed to have received.

    `keys` are those the log has had as far as this copy knows: a receipt outlives its key.

    Raises:
        ReceiptRefused: the bytes are no stored receipt.
        SignatureInvalid: the hub did not sign it.
    """
    receipt = StoredReceipt.from_json(stored)
    receipt.verify(lambda key_id: receipt_key(anchor, keys, key_id))
    lines = [_receipt_in(orjson.loads(line)) for line in receipt.body.splitlines() if line]
    return {
        (one["oseq"], one["statement_hash"])
        for one in lines
        if isinstance(one.get("oseq"), int) and isinstance(one.get("statement_hash"), str)
    }


def _receipt_in(line: Any) -> Mapping[str, Any]:  # noqa: ANN401  parsed JSON
    """A batch wraps each receipt in its result line; a single one is the body itself."""
    inner = line.get("receipt", line) if isinstance(line, dict) else None
    return inner if isinstance(inner, dict) else {}
