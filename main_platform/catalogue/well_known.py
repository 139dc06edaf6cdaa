"""What `/.well-known/kaixu` says: enough for a reader to begin, nothing that must be believed."""

from typing import Any, Final

from main_platform.settings import HubSettings
from shared_platform.catalogue.log_source import MAX_WAIT_SECONDS
from shared_schema.anchor import FederationAnchor
from shared_schema.bounded_decompress import DECOMPRESSION_LIMITS
from shared_schema.declaration_versions import accepted_schemas
from shared_schema.instants import Instant, format_instant
from shared_schema.log_page import MAX_PAGE_BYTES, MAX_PAGE_ENTRIES
from shared_schema.request_signature import WINDOW_SECONDS
from shared_schema.statement import MAX_BATCH_STATEMENTS

PROTOCOL_VERSIONS: Final = (1,)
_BASE: Final = "/federation/v1"
ENDPOINTS: Final = {
    "enrolments": f"{_BASE}/enrolments",
    "statements": f"{_BASE}/origins/{{node}}/statements/{{oseq}}",
    "intake": f"{_BASE}/intake",
    "reconciliation": f"{_BASE}/origins/{{node}}/intake",
    "own_statements": f"{_BASE}/origins/{{node}}/statements",
    "own_receipts": f"{_BASE}/origins/{{node}}/receipts",
    "inbox": f"{_BASE}/inbox",
    "keys": f"{_BASE}/origins/{{node}}/keys",
    "erasures": f"{_BASE}/erasures",
    "self": f"{_BASE}/nodes/self",
    "report": f"{_BASE}/reports/status",
    "checkpoint": f"{_BASE}/log/checkpoint",
    "recovery": f"{_BASE}/log/recovery",
    "handovers": f"{_BASE}/log/handovers",
    "cosignatures": f"{_BASE}/log/cosignatures",
    "shown": f"{_BASE}/log/shown",
    "tile": f"{_BASE}/log/tile/{{level}}/{{n}}",
    "bundle": f"{_BASE}/log/tile/entries/{{n}}",
    "entries": f"{_BASE}/log/entries",
    "object": f"{_BASE}/objects/sha256/{{hex}}",
    "snapshot": f"{_BASE}/snapshots/latest",
    "snapshot_part": f"{_BASE}/snapshots/{{size}}/{{name}}",
    "inclusion": f"{_BASE}/proofs/entries/{{serial}}",
    "consistency": f"{_BASE}/proofs/consistency",
}


def describe_hub(
    settings: HubSettings, anchor: FederationAnchor, *, now: Instant
) -> dict[str, Any]:
    """The document. Its log key is informative: a node believes its anchor alone (protocol §5)."""
    return {
        "federation": anchor.federation,
        "names": {"zh": settings.name_zh, "en": settings.name_en},
        "versions": list(PROTOCOL_VERSIONS),
        "schemas": list(accepted_schemas()),
        "log": {
            "origin": anchor.log_origin,
            "vkey": anchor.log_vkey,
            "url": f"{anchor.hub_url}{_BASE}/log",
        },
        "endpoints": ENDPOINTS,
        "limits": {
            "intake_statements": MAX_BATCH_STATEMENTS,
            "body_bytes": settings.max_body_bytes,
            "decompressed_bytes": DECOMPRESSION_LIMITS.max_bytes,
            "compression_ratio": DECOMPRESSION_LIMITS.max_ratio,
            "signature_window_seconds": WINDOW_SECONDS,
            "page_entries": MAX_PAGE_ENTRIES,
            "page_bytes": MAX_PAGE_BYTES,
            "wait_seconds": MAX_WAIT_SECONDS,
        },
        "server_time": format_instant(now),
    }
