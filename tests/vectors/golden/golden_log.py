"""The golden log of five entries: leaves, roots, proofs, tiles, checkpoint and page."""

from typing import Any, Final

from shared_schema.checkpoint import Checkpoint, sign_checkpoint
from shared_schema.entry_parts import OfferDecision
from shared_schema.instants import parse_instant
from shared_schema.log_entry import (
    ListingOffered,
    ListingSuspended,
    ListingWithdrawn,
    LogOpened,
    NodeEnrolled,
    write_entry,
)
from shared_schema.log_page import PageEntry, write_page
from shared_schema.log_proof import consistency_proof, inclusion_proof
from shared_schema.merkle import CompactRange, CompletedNode, leaf_hash
from shared_schema.proof_text import (
    GrowthProof,
    OfflineProof,
    write_growth_proof,
    write_offline_proof,
    write_proof,
)
from shared_schema.strict_base64 import encode_base64
from shared_schema.tiles import Bundle, Tile, write_bundle, write_tile
from tests.vectors.golden.golden_statements import (
    FEDERATION,
    HUB_KEY,
    LISTING,
    LOG_ORIGIN,
    NAMES,
    NODE,
    NODE_KEY,
    NUMBER,
    SCOPE,
    anchor,
    enrolment,
    offer,
    suspension,
)

SIZE: Final = 5


def leaves() -> list[bytes]:
    """The five entries' exact bytes: opened, enrolled, offered, suspended, withdrawn by the hub."""
    return [
        write_entry(
            LogOpened(
                at=parse_instant("2026-11-20T00:00:00Z"),
                federation=FEDERATION,
                log_origin=LOG_ORIGIN,
                log_vkey=anchor().log_vkey,
            )
        ),
        write_entry(
            NodeEnrolled(
                at=parse_instant("2026-11-21T02:00:00Z"),
                node=NODE,
                names=NAMES,
                keys=enrolment().keys,
                scope=SCOPE,
            )
        ),
        write_entry(_offered()),
        write_entry(_suspended()),
        write_entry(
            ListingWithdrawn(
                at=parse_instant("2026-11-24T03:00:00Z"),
                origin=NODE,
                listing=LISTING,
                version=2,
                application_number=NUMBER,
                by="hub",
                reason="lapse",
            )
        ),
    ]


def objects() -> list[bytes | None]:
    """The statement's envelope of each entry, where there is one."""
    return [None, None, offer().raw, suspension().raw, None]


def log_vectors() -> dict[str, Any]:
    """Every form in which the log travels, over the five entries."""
    tree = CompactRange()
    roots = [tree.root().hex()]
    nodes: list[CompletedNode] = []
    for leaf in leaves():
        tree, completed = tree.append(leaf_hash(leaf))
        nodes.extend(completed)
        roots.append(tree.root().hex())
    stored = {(level, index): found for level, index, found in nodes}

    def read(level: int, index: int) -> bytes:
        return stored[level, index]

    checkpoint = sign_checkpoint(Checkpoint(LOG_ORIGIN, SIZE, tree.root()), key=HUB_KEY)
    inclusion = inclusion_proof(2, SIZE, read)
    growth = consistency_proof(3, SIZE, read)
    return {
        "how_to_check": [
            (
                "leaf_hashes[i] is SHA-256(0x00 ‖ entries[i] as UTF-8); an inner node is"
                " SHA-256(0x01 ‖ left ‖ right); roots[n] is the root of the first n entries"
                " (RFC 6962 §2.1)."
            ),
            "inclusion leads from leaf_hashes[2] to roots[5] (RFC 9162 §2.1.3.2).",
            "consistency leads from roots[3] to roots[5] (RFC 9162 §2.1.4.2).",
            (
                "checkpoint is a C2SP signed note: text up to and with the newline before the empty"
                " line is signed under the hub key of statement.json; the signature line holds"
                " base64(4-byte key id ‖ signature)."
            ),
            "page.entries[i].entry and .object are standard base64 of the exact bytes.",
        ],
        "entries": [leaf.decode() for leaf in leaves()],
        "leaf_hashes": [leaf_hash(leaf).hex() for leaf in leaves()],
        "roots": roots,
        "inclusion": {"serial": 2, "size": SIZE, "proof": write_proof(inclusion)},
        "consistency": {"from": 3, "to": SIZE, "proof": write_proof(growth)},
        "checkpoint": checkpoint.decode(),
        "offline_proof": write_offline_proof(OfflineProof(2, inclusion, checkpoint)).decode(),
        "growth_proof": write_growth_proof(GrowthProof(3, growth, checkpoint)).decode(),
        "tile": {
            "path": Tile(0, 0, SIZE).path,
            "base64": encode_base64(write_tile([leaf_hash(leaf) for leaf in leaves()])),
        },
        "bundle": {
            "path": Bundle(0, SIZE).path,
            "base64": encode_base64(write_bundle(leaves())),
        },
        "page": page().decode(),
    }


def page() -> bytes:
    """The delta page `GET /log/entries?from=0&bodies=1`."""
    delivered = zip(leaves(), objects(), strict=True)
    entries = [PageEntry(serial, leaf, body) for serial, (leaf, body) in enumerate(delivered)]
    return write_page(0, entries, tree_size=SIZE)


def _offered() -> ListingOffered:
    signed = offer()
    return ListingOffered(
        at=parse_instant("2026-11-22T09:15:00Z"),
        origin=NODE,
        listing=LISTING,
        version=1,
        application_number=NUMBER,
        statement_hash=signed.payload_hash,
        object_hash=signed.object_hash,
        key_id=NODE_KEY.key_id,
        standing="primary",
        decision=OfferDecision(rule="statutory-2024", second_pair=False),
    )


def _suspended() -> ListingSuspended:
    signed = suspension()
    return ListingSuspended(
        at=parse_instant("2026-11-23T01:30:02Z"),
        origin=NODE,
        listing=LISTING,
        version=2,
        application_number=NUMBER,
        by="origin",
        reason="annual_fee_overdue",
        statement_hash=signed.payload_hash,
        object_hash=signed.object_hash,
        prev_statement_hash=offer().payload_hash,
        key_id=NODE_KEY.key_id,
    )
