"""The log over HTTP with the standard library: the only module of this package that connects.

Bounds: bytes as sent and decompressed, seconds without a byte, seconds in all, tries. Redirects are
followed on the same scheme, host and port only, and never more than three times.
"""

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Final
from urllib.parse import urlsplit

from typing_extensions import override

from shared_schema.bounded_decompress import DecompressionLimits, decompress
from shared_schema.log_page import MAX_PAGE_BYTES
from shared_schema.reader.refusals import SourceUnreachable
from shared_schema.refusal import DomainError
from shared_schema.text import shown

_BASE: Final = "/federation/v1"
_TEXT_BYTES: Final = 512 * 1024
_PAGE_BYTES: Final = 2 * MAX_PAGE_BYTES
_CHUNK: Final = 64 * 1024
_BUSY: Final = frozenset({408, 425, 429, 500, 502, 503, 504, 507})
_LONGEST_WAIT_SECONDS: Final = 30.0
_ASKED_WITH: Final = {"accept-encoding": "zstd, gzip", "user-agent": "kaixu-verify"}


@dataclass(frozen=True, slots=True)
class HttpBounds:
    """`idle_seconds` without a byte, `total_seconds` for an answer, `tries` while it is busy."""

    idle_seconds: float = 30.0
    total_seconds: float = 120.0
    tries: int = 4


_BOUNDS: Final = HttpBounds()


class HttpSource:
    """The log of a hub or mirror, asked without a signature: the log is public.

    Args:
        base_url: scheme, host and port, as in `https://hub.example`.
    """

    def __init__(self, base_url: str, *, bounds: HttpBounds = _BOUNDS) -> None:
        self._base = base_url.rstrip("/") + _BASE
        self._bounds = bounds
        self._opener = urllib.request.build_opener(_SameHostRedirects)

    def checkpoint(self) -> bytes:
        """GET `/log/checkpoint`."""
        return self.get("/log/checkpoint", _TEXT_BYTES)

    def entries(self, first: int, *, limit: int) -> bytes:
        """GET `/log/entries` with bodies."""
        return self.get(f"/log/entries?from={first}&limit={limit}&bodies=1", _PAGE_BYTES)

    def consistency(self, first: int, second: int) -> bytes:
        """GET `/proofs/consistency`."""
        return self.get(f"/proofs/consistency?from={first}&to={second}", _TEXT_BYTES)

    def handovers(self, first: int) -> bytes:
        """GET `/log/handovers`."""
        return self.get(f"/log/handovers?from={first}", _TEXT_BYTES)

    def get(self, path: str, max_bytes: int) -> bytes:
        """The answer's content, at most `max_bytes`, tried again while the source is only busy.

        Raises:
            SourceUnreachable: no usable answer within the bounds.
        """
        url = self._base + path
        tried = 1
        while True:
            try:
                return self._once(url, max_bytes)
            except _Busy as busy:
                if tried >= self._bounds.tries:
                    raise busy.refusal from busy
                time.sleep(min(busy.wait_seconds or 2.0 ** (tried - 1), _LONGEST_WAIT_SECONDS))
            tried += 1

    def _once(self, url: str, max_bytes: int) -> bytes:
        request = urllib.request.Request(url, headers=_ASKED_WITH)  # noqa: S310 - http(s) only
        try:
            with self._opener.open(request, timeout=self._bounds.idle_seconds) as answer:
                raw = self._read(answer, url, max_bytes)
                coding = answer.headers.get("content-encoding")
            return decompress(raw, coding, DecompressionLimits(max_bytes=max_bytes))
        except urllib.error.HTTPError as status:
            with status:
                raise _refused(url, status) from status
        except (OSError, http.client.HTTPException) as failure:
            raise _Busy(_unreachable(url, failure)) from failure
        except SourceUnreachable:
            raise
        except DomainError as refused:
            raise SourceUnreachable(
                "answer", "回答无法解码", f"undecodable: {refused.detail}", where=url
            ) from refused

    def _read(self, answer: http.client.HTTPResponse, url: str, max_bytes: int) -> bytes:
        """The body as sent.

        Raises:
            SourceUnreachable: it is larger or slower than permitted.
            IncompleteRead: the connection ended before the body did.
        """
        deadline = time.monotonic() + self._bounds.total_seconds
        parts: list[bytes] = []
        total = 0
        while part := answer.read1(_CHUNK):
            parts.append(part)
            total += len(part)
            if total > max_bytes:
                message = (f"回答超过 {max_bytes} 字节", f"more than {max_bytes} bytes were sent")
                raise SourceUnreachable("answer_too_large", *message, where=url)
            if time.monotonic() > deadline:
                raise SourceUnreachable("answer_too_slow", "回答过慢", "too slow", where=url)
        if answer.length:
            raise http.client.IncompleteRead(b"", answer.length)
        return b"".join(parts)


class _Busy(Exception):
    """A failure that may pass by itself, and how long the source asks to be left alone."""

    def __init__(self, refusal: SourceUnreachable, wait_seconds: float | None = None) -> None:
        super().__init__(refusal.detail)
        self.refusal = refusal
        self.wait_seconds = wait_seconds


class _SameHostRedirects(urllib.request.HTTPRedirectHandler):
    max_redirections = 3
    max_repeats = 1

    @override
    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Mapping[str, str],  # type: ignore[override]
        newurl: str,
    ) -> urllib.request.Request | None:
        if urlsplit(newurl)[:2] != urlsplit(req.full_url)[:2]:
            raise SourceUnreachable(
                "redirected",
                f"被转向另一主机，未跟随：{shown(newurl)}",
                "redirected to another host, which is not followed",
                where=req.full_url,
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def _refused(url: str, status: urllib.error.HTTPError) -> Exception:
    refusal = SourceUnreachable(
        "status", f"来源回答 {status.code}", f"the source answered {status.code}", where=url
    )
    if status.code not in _BUSY:
        return refusal
    after = status.headers.get("retry-after", "")
    return _Busy(refusal, float(after) if after.isdecimal() else None)


def _unreachable(url: str, failure: Exception) -> SourceUnreachable:
    reason = failure.reason if isinstance(failure, urllib.error.URLError) else failure
    why = shown(f"{type(reason).__name__}: {reason}", 200)
    return SourceUnreachable("unreachable", f"无法连接：{why}", f"no answer: {why}", where=url)
