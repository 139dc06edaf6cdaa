"""Which addresses this product may connect to: public ones, and what the settings name.

Everything else is refused, in every spelling: an address hidden in IPv6 (mapped, 6to4, Teredo,
NAT64) counts as the IPv4 address it leads to.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError

Address = IPv4Address | IPv6Address
_NAT64: Final = ip_network("64:ff9b::/96")  # RFC 6052 §2.1
_LOCAL_NAT64: Final = ip_network("64:ff9b:1::/48")  # RFC 8215: never public


class AddressForbidden(DomainError):
    """The destination is, or resolves to, an address this service must not call."""

    problem = ProblemType.SCHEMA_INVALID


@dataclass(frozen=True, slots=True)
class AddressRules:
    """What is reachable beyond public addresses, and over plain HTTP.

    Attributes:
        hosts: names, lower case, that may resolve to any address (a hub inside the same network).
        networks: private ranges that may be called, as for a demo on 127.0.0.0/8.
    """

    hosts: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def of(cls, allowed: tuple[str, ...]) -> "AddressRules":
        """Rules from settings: each entry is a host name, an address or a CIDR range.

        Raises:
            ValueError: a range has host bits set.
        """
        ranges = tuple(entry for entry in allowed if _is_range(entry))
        names = frozenset(entry.lower() for entry in allowed if entry not in ranges)
        return cls(hosts=names, networks=tuple(ip_network(entry) for entry in ranges))

    def check(self, host: str, found: list[str], *, tls: bool) -> None:
        """Refuse unless every resolved address may be called: one bad one spoils the name.

        Raises:
            AddressForbidden: an address is not public, or plain HTTP would leave the allow-list.
        """
        if host.lower() in self.hosts:
            return
        for text in found:
            address = ip_address(text.partition("%")[0])
            if any(address in network for network in self.networks):
                continue
            if not all(_is_public(leads_to) for leads_to in _destinations(address)):
                raise AddressForbidden(*why("private", "不是公网地址 / not a public address"))
            if not tls:
                raise AddressForbidden(*why("plain_http", "须用 HTTPS / HTTPS is required"))


def why(code: str, message: str) -> tuple[str, list[FieldError]]:
    """The facts of an `AddressForbidden`: raise it as `AddressForbidden(*why(…))`."""
    return message, [FieldError("", f"address.{code}", message)]


def _is_range(entry: str) -> bool:
    try:
        ip_address(entry.partition("/")[0])
    except ValueError:
        return False
    return True


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and (address.is_site_local or address in _LOCAL_NAT64):
        return False
    if address.is_multicast or address.is_reserved:
        return False
    return address.is_global


def _destinations(address: Address) -> list[Address]:
    """The address, or what packets to it would be carried to; Teredo names server and client."""
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address in _NAT64:
        return [IPv4Address(int(address) & 0xFFFFFFFF)]
    carried = [address.sixtofour] if address.sixtofour is not None else []
    return [address, *carried, *(address.teredo or ())]
