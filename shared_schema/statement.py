"""Statements: what a node says about one version of a listing, signed for ever (protocol §4).

The signed bytes are the truth: they are stored and forwarded as they came, with members this
version does not know. The model is a reading of them.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from shared_schema.bounded_json import JsonLimits, parse_json
from shared_schema.declaration import DECLARATION_SCHEMA, Declaration, Sha256Hex
from shared_schema.declaration_versions import READERS
from shared_schema.dsse import Envelope, read_envelope, sign_envelope, verify_envelope
from shared_schema.instants import Instant, format_instant, parse_instant
from shared_schema.patent_number import ApplicationNumber
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError
from shared_schema.schema_errors import field_errors
from shared_schema.signing_key import PublicKey, SigningKey
from shared_schema.text import PlainText

STATEMENT_TYPE: Final = "application/vnd.kaixu.statement+json"
MAX_BATCH_STATEMENTS: Final = 500  # in one intake request (protocol §5)
MAX_BATCH_BYTES: Final = 4 * 1024 * 1024
STATEMENT_LIMITS: Final = JsonLimits(max_bytes=384 * 1024, floats=False)
_UUID_LENGTH: Final = len(str(UUID(int=0)))

Operation = Literal["offer", "withdraw", "suspend", "resume"]
Counter = Annotated[int, Field(strict=True, ge=1, lt=10**18)]
NodeId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$")]
SchemaId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,62}/[1-9][0-9]{0,3}$")]
# The last of 22 characters carries two bits, so only four letters are canonical there.
Salt = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{21}[AQgw]$")]
ReasonCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
MemberName = Annotated[str, StringConstraints(min_length=1, max_length=200)]


def _canonical_uuid(value: object) -> object:
    if isinstance(value, str) and value != value.lower():
        raise PydanticCustomError("statement.uuid", "编号应为小写 / lower-case letters")
    if isinstance(value, str) and len(value) != _UUID_LENGTH:
        raise PydanticCustomError("statement.uuid", "编号应有 36 个字符 / 36 characters")
    return value


@lru_cache(maxsize=1024)  # a page of the log names the same second again and again
def _whole_instant(text: str) -> Instant:
    return parse_instant(text)


def _wire_instant(value: object) -> object:
    if isinstance(value, str):
        with suppress(ValueError):
            return _whole_instant(value)
    elif isinstance(value, Instant) and value.tzinfo is not None and not value.microsecond:
        return value
    raise PydanticCustomError(
        "statement.instant", "应形如 2026-11-22T08:00:00Z / UTC, whole seconds"
    )


ListingId = Annotated[UUID, BeforeValidator(_canonical_uuid)]
WireInstant = Annotated[
    Instant, BeforeValidator(_wire_instant), PlainSerializer(format_instant, when_used="json")
]


class StatementRefused(DomainError):
    """The bytes are no statement this version can read; `errors` point into the payload."""

    problem = ProblemType.SCHEMA_INVALID


class _Form(BaseModel):
    # Without "constants" an infinite float in an unknown member would silently become null.
    model_config = ConfigDict(
        frozen=True, extra="allow", populate_by_name=True, ser_json_inf_nan="constants"
    )


class Subject(_Form):
    """The patent right spoken of: the key by which offers of several nodes meet."""

    jurisdiction: Literal["CN"] = "CN"
    application_number: ApplicationNumber


class Reason(_Form):
    """Why an offer is withdrawn, suspended or resumed; `text` may be shown to anybody."""

    code: ReasonCode
    text: PlainText | None = None


class Statement(_Form):
    """One version of one listing by its node. Unknown members are kept (`model_extra`)."""

    v: Annotated[int, Field(strict=True, ge=1, le=1)] = 1
    schema_id: Annotated[SchemaId, Field(alias="schema")] = DECLARATION_SCHEMA
    origin: NodeId
    listing: ListingId
    oseq: Counter
    version: Counter
    prev: Sha256Hex | None
    op: Operation
    subject: Subject
    salt: Salt
    body: dict[str, object] | None  # JSON; `JsonValue` would ask Python about every member
    reason: Reason | None = None
    issued_at: WireInstant
    crit: Annotated[tuple[MemberName, ...], Field(max_length=32)] = ()

    @model_validator(mode="after")
    def _members_agree(self) -> Self:
        offers = self.op == "offer"
        if (self.prev is None) != (self.version == 1):
            raise _contradiction("/prev", "只有第 1 版没有 prev / only version 1 has no prev")
        if (self.body is None) == offers:
            raise _contradiction("/body", "只有 offer 带 body / an offer has a body, nothing else")
        if (self.reason is None) != offers:
            raise _contradiction("/reason", "除 offer 外都要写 reason / all but an offer say why")
        if len(set(self.crit)) != len(self.crit):
            raise _contradiction("/crit", "crit 有重复 / a name stands twice in crit")
        if offers and self.schema_id in READERS:
            self._subject_is_the_declared_patent()
        return self

    def _subject_is_the_declared_patent(self) -> None:
        patent = (self.body or {}).get("patent")
        declared = patent.get("application_number") if isinstance(patent, dict) else None
        if declared != self.subject.application_number:
            raise _contradiction(
                "/body/patent/application_number",
                "与 subject 的申请号不同 / another number than the subject's",
            )


KNOWN_MEMBERS: Final = frozenset(
    field.alias or name for name, field in Statement.model_fields.items()
)


@dataclass(frozen=True, slots=True)
class SignedStatement:
    """A statement with the bytes that were signed. Unverified until `verify_statement` returns.

    `payload_hash` is what `prev` of the next version and the log name; `object_hash` names the
    envelope's bytes, `raw`. Both are SHA-256 in lower-case hex.
    """

    statement: Statement
    envelope: Envelope
    raw: bytes
    payload_hash: str
    object_hash: str

    @property
    def payload(self) -> bytes:
        """The exact bytes under the signature."""
        return self.envelope.payload

    @property
    def key_id(self) -> str:
        """The key that claims to have signed."""
        return self.envelope.signatures[0].key_id


def write_payload(statement: Statement) -> bytes:
    """The statement as UTF-8 JSON to be signed once: sorted members, no spaces, no floats.

    Raises:
        StatementRefused: text that UTF-8 cannot carry.
        JsonRefused: a float, or a value beyond the reader's limits.
        JsonTooLarge: more than 384 KiB.
    """
    members = statement.model_dump(mode="json", by_alias=True)
    try:
        payload = json.dumps(
            members, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
        ).encode()
    except ValueError as unwritable:
        message = "含无法书写的值 / a value that JSON cannot carry"
        raise StatementRefused(
            message, [FieldError("", "statement.unwritable", message)]
        ) from unwritable
    parse_json(payload, STATEMENT_LIMITS)
    return payload


def sign_statement(statement: Statement, key: SigningKey) -> SignedStatement:
    """Write and sign; the result is what `read_statement` makes of its `raw`.

    Raises:
        StatementRefused: as `write_payload`.
        JsonRefused: as `write_payload`.
        JsonTooLarge: as `write_payload`.
    """
    return read_statement(sign_envelope(write_payload(statement), STATEMENT_TYPE, key))


def read_statement(raw: bytes) -> SignedStatement:
    """Read an untrusted envelope and its payload; no signature is checked here.

    Raises:
        StatementRefused: another payload type, several signatures, or members that do not fit.
        EnvelopeRefused: not a DSSE envelope.
        JsonRefused: envelope or payload is not JSON under the guard's limits.
        JsonTooLarge: either is too large.
    """
    envelope = read_envelope(raw)
    if envelope.payload_type != STATEMENT_TYPE:
        message = f"payloadType 应为 / must be {STATEMENT_TYPE}"
        raise StatementRefused(message, [FieldError("/payloadType", "statement.type", message)])
    if len(envelope.signatures) != 1:
        message = "应恰有一个签名 / exactly one signature"
        raise StatementRefused(message, [FieldError("/signatures", "statement.signers", message)])
    document = parse_json(envelope.payload, STATEMENT_LIMITS)
    try:
        statement = Statement.model_validate(document)
    except ValidationError as invalid:
        raise StatementRefused(
            "声明格式不符 / the statement is malformed", field_errors(invalid, document)
        ) from invalid
    hashes = (sha256(envelope.payload).hexdigest(), sha256(raw).hexdigest())
    return SignedStatement(statement, envelope, raw, *hashes)


def verify_statement(signed: SignedStatement, key: PublicKey) -> Statement:
    """The statement, once `key` is proven to have signed its bytes.

    Whether the key was the origin's at that place of the log is the caller's question.

    Raises:
        SignatureInvalid: another key, or the signature does not verify.
    """
    verify_envelope(signed.envelope, key)
    return signed.statement


def unknown_critical(statement: Statement) -> tuple[str, ...]:
    """The members a reader must understand and this version does not: it needs a newer reader."""
    return tuple(name for name in statement.crit if name not in KNOWN_MEMBERS)


def declaration_of(statement: Statement) -> Declaration:
    """The offer's body as a declaration; members this version does not know are left out of it.

    Raises:
        StatementRefused: not an offer of a schema this version reads, or a known member is wrong.
    """
    reader = READERS.get(statement.schema_id)
    if statement.body is None or reader is None:
        message = f"不是 {'、'.join(READERS)} 的 offer / not an offer of such a schema"
        raise StatementRefused(message, [FieldError("/schema", "statement.schema", message)])
    try:
        return reader(statement.body)
    except ValidationError as invalid:
        errors = field_errors(invalid, statement.body, under="/body")
        raise StatementRefused("声明书格式不符 / the body is malformed", errors) from invalid


def _contradiction(pointer: str, message: str) -> PydanticCustomError:
    return PydanticCustomError("statement.contradiction", message, {"pointer": pointer})
