"""Whose request it is, for counting: the peer, or whom a trusted proxy names.

`X-Forwarded-For` is what anybody may write. It is read only where the peer is a proxy of the
settings, from its right end, up to the first address that is no such proxy.
"""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from starlette.types import Scope

NO_ADDRESS: Final = "unknown"
_PREFIX_V6: Final = 64  # what one household or machine gets; it may choose any address in it
_FORWARDED: Final = b"x-forwarded-for"
_LONGEST: Final = 1_000  # characters of the field that are read, from its right end

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address


class ClientAddresses:
    """The addresses behind requests, for one set of trusted proxies."""

    def __init__(self, trusted: Sequence[str] = ()) -> None:
        """`trusted` are networks as `10.0.0.0/8`, or single addresses.

        Raises:
            ValueError: one of them is neither.
        """
        self._trusted: tuple[Network, ...] = tuple(ip_network(one) for one in trusted)
        self.counted = lru_cache(maxsize=16_384)(self._counted)

    def of(self, scope: Scope) -> str:
        """What requests are counted by: an IPv4 address, or the /64 of an IPv6 one."""
        client = scope.get("client")
        peer: str = client[0] if client else ""
        if not self._trusted:
            return self.counted(peer, b"")
        forwarded = b",".join(value for name, value in scope["headers"] if name == _FORWARDED)
        return self.counted(peer, forwarded[-_LONGEST:])

    def _counted(self, peer: str, forwarded: bytes) -> str:
        address = _read(peer)
        for named in reversed(forwarded.split(b",") if forwarded else ()):
            if address is None or not self._is_trusted(address):
                break
            found = _read(named.decode("ascii", "replace").strip())
            if found is None:
                break  # what a proxy cannot have written: the last one believed counts
            address = found
        return NO_ADDRESS if address is None else _counted_by(address)

    def _is_trusted(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)


def _read(text: str) -> Address | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


def _counted_by(address: Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network((address, _PREFIX_V6), strict=False))
