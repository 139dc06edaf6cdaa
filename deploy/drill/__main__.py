"""`make drill`: break the federation in every way we know, and say what happened.

`ARGS="--only n2,d1"` runs some; `--list` names them with their time. The exit status is 0 when
everything held, 1 when something did not, 3 when all that could be tried here held and something
could not. docs/reliability.md shows a run.
"""

import argparse
import asyncio
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from deploy.drill.crash import LONG
from deploy.drill.drills import DRILLS, run_drills
from deploy.drill.stand import Outcome

FAILED: Final = 1
NOT_TRIED: Final = 3  # 2 is argparse's, for a wrong command line


def main() -> int:
    """Run the drills that are asked for; the exit status (`exit_status`)."""
    arguments = _arguments()
    if arguments.list:
        _say_list()
        return 0
    names = [one for one in DRILLS if not arguments.only or one in arguments.only]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:7.1f} s  {text}", flush=True)  # noqa: T201

    minutes = sum(DRILLS[name].minutes for name in names)
    say(f"{', '.join(names)}: about {minutes} minutes on two cores")
    folder = Path(tempfile.mkdtemp(prefix="kaixu-drill-"))
    folder.chmod(0o711)  # the databases' account must get through
    outcomes = asyncio.run(run_drills(folder, names, seed=arguments.seed, say=say))
    _report(outcomes, arguments.json)
    status = exit_status(outcomes)
    if status == FAILED:
        say(f"日志在 / logs are in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return status


def exit_status(outcomes: Sequence[Outcome]) -> int:
    """0: all held; `FAILED`: one did not; `NOT_TRIED`: all that was tried held, one was not."""
    verdicts = {one.passed for one in outcomes}
    if False in verdicts:
        return FAILED
    return NOT_TRIED if None in verdicts else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make drill", description=__doc__)
    parser.add_argument("--only", type=_names, help="只做这些 / only these, as n2,d1")
    parser.add_argument("--list", action="store_true", help="列出 / name them")
    parser.add_argument("--seed", type=int, default=LONG.seed, help="随机种子 / of random kills")
    parser.add_argument("--json", type=Path, help="结果文件 / write the results there")
    return parser.parse_args()


def _names(text: str) -> list[str]:
    names = text.split(",")
    unknown = sorted(set(names) - set(DRILLS))
    if unknown:
        known = ", ".join(DRILLS)
        raise argparse.ArgumentTypeError(f"没有 / unknown: {', '.join(unknown)}; {known}")
    return names


def _say_list() -> None:
    for name, drill in DRILLS.items():
        print(f"{name:8} {drill.minutes:3} min  {drill.what}")  # noqa: T201


def _report(outcomes: Sequence[Outcome], file: Path | None) -> None:
    print("\n| Drill | Fault | Expected | Happened | Held |\n|---|---|---|---|---|")  # noqa: T201
    for one in outcomes:
        row = f"| {one.name} | {one.fault} | {one.expected} | {one.happened} | {one.verdict} |"
        print(row)  # noqa: T201
    if file is not None:
        facts = [asdict(one) for one in outcomes]
        file.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
