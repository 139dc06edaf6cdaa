"""Examples for an OpenAPI document: an answer of each operation, as a service really gave it."""

import json
from importlib.resources import files
from typing import Any, Final

METHODS: Final = frozenset({"get", "put", "post", "delete", "patch"})
Examples = dict[str, dict[str, Any]]
"""`METHOD path` → `media_type` and `value`."""


def read_examples(package: str) -> Examples:
    """The examples that the package ships in `api_examples.json`."""
    text = (files(package) / "api_examples.json").read_text("utf-8")
    found: Examples = json.loads(text)
    return found


def add_examples(document: dict[str, Any], examples: Examples) -> None:
    """Put each example on the first answer of its operation that is a success."""
    for path, operations in document["paths"].items():
        for method in METHODS & operations.keys():
            example = examples.get(f"{method.upper()} {path}")
            if example is None:
                continue
            responses = operations[method]["responses"]
            status = min(code for code in responses if code.startswith("2"))
            content = responses[status].setdefault("content", {})
            content.setdefault(example["media_type"], {})["example"] = example["value"]
