"""The program `kaixu-node`. Each command is imported only when it runs."""

from typing import Final

from shared_platform.lazy_commands import LazyCommand, lazy_commands

_COMMANDS: Final = (
    LazyCommand("init", "init", "建立节点：密钥、数据库、账号 / set up keys, database, account"),
    LazyCommand("serve", "serve", "运行节点 / run the node"),
    LazyCommand("enrol", "enrol", "登记到主平台 / join the federation"),
    LazyCommand("keys", "keys", "查看、更换、吊销密钥 / show, replace, revoke keys"),
    LazyCommand("rebuild", "rebuild", "凭密钥重建节点 / rebuild the node from its keys"),
    LazyCommand("import", "imports", "导入已公布的清单 / import a published list"),
    LazyCommand("check", "check", "核查草稿 / check drafts"),
    LazyCommand("recheck", "recheck", "按登记簿复查已报送的 / recheck what was sent"),
    LazyCommand("recommend", "recommend", "签名并报送 / sign and recommend"),
    LazyCommand("withdraw", "withdraw", "撤回许可 / withdraw a listing"),
    LazyCommand("erase", "erase", "请求依法删除 / ask for the erasure of personal data"),
    LazyCommand("show", "show", "查看一件声明和它的回执 / a declaration and its receipts"),
    LazyCommand("deliveries", "deliveries", "推送与死信 / deliveries, dead letters"),
    LazyCommand("status", "status", "节点状况 / how the node stands"),
    LazyCommand("alarms", "alarms", "警报与处理办法 / alarms and what to do"),
    LazyCommand("pull", "pull", "拉取目录 / pull the catalogue"),
    LazyCommand("log", "log", "日志分叉的证据 / evidence of forks of the log"),
    LazyCommand("verify", "verify", "核验目录副本 / prove the copy of the catalogue"),
    LazyCommand("audit", "audit", "审计记录的查找与导出 / search and export the audit trail"),
    LazyCommand("portal-key", "portal_key", "门户密钥与用量 / keys of portals, and their use"),
    LazyCommand("board", "board", "专栏 / boards: saved searches with a title"),
    LazyCommand("search", "search", "检索索引 / the search index"),
    LazyCommand("users", "users", "账号与令牌 / accounts and tokens"),
)

app = lazy_commands(
    "kaixu-node",
    *(LazyCommand(one.name, f"subplatform.commands.{one.module}", one.about) for one in _COMMANDS),
    about="开许分平台 / a node of a patent open licensing network",
)


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
