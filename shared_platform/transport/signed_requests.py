"""Requests signed by a node, as a route receives them: proven, not replayed, and unpacked.

Order (protocol §2): structure, key, clock, signature, digest of the bytes as sent, standing of the
key, nonce, and only then decompression and parsing. The target URI is rebuilt from the public base
URL and the raw target; `Host` and `X-Forwarded-*` have no part in it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.database.transaction import Now, Transaction
from shared_platform.failpoint import failpoint
from shared_platform.transport.nonces import NonceReplayed, spend_nonce
from shared_schema.bounded_decompress import (
    DECOMPRESSION_LIMITS,
    DecompressionLimits,
    EncodingCorrupt,
    EncodingUnsupported,
    PayloadTooLarge,
    TooCompressed,
    decompress,
)
from shared_schema.bounded_json import LIMITS, JsonLimits, parse_json
from shared_schema.content_digest import DigestMismatch
from shared_schema.instants import Instant
from shared_schema.message_signature import (
    ComponentNotCovered,
    NodeUnknown,
    SignatureMissing,
    SignedMessage,
)
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError
from shared_schema.request_signature import (
    ClockSkew,
    VerifiedRequest,
    claimed_key_id,
    verify_request,
)
from shared_schema.signing_key import PublicKey, SignatureInvalid


class KeyExpired(DomainError):
    """The key's validity has ended; rotating it lets delivery go on."""

    problem = ProblemType.KEY_EXPIRED


class KeyRevoked(DomainError):
    """The key was revoked."""

    problem = ProblemType.KEY_REVOKED


class NodeSuspended(DomainError):
    """The node may not write at present."""

    problem = ProblemType.NODE_SUSPENDED


class KeyStanding(Enum):
    """What the directory says about a key at this moment."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"
    NODE_SUSPENDED = "node_suspended"


_REFUSALS: Final[dict[KeyStanding, type[DomainError]]] = {
    KeyStanding.EXPIRED: KeyExpired,
    KeyStanding.REVOKED: KeyRevoked,
    KeyStanding.NODE_SUSPENDED: NodeSuspended,
}
SIGNATURE_REFUSALS: Final[tuple[type[DomainError], ...]] = (
    SignatureMissing,
    SignatureInvalid,
    ComponentNotCovered,
    DigestMismatch,
    ClockSkew,
    NonceReplayed,
    NodeUnknown,
    *_REFUSALS.values(),
    TooCompressed,
    PayloadTooLarge,
    EncodingUnsupported,
    EncodingCorrupt,
)
"""What any signed route may answer, for `problems(*SIGNATURE_REFUSALS, …)`."""


@dataclass(frozen=True, slots=True)
class KeyClaim:
    """The key a request says it is signed with. Nothing is proven yet.

    `sent` lets an enrolment find the key it proves possession of in its own body.
    """

    key_id: str
    sent: bytes


@dataclass(frozen=True, slots=True)
class EnrolledKey:
    """The directory's answer about one key."""

    node_id: str
    key: PublicKey
    standing: KeyStanding = KeyStanding.ACTIVE


class KeyDirectoryLookup(Protocol):
    """The service's key directory."""

    async def __call__(
        self, session: AsyncSession, claim: KeyClaim, *, now: Instant
    ) -> EnrolledKey | None:
        """The key of that id, or None when nobody enrolled it."""
        ...


class SpendNonce(Protocol):
    """Remembers nonces; `nonces.spend_nonce` unless a service has its own table."""

    async def __call__(
        self, session: AsyncSession, key_id: str, *, nonce: str, now: Instant
    ) -> None:
        """Take the nonce or refuse."""
        ...


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A proven request. `body` is decompressed and not yet parsed; `sent` is what was signed."""

    node_id: str
    key_id: str
    body: bytes
    sent: bytes
    message: SignedMessage

    def json(self, limits: JsonLimits = LIMITS) -> object:
        """The body as JSON.

        Raises:
            JsonRefused: malformed, ambiguous or beyond a limit.
            JsonTooLarge: more bytes than the limit.
        """
        return parse_json(self.body, limits)

    def header(self, name: str) -> str | None:
        """A field's value; `name` in lower case. Only fields of protocol §2 are signed."""
        values = self.message.headers.values_of(name)
        return ", ".join(values) if values else None


def own_base_url(request: Request) -> str:
    """The public base URL of the service, from `app.state.settings`."""
    return str(request.app.state.settings.base_url)


def signed_node(
    lookup: KeyDirectoryLookup,
    *,
    base_url: Callable[[Request], str] = own_base_url,
    spend: SpendNonce = spend_nonce,
    limits: DecompressionLimits = DECOMPRESSION_LIMITS,
) -> Callable[..., Awaitable[SignedRequest]]:
    """A dependency that gives a route its `SignedRequest`; nonce and route share one transaction.

    Use as `NodeRequest = Annotated[SignedRequest, Depends(signed_node(find_key))]`.
    """

    async def verified(request: Request, session: Transaction, now: Now) -> SignedRequest:
        sent = await request.body()
        message = signed_message(request, base_url(request))
        claim = KeyClaim(claimed_key_id(message, body=sent), sent)
        enrolled = await lookup(session, claim, now=now)
        proof = _proof_of(request, message, sent=sent, enrolled=enrolled, now=now)
        assert enrolled is not None  # verify_request refuses an unknown key
        if enrolled.standing in _REFUSALS:
            raise _refused(enrolled.standing)
        failpoint("push.hub_proven")
        await spend(session, proof.key_id, nonce=proof.nonce, now=now)
        coding = ", ".join(message.headers.values_of("content-encoding"))
        body = decompress(sent, coding or None, limits)
        return SignedRequest(enrolled.node_id, proof.key_id, body, sent, message)

    return verified


def _refused(standing: KeyStanding) -> DomainError:
    refusal = _REFUSALS[standing]
    message = refusal.problem.value.title_zh + " / " + refusal.problem.value.title_en
    error = FieldError("/headers/signature-input", f"key.{standing.value}", message, "protocol §3")
    return refusal(message, [error])


def _proof_of(
    request: Request,
    message: SignedMessage,
    *,
    sent: bytes,
    enrolled: EnrolledKey | None,
    now: Instant,
) -> VerifiedRequest:
    """Verify the signature, once for each request and key, however often it is asked about."""
    key = enrolled.key if enrolled else None
    known: tuple[PublicKey, VerifiedRequest] | None = getattr(request.state, "proof", None)
    if known is not None and known[0] == key:
        return known[1]
    proof = verify_request(message, body=sent, key_of=lambda _: key, now=now)
    assert key is not None  # verify_request refuses an unknown key
    request.state.proof = (key, proof)
    return proof


async def prove_sender(
    request: Request, session: AsyncSession, lookup: KeyDirectoryLookup, *, now: Instant
) -> str:
    """The node that signed, before its nonce is spent: nothing is stored, nothing may be done yet.

    For whoever must know whose request waits. The route's own dependency looks the key up again.

    Raises:
        _refused: the key is expired or revoked, or its node suspended.
        DomainError: what `verify_request` refuses a signature for.
    """
    sent = await request.body()
    message = signed_message(request, own_base_url(request))
    claim = KeyClaim(claimed_key_id(message, body=sent), sent)
    enrolled = await lookup(session, claim, now=now)
    _proof_of(request, message, sent=sent, enrolled=enrolled, now=now)
    assert enrolled is not None  # verify_request refuses an unknown key
    if enrolled.standing in _REFUSALS:
        raise _refused(enrolled.standing)
    return enrolled.node_id


def signed_message(request: Request, base_url: str) -> SignedMessage:
    """The request as its signature sees it: our base URL, the raw target, the fields as sent."""
    target: bytes = request.scope.get("raw_path") or request.url.path.encode()
    query: bytes = request.scope["query_string"]
    uri = base_url.rstrip("/") + target.decode("latin-1")
    uri += "?" + query.decode("latin-1") if query else ""
    fields = [
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw
    ]
    return SignedMessage.of(request.method, uri, fields)
