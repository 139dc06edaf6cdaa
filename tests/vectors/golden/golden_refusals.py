"""What every reader must refuse: the attacks that need no service, as bytes with their codes."""

from collections.abc import Iterator
from typing import Any, Final

from shared_schema.catalogue_fold import fold, prove_claims, read_claims, read_entries
from shared_schema.dsse import sign_envelope
from shared_schema.key_directory import KeyDirectory
from shared_schema.message_signature import FieldLines, SignedMessage
from shared_schema.proof_text import write_proof
from shared_schema.signing_key import SigningKey
from shared_schema.strict_base64 import encode_base64
from tests.attacks.entry_attacks import ENTRY_ATTACKS, Lie
from tests.attacks.log_attacks import CHECKPOINT_ATTACKS, a_federation
from tests.attacks.proof_attacks import PROOF_ATTACKS, TILE_ATTACKS, Growth, Inclusion, TileBytes
from tests.attacks.receipt_attacks import HUB as RECEIPT_KEY
from tests.attacks.receipt_attacks import RECEIPT_ATTACKS
from tests.attacks.request_attacks import REQUEST_ATTACKS
from tests.shared_platform.hub_log_peer import Liar
from tests.shared_schema.signed_requests import CREATED, NODE, OTHER_NODE
from tests.vectors.golden.golden_statements import NODE_KEY, SEEDS, offer

_LONGEST: Final = 20_000
COSIGNER: Final = SigningKey.from_seed(SEEDS["cosigner"])
Case = dict[str, Any]


def refusal_vectors() -> dict[str, Any]:
    """The content of `refusals.json`."""
    return {
        "how_to_check": "tests/vectors/README.md",
        "checkpoints": {
            "vkey": a_federation(0).hub.anchor.log_vkey,
            "cases": list(_checkpoints()),
        },
        "proofs": list(_proofs()),
        "tiles": list(_tiles()),
        "statements": {"jwk": NODE_KEY.public.to_jwk(), "cases": list(_statements())},
        "logs": list(_logs()),
        "requests": {
            "now": CREATED,
            "jwks": [key.public.to_jwk() for key in (NODE, OTHER_NODE)],
            "cases": list(_requests()),
        },
        "receipts": {
            "jwks": [key.public.to_jwk() for key in (RECEIPT_KEY, NODE)],
            "cases": list(_receipts()),
        },
    }


def _checkpoints() -> Iterator[Case]:
    for attack in CHECKPOINT_ATTACKS:
        for way, source in attack.ways.items():
            liar = source(a_federation(0))
            if attack.code.startswith("sync.") or not isinstance(liar, Liar):
                continue  # needs to know what was signed before
            note = liar.note(liar.hub)
            if len(note) <= _LONGEST:
                yield _case(attack.name, way, attack.code, note=encode_base64(note))


def _proofs() -> Iterator[Case]:
    for attack in PROOF_ATTACKS:
        for way, check in attack.ways.items():
            if isinstance(check, Inclusion):
                yield _case(
                    attack.name,
                    way,
                    attack.code,
                    index=check.index,
                    size=check.size,
                    leaf=check.leaf.hex(),
                    root=check.root.hex(),
                    proof=write_proof(check.proof),
                )
            elif isinstance(check, Growth):
                yield _case(
                    attack.name,
                    way,
                    attack.code,
                    first=check.first,
                    second=check.second,
                    first_root=check.first_root.hex(),
                    second_root=check.second_root.hex(),
                    proof=write_proof(check.proof),
                )


def _tiles() -> Iterator[Case]:
    for attack in TILE_ATTACKS:
        for way, check in attack.ways.items():
            if isinstance(check, TileBytes):
                raw = encode_base64(check.raw)
                yield _case(
                    attack.name, way, attack.code, kind=check.kind, width=check.width, bytes=raw
                )


def _statements() -> Iterator[Case]:
    """Mutations of the golden offer, whose key is `jwk`."""
    honest = offer()
    raw, payload, kind = honest.raw, honest.payload, honest.envelope.payload_type
    other = sign_envelope(b"{}", kind, NODE_KEY)
    moved = raw[: raw.index(b'"sig"')] + other[other.index(b'"sig"') :]
    signature = raw[raw.index(b'[{"keyid"') + 1 : -2]
    second = sign_envelope(payload, kind, COSIGNER)
    ours = second[second.index(b'[{"keyid"') + 1 : -2]
    float_inside = payload.replace(b'"v":1', b'"v":1.0')
    twice = payload.replace(b'"v":1', b'"v":1,"v":1')
    for name, envelope, code in (
        ("another payload type", sign_envelope(payload, "application/json", NODE_KEY),
         "statement.type"),
        ("a second signature", raw.replace(signature, signature + b"," + ours),
         "statement.signers"),
        ("another key's signature", second, "dsse.other_key"),
        ("another statement's signature", moved, "dsse.mismatch"),
        ("base64 with a loose end", raw.replace(b'","payloadType"', b'\\n","payloadType"'),
         "dsse.base64"),
        ("one member more", raw[:-1] + b',"more":1}', "dsse.members"),
        ("a member twice in the envelope", raw.replace(b"{", b'{"payload":"",', 1),
         "json.duplicate_key"),
        ("a member twice in the payload", sign_envelope(twice, kind, NODE_KEY),
         "json.duplicate_key"),
        ("a float in the payload", sign_envelope(float_inside, kind, NODE_KEY), "json.float"),
        ("a byte order mark", b"\xef\xbb\xbf" + raw, "json.bom"),
        ("cut short", raw[:-9], "json.syntax"),
    ):  # fmt: skip
        yield {"name": name, "code": code, "envelope": encode_base64(envelope)}


def _logs() -> Iterator[Case]:
    for attack in ENTRY_ATTACKS:
        for way, lie in attack.ways.items():
            yield _case(attack.name, way, attack.code, **_log_with(lie))


def _log_with(lie: Lie) -> Case:
    federation = a_federation(0)
    list(lie(federation))
    hub = federation.hub
    page = hub.page(0, hub.size)
    delivered = [(one.serial, one.leaf, one.object_bytes) for one in page]
    entries, directory = read_entries(delivered, KeyDirectory())
    judged = fold(entries, prove_claims(read_claims(entries, directory)), {}).judged
    (serial,) = [one.read.serial for one in judged if one.checked.quarantine is not None]
    return {
        "anchor": hub.anchor.model_dump(mode="json", by_alias=True),
        "serial": serial,
        "entries": [encode_base64(one.leaf) for one in page],
        "objects": [one.object_bytes and encode_base64(one.object_bytes) for one in page],
    }


def _requests() -> Iterator[Case]:
    for attack in REQUEST_ATTACKS:
        for way, build in attack.ways.items():
            sent = build()
            body = encode_base64(sent.body)
            yield _case(attack.name, way, attack.code, **_message(sent.message), body=body)


def _receipts() -> Iterator[Case]:
    for attack in RECEIPT_ATTACKS:
        for way, forge in attack.ways.items():
            answer, body = forge()
            yield _case(
                attack.name,
                way,
                attack.code,
                request=_message(answer.request),
                status=answer.status_code,
                headers=_lines(answer.headers),
                body=encode_base64(body),
            )


def _message(message: SignedMessage) -> Case:
    return {
        "method": message.method,
        "target_uri": message.url,
        "headers": _lines(message.headers),
    }


def _lines(fields: FieldLines) -> list[list[str]]:
    return [list(line) for line in fields.lines]


def _case(name: str, way: str, code: str, **members: Any) -> Case:
    return {"name": f"{name}: {way}", "code": code} | members
