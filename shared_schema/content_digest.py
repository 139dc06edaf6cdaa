"""Content-Digest (RFC 9530): the digest of a body's bytes as sent, before any decompression."""

from http_message_signatures import ContentDigest, HTTPMessageSignaturesException

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError

MAX_FIELD_CHARS = 1_000


class DigestMismatch(DomainError):
    """The body is not the one whose digest was stated, or the digest cannot be read."""

    problem = ProblemType.DIGEST_MISMATCH


class _Sha512Digest(ContentDigest):
    algorithm = "sha-512"


_WRITERS: dict[str, type[ContentDigest]] = {"sha-256": ContentDigest, "sha-512": _Sha512Digest}
ALGORITHMS = tuple(_WRITERS)


def content_digest(body: bytes, algorithm: str = "sha-256") -> str:
    """The field value for `body` as sent (RFC 9530 §2); `algorithm` is one of `ALGORITHMS`."""
    return str(_WRITERS[algorithm].create(body))


def verify_content_digest(field: str, body: bytes) -> None:
    """Return only when every digest in `field` is of `body`.

    Stricter than RFC 9530 §2, which lets a recipient ignore some members: an unknown or a legacy
    algorithm, a repeated one or a wrong second digest is refused, so no two readers can disagree.

    Raises:
        DigestMismatch: `errors[0].code` is `digest.malformed` or `digest.mismatch`.
    """
    if len(field) > MAX_FIELD_CHARS:
        raise DigestMismatch(*_why("malformed", "Content-Digest 过长 / the field is too long"))
    try:
        ContentDigest.verify(field, body)
    except HTTPMessageSignaturesException as refusal:
        # The library tells the two cases apart by their text only.
        if "does not match" in str(refusal):
            raise DigestMismatch(
                *_why("mismatch", "内容与摘要不符 / the body differs from its digest")
            ) from refusal
        raise DigestMismatch(
            *_why("malformed", f"Content-Digest 无法读取 / {refusal}")
        ) from refusal


def _why(code: str, message: str) -> tuple[str, list[FieldError]]:
    error = FieldError("/headers/content-digest", f"digest.{code}", message, "RFC 9530 §2")
    return message, [error]
