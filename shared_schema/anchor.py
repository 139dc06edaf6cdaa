"""The federation anchor: what a node's operator receives out of band, and its fingerprint.

Everything else a node believes about its hub is proven by the log whose key stands here, so this
file is what two people compare by telephone before `enrol`.
"""

import json
from hashlib import sha256
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from shared_schema.bounded_json import JsonLimits, parse_json
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError
from shared_schema.schema_errors import field_errors
from shared_schema.signed_note import VerifierKey, VerifierKeyInvalid, parse_vkey

ANCHOR_SCHEMA: Final = "federation-anchor/1"
_LIMITS: Final = JsonLimits(max_bytes=16 * 1024, max_depth=1, max_nodes=16)
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_GROUP: Final = 4


class AnchorRefused(DomainError):
    """The file is no federation anchor; `errors` name each wrong member and what it needs."""

    problem = ProblemType.SCHEMA_INVALID


def _base_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in {"https", "http"} or not parts.hostname or port == 0:
        raise PydanticCustomError("anchor.hub_url", "应为 https:// 地址 / an https:// address")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise PydanticCustomError(
            "anchor.hub_url", "http 只可用于本机 / plain http for this machine only"
        )
    if value != f"{parts.scheme}://{parts.netloc}" or "@" in value or not value.isascii():
        raise PydanticCustomError(
            "anchor.hub_url",
            "只写协议、主机和端口，末尾不加斜线 / scheme, host and port only, no trailing slash",
        )
    if value != value.lower():
        raise PydanticCustomError("anchor.hub_url", "应为小写 / lower-case letters")
    return value


def _verifier_key(value: str) -> str:
    try:
        parse_vkey(value)
    except VerifierKeyInvalid as refused:
        raise PydanticCustomError(
            "anchor.log_vkey", "日志公钥不可用 / unusable log key: {why}", {"why": refused.detail}
        ) from refused
    return value


class FederationAnchor(BaseModel):
    """Federation, hub and log key. Equal anchors have equal fingerprints, however spaced."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_id: Annotated[Literal["federation-anchor/1"], Field(alias="schema")] = (
        "federation-anchor/1"
    )
    federation: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{1,98}[a-z0-9]$")]
    hub_url: Annotated[str, StringConstraints(max_length=200), AfterValidator(_base_url)]
    log_origin: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    log_vkey: Annotated[str, StringConstraints(max_length=500), AfterValidator(_verifier_key)]

    @model_validator(mode="after")
    def _key_bears_the_logs_name(self) -> Self:
        if self.log_key().name != self.log_origin:
            raise PydanticCustomError(
                "anchor.log_origin",
                "日志名与公钥所载名称不同 / the key bears another log's name: {name}",
                {"name": self.log_key().name, "pointer": "/log_origin"},
            )
        return self

    def log_key(self) -> VerifierKey:
        """The key under which checkpoints are believed."""
        return parse_vkey(self.log_vkey)

    def canonical_bytes(self) -> bytes:
        """The members sorted, without spaces, as UTF-8: what the fingerprint is of."""
        members = self.model_dump(by_alias=True)
        return json.dumps(
            members, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        ).encode()

    def fingerprint(self) -> str:
        """SHA-256 of the canonical bytes: sixteen groups of four lower-case hex digits."""
        digest = sha256(self.canonical_bytes()).hexdigest()
        return " ".join(digest[at : at + _GROUP] for at in range(0, len(digest), _GROUP))

    def write(self) -> bytes:
        """The anchor file: indented JSON with a final newline."""
        members = self.model_dump(by_alias=True)
        return (json.dumps(members, ensure_ascii=False, indent=2) + "\n").encode()

    @classmethod
    def read(cls, raw: bytes) -> "FederationAnchor":
        """Read an anchor file from outside.

        Raises:
            AnchorRefused: members are missing, unknown or wrong.
            JsonRefused: not JSON.
            JsonTooLarge: more than 16 KiB.
        """
        document = parse_json(raw, _LIMITS)
        try:
            return cls.model_validate(document)
        except ValidationError as invalid:
            raise AnchorRefused(
                "不是联盟信任锚文件 / not a federation anchor", field_errors(invalid, document)
            ) from invalid
