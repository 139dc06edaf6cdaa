"""`make drill`: see docs/reliability.md."""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from deploy.drill.crash import LONG, SHORT, crash_test


def main() -> int:
    """Run; 0 when everything held."""
    parser = argparse.ArgumentParser(prog="make drill", description=__doc__)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--seed", type=int, default=LONG.seed)
    arguments = parser.parse_args()
    plan = replace(SHORT if arguments.short else LONG, seed=arguments.seed)
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s {text}", flush=True)  # noqa: T201

    folder = Path(tempfile.mkdtemp(prefix="kaixu-drill-"))
    folder.chmod(0o755)
    report = asyncio.run(crash_test(folder, plan, say=say))
    say(json.dumps(report.facts(), ensure_ascii=False, indent=1))
    return 0 if report.passed else 1


if __name__ == "__main__":
    sys.exit(main())
