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
    """What a signature of one `tag` must look like: these parameters, all of them, no other.

    `family` begins the codes of its refusals, so that a bad receipt is told from a bad request.
    """

    tag: str
    parameters: frozenset[str]
    family: str


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
    family: str

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
        message_text = f"无法签名 / {unsignable}"
        raise SignatureInvalid(*why("unsignable", message_text, "signature")) from unsignable
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
    family = policy.family
    inputs = _read_dictionary(message.headers, "signature-input", family)
    signatures = _read_dictionary(message.headers, "signature", family)
    if inputs.keys() != signatures.keys():
        message_text = "两个签名字段的标签不一致 / the labels differ"
        raise SignatureInvalid(*why("labels", message_text, family))
    label = _only_label(inputs, policy)
    members, parameters = inputs[label]
    if not isinstance(signatures[label][0], bytes) or not isinstance(members, list):
        message_text = "签名不是字节串 / not an inner list and bytes"
        raise SignatureInvalid(*why("form", message_text, family))
    _check_parameters(parameters, policy)
    components = tuple(http_sf.ser(member) for member in members)  # codespell:ignore ser
    return FoundSignature(label, components, parameters, family)


def _only_label(inputs: Mapping[str, tuple[Any, Mapping[str, Any]]], policy: Policy) -> str:
    """The label of the one signature with the policy's tag.

    Raises:
        SignatureMissing: no signature has the tag; told apart is whether any has one at all.
        SignatureInvalid: several have it.
    """
    tags = {label: parameters.get("tag") for label, (_, parameters) in inputs.items()}
    tagged = [label for label, tag in tags.items() if str(tag) == policy.tag]
    if not tagged:
        code = "tag_other" if any(tag is not None for tag in tags.values()) else "tag_missing"
        message_text = f"没有 {policy.tag} 签名 / no signature of that tag"
        raise SignatureMissing(*why(code, message_text, policy.family))
    if len(tagged) > 1:
        message_text = "该标记的签名不止一个 / several of that tag"
        raise SignatureInvalid(*why("duplicate_tag", message_text, policy.family))
    return tagged[0]


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
                FieldError(pointer, f"{found.family}.{_word(name)}_not_covered", name, _SOURCE)
                for name in missing
            ],
        )
    if found.components != tuple(required):
        extra = set(found.components) - set(required)
        code = "component_unknown" if extra else "component_order"
        message_text = "签名部分或次序不符 / other components, or another order"
        raise SignatureInvalid(*why(code, message_text, found.family))
    names = [name for name, _ in message.headers.lines if f'"{name}"' in required]
    if len(names) != len(set(names)):
        message_text = f"字段重复 / a repeated field: {names}"
        raise SignatureInvalid(*why("duplicate_field", message_text, found.family))


def resolve_key(found: FoundSignature, key_of: KeyOf) -> PublicKey:
    """The key of the claimed id; what `key_of` itself refuses (expired, revoked) passes through.

    Raises:
        NodeUnknown: `key_of` knows no such key.
        SignatureInvalid: the answer has another id or another algorithm than was signed.
    """
    key, family = key_of(found.key_id), found.family
    if key is None:
        message = f"未登记的密钥 / unknown key: {found.key_id}"
        raise NodeUnknown(*why("key_unknown", message, family))
    if key.key_id != found.key_id:
        message = "密钥与编号不符 / the key has another id"
        raise SignatureInvalid(*why("key_confusion", message, family))
    if key.algorithm != found.parameters["alg"]:
        message = "密钥算法不符 / the key has another algorithm"
        raise SignatureInvalid(*why("key_algorithm", message, family))
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
        message_text = f"签名不符 / {invalid}"
        raise SignatureInvalid(*why("mismatch", message_text, found.family)) from invalid


def why(code: str, message: str, family: str) -> tuple[str, list[FieldError]]:
    """Detail and error of a refusal about signatures; `family` is `signature` or `receipt`."""
    return message, [FieldError("/headers/signature", f"{family}.{code}", message, _SOURCE)]


def _word(component: str) -> str:
    """A component as codes spell it: `content_digest`, `request_method` for `"@method";req`."""
    name, _, parameter = component.partition(";")
    word = name.strip('"@').replace("-", "_")
    return f"request_{word}" if parameter else word


def _read_dictionary(
    headers: FieldLines, name: str, family: str
) -> dict[str, tuple[Any, dict[str, Any]]]:
    lines = headers.values_of(name)
    if not lines:
        message = f"缺少 {name} / the field is missing"
        raise SignatureMissing(*why("missing", message, family))

    def refuse_repeated(key: str, context: str) -> None:
        code = "duplicate_label" if context == "dictionary" else "duplicate_parameter"
        raise SignatureInvalid(*why(code, f"重复 / repeated: {key}", family))

    try:
        value = ", ".join(line.strip(" \t") for line in lines).encode("ascii")
        parsed = http_sf.parse(value, tltype="dictionary", on_duplicate_key=refuse_repeated)
    except ValueError as malformed:
        message = f"{name} 无法读取 / unreadable"
        raise SignatureInvalid(*why("malformed", message, family)) from malformed
    return cast(dict[str, tuple[Any, dict[str, Any]]], parsed)


def _check_parameters(parameters: Mapping[str, Any], policy: Policy) -> None:
    unknown = sorted(parameters.keys() - policy.parameters)
    if unknown:
        message = f"未知参数 / unknown: {unknown}"
        raise SignatureInvalid(*why("parameter_unknown", message, policy.family))
    for name in sorted(policy.parameters - parameters.keys()):
        message = f"缺少参数 / missing: {name}"
        raise SignatureInvalid(*why(f"{name}_missing", message, policy.family))
    for name, value in parameters.items():
        wanted = int if name in {"created", "expires"} else str
        if type(value) is not wanted:
            message = f"参数类型不符 / wrong type: {name}"
            raise SignatureInvalid(*why("parameter_type", message, policy.family))
    _check_values(parameters, policy.family)


def _check_values(parameters: Mapping[str, Any], family: str) -> None:
    if parameters["alg"] != ED25519:
        message = f"不接受的算法 / algorithm: {parameters['alg']}"
        raise SignatureInvalid(*why("algorithm", message, family))
    if not _KEY_ID.fullmatch(parameters["keyid"]):
        message = "keyid 不是密钥指纹 / keyid is no thumbprint"
        raise SignatureInvalid(*why("key_id", message, family))
    if "nonce" in parameters and not _NONCE.fullmatch(parameters["nonce"]):
        message = "nonce 不足 128 位 / a nonce under 128 bits"
        raise SignatureInvalid(*why("nonce", message, family))
