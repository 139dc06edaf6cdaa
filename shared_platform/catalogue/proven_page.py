"""Fetching a page of the log and proving it: nothing leaves here that no checkpoint covers."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared_platform.catalogue.apply import CheckedPage
from shared_platform.catalogue.log_source import LogSource
from shared_platform.failpoint import failpoint
from shared_schema.catalogue_fold import mark_left_out, prove_claims, read_claims, read_entries
from shared_schema.key_directory import KeyDirectory
from shared_schema.log_following import LogPosition, Vouched, after_entries, check_growth, reached
from shared_schema.log_page import LogPage, PageEntry, read_page
from shared_schema.sync_refusals import PageMissing

_THREADS: Final = 2  # signatures are checked outside the interpreter's lock
_WORTH_A_THREAD: Final = 32


@dataclass(frozen=True, slots=True)
class ProvenPage:
    """A checked page, where it begins and where the copy stands after it; its weight in bytes.

    `told_size` is the log's size as the source told it with the page: no proof, a hint only.
    """

    before: LogPosition
    after: LogPosition
    checked: CheckedPage
    bytes: int
    told_size: int = 0


async def fetch_proven(
    source: LogSource,
    before: LogPosition,
    directory: KeyDirectory,
    *,
    target: Vouched,
    limit: int,
) -> ProvenPage:
    """The page after `before`, proven to belong to the log of `target` and checked entry by entry.

    Raises:
        PageMissing: the source does not deliver what it signed.
        PageContradictsLog: the entries are not those of the signed log.
        LogRefused: a malformed page or proof, or a proof that proves nothing.
        DomainError: the source did not answer.
    """
    wanted = min(limit, target.size - before.size)
    raw = await source.entries(before.size, limit=wanted)
    failpoint("pull.page_read")
    page = read_page(raw, first=before.size, limit=wanted)
    if not page.entries:
        raise PageMissing(before.size, target.size)
    after = await _proven(source, before, page, target=target)
    checked = await check_entries(page.entries, directory)
    return ProvenPage(before, after, checked, len(raw), page.tree_size)


async def prove_growth(source: LogSource, before: Vouched, after: Vouched) -> None:
    """Prove with the source's help that the log of `after` begins with the log of `before`.

    Raises:
        ProofInvalid: it does not.
        ProofTextInvalid: what came is no proof.
        DomainError: the source did not answer.
    """
    if before.size == 0:
        return
    check_growth(await source.consistency(before.size, after.size), before, after)


async def _proven(
    source: LogSource, before: LogPosition, page: LogPage, *, target: Vouched
) -> LogPosition:
    """The position after the page, once its root is proven to lead to the checkpoint.

    Raises:
        PageContradictsLog: it is the last page, and the root is another one.
    """
    after = after_entries(before, page.entries, target=target)
    if not after.is_complete:
        await prove_growth(source, reached(after), target)
    return after


async def check_entries(page: Sequence[PageEntry], directory: KeyDirectory) -> CheckedPage:
    """Check consecutive entries beside the event loop: reading on one thread, signatures on two.

    Reading holds the interpreter's lock, so two threads of it would only wait for each other.
    """
    delivered = [(each.serial, each.leaf, each.object_bytes) for each in page]
    entries, after = await asyncio.to_thread(read_entries, delivered, directory)
    if left_out := {each.serial for each in page if each.left_out}:
        entries = mark_left_out(entries, left_out)
    claims = await asyncio.to_thread(read_claims, entries, after)
    width = max(-(-len(claims) // _THREADS), _WORTH_A_THREAD)
    parts = [claims[start : start + width] for start in range(0, len(claims), width)]
    found = await asyncio.gather(*(asyncio.to_thread(prove_claims, part) for part in parts))
    return CheckedPage(entries, [checked for part in found for checked in part], after)
