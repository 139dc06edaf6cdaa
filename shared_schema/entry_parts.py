"""The parts log entries are made of: references, names, keys, and the types of their members."""

from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from shared_schema.signing_key import ED25519, KeyRefused, PublicKey
from shared_schema.statement import ListingId, NodeId, WireInstant
from shared_schema.text import plain

KeyId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{16,128}$")]
RuleCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$")]
KindCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
AreaCode = Annotated[str, StringConstraints(pattern=r"^(CN|[0-9]{2,12})$")]
Base64Url = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,4096}$")]
OrganisationName = Annotated[
    str, StringConstraints(min_length=1, max_length=200), AfterValidator(plain)
]
NoticeText = Annotated[
    str, StringConstraints(min_length=1, max_length=4_000), AfterValidator(plain)
]
KeyUse = Literal["statement", "cosigner", "recovery"]


class EntryForm(BaseModel):
    """A part of an entry: frozen, and it keeps members this version does not know."""

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)


class ListingReference(EntryForm):
    """One listing by its node and number."""

    origin: NodeId
    listing: ListingId


class OfferDecision(EntryForm):
    """The rule an offer was published under, and whether a second examiner agreed; never who."""

    rule: RuleCode
    second_pair: Annotated[bool, Field(strict=True)]


class Names(EntryForm):
    """An organisation's name, Chinese first."""

    zh: OrganisationName
    en: OrganisationName


class Notice(EntryForm):
    """A sentence for everybody, in both languages."""

    zh: NoticeText
    en: NoticeText


class NodeScope(EntryForm):
    """What a node may send: regions it serves and kinds of bodies."""

    regions: Annotated[tuple[AreaCode, ...], Field(max_length=500)]
    kinds: Annotated[tuple[KindCode, ...], Field(max_length=20)]


class NodeKey(EntryForm):
    """One public key of a node.

    `not_after` warns people and pauses the node's outbox; whether a statement counts is judged by
    the log's order alone (protocol §3).
    """

    key_id: KeyId
    algorithm: KindCode
    public_key: Base64Url
    use: KeyUse
    not_after: WireInstant | None = None

    @model_validator(mode="after")
    def _key_is_named_by_its_thumbprint(self) -> Self:
        if self.algorithm == ED25519:
            try:
                self.verifier()
            except KeyRefused as refused:
                message = {"message": refused.detail}
                raise PydanticCustomError("entry.key", "{message}", message) from refused
        return self

    def verifier(self) -> PublicKey:
        """The key to verify with.

        Raises:
            KeyRefused: this version does not know the algorithm.
        """
        if self.algorithm != ED25519:
            return PublicKey(self.algorithm, b"")
        jwk = {"kty": "OKP", "crv": "Ed25519", "x": self.public_key, "kid": self.key_id}
        return PublicKey.from_jwk(jwk)

    @classmethod
    def of(cls, key: PublicKey, *, use: KeyUse, not_after: WireInstant | None = None) -> Self:
        """The entry's form of a public key."""
        return cls(
            key_id=key.key_id,
            algorithm=key.algorithm,
            public_key=key.to_jwk()["x"],
            use=use,
            not_after=not_after,
        )


def contradiction(pointer: str, message: str) -> PydanticCustomError:
    """The error of members that do not fit together; `pointer` leads to the one to correct."""
    return PydanticCustomError(
        "entry.contradiction", "{message}", {"message": message, "pointer": pointer}
    )
