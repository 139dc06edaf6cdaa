"""Signing keys: Ed25519 (RFC 8032), named by their RFC 7638 thumbprint.

The algorithm travels with every key as a word, never as a length, so that another one (SM2) can be
added as a row of `_KEY_BYTES` and a branch here, without touching what was signed.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Final, Literal, get_args

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError

Algorithm = Literal["ed25519"]
ALGORITHMS: Final[tuple[Algorithm, ...]] = get_args(Algorithm)
ED25519: Final = "ed25519"
_KEY_BYTES: Final = {"ed25519": 32}
_CURVES: Final = {"Ed25519": "ed25519"}

# The y coordinates of the eight points of small order, and the non-canonical spellings of 0 and 1
# (sign bit cleared). Under such a key one signature fits many messages, so its holder could later
# deny what was signed. The tests prove each of them with a forgery.
_SMALL_ORDER_KEYS: Final = frozenset(
    bytes.fromhex(text)
    for text in (
        "00" * 32,
        "01" + "00" * 31,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    )
)


class KeyRefused(DomainError):
    """The bytes are not a key this version accepts; `errors[0].code` says why."""

    problem = ProblemType.SCHEMA_INVALID


class SignatureInvalid(DomainError):
    """A signature is malformed, breaks the policy or does not verify; see `errors[0].code`."""

    problem = ProblemType.SIGNATURE_INVALID


@dataclass(frozen=True)
class PublicKey:
    """A verification key. Making one proves its algorithm, its length and that it is not weak."""

    algorithm: str
    raw: bytes

    def __post_init__(self) -> None:
        """Refuse what could never verify honestly.

        Raises:
            KeyRefused: unknown algorithm, wrong length or weak point.
        """
        expected = _KEY_BYTES.get(self.algorithm)
        if expected is None:
            message = f"未知签名算法 / unknown algorithm: {self.algorithm[:40]!r}"
            raise KeyRefused(*_why("algorithm", message))
        if len(self.raw) != expected:
            raise KeyRefused(
                *_why("length", f"公钥长度应为 {expected} 字节 / a key of {expected} bytes")
            )
        if self.raw[:-1] + bytes([self.raw[-1] & 0x7F]) in _SMALL_ORDER_KEYS:
            raise KeyRefused(*_why("weak", "弱公钥（低阶点）/ a weak key: a point of small order"))

    @cached_property
    def key_id(self) -> str:
        """The RFC 7638 thumbprint of the key's JWK (RFC 8037 §2), base64url without padding."""
        members = f'{{"crv":"Ed25519","kty":"OKP","x":"{_base64url(self.raw)}"}}'
        return _base64url(sha256(members.encode()).digest())

    @cached_property
    def _loaded(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.raw)

    def verify(self, signature: bytes, message: bytes) -> None:
        """Return only when `signature` is this key's over exactly `message` (RFC 8032 §5.1.7).

        Raises:
            SignatureInvalid: it is not.
        """
        try:
            self._loaded.verify(signature, message)
        except InvalidSignature as mismatch:
            raise SignatureInvalid(
                detail=f"key {self.key_id}",
                errors=[FieldError("", "signature.mismatch", "签名不符 / the signature differs")],
            ) from mismatch

    def to_jwk(self) -> dict[str, str]:
        """The key as JSON Web Key (RFC 8037 §2), with its thumbprint as `kid`."""
        return {"kty": "OKP", "crv": "Ed25519", "x": _base64url(self.raw), "kid": self.key_id}

    @classmethod
    def from_jwk(cls, jwk: object) -> "PublicKey":
        """Read a public JWK from an untrusted peer; private members and a wrong `kid` are refused.

        Raises:
            KeyRefused: the object is no public Ed25519 JWK.
        """
        if not isinstance(jwk, dict) or jwk.get("kty") != "OKP" or "d" in jwk:
            raise KeyRefused(*_why("jwk", "不是 OKP 公钥 JWK / not a public OKP key"))
        algorithm, encoded = _CURVES.get(str(jwk.get("crv"))), jwk.get("x")
        if algorithm is None or not isinstance(encoded, str):
            raise KeyRefused(
                *_why("jwk", "crv 应为 Ed25519，x 应为 base64url / crv Ed25519 and a text x")
            )
        key = cls(algorithm, _from_base64url(encoded))
        if jwk.get("kid", key.key_id) != key.key_id:
            raise KeyRefused(*_why("kid", "kid 与指纹不符 / kid is not the key's thumbprint"))
        return key


@dataclass(frozen=True)
class SigningKey:
    """A private key. It is never printed; `to_pem` is the only way out."""

    algorithm: str
    _private: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def generate(cls) -> "SigningKey":
        """A new key from the operating system's random source."""
        return cls(ED25519, Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> "SigningKey":
        """The key of a 32-byte seed (RFC 8032 §5.1.5): for vectors and tests, never for services.

        Raises:
            KeyRefused: the seed has another length.
        """
        if len(seed) != _KEY_BYTES[ED25519]:
            raise KeyRefused(*_why("length", "种子应为 32 字节 / a seed has 32 bytes"))
        return cls(ED25519, Ed25519PrivateKey.from_private_bytes(seed))

    @cached_property
    def public(self) -> PublicKey:
        """The verification key, which names this key."""
        return PublicKey(self.algorithm, self._private.public_key().public_bytes_raw())

    @property
    def key_id(self) -> str:
        """The public key's thumbprint."""
        return self.public.key_id

    def sign(self, message: bytes) -> bytes:
        """The deterministic signature over `message` (RFC 8032 §5.1.6)."""
        return self._private.sign(message)

    def to_pem(self, password: bytes | None = None) -> bytes:
        """PKCS #8 in PEM (RFC 8410 §7), encrypted when a password is given."""
        encryption = BestAvailableEncryption(password) if password else NoEncryption()
        return self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)

    @classmethod
    def from_pem(cls, pem: bytes, password: bytes | None = None) -> "SigningKey":
        """Read what `to_pem` wrote.

        Raises:
            KeyRefused: not PEM, another key type, or a wrong or missing password.
        """
        try:
            private = load_pem_private_key(pem, password)
        except (ValueError, TypeError, UnsupportedAlgorithm) as unreadable:
            raise KeyRefused(
                *_why(
                    "pem",
                    "无法读取私钥文件或口令不符 / unreadable private key, or a wrong password",
                )
            ) from unreadable
        if not isinstance(private, Ed25519PrivateKey):
            raise KeyRefused(
                *_why("algorithm", "私钥不是 Ed25519 / the private key is not Ed25519")
            )
        return cls(ED25519, private)


def _why(code: str, message: str) -> tuple[str, list[FieldError]]:
    return message, [FieldError("", f"key.{code}", message)]


def _base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _from_base64url(text: str) -> bytes:
    try:
        raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError as malformed:
        raise KeyRefused(*_why("jwk", "x 不是 base64url / x is not base64url")) from malformed
    if _base64url(raw) != text:
        raise KeyRefused(*_why("jwk", "x 不是规范的 base64url / x is not canonical base64url"))
    return raw
