"""A node's wish to join, and the fingerprint that both sides show and two people compare."""

from hashlib import sha256
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from shared_schema.entry_parts import KeyUse, Names, NodeKey, NodeScope
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError
from shared_schema.schema_errors import field_errors
from shared_schema.signing_key import PublicKey
from shared_schema.statement import NodeId

KEY_USES: Final[tuple[KeyUse, ...]] = ("statement", "cosigner", "recovery")
_GROUP: Final = 4


class EnrolmentInvalid(DomainError):
    """The body is no enrolment request; `errors` name each wrong member."""

    problem = ProblemType.SCHEMA_INVALID


class EnrolmentRequest(BaseModel):
    """Who wants to join, with one key for each use and the scope asked for (protocol §3)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    node: NodeId
    names: Names
    keys: Annotated[tuple[NodeKey, ...], Field(min_length=3, max_length=3)]
    scope: NodeScope

    @model_validator(mode="after")
    def _one_key_for_each_use(self) -> Self:
        if sorted(key.use for key in self.keys) != sorted(KEY_USES):
            raise PydanticCustomError(
                "enrolment.keys",
                "每种用途各一把密钥：{uses} / one key for each use: {uses}",
                {"uses": ", ".join(KEY_USES), "pointer": "/keys"},
            )
        if any(key.not_after is None for key in self.keys):
            raise PydanticCustomError(
                "enrolment.not_after",
                "每把密钥都要写有效期 / every key needs not_after",
                {"pointer": "/keys"},
            )
        return self

    def statement_key(self) -> PublicKey:
        """The key that signs requests and statements; it signs the enrolment itself."""
        return next(key.verifier() for key in self.keys if key.use == "statement")

    def fingerprint(self) -> str:
        """SHA-256 over the node's id and its key ids by use: sixteen groups of four digits."""
        lines = [self.node, *sorted(f"{key.use} {key.key_id}" for key in self.keys)]
        digest = sha256("\n".join(lines).encode()).hexdigest()
        return " ".join(digest[at : at + _GROUP] for at in range(0, len(digest), _GROUP))


def read_enrolment(document: object) -> EnrolmentRequest:
    """The request in a parsed body from outside.

    Raises:
        EnrolmentInvalid: members are missing, unknown or wrong.
    """
    try:
        return EnrolmentRequest.model_validate(document)
    except ValidationError as invalid:
        raise EnrolmentInvalid(
            "登记申请不完整或有误 / the enrolment is incomplete or wrong",
            field_errors(invalid, document),
        ) from invalid
