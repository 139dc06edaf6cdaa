"""`make demo`: set up, run the main job on real listings, say what to open, keep serving.

`--once` runs the same and exits; its last line is one JSON object.
"""

import argparse
import asyncio
import json
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any, Final

from deploy.demo.guests import keep_passwords
from deploy.demo.processes import DemoFailed, Place, Processes, refuse_taken_port
from deploy.demo.story import Story
from shared_platform.database.embedded import EmbeddedServer

FOLDER: Final = Path(__file__).resolve().parent.parent.parent / ".demo"
TODAY: Final = "2023-06-01"  # the listings are of 2023; on this day their periods run
_LOOK_SECONDS: Final = 0.5
_COUNTED: Final = {
    "log_size": "日志条目 entries",
    "approved": "批准 approved",
    "returned": "退回 returned",
    "conflicts": "冲突 conflicts",
    "seconds": "秒 seconds",
}


def main() -> int:
    """Run the demonstration; the exit status is 0 when every step did what it should."""
    arguments = _arguments()
    hub, nodes = _places(arguments.port)
    processes = Processes()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    started = time.monotonic()
    try:
        for place in (hub, *nodes):
            refuse_taken_port(place.port)
        _clean((hub, *nodes))
        story = Story(hub, nodes, _say)
        story.set_up()
        for place in (hub, *nodes):
            processes.start(place)
        processes.wait_ready()
        story.run()
        _keep_tokens(story)
        passwords = keep_passwords(story.guests, FOLDER / "passwords.txt")
        counts = story.counts | {"seconds": round(time.monotonic() - started, 1)}
        if not arguments.once:
            _say_what_to_open(hub, nodes, counts)
            _say(passwords)
            _serve(processes)
        _say(json.dumps(counts, ensure_ascii=False))
        return 0 if counts["nodes_equal"] else 1
    except DemoFailed as failed:
        print(f"✘ {failed}", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        processes.stop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="运行一遍后退出 / run once and exit")
    parser.add_argument("--port", type=int, default=8800, help="首个端口 / first of three ports")
    return parser.parse_args()


def _places(port: int) -> tuple[Place, tuple[Place, Place]]:
    shared = {"TODAY": TODAY, "LOG_LEVEL": "warning"}
    hub = Place(
        "hub",
        "主平台 hub",
        "main_platform",
        port,
        FOLDER / "hub",
        shared
        | {"SECOND_FACTOR": "optional", "NAME_ZH": "开许演示主平台", "NAME_EN": "Kaixu demo hub"},
    )
    node_a = _node("a", "甲分平台 node 甲", port=port + 1, shared=shared)
    node_b = _node("b", "乙分平台 node 乙", port=port + 2, shared=shared)
    return hub, (node_a, node_b)


def _node(letter: str, title: str, *, port: int, shared: dict[str, str]) -> Place:
    name = f"node-{letter}"
    own = {
        "NODE": name,
        "NAME_ZH": f"开许演示{title.split(maxsplit=1)[0]}",
        "NAME_EN": f"Kaixu demo {name}",
        "HUB_HOSTS_ALLOWED": '["127.0.0.1"]',
    }
    folder = FOLDER / f"listings_node_{letter}"
    return Place(name, title, "subplatform", port, folder, shared | own)


def _clean(places: tuple[Place, ...]) -> None:
    """Begin with nothing: what an earlier run left would be refused as sent already.

    Raises:
        DemoFailed: another demonstration uses the databases.
    """
    if FOLDER.exists():
        _say(f"清空上次演示的数据 / removing the last demonstration: {FOLDER}")
    for place in places:
        place.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not asyncio.run(EmbeddedServer(place.folder / "database").erase()):
            raise DemoFailed(
                f"{place.title} 的数据库正被另一个演示使用，请先停掉它"
                " / another demonstration uses its database: stop that one first"
            )
    shutil.rmtree(FOLDER)
    for place in places:
        place.folder.mkdir(mode=0o700, parents=True)


def _keep_tokens(story: Story) -> None:
    file = FOLDER / "tokens.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(story.tokens, indent=2) + "\n", encoding="utf-8")


def _say_what_to_open(hub: Place, nodes: tuple[Place, ...], counts: dict[str, Any]) -> None:
    lines = [
        "",
        *(f"  ✔ {place.title:<16} {place.url}" for place in (hub, *nodes)),
        "    " + "，".join(f"{words} {counts[name]}" for name, words in _COUNTED.items()),
        "  令牌 tokens: .demo/tokens.json（随机 random）",
        "  可以试试 try next:",
        f"    打开 open {nodes[1].url}/?state=all",
        f"    放进自己的网页 on a page of your own: {nodes[0].url}/embed",
        f"    curl {nodes[1].url}/api/v1/catalogue/listings?limit=1",
        f"    curl -H 'authorization: Bearer TOKEN' {hub.url}/api/v1/conflicts",
        "  按 Ctrl-C 结束 / press Ctrl-C to stop",
    ]
    _say("\n".join(lines))


def _serve(processes: Processes) -> None:
    while (ended := processes.ended()) is None:
        time.sleep(_LOOK_SECONDS)
    raise DemoFailed(f"{ended.title} 自己结束了 / ended by itself; see {ended.folder}/service.log")


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
