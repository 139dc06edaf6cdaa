"""What the hub's OpenAPI document says beyond its routes: examples, bodies read raw, signatures."""

import json
from typing import Any, Final

from shared_platform.transport.api_examples import METHODS, add_examples, read_examples
from shared_platform.transport.problem_documents import REFERENCE
from shared_schema.enrolment import EnrolmentRequest

_SIGNED: Final = "nodeSignature"
_SCHEME: Final = {
    "type": "apiKey",
    "in": "header",
    "name": "Signature",
    "description": "RFC 9421, Ed25519, tag kaixu-request/1; see docs/wire-contract.md",
}
_ENROL: Final = "/federation/v1/enrolments"
_WISH: Final = {
    "node": "gz-centre",
    "names": {"zh": "广州中心", "en": "Guangzhou centre"},
    "keys": [
        {
            "key_id": "Fa6hnIBZ68wXjUzYJZj-y67Hjh7xkXbMSkcZLOkGj5M",
            "algorithm": "ed25519",
            "public_key": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            "use": "statement",
            "not_after": "2027-11-22T08:00:00Z",
        }
    ],
    "scope": {"regions": ["44"], "kinds": ["licence"]},
}
_ENVELOPE: Final = {
    "payload": "eyJib2R5Ijp7Li4ufX0=",
    "payloadType": "application/vnd.kaixu.statement+json",
    "signatures": [{"keyid": "Fa6hnIBZ68wXjUzYJZj-y67Hjh7xkXbMSkcZLOkGj5M", "sig": "bUo0Li4u"}],
}
_KEY_CHANGE: Final = {
    "payload": "eyJhY3Rpb24iOiJhZGQiLi4ufQ==",
    "payloadType": "application/vnd.kaixu.key-change+json",
    "signatures": [
        {"keyid": "AkXIZFzonb59ZmGwyKgi3H3BwMi6amevqdKQiLZhdtc", "sig": "bUo0Li4u"},
        {"keyid": "Fa6hnIBZ68wXjUzYJZj-y67Hjh7xkXbMSkcZLOkGj5M", "sig": "bUo0Li4u"},
    ],
}
_RECOVERY: Final = {
    "checkpoint": "kaixu.example/log\n4\nPXtaJSKRXCh0/Xo84u1gisP502N3WpcMFb24PyPfpb4=\n\n— …\n",
    "rest": ["x6MfC1x/59YNXZHdzcbWq3su3Wn4KOPvJz5Aj426NLs="],
    "page": {
        "from": 2,
        "next": 3,
        "tree_size": 4,
        "entries": [{"serial": 2, "entry": "eyJhdCI6…", "object": None}],
    },
}
_COSIGNED: Final = (
    "kaixu.example/log\n4\nPXtaJSKRXCh0/Xo84u1gisP502N3WpcMFb24PyPfpb4=\n\n"
    "— kaixu.example/log D+C3mLvANmz1…\n— kaixu.example/log/nodes/gz-centre jWbPPwAAAABkGFDL…\n"
)
_RAW_BODIES: Final = {
    ("/federation/v1/origins/{node}/keys", "post"): json.dumps(_KEY_CHANGE),
    ("/federation/v1/log/cosignatures", "post"): _COSIGNED,
    ("/federation/v1/log/shown", "post"): _COSIGNED.rpartition("— ")[0],
    ("/federation/v1/log/recovery", "post"): json.dumps(_RECOVERY),
    ("/federation/v1/origins/{node}/statements/{oseq}", "put"): json.dumps(_ENVELOPE),
    ("/federation/v1/intake", "post"): json.dumps(_ENVELOPE) + "\n",
}


def complete(document: dict[str, Any]) -> None:
    """Add to the document what routes cannot say of themselves."""
    components = document.setdefault("components", {})
    components.setdefault("securitySchemes", {})[_SIGNED] = _SCHEME
    _describe_enrolment(document, components.setdefault("schemas", {}))
    for (path, method), body in _RAW_BODIES.items():
        (content,) = document["paths"][path][method]["requestBody"]["content"].values()
        content["example"] = body
    for operations in document["paths"].values():
        for method in METHODS & operations.keys():
            if "federation" in operations[method].get("tags", ()):
                operations[method]["security"] = [{_SIGNED: []}]
    add_examples(document, read_examples("main_platform"))


def _describe_enrolment(document: dict[str, Any], schemas: dict[str, Any]) -> None:
    schema = EnrolmentRequest.model_json_schema(ref_template=REFERENCE)
    schemas |= schema.pop("$defs") | {"EnrolmentRequest": schema}
    reference = {"$ref": REFERENCE.format(model="EnrolmentRequest")}
    content = {"application/json": {"schema": reference, "example": _WISH}}
    document["paths"][_ENROL]["post"]["requestBody"] = {"required": True, "content": content}
