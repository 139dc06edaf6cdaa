"""The httpx transport that connects only to addresses it has checked (server-side request forgery).

The name is resolved once, every address is checked, and the connection goes to a checked address
while Host, SNI and certificate name stay the original's: a second resolution (DNS rebinding) does
not happen.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import Final

import httpx
from typing_extensions import override

from shared_platform.transport.address_rules import AddressForbidden, AddressRules, why

Resolve = Callable[[str, int], Awaitable[list[str]]]
MOST_DESTINATIONS: Final = 64


async def resolve_host(host: str, port: int) -> list[str]:
    """Every address of a host, through the system's resolver, in its order of preference.

    Raises:
        OSError: the name does not resolve.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedTransport(httpx.AsyncBaseTransport):
    """Keeps one connection pool per origin: the address in a pool's URL says nothing about TLS."""

    def __init__(
        self,
        rules: AddressRules,
        *,
        tls: ssl.SSLContext | None = None,
        resolve: Resolve = resolve_host,
    ) -> None:
        self._rules = rules
        self._tls = tls or httpx.create_ssl_context(trust_env=False)
        self._resolve = resolve
        self._pools: dict[tuple[str, str, int], httpx.AsyncHTTPTransport] = {}

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Resolve, check, connect; the next address is tried only when none was connected to.

        Raises:
            AddressForbidden: the scheme, the URL form or an address is not permitted.
            httpx.ConnectError: the name does not resolve, or no address could be reached.
        """
        url = request.url
        if url.scheme not in {"http", "https"} or url.userinfo:
            raise AddressForbidden(*why("url", "应为 http(s)，不带口令 / http(s), no credentials"))
        port = url.port or (443 if url.scheme == "https" else 80)
        try:
            addresses = await self._resolve(url.host, port)
        except (OSError, UnicodeError) as failed:
            raise httpx.ConnectError("the name does not resolve", request=request) from failed
        self._rules.check(url.host, addresses, tls=url.scheme == "https")
        return await self._try_each(request, addresses, await self._pool(url, port))

    @override
    async def aclose(self) -> None:
        """Close every pool."""
        pools = list(self._pools.values())
        self._pools.clear()
        for pool in pools:
            await pool.aclose()

    async def _pool(self, url: httpx.URL, port: int) -> httpx.AsyncHTTPTransport:
        origin = (url.scheme, url.host, port)
        if origin not in self._pools:
            if len(self._pools) >= MOST_DESTINATIONS:
                await self._pools.pop(next(iter(self._pools))).aclose()
            self._pools[origin] = httpx.AsyncHTTPTransport(verify=self._tls, trust_env=False)
        return self._pools[origin]

    async def _try_each(
        self, request: httpx.Request, addresses: list[str], pool: httpx.AsyncHTTPTransport
    ) -> httpx.Response:
        url = request.url
        failure: httpx.TransportError = httpx.ConnectError("no address", request=request)
        for address in addresses:
            # Host was set from the URL before; SNI and certificate checks follow this extension.
            extensions = {**request.extensions, "sni_hostname": url.host}
            attempt = httpx.Request(
                request.method,
                url.copy_with(host=address),
                headers=request.headers,
                stream=request.stream,
                extensions=extensions,
            )
            try:
                return await pool.handle_async_request(attempt)
            except (httpx.ConnectError, httpx.ConnectTimeout) as failed:
                failure = failed
        raise failure
