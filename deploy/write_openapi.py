"""Write the API documents of hub and node into `openapi/`.

`--release` copies them to `openapi/released/` as well: from then on they may only grow.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI

from main_platform.application import describe_hub_app
from subplatform.application import describe_node_app

FOLDER: Final = Path(__file__).resolve().parent.parent / "openapi"
RELEASED: Final = FOLDER / "released"
SERVICES: Final[dict[str, Callable[[], FastAPI]]] = {
    "main_platform": describe_hub_app,
    "subplatform": describe_node_app,
}


def main() -> int:
    """Write the documents; 0 when done."""
    parser = argparse.ArgumentParser(prog="make openapi", description=__doc__)
    parser.add_argument("--release", action="store_true", help="these are what a release promises")
    folders = [FOLDER, RELEASED] if parser.parse_args().release else [FOLDER]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        for service in SERVICES:
            (folder / f"{service}.json").write_text(printed(service), encoding="utf-8")
    return 0


def document(service: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of a service, from its routes."""
    return SERVICES[service]().openapi()


def printed(service: str) -> str:
    """The document as it is committed: members sorted, so that a change shows as itself."""
    return json.dumps(document(service), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.exit(main())
