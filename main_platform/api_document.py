"""What the hub's OpenAPI document says beyond its routes: examples, bodies read raw, signatures."""

import json
from importlib.resources import files
from typing import Any, Final

from shared_platform.transport.problem_documents import REFERENCE
from shared_schema.enrolment import EnrolmentRequest

_SIGNED: Final = "nodeSignature"
_SCHEME: Final = {
    "type": "apiKey",
    "in": "header",
    "name": "Signature",
    "description": "RFC 9421, Ed25519, tag kaixu-request/1; see docs/wire-contract.md",
}
_METHODS: Final = frozenset({"get", "put", "post", "delete", "patch"})
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
_RAW_BODIES: Final = {
    ("/federation/v1/origins/{node}/statements/{oseq}", "put"): json.dumps(_ENVELOPE),
    ("/federation/v1/intake", "post"): json.dumps(_ENVELOPE) + "\n",
}


def read_examples() -> dict[str, dict[str, Any]]:
    """An answer of each operation, `METHOD path` → media type and value, as a hub gave it."""
    text = (files("main_platform") / "api_examples.json").read_text("utf-8")
    found: dict[str, dict[str, Any]] = json.loads(text)
    return found


def complete(document: dict[str, Any]) -> None:
    """Add to the document what routes cannot say of themselves."""
    components = document.setdefault("components", {})
    components.setdefault("securitySchemes", {})[_SIGNED] = _SCHEME
    _describe_enrolment(document, components.setdefault("schemas", {}))
    for (path, method), body in _RAW_BODIES.items():
        (content,) = document["paths"][path][method]["requestBody"]["content"].values()
        content["example"] = body
    examples = read_examples()
    for path, operations in document["paths"].items():
        for method in _METHODS & operations.keys():
            operation = operations[method]
            if "federation" in operation.get("tags", ()):
                operation["security"] = [{_SIGNED: []}]
            _add_example(operation, examples.get(f"{method.upper()} {path}"))


def _describe_enrolment(document: dict[str, Any], schemas: dict[str, Any]) -> None:
    schema = EnrolmentRequest.model_json_schema(ref_template=REFERENCE)
    schemas |= schema.pop("$defs") | {"EnrolmentRequest": schema}
    reference = {"$ref": REFERENCE.format(model="EnrolmentRequest")}
    content = {"application/json": {"schema": reference, "example": _WISH}}
    document["paths"][_ENROL]["post"]["requestBody"] = {"required": True, "content": content}


def _add_example(operation: dict[str, Any], example: dict[str, Any] | None) -> None:
    """Put the example on the first answer that is a success."""
    if example is None:
        return
    status = min(code for code in operation["responses"] if code.startswith("2"))
    content = operation["responses"][status].setdefault("content", {})
    content.setdefault(example["media_type"], {})["example"] = example["value"]
