"""The intake receipt's body: what the node keeps as proof of delivery (protocol §6)."""

import orjson

from shared_schema.instants import Instant, format_instant
from shared_schema.statement import SignedStatement


def receipt_body(signed: SignedStatement, at: Instant) -> bytes:
    """The body's exact bytes; made once and stored, since a repeat must get identical ones."""
    said = signed.statement
    return orjson.dumps(
        {
            "origin": said.origin,
            "oseq": said.oseq,
            "listing": str(said.listing),
            "version": said.version,
            "statement_hash": signed.payload_hash,
            "object_hash": signed.object_hash,
            "received_at": format_instant(at),
            "state": "received",
        }
    )
