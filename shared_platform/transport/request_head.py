"""What the head of a request must look like: one pass over the ASGI scope, no input or output.

Closes the rows that the HTTP parser leaves open: two hosts, no host, huge or countless header
fields, a foreign absolute-form target, framing that contradicts itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.types import Scope

from shared_platform.settings import PlatformSettings
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError

TARGET_EXTENSION: Final = "kaixu.request_target"
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_FIELD_OVERHEAD: Final = 4  # ": " and the line end
_NUL_IN_TARGET: Final = FieldError(
    "", "target.nul", "地址含空字符 / the address holds a NUL character"
)


class Misdirected(DomainError):
    """The host is missing, doubled or not this service's."""

    problem = ProblemType.MISDIRECTED


class MethodRefused(DomainError):
    """A method that no route of this product uses."""

    problem = ProblemType.METHOD_NOT_ALLOWED


class HeadersTooLarge(DomainError):
    """More header bytes or fields than any client of ours sends."""

    problem = ProblemType.HEADERS_TOO_LARGE


class UriTooLong(DomainError):
    """Path and query exceed the bound."""

    problem = ProblemType.URI_TOO_LONG


class RequestMalformed(DomainError):
    """Framing or a target that contradicts itself."""

    problem = ProblemType.SCHEMA_INVALID


@dataclass(frozen=True, slots=True)
class BodyLimit:
    """How many bytes, as sent, and how many seconds a body may take."""

    max_bytes: int = 1_000_000
    seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class GuardPolicy:
    """What the guard lets through; the defaults are the design's figures.

    Attributes:
        public_base_url: where the world reaches this service, as in `https://kaixu.example`.
        extra_hosts: further `host` or `host:port` values accepted, for health probes and demos.
        header_bytes: all field names and values with their separators.
        header_count: header fields.
        target_bytes: path and query, as sent.
        body: the bound for every route that `routes` does not name.
        routes: path prefix and its own bound; the longest prefix that matches decides.
    """

    public_base_url: str
    extra_hosts: frozenset[str] = frozenset()
    header_bytes: int = 16_384
    header_count: int = 100
    target_bytes: int = 4_096
    body: BodyLimit = BodyLimit()
    routes: tuple[tuple[str, BodyLimit], ...] = ()

    @classmethod
    def of(
        cls,
        settings: PlatformSettings,
        *,
        extra_hosts: Iterable[str] = (),
        routes: tuple[tuple[str, BodyLimit], ...] = (),
    ) -> "GuardPolicy":
        """The policy of a service's settings; larger bodies are named route by route."""
        return cls(
            public_base_url=settings.base_url,
            extra_hosts=frozenset(extra_hosts),
            header_bytes=settings.max_header_bytes,
            header_count=settings.max_header_fields,
            target_bytes=settings.max_url_bytes,
            body=BodyLimit(settings.max_form_bytes, settings.request_seconds),
            routes=routes,
        )

    def hosts(self) -> frozenset[bytes]:
        """Every accepted Host value in lower case, with and without the scheme's own port."""
        url = urlsplit(self.public_base_url.lower())
        own = {url.netloc}
        port = {"https": 443, "http": 80}.get(url.scheme)
        if url.port in {None, port}:
            name = url.netloc.removesuffix(f":{port}")
            own |= {name, f"{name}:{port}"}
        return frozenset(host.encode() for host in own | {h.lower() for h in self.extra_hosts})

    def body_limit(self, path: str) -> BodyLimit:
        """The bound of the longest prefix that matches the path."""
        matching = [route for route in self.routes if path.startswith(route[0])]
        return max(matching, key=lambda route: len(route[0]))[1] if matching else self.body


@dataclass(slots=True)
class RequestHead:
    """The fields that decide about host and framing."""

    hosts: list[bytes]
    lengths: list[bytes]
    codings: int

    @property
    def declared_bytes(self) -> int | None:
        """Content-Length, once the framing was checked; None without one."""
        return int(self.lengths[0]) if self.lengths else None

    @property
    def has_body(self) -> bool:
        """Whether a body follows (RFC 9112 §6.3)."""
        return self.codings > 0 or bool(self.declared_bytes)


def check_head(scope: Scope, policy: GuardPolicy, hosts: frozenset[bytes]) -> RequestHead:
    """Refuse what no route should see.

    Args:
        scope: the HTTP scope as the server made it; untrusted.
        policy: the bounds.
        hosts: `policy.hosts()`, worked out once.

    Raises:
        HeadersTooLarge: too many header fields or bytes.
        UriTooLong: path and query exceed the bound.
        MethodRefused: the method is not on the list.
        Misdirected: the host is missing, doubled or foreign.
        RequestMalformed: the framing contradicts itself, or the target holds NUL.
    """
    head = _read_head(scope["headers"], policy)
    target: bytes = scope.get("raw_path") or scope["path"].encode("utf-8", "replace")
    query: bytes = scope["query_string"]
    if len(target) + len(query) > policy.target_bytes:
        raise UriTooLong(f"Path and query may have {policy.target_bytes} bytes.")
    if scope["method"] not in METHODS:
        raise MethodRefused
    _check_host(scope, head, hosts)
    _check_framing(head)
    if b"%00" in target or b"%00" in query or b"\0" in target or b"\0" in query:
        raise RequestMalformed(errors=[_NUL_IN_TARGET])
    return head


def malformed(code: str, message: str) -> RequestMalformed:
    """A refusal that names one thing wrong with the request as a whole."""
    return RequestMalformed(errors=[FieldError("", code, message)])


def _read_head(fields: list[tuple[bytes, bytes]], policy: GuardPolicy) -> RequestHead:
    if len(fields) > policy.header_count:
        raise HeadersTooLarge(f"At most {policy.header_count} header fields.")
    size = 0
    head = RequestHead([], [], 0)
    for name, value in fields:
        size += len(name) + len(value) + _FIELD_OVERHEAD
        if name == b"host":
            head.hosts.append(value)
        elif name == b"content-length":
            head.lengths.append(value)
        elif name == b"transfer-encoding":
            head.codings += 1
    if size > policy.header_bytes:
        raise HeadersTooLarge(f"At most {policy.header_bytes} bytes of header fields.")
    return head


def _check_host(scope: Scope, head: RequestHead, hosts: frozenset[bytes]) -> None:
    if len(head.hosts) != 1:
        raise Misdirected("Exactly one Host field is required (RFC 9112 §3.2).")
    if head.hosts[0].lower() not in hosts:
        raise Misdirected
    sent: bytes = scope.get("extensions", {}).get(TARGET_EXTENSION, {}).get("raw", b"/")
    if sent.startswith(b"/") or sent == b"*":
        return
    authority = sent.partition(b"://")[2].split(b"/", 1)[0].split(b"?", 1)[0]
    if authority.lower() not in hosts:
        raise Misdirected("The absolute-form target names another host (RFC 9112 §3.2.2).")


def _check_framing(head: RequestHead) -> None:
    if len(head.lengths) + head.codings > 1:
        raise malformed("framing", "长度声明重复 / more than one length is declared")
    if head.lengths and not (head.lengths[0].isdigit() and len(head.lengths[0]) <= 18):  # noqa: PLR2004
        raise malformed("content_length", "长度不是数字 / Content-Length is not a number")
