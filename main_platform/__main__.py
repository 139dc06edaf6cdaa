"""The program `kaixu-hub`. Each command is imported only when it runs."""

from typing import Final

from shared_platform.lazy_commands import LazyCommand, lazy_commands

_COMMANDS: Final = (
    LazyCommand("init", "init", "建立主平台：密钥、数据库、信任锚 / set up keys, database, anchor"),
    LazyCommand("serve", "serve", "运行主平台 / run the hub"),
    LazyCommand("worker", "worker", "单独运行登记与清理 / run sequencer and chores apart"),
    LazyCommand("anchor", "anchor", "信任锚文件与指纹 / the anchor file and its fingerprint"),
    LazyCommand("log-key", "log_key", "日志密钥的更换 / change the log's key, by two people"),
    LazyCommand("nodes", "nodes", "节点登记与状态 / enrolments and standing of nodes"),
    LazyCommand("node-key", "node_key", "节点密钥吊销 / revoke keys of nodes, by two people"),
    LazyCommand("node", "node", "节点运行状况 / how nodes do"),
    LazyCommand("quota", "quota", "节点限额 / what a node may send"),
    LazyCommand("alarms", "alarms", "警报与处理办法 / alarms and what to do"),
    LazyCommand("log", "log", "日志联署、分叉、恢复 / cosigners, forks, after a restore"),
    LazyCommand("held", "held", "被搁置的条目 / held entries"),
    LazyCommand("review", "review", "审核、冲突 / reviews and conflicts"),
    LazyCommand("listing", "listing", "声明的全过程 / where a listing is"),
    LazyCommand("withdraw", "withdraw", "由主平台撤回声明 / withdraw a listing"),
    LazyCommand("erase", "erase", "依法删除个人信息 / erase personal data"),
    LazyCommand("board", "board", "专栏 / boards: saved searches with a title"),
    LazyCommand("issue", "issue", "月度目录 / the monthly issues"),
    LazyCommand("snapshot", "snapshot", "写快照，供新副本起步 / write a snapshot for new copies"),
    LazyCommand("verify", "verify", "核对日志与目录 / prove log and catalogue"),
    LazyCommand("audit", "audit", "审计记录的查找与导出 / search and export the audit trail"),
    LazyCommand("portal-key", "portal_key", "门户密钥与用量 / keys of portals, and their use"),
    LazyCommand("search", "search", "检索索引 / the search index"),
    LazyCommand("staff", "staff", "工作人员账号与令牌 / staff accounts and tokens"),
)


def commands() -> tuple[LazyCommand, ...]:
    """The commands with the full names of their modules."""
    return tuple(
        LazyCommand(one.name, f"main_platform.commands.{one.module}", one.about)
        for one in _COMMANDS
    )


app: Final = lazy_commands(
    "kaixu-hub", *commands(), about="开许省级主平台 / the hub of a patent open licensing network"
)


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
