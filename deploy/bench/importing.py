"""B1: import and check a spreadsheet on the command line, against reading it alone."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from python_calamine import CalamineWorkbook

from deploy.bench.child_processes import Finished, run_module
from deploy.bench.figures import Figure, Goal, Measured, ratio
from deploy.bench.machine import plain_url
from deploy.bench.made_statements import application_number, holder_of, title_of
from deploy.bench.minimal_workbook import write_workbook
from deploy.bench.sizes import GOAL_ROWS
from deploy.bench.world import World
from shared_platform.database.engine import Database

GOAL_SECONDS: Final = 60.0
FLAT: Final = 1.25
_EMPTY: Final = (
    "统一社会信用代码",
    "共有人同意",
    "许可期限起始日",
    "授权公告号",
    "授权公告日",
    "使用费说明",
    "IPC分类号",
    "国民经济行业",
    "技术领域",
    "电子邮箱",
    "报告类型",
    "报告编号",
    "报告日期",
)
_COLUMNS: Final = (
    "专利号",
    "专利类型",
    "发明名称",
    "专利权人",
    "专利权人类型",
    "许可使用费支付方式和标准",
    "许可期限届满日",
    "许可地域",
    "摘要",
    "联系人",
    "联系电话",
    "承诺签署人",
    "承诺签署日",
    "承诺书版本",
    *_EMPTY,
)
_KINDS: Final = {"invention": "发明", "utility_model": "实用新型", "design": "外观设计"}
_FEES: Final = (
    "免费",
    "采用一次总付的方式，在合同生效后{days}日内一次性全额支付所有使用费{sum}元",
    "采用入门费和提成费相结合的方式，其中入门费为{sum}元，提成费按当年度合同产品净销售额的10%提取",
    "每年使用费 {sum}元。采用一次付清的方式，在合同生效后 {days} 天内一次全额支付所有费用。",
)


async def measure_import(world: World) -> Measured:
    """The node's own commands in processes of their own, starting included."""
    rows = world.sizes.rows
    small = await _imported(world, rows // 10)
    runs = [await _imported(world, rows) for _ in range(world.sizes.repeats)]
    file = world.folder / f"list-{rows}.xlsx"
    parsing = Figure("reading alone (calamine)", "s", tuple(_parse(file) for _ in runs))
    both = Figure("import and check", "s", tuple(one.seconds + two.seconds for one, two in runs))
    memory = Figure("peak memory of import", "MiB", tuple(one.peak_kib / 1024 for one, _ in runs))
    checking = Figure("peak memory of check", "MiB", tuple(two.peak_kib / 1024 for _, two in runs))
    before = Figure(
        f"peak memory of import, {rows // 10:,} rows", "MiB", (small[0].peak_kib / 1024,)
    )
    judged = rows == GOAL_ROWS
    return Measured(
        f"{rows:,} rows",
        (
            both,
            Figure("import", "s", tuple(one.seconds for one, _ in runs)),
            Figure("check", "s", tuple(two.seconds for _, two in runs)),
            parsing,
            Figure("times reading alone", "", (ratio(both, parsing),)),
            memory,
            checking,
            before,
        ),
        (
            Goal("import and check", both.median, "≤", GOAL_SECONDS, "s", judged=judged),
            Goal("memory, ten times the rows", ratio(memory, before), "≤", FLAT),
        ),
    )


async def _imported(world: World, rows: int) -> tuple[Finished, Finished]:
    """Import and check, on a new database and folder."""
    file = world.folder / f"list-{rows}.xlsx"
    if not file.exists():
        write_workbook(file, _list(rows))
    async with world.database("subplatform", "importing") as database:
        settings = node_environment(world.folder / "importing", database)
        await run_module(["subplatform", "init", "--json"], settings)
        imported = await run_module(["subplatform", "import", str(file), "--json"], settings)
        outcomes = json.loads(imported.output)["outcomes"]
        assert outcomes["new"] == rows, imported.output[:2000]
        checked = await run_module(["subplatform", "check", "--json"], settings)
        assert json.loads(checked.output)["checked"] == rows
    return imported, checked


def node_environment(folder: Path, database: Database) -> dict[str, str]:
    """The settings of a node's commands, on this database."""
    return {
        "KAIXU_NODE_DATA_DIR": str(folder),
        "KAIXU_NODE_DATABASE_URL": plain_url(database.url),
        "KAIXU_NODE_LOG_LEVEL": "error",
    }


def _parse(file: Path) -> float:
    began = time.perf_counter()
    sheet = CalamineWorkbook.from_path(file).get_sheet_by_index(0)
    assert sum(1 for _ in sheet.iter_rows())
    return time.perf_counter() - began


def _list(rows: int) -> Iterator[tuple[str, ...]]:
    yield _COLUMNS
    for place in range(1, rows + 1):
        number, kind = application_number(place)
        fee = _FEES[place % len(_FEES)].format(days=10 + place % 50, sum=1_000 * (place % 90 + 10))
        yield (
            f"{number[:-1]}.{number[-1]}",
            _KINDS[kind],
            title_of(place),
            holder_of(place),
            "高校",
            fee,
            "2028-12-31",
            "全国",
            f"{title_of(place)}，用于测量导入速度。",
            "王敏",
            "020-12345678",
            "王敏",
            "2026-05-01",
            "2022",
            *("" for _ in _EMPTY),
        )
