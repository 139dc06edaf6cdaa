"""Whose request it is: never what a client says of itself, always what a trusted proxy says."""

import pytest
from starlette.types import Scope

from shared_platform.settings import PlatformSettings, SettingsInvalid, load_settings
from shared_platform.transport.client_address import NO_ADDRESS, ClientAddresses


def a_scope(peer: str | None, *forwarded: str) -> Scope:
    return {
        "type": "http",
        "client": None if peer is None else (peer, 4711),
        "headers": [(b"x-forwarded-for", one.encode("latin-1")) for one in forwarded],
    }


BEHIND_ONE = ClientAddresses(["127.0.0.1", "10.0.0.0/8", "fd00::/8"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "counted"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["1.2.3.4, 198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["1.2.3.4", "198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["198.51.100.1, 10.9.9.9"], "198.51.100.1"),
        ("127.0.0.1", ["10.9.9.9"], "10.9.9.9"),
        ("127.0.0.1", ["198.51.100.1, ' OR 1=1"], "127.0.0.1"),
        ("127.0.0.1", [""], "127.0.0.1"),
        ("::ffff:203.0.113.9", ["1.2.3.4"], "203.0.113.9"),
        ("fd00::1", ["2001:db8:1:2:3:4:5:6"], "2001:db8:1:2::/64"),
        ("fe80::1%eth0", [], "fe80::/64"),
        (None, ["1.2.3.4"], NO_ADDRESS),
        ("unix", ["1.2.3.4"], NO_ADDRESS),
    ],
)
def test_only_a_trusted_proxy_is_believed(
    peer: str | None, forwarded: list[str], counted: str
) -> None:
    assert BEHIND_ONE.of(a_scope(peer, *forwarded)) == counted


def test_by_default_nobody_is_believed() -> None:
    assert ClientAddresses().of(a_scope("127.0.0.1", "198.51.100.1")) == "127.0.0.1"


def test_all_addresses_of_one_ipv6_network_are_one() -> None:
    addresses = ClientAddresses()

    assert addresses.of(a_scope("2001:db8::1")) == addresses.of(a_scope("2001:db8::ffff:1"))
    assert addresses.of(a_scope("2001:db8::1")) != addresses.of(a_scope("2001:db8:0:1::1"))


def test_a_very_long_field_is_read_from_its_right_end() -> None:
    forged = ",".join(["1.2.3.4"] * 5_000)

    assert BEHIND_ONE.of(a_scope("127.0.0.1", f"{forged}, 198.51.100.1")) == "198.51.100.1"


def test_what_is_no_network_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAIXU_TRUSTED_PROXIES", '["10.0.0.0/8", "proxy.example"]')

    with pytest.raises(SettingsInvalid) as refused:
        load_settings(PlatformSettings)

    assert "KAIXU_TRUSTED_PROXIES" in str(refused.value.errors)
