"""HTTP message signatures (RFC 9421) as this federation uses them: strict in form, ours in policy.

The library builds the signature base and reads structured fields. Here stands what requests and
receipts share: the message types, finding the one signature of a tag, its exact parameters and
components. Nothing here reads a clock: the library's own check of it is overridden.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import http_sf
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureAlgorithm,
    HTTPSignatureKeyResolver,
)

from shared_schema.instants import Instant
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError
from shared_schema.signing_key import ED25519, PublicKey, SignatureInvalid, SigningKey
from shared_schema.strict_base64 import encode_base64

LABEL: Final = "kaixu"
_SOURCE: Final = "protocol §2"
_KEY_ID: Final = re.compile(r"[A-Za-z0-9_-]{16,128}")
_NONCE: Final = re.compile(r"[A-Za-z0-9_-]{22,128}")  # base64url of 128 bits has 22 characters

KeyOf = Callable[[str], PublicKey | None]


class SignatureMissing(DomainError):
    """The message carries no signature of the wanted tag."""

    problem = ProblemType.SIGNATURE_MISSING


class ComponentNotCovered(DomainError):
    """A component that must be signed is not; `errors` names each."""

    problem = ProblemType.COMPONENT_NOT_COVERED


class NodeUnknown(DomainError):
    """No known key has this `keyid`."""

    problem = ProblemType.NODE_UNKNOWN


@dataclass(frozen=True, slots=True)
class FieldLines:
    """Header or trailer field lines in wire order; names compare without case."""

    lines: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, fields: "Fields") -> "FieldLines":
        """Take a mapping, or pairs where a name may repeat; names become lower case."""
        if isinstance(fields, FieldLines):
            return fields
        pairs = fields.items() if isinstance(fields, Mapping) else fields
        return cls(tuple((name.lower(), value) for name, value in pairs))

    def items(self) -> tuple[tuple[str, str], ...]:
        """Every line, for the signature library."""
        return self.lines

    def values_of(self, name: str) -> list[str]:
        """The values of one field, one for each line; `name` in lower case."""
        return [value for known, value in self.lines if known == name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name for name, _ in self.lines))

    def __contains__(self, name: object) -> bool:
        return any(known == name for known, _ in self.lines)

    def only(self, names: Iterable[str]) -> "FieldLines":
        """The lines of these fields, in wire order."""
        kept = frozenset(names)
        return FieldLines(tuple(line for line in self.lines if line[0] in kept))

    def joined(self, more: Mapping[str, str]) -> "FieldLines":
        """These lines and then the given ones."""
        return FieldLines(self.lines + FieldLines.of(more).lines)


Fields = FieldLines | Mapping[str, str] | Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class SignedMessage:
    """A request as signed: `url` is the target URI rebuilt from configuration, never from Host."""

    method: str
    url: str
    headers: FieldLines

    @classmethod
    def of(cls, method: str, target_uri: str, headers: Fields) -> "SignedMessage":
        """A request; `target_uri` is the public base URL with the raw path and query."""
        return cls(method, target_uri, FieldLines.of(headers))


@dataclass(frozen=True, slots=True)
class SignedAnswer:
    """A response and the request it answers, as the `;req` components need it (RFC 9421 §2.4)."""

    status_code: int
    headers: FieldLines
    request: SignedMessage


@dataclass(frozen=True, slots=True)
class Policy:
    """What a signature of one `tag` must look like: these parameters, all of them, no other."""

    tag: str
    parameters: frozenset[str]


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a signer says besides the components: purpose, time, and a nonce against replay."""

    tag: str
    created: Instant
    expires: Instant | None = None
    nonce: str | None = None


@dataclass(frozen=True, slots=True)
class FoundSignature:
    """The one signature of a tag, well formed and not yet verified."""

    label: str
    components: tuple[str, ...]
    parameters: Mapping[str, Any]

    @property
    def key_id(self) -> str:
        """The claimed key."""
        return str(self.parameters["keyid"])


class _KeyAlgorithm(HTTPSignatureAlgorithm):
    """The library's algorithm interface over our keys."""

    algorithm_id = ED25519

    def __init__(self, public_key: PublicKey) -> None:
        self.public_key = public_key

    # typing.override is newer than the oldest Python we support; so below.
    def verify(self, signature: bytes, message: bytes) -> None:  # type: ignore[explicit-override]
        self.public_key.verify(signature, message)


class _OneKey(HTTPSignatureKeyResolver):
    """Resolves every id to the key that the policy already chose."""

    def __init__(self, key: PublicKey) -> None:
        self.key = key

    def resolve_public_key(self, _key_id: str) -> PublicKey:  # type: ignore[explicit-override]
        return self.key


class _Verifier(HTTPMessageVerifier):
    """The library's verifier without its clock: the caller has judged `created` and `expires`."""

    def validate_created_and_expires(  # type: ignore[explicit-override]
        self, *_positional: object, **_named: object
    ) -> None:
        """Judge nothing: `now` is the caller's and so is the window."""


def sign_message(
    message: SignedMessage | SignedAnswer,
    components: Sequence[str],
    *,
    key: SigningKey,
    stamp: Stamp,
) -> dict[str, str]:
    """The `Signature-Input` and `Signature` fields over `components`, under the label `kaixu`.

    Raises:
        SignatureInvalid: a component is missing or cannot be put in a signature base.
    """
    signer = HTTPMessageSigner(signature_algorithm=_KeyAlgorithm)
    try:
        prepared = signer.prepare(
            message,
            key_id=key.key_id,
            created=stamp.created,
            expires=stamp.expires,
            nonce=stamp.nonce,
            label=LABEL,
            tag=stamp.tag,
            covered_component_ids=components,
            use_existing_digest="content-digest" in message.headers,
        )
    except (HTTPMessageSignaturesException, ValueError) as unsignable:
        raise SignatureInvalid(*why("components", f"无法签名 / {unsignable}")) from unsignable
    signature = encode_base64(key.sign(prepared.signature_base))
    return {
        "Signature-Input": f"{LABEL}={prepared.signature_params}",
        "Signature": f"{LABEL}=:{signature}:",
    }


def find_signature(message: SignedMessage | SignedAnswer, policy: Policy) -> FoundSignature:
    """The message's only signature of the policy's tag, its parameters complete and well typed.

    Signatures of other tags, as a proxy may add, are let be.

    Raises:
        SignatureMissing: no such signature, or one of the two fields is absent.
        SignatureInvalid: malformed, ambiguous, or another algorithm.
    """
    inputs = _read_dictionary(message.headers, "signature-input")
    signatures = _read_dictionary(message.headers, "signature")
    if inputs.keys() != signatures.keys():
        raise SignatureInvalid(*why("labels", "两个签名字段的标签不一致 / the labels differ"))
    tagged = [
        label
        for label, (_, parameters) in inputs.items()
        if str(parameters.get("tag")) == policy.tag
    ]
    if not tagged:
        raise SignatureMissing(*why("tag_missing", f"没有 {policy.tag} 签名 / none of that tag"))
    if len(tagged) > 1:
        raise SignatureInvalid(*why("duplicate_tag", "该标记的签名不止一个 / several of that tag"))
    label = tagged[0]
    members, parameters = inputs[label]
    if not isinstance(signatures[label][0], bytes) or not isinstance(members, list):
        raise SignatureInvalid(*why("malformed", "签名不是字节串 / not an inner list and bytes"))
    _check_parameters(parameters, policy)
    components = tuple(http_sf.ser(member) for member in members)  # codespell:ignore ser
    return FoundSignature(label, components, parameters)


def check_components(
    found: FoundSignature, message: SignedMessage | SignedAnswer, required: Sequence[str]
) -> None:
    """Hold the covered components to exactly `required`, in its order, each field on one line.

    Raises:
        ComponentNotCovered: some are missing.
        SignatureInvalid: others are covered, the order differs, or a covered field is repeated.
    """
    missing = [component for component in required if component not in found.components]
    if missing:
        pointer = "/headers/signature-input"
        raise ComponentNotCovered(
            detail=f"未覆盖 / not covered: {' '.join(missing)}",
            errors=[
                FieldError(pointer, "signature.not_covered", name, _SOURCE) for name in missing
            ],
        )
    if found.components != tuple(required):
        message_text = "签名部分或次序不符 / other components, or another order"
        raise SignatureInvalid(*why("components", message_text))
    names = [name for name, _ in message.headers.lines if f'"{name}"' in required]
    if len(names) != len(set(names)):
        raise SignatureInvalid(*why("duplicate_field", f"字段重复 / a repeated field: {names}"))


def resolve_key(found: FoundSignature, key_of: KeyOf) -> PublicKey:
    """The key of the claimed id; what `key_of` itself refuses (expired, revoked) passes through.

    Raises:
        NodeUnknown: `key_of` knows no such key.
        SignatureInvalid: the answer has another id or another algorithm than was signed.
    """
    key = key_of(found.key_id)
    if key is None:
        raise NodeUnknown(*why("key_unknown", f"未登记的密钥 / unknown key: {found.key_id}"))
    if key.key_id != found.key_id:
        raise SignatureInvalid(*why("key_confusion", "密钥与编号不符 / the key has another id"))
    if key.algorithm != found.parameters["alg"]:
        raise SignatureInvalid(*why("algorithm", "密钥算法不符 / the key has another algorithm"))
    return key


def verify_signature(
    message: SignedMessage | SignedAnswer, key: PublicKey, found: FoundSignature
) -> None:
    """Rebuild the signature base (RFC 9421 §2.5) and verify `found` under `key`.

    Raises:
        SignatureInvalid: it does not verify, or the base cannot be built.
    """
    verifier = _Verifier(signature_algorithm=_KeyAlgorithm, key_resolver=_OneKey(key))
    try:
        verifier.verify(message, max_age=None, expect_tag=str(found.parameters["tag"]))
    except (HTTPMessageSignaturesException, ValueError) as invalid:
        raise SignatureInvalid(*why("mismatch", f"签名不符 / {invalid}")) from invalid


def why(code: str, message: str) -> tuple[str, list[FieldError]]:
    """Detail and error of a refusal about signatures."""
    return message, [FieldError("/headers/signature", f"signature.{code}", message, _SOURCE)]


def _read_dictionary(headers: FieldLines, name: str) -> dict[str, tuple[Any, dict[str, Any]]]:
    lines = headers.values_of(name)
    if not lines:
        raise SignatureMissing(*why("missing", f"缺少 {name} / the field is missing"))

    def refuse_repeated(key: str, context: str) -> None:
        code = "duplicate_label" if context == "dictionary" else "duplicate_parameter"
        raise SignatureInvalid(*why(code, f"重复 / repeated: {key}"))

    try:
        value = ", ".join(line.strip(" \t") for line in lines).encode("ascii")
        parsed = http_sf.parse(value, tltype="dictionary", on_duplicate_key=refuse_repeated)
    except ValueError as malformed:
        raise SignatureInvalid(*why("malformed", f"{name} 无法读取 / unreadable")) from malformed
    return cast(dict[str, tuple[Any, dict[str, Any]]], parsed)


def _check_parameters(parameters: Mapping[str, Any], policy: Policy) -> None:
    unknown = parameters.keys() - policy.parameters
    if unknown:
        raise SignatureInvalid(*why("parameter_unknown", f"未知参数 / unknown: {sorted(unknown)}"))
    missing = policy.parameters - parameters.keys()
    if missing:
        raise SignatureInvalid(*why("parameter_missing", f"缺少参数 / missing: {sorted(missing)}"))
    for name, value in parameters.items():
        wanted = int if name in {"created", "expires"} else str
        if type(value) is not wanted:
            raise SignatureInvalid(*why("parameter_type", f"参数类型不符 / wrong type: {name}"))
    if parameters["alg"] != ED25519:
        raise SignatureInvalid(*why("algorithm", f"不接受的算法 / algorithm: {parameters['alg']}"))
    if not _KEY_ID.fullmatch(parameters["keyid"]):
        raise SignatureInvalid(*why("key_id", "keyid 不是密钥指纹 / keyid is no thumbprint"))
    if "nonce" in parameters and not _NONCE.fullmatch(parameters["nonce"]):
        raise SignatureInvalid(*why("nonce", "nonce 不足 128 位 / a nonce under 128 bits"))
