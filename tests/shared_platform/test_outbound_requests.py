"""Outbound requests: which addresses are called, and what stops an answer without end."""

import asyncio
import gzip
import socket
import ssl
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from shared_platform.transport.address_rules import AddressForbidden, AddressRules
from shared_platform.transport.guarded_transport import GuardedTransport
from shared_platform.transport.outbound import (
    Outbound,
    OutboundLimits,
    OutboundRequest,
    PeerAnsweredBadly,
    PeerTooLarge,
    PeerUnreachable,
)

LOOPBACK = AddressRules.of(("127.0.0.0/8", "::1"))
Serve = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]

PRIVATE_FORMS = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0/",
    "http://0.0.0.0/",
    "http://localhost/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://100.64.0.1/",
    "http://169.254.169.254/latest/meta-data",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://198.18.0.1/",
    "http://192.0.2.1/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[64:ff9b:1::808:808]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:7f00:1::]/",
    "http://[fe80::1]/",
    "http://[fc00::1]/",
    "http://[ff02::1]/",
    "http://[fec0::1]/",
]


async def forbidden_code(rules: AddressRules, url: str) -> str:
    outbound = Outbound(rules)
    with pytest.raises(AddressForbidden) as refused:
        await outbound.send(OutboundRequest("GET", url))
    await outbound.aclose()
    return refused.value.errors[0].code


@pytest.mark.parametrize("url", PRIVATE_FORMS)
async def test_no_spelling_of_a_private_address_is_called(url: str) -> None:
    assert await forbidden_code(AddressRules(), url) == "address.private"


@pytest.mark.parametrize(
    "url", ["ftp://example.test/", "http://user:pass@127.0.0.1/", "gopher://127.0.0.1/"]
)
async def test_only_plain_web_addresses_are_called(url: str) -> None:
    assert await forbidden_code(LOOPBACK, url) == "address.url"


async def test_an_octal_address_is_no_url() -> None:
    outbound = Outbound(LOOPBACK)
    with pytest.raises((PeerAnsweredBadly, AddressForbidden)):
        await outbound.send(OutboundRequest("GET", "http://0177.0.0.1/"))
    await outbound.aclose()


def test_one_private_address_spoils_a_name() -> None:
    with pytest.raises(AddressForbidden):
        AddressRules().check("mixed.test", ["8.8.8.8", "10.0.0.1"], tls=True)

    AddressRules().check("public.test", ["8.8.8.8", "2001:4860:4860::8888"], tls=True)
    AddressRules().check("mapped.test", ["::ffff:8.8.8.8", "64:ff9b::808:808"], tls=True)


def test_plain_http_leaves_no_further_than_the_allow_list() -> None:
    with pytest.raises(AddressForbidden) as refused:
        AddressRules().check("public.test", ["8.8.8.8"], tls=False)

    assert refused.value.errors[0].code == "address.plain_http"
    LOOPBACK.check("local.test", ["127.0.0.1"], tls=False)
    AddressRules.of(("hub.internal",)).check("HUB.internal", ["10.0.0.1"], tls=False)


def test_the_allow_list_names_hosts_addresses_and_ranges() -> None:
    rules = AddressRules.of(("hub.internal", "10.1.2.3", "192.168.0.0/16", "::1"))

    assert rules.hosts == {"hub.internal"}
    assert len(rules.networks) == 3
    rules.check("x", ["10.1.2.3", "192.168.7.7", "::1"], tls=False)
    with pytest.raises(AddressForbidden):
        rules.check("x", ["10.1.2.4"], tls=True)


@given(number=st.integers(0, 2**32 - 1))
def test_an_ipv4_address_hidden_in_ipv6_counts_as_itself(number: int) -> None:
    address = ip_address(number)

    def allowed(text: str) -> bool:
        try:
            AddressRules().check("x", [text], tls=True)
        except AddressForbidden:
            return False
        return True

    plain = allowed(str(address))
    mapped = allowed(str(ip_address((0xFFFF << 32) | number)))
    translated = allowed(str(ip_network("64:ff9b::/96")[number]))
    six_to_four = allowed(str(ip_address((0x2002 << 112) | (number << 80) | 1)))
    assert mapped == translated == plain
    assert plain or not six_to_four


@asynccontextmanager
async def peer(serve: Serve, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A raw peer on 127.0.0.1; its port."""
    answering: set[asyncio.Task[None]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await serve(await reader.readuntil(b"\r\n\r\n"), writer)
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answering.add(asyncio.create_task(answer(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
        await asyncio.gather(*answering)


def saying(answer: bytes) -> Serve:
    async def serve(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()

    return serve


def http(body: bytes, *fields: bytes, status: bytes = b"200 OK") -> bytes:
    head = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *fields, b"", b""]
    return b"\r\n".join(head) + body


async def fetch(port: int, *, limits: OutboundLimits | None = None) -> bytes:
    outbound = Outbound(LOOPBACK)
    try:
        request = OutboundRequest("GET", f"http://127.0.0.1:{port}/x")
        return (await outbound.send(request, limits=limits)).body
    finally:
        await outbound.aclose()


async def test_an_allowed_address_is_called_and_its_answer_unpacked() -> None:
    packed = gzip.compress(b"hello")
    async with peer(saying(http(packed, b"Content-Encoding: gzip"))) as port:
        assert await fetch(port) == b"hello"


async def test_a_redirect_is_not_followed() -> None:
    moved = http(b"", b"Location: http://127.0.0.1:1/", status=b"302 Found")
    async with peer(saying(moved)) as port:
        with pytest.raises(PeerAnsweredBadly):
            await fetch(port)


async def test_not_modified_is_an_answer() -> None:
    async with peer(saying(b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n')) as port:
        assert await fetch(port) == b""


async def test_an_endless_body_is_left_at_the_bound() -> None:
    sent = 0

    async def endless(_request: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
            await writer.drain()
            sent += 65_536

    async with peer(endless) as port:
        with pytest.raises(PeerTooLarge):
            await fetch(port, limits=OutboundLimits(max_bytes=1_000_000))

    assert sent < 16_000_000  # what the socket buffers took before the close was seen


async def test_a_bomb_is_left_at_the_bound() -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    async with peer(saying(http(bomb, b"Content-Encoding: gzip"))) as port:
        with pytest.raises(PeerTooLarge):
            await fetch(port)


@pytest.mark.parametrize("coding", [b"br", b"gzip, gzip", b"gzip"])
async def test_an_unreadable_coding_is_a_bad_answer(coding: bytes) -> None:
    async with peer(saying(http(b"plain", b"Content-Encoding: " + coding))) as port:
        with pytest.raises(PeerAnsweredBadly):
            await fetch(port)


async def test_what_is_not_http_is_a_bad_answer() -> None:
    async with peer(saying(b"SSH-2.0-x\r\n\r\n")) as port:
        with pytest.raises(PeerAnsweredBadly):
            await fetch(port)


@pytest.mark.parametrize(
    "body", [b"", b"Content-Length: 9\r\n\r\nx", b"Transfer-Encoding: chunked\r\n\r\n5\r\nx"]
)
async def test_a_peer_that_ends_while_it_answers_is_away(body: bytes) -> None:
    async with peer(saying(b"HTTP/1.1 200 OK\r\n" + body if body else b"")) as port:
        with pytest.raises(PeerUnreachable):
            await fetch(port)


async def test_a_trickling_peer_is_given_up_in_total_time() -> None:
    async def trickle(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(100):
            writer.write(b"x")
            await writer.drain()
            await asyncio.wait([asyncio.ensure_future(asyncio.sleep(0.01))])

    async with peer(trickle) as port:
        with pytest.raises(PeerUnreachable):
            await fetch(port, limits=OutboundLimits(total_seconds=0.1))


async def test_a_reset_and_a_closed_port_are_unreachable() -> None:
    async def reset(_request: bytes, writer: asyncio.StreamWriter) -> None:
        linger = writer.get_extra_info("socket")
        linger.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        writer.transport.abort()

    async with peer(reset) as port:
        with pytest.raises((PeerUnreachable, PeerAnsweredBadly)):
            await fetch(port)
    with pytest.raises(PeerUnreachable):
        await fetch(port)


async def test_a_name_that_does_not_resolve_is_unreachable() -> None:
    outbound = Outbound()
    with pytest.raises(PeerUnreachable):
        await outbound.send(OutboundRequest("GET", "https://nowhere.invalid/"))
    await outbound.aclose()


# --- rebinding and TLS names ----------------------------------------------------------------------


def authority(name: str, *, days: int = 1) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Contexts of a server with a self-signed certificate for `name`, and of its believer."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)  # noqa: TID251 - certificates are judged by the real clock
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=10))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    pem = certificate.public_bytes(Encoding.PEM)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with tempfile.NamedTemporaryFile() as chain:
        Path(chain.name).write_bytes(pem + private)
        server.load_cert_chain(chain.name)
    return server, ssl.create_default_context(cadata=pem.decode())


async def over_tls(name: str, certified: str, *, days: int = 1) -> bytes:
    """Call https://{name} at a loopback peer whose certificate is for `certified`."""
    server, believer = authority(certified, days=days)

    async def resolve(_host: str, _port: int) -> list[str]:
        return ["::1", "127.0.0.1"]  # nobody listens at the first

    async with peer(saying(http(b"safe")), tls=server) as port:
        transport = GuardedTransport(LOOPBACK, tls=believer, resolve=resolve)
        outbound = Outbound(transport=transport)
        try:
            url = f"https://{name}:{port}/"
            return (await outbound.send(OutboundRequest("GET", url))).body
        finally:
            await outbound.aclose()


async def test_the_checked_address_is_called_under_the_original_name() -> None:
    assert await over_tls("hub.test", "hub.test") == b"safe"


async def test_a_certificate_of_another_name_is_refused() -> None:
    with pytest.raises(PeerUnreachable):
        await over_tls("hub.test", "evil.test")


async def test_an_expired_certificate_is_refused() -> None:
    with pytest.raises(PeerUnreachable):
        await over_tls("hub.test", "hub.test", days=-1)


async def test_a_name_that_is_rebound_is_refused_on_the_next_request() -> None:
    answers = [["127.0.0.1"], ["10.0.0.1"]]

    async def rebinding(_host: str, _port: int) -> list[str]:
        return answers.pop(0)

    async with peer(saying(http(b"first"))) as port:
        transport = GuardedTransport(LOOPBACK, resolve=rebinding)
        outbound = Outbound(transport=transport)
        request = OutboundRequest("GET", f"http://rebound.test:{port}/")
        first = await outbound.send(request)
        with pytest.raises(AddressForbidden):
            await outbound.send(request)
        await outbound.aclose()

    assert first.body == b"first"


async def test_the_host_field_keeps_the_original_name() -> None:
    seen: list[bytes] = []

    async def note(host: str, _port: int) -> list[str]:
        assert host == "hub.test"
        return ["127.0.0.1"]

    async def serve(request: bytes, writer: asyncio.StreamWriter) -> None:
        seen.append(request)
        writer.write(http(b""))

    async with peer(serve) as port:
        outbound = Outbound(transport=GuardedTransport(LOOPBACK, resolve=note))
        await outbound.send(OutboundRequest("GET", f"http://hub.test:{port}/"))
        await outbound.aclose()

    assert f"host: hub.test:{port}".encode() in seen[0].lower()
    assert b"accept-encoding: zstd, gzip" in seen[0].lower()


async def test_pools_are_bounded() -> None:
    async def anywhere(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1"]

    transport = GuardedTransport(LOOPBACK, resolve=anywhere)
    async with peer(saying(http(b""))) as port:
        for number in range(70):
            request = httpx.Request("GET", f"http://host{number}.test:{port}/")
            await (await transport.handle_async_request(request)).aread()

    assert len(transport._pools) == 64
    await transport.aclose()
