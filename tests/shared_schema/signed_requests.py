"""Builders of signed requests, and a second signer written from RFC 9421 §2.5 without the library.

The second signer signs whatever it is told to, so that a policy can be tested against signatures
that are sound in every other respect.
"""

from base64 import b64encode
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from shared_schema.content_digest import content_digest
from shared_schema.message_signature import SignedMessage
from shared_schema.request_signature import VerifiedRequest, sign_request, verify_request
from shared_schema.signing_key import PublicKey, SigningKey

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
CREATED = int(NOW.timestamp())
NODE = SigningKey.from_seed(b"node key" * 4)
OTHER_NODE = SigningKey.from_seed(b"2nd node" * 4)
STRANGER = SigningKey.from_seed(b"stranger" * 4)
DIRECTORY = {key.key_id: key.public for key in (NODE, OTHER_NODE)}
NONCE = "AAAAAAAAAAAAAAAAAAAAAA"
HUB = "https://hub.test"
URL = f"{HUB}/federation/v1/intake?dry=1"
BODY = b'{"hello":"world"}'
FIELDS = {
    "content-type": "application/json",
    "content-encoding": "identity",
    "idempotency-key": "k-1",
}
ALL_COMPONENTS = (
    '"@method"',
    '"@target-uri"',
    '"content-digest"',
    '"content-type"',
    '"content-encoding"',
    '"idempotency-key"',
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A request on its way: what an attacker in the middle can change."""

    message: SignedMessage
    body: bytes

    def with_fields(self, **fields: str | None) -> "Sent":
        """Set fields (underscores for hyphens), or remove them with None."""
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        kept = [line for line in self.message.headers.lines if line[0] not in named]
        added = [(name, value) for name, value in named.items() if value is not None]
        message = SignedMessage.of(self.message.method, self.message.url, kept + added)
        return replace(self, message=message)

    def field(self, name: str) -> str:
        """The value of one field."""
        (value,) = self.message.headers.values_of(name)
        return value

    def rewritten(self, name: str, old: str, new: str) -> "Sent":
        """Replace text in one field, which must hold it."""
        value = self.field(name)
        assert old in value
        return self.with_fields(**{name: value.replace(old, new, 1)})

    def at(self, *, method: str | None = None, url: str | None = None) -> "Sent":
        """The same fields and body with another method or target."""
        message = self.message
        return replace(
            self,
            message=SignedMessage(method or message.method, url or message.url, message.headers),
        )


def unsigned(body: bytes = BODY, **fields: str) -> Sent:
    """A POST with digest and type for its body, and the given fields."""
    own = {"content-digest": content_digest(body), "content-type": FIELDS["content-type"]}
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    return Sent(SignedMessage.of("POST", URL, (own if body else {}) | named), body)


def signed(
    body: bytes = BODY, key: SigningKey = NODE, *, method: str = "POST", url: str = URL
) -> Sent:
    """A request as `sign_request` signs it, with every field the protocol knows."""
    message = SignedMessage.of(method, url, FIELDS if body else {})
    added = sign_request(message, body=body, key=key, now=NOW, nonce=NONCE)
    return Sent(SignedMessage(method, url, message.headers.joined(added)), body)


def parameters(**changes: str | None) -> str:
    """The signature parameters as text; a change of None leaves one out, another name adds one."""
    stated: dict[str, str | None] = {
        "created": str(CREATED),
        "expires": str(CREATED + 300),
        "keyid": f'"{NODE.key_id}"',
        "alg": '"ed25519"',
        "nonce": f'"{NONCE}"',
        "tag": '"kaixu-request/1"',
    }
    return "".join(f";{name}={text}" for name, text in (stated | changes).items() if text)


def forged(
    sent: Sent,
    components: tuple[str, ...],
    stated: str,
    *,
    key: SigningKey = NODE,
    label: str = "kaixu",
) -> Sent:
    """Sign exactly these components and parameters (RFC 9421 §2.5), whatever the policy says."""
    signature_params = f"({' '.join(components)}){stated}"
    lines = [f"{name}: {_value(sent, name)}" for name in components]
    base = "\n".join([*lines, f'"@signature-params": {signature_params}'])
    signature = b64encode(key.sign(base.encode())).decode()
    return sent.with_fields(
        signature_input=f"{label}={signature_params}", signature=f"{label}=:{signature}:"
    )


def _value(sent: Sent, component: str) -> str:
    name = component.partition(";")[0].strip('"')
    derived = {
        "@method": sent.message.method,
        "@target-uri": sent.message.url,
        "@authority": sent.message.url.split("/")[2],
    }
    return derived.get(name) or ", ".join(sent.message.headers.values_of(name))


def verify(sent: Sent, now: datetime = NOW) -> VerifiedRequest:
    """Verify against the directory of the two enrolled nodes."""
    return verify_request(sent.message, body=sent.body, key_of=find_key, now=now)


def find_key(key_id: str) -> PublicKey | None:
    """The directory: both nodes are enrolled, the stranger is not."""
    return DIRECTORY.get(key_id)
