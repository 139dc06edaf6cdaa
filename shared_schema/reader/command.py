"""`kaixu-verify`: the command line of a portal, a journalist or an auditor."""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any, Final, TextIO

from shared_schema.anchor import FederationAnchor
from shared_schema.instants import Instant, SystemClock, legal_day
from shared_schema.log_fork import (
    MAX_EVIDENCE_BYTES,
    ForkShown,
    ForkVerdict,
    judge_fork,
    read_evidence,
)
from shared_schema.log_refusal import LogRefused
from shared_schema.reader.catalogue_lines import catalogue_line
from shared_schema.reader.folder_source import FolderSource, KeepingSource, read_file
from shared_schema.reader.following import Followed, follow
from shared_schema.reader.freshness import (
    Freshness,
    TooOld,
    judge_freshness,
    read_max_age,
)
from shared_schema.reader.http_source import HttpBounds, HttpSource
from shared_schema.reader.kept import Kept, SetAside, open_kept
from shared_schema.reader.refusals import ExitStatus, FileUnusable, status_of
from shared_schema.reader.snapshots import (
    Beginning,
    FolderSnapshot,
    HubSnapshot,
    SnapshotPlace,
)
from shared_schema.reader.source import Source
from shared_schema.refusal import DomainError
from shared_schema.sync_refusals import SyncAlarm
from shared_schema.text import shown

HUB: Final = "hub"
_ANCHOR_BYTES: Final = 16 * 1024
_SHOWN: Final = 100  # entries set aside that are listed for people; --json lists all
_FORK_WORDS: Final = {
    ForkVerdict.TWO_ROOTS: (
        "✔ 分叉成立：同一大小签了两个根 / a fork: two roots were signed for one size"
    ),
    ForkVerdict.TWO_PASTS: (
        "✔ 分叉成立：较大的日志有另一段过去 / a fork: the larger log has another past"
    ),
    ForkVerdict.NOT_SHOWN: (
        "! 两个检查点都是真的，是否矛盾尚未证明；请主平台出示一致性证明"
        " / both are signed; ask the hub for a consistency proof from one to the other"
    ),
}
_STATUSES: Final = """exit status / 退出码:
  0  proven and complete / 已全部证实
  1  a local file is unusable / 本地文件不可用
  2  wrong usage / 用法错误
  3  the source could not be reached / 来源无法连接
  4  proven, with entries set aside (listed) / 已证实，但有条目被隔离（已列出）
     with --fork: signed both, but no contradiction is shown / 均为真签名，尚不能证明矛盾
  5  not proven: code, serial, expected and found are told / 未能证实，并说明原因
  6  proven, but nothing signed is newer than --max-age / 已证实，但超过 --max-age 的时限
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the result is its exit status (`ExitStatus`)."""
    asked = _parser().parse_args(arguments)
    tell = _Teller(sys.stderr, as_json=asked.json)
    try:
        if asked.fork is not None:
            return _judge(asked, tell)
        with open_kept(asked.state) as kept:
            verified = _verify(kept, asked, tell)
    except DomainError as refusal:
        tell.refusal(refusal)
        return int(status_of(refusal))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitStatus.LOCAL)
    except KeyboardInterrupt:
        tell.line("已中断 / interrupted")
        return 130
    tell.verdict(verified)
    return int(ExitStatus.SET_ASIDE if verified.aside else ExitStatus.PROVEN)


def _judge(asked: argparse.Namespace, tell: "_Teller") -> int:
    """Check evidence of a fork instead of a log; needs no network.

    Raises:
        DomainError: it shows no fork of this anchor's log.
    """
    anchor = _anchor(asked.anchor)
    evidence = read_evidence(read_file(asked.fork, MAX_EVIDENCE_BYTES))
    with open_kept(asked.state) as kept:
        kept.begin(anchor)
        shown_ = judge_fork(evidence, anchor, keys=kept.directory().log)
    tell.fork(shown_)
    is_shown = shown_.verdict is not ForkVerdict.NOT_SHOWN
    return int(ExitStatus.PROVEN if is_shown else ExitStatus.SET_ASIDE)


@dataclass(frozen=True, slots=True)
class _Verified:
    followed: Followed
    fresh: Freshness
    listings: int
    aside: list[SetAside]


def _verify(kept: Kept, asked: argparse.Namespace, tell: "_Teller") -> _Verified:
    anchor = _anchor(asked.anchor)
    now = SystemClock().now()
    beginning = None if asked.snapshot is None else Beginning(_snapshot(asked, anchor), now)
    is_offline = asked.snapshot not in {None, HUB} and not (asked.hub or asked.from_dir)
    source = None if is_offline else _source(asked, anchor)
    followed = follow(kept, source, anchor, advance=tell.advance, beginning=beginning)
    fresh = _freshness(kept, followed, anchor, asked=asked, now=now)
    today = asked.today or legal_day(now)
    if asked.out is not None:
        with _output(asked.out) as out:
            for listing in kept.listings():
                out.write(catalogue_line(listing, today=today))
    return _Verified(followed, fresh, kept.count(), list(kept.set_aside()))


def _freshness(
    kept: Kept,
    followed: Followed,
    anchor: FederationAnchor,
    *,
    asked: argparse.Namespace,
    now: Instant,
) -> Freshness:
    """How old what was proven is; of an empty log nothing tells.

    Raises:
        TooOld: nothing signed is as recent as was asked for.
        CheckpointRefused: a known node's cosignature does not verify.
    """
    at = kept.last_entry_at()
    found = Freshness(at, None, 0, 0)
    if followed.note is not None:
        found = judge_freshness(followed.note, anchor, kept.directory(), last_entry_at=at)
    newest = found.newest(now)
    if asked.max_age is not None and (newest is None or now - newest > asked.max_age):
        raise TooOld(found, max_age=asked.max_age, now=now)
    return found


def _anchor(file: Path) -> FederationAnchor:
    try:
        with file.open("rb") as opened:
            raw = opened.read(_ANCHOR_BYTES + 1)
        return FederationAnchor.read(raw)
    except (OSError, DomainError) as failure:
        why = failure.detail if isinstance(failure, DomainError) else str(failure)
        raise FileUnusable(
            "reader.anchor",
            f"信任锚文件不可用：{why}",
            f"unusable anchor: {why}",
            pointer=str(file),
        ) from failure


def _snapshot(asked: argparse.Namespace, anchor: FederationAnchor) -> SnapshotPlace:
    if asked.snapshot != HUB:
        return FolderSnapshot(Path(asked.snapshot))
    return HubSnapshot(_http(asked, anchor))


def _http(asked: argparse.Namespace, anchor: FederationAnchor) -> HttpSource:
    return HttpSource(asked.hub or anchor.hub_url, bounds=HttpBounds(tries=asked.tries))


def _source(asked: argparse.Namespace, anchor: FederationAnchor) -> Source:
    is_folder = asked.from_dir is not None
    source: Source = FolderSource(asked.from_dir) if is_folder else _http(asked, anchor)
    return source if asked.keep is None else KeepingSource(source, asked.keep)


@contextmanager
def _output(place: str) -> Iterator[IO[bytes]]:
    """Standard output for `-`; otherwise a file that is whole or not there.

    Raises:
        FileUnusable: it cannot be written.
    """
    if place == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    target = Path(place)
    try:
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".", delete=False) as part:
            try:
                yield part
                part.flush()
                os.fsync(part.fileno())
                Path(part.name).replace(target)
            finally:
                Path(part.name).unlink(missing_ok=True)
    except OSError as failure:
        raise FileUnusable(
            "reader.out_failed",
            f"无法写入 {place}",
            f"cannot write: {failure.strerror}",
            pointer=place,
        ) from failure


class _Teller:
    """What people or programs are told, on standard error."""

    def __init__(self, stream: TextIO, *, as_json: bool) -> None:
        self._stream = stream
        self._as_json = as_json
        self._live = stream.isatty() and not as_json

    def advance(self, done: int, total: int) -> None:
        if self._live:
            self._stream.write(f"\r\x1b[K已验证 proven {done}/{total}")
            self._stream.flush()

    def line(self, text: str) -> None:
        if self._live:
            self._stream.write("\r\x1b[K")
        encoding = self._stream.encoding or "utf-8"
        self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")

    def verdict(self, verified: _Verified) -> None:
        followed, aside = verified.followed, verified.aside
        root = followed.vouched.root.hex()
        facts: dict[str, Any] = {
            "proven": True,
            "size": followed.vouched.size,
            "root": root,
            "new_entries": followed.vouched.size - followed.began,
            "listings": verified.listings,
            **verified.fresh.facts(),
            "set_aside": [
                {"serial": each.serial, "code": each.code, "detail": each.detail} for each in aside
            ],
        }
        if self._as_json:
            self.line(json.dumps(facts, ensure_ascii=False))
            return
        self.line(
            f"✔ 已证实 proven: {facts['size']} 条 entries（新增 new {facts['new_entries']}），"
            f"{verified.listings} 项声明 listings\n  root {root}"
        )
        self.line(verified.fresh.text())
        if aside:
            self.line(f"! {len(aside)} 条被隔离，不计入目录 / entries set aside:")
        for each in aside[:_SHOWN]:
            self.line(f"  · {each.serial} [{each.code}] {shown(each.detail, 200)}")

    def fork(self, found: ForkShown) -> None:
        facts = {
            "proven": found.verdict is not ForkVerdict.NOT_SHOWN,
            "verdict": found.verdict.value,
            "first": {"size": found.first.size, "root": found.first.root.hex()},
            "second": {"size": found.second.size, "root": found.second.root.hex()},
            "other_root": None if found.other_root is None else found.other_root.hex(),
        }
        if self._as_json:
            self.line(json.dumps(facts, ensure_ascii=False))
            return
        self.line(_FORK_WORDS[found.verdict])
        for one in (found.first, found.second):
            self.line(f"  {one.size}  {one.root.hex()}")
        if found.other_root is not None and found.verdict is ForkVerdict.TWO_PASTS:
            self.line(f"  {found.first.size}  {found.other_root.hex()}  ← 较大者的过去 its past")

    def refusal(self, refusal: DomainError) -> None:
        facts = _facts(refusal)
        if self._as_json:
            self.line(json.dumps(facts, ensure_ascii=False))
            return
        title = (
            "未能证实 / not proven"
            if status_of(refusal) is ExitStatus.NOT_PROVEN
            else "未完成 / not done"
        )
        self.line(f"✘ {title}: {facts['zh']} / {facts['en']}")
        if isinstance(refusal, TooOld):
            self.line(refusal.found.text())
        for name in ("where", "serial", "expected", "found", "source"):
            if facts[name] is not None:
                self.line(f"  {name}: {facts[name]}")
        self.line(f"  [{facts['code']}]")


def _facts(refusal: DomainError) -> dict[str, Any]:
    zh, _, en = refusal.detail.partition(" / ")
    first = refusal.errors[0] if refusal.errors else None
    against = refusal.contradiction if isinstance(refusal, SyncAlarm) else None
    fresh = refusal.found.facts() if isinstance(refusal, TooOld) else {}
    return fresh | {
        "proven": isinstance(refusal, TooOld),
        "code": refusal.code if isinstance(refusal, LogRefused) else refusal.problem.code,
        "zh": shown(zh, 400),
        "en": shown(en or zh, 400),
        "where": shown(first.pointer, 400) if first and first.pointer else None,
        "serial": against.serial if against else None,
        "expected": against.expected if against else None,
        "found": against.found if against else None,
        "source": first.source if first else None,
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kaixu-verify",
        description="仅凭信任锚验证整个日志，并写出由此得到的目录。 / Prove a hub's whole log from"
        " its anchor alone and write the catalogue it makes.",
        epilog=_STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--anchor", type=Path, required=True, metavar="FILE", help="信任锚文件 / the anchor file")
    add("--out", metavar="FILE|-", help="目录写到此处（NDJSON） / write the catalogue here")
    add("--state", type=Path, metavar="FILE", help="下次只取新增 / next time fetch only the growth")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--hub", metavar="URL", type=_base_url, help="另一来源 / another source")
    where.add_argument(
        "--from-dir", type=Path, metavar="DIR", help="离线文件夹 / an offline folder"
    )
    where.add_argument("--fork", type=Path, metavar="FILE", help="核验分叉证据 / check a fork")
    add(
        "--snapshot",
        metavar="hub|DIR",
        help="从快照起步：hub 取自主平台，DIR 为其文件夹；仅给 DIR 则不联网"
        " / begin with a snapshot, the hub's or a folder's; with DIR alone no network is used",
    )
    add("--keep", type=Path, metavar="DIR", help="保留收到的原文 / keep what came, as it came")
    add(
        "--max-age",
        type=read_max_age,
        metavar="AGE",
        help="签名时间须在此时限内，如 24h、7d / fail unless something signed is newer, as 24h",
    )
    add("--today", type=date.fromisoformat, metavar="DATE", help="按此日判断届满 / expiry as of")
    add("--tries", type=int, choices=range(1, 11), default=4, metavar="N", help="1-10，默认 4")
    add("--json", action="store_true", help="以 JSON 说明结果 / tell the result as JSON on stderr")
    return parser


def _base_url(text: str) -> str:
    if not text.startswith(("https://", "http://")) or not text.isascii():
        raise argparse.ArgumentTypeError("https://HOST[:PORT]")
    return text


if __name__ == "__main__":
    sys.exit(main())
