"""Keys against RFC 8037 appendix A, their refusals, and proof that weak points are weak."""

from base64 import urlsafe_b64decode

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from shared_schema.signing_key import (
    ALGORITHMS,
    ED25519,
    KeyRefused,
    PublicKey,
    SignatureInvalid,
    SigningKey,
)

# RFC 8037 appendix A.1 (key), A.3 (thumbprint), A.4 (signature of a JWS).
RFC8037_SEED = urlsafe_b64decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
RFC8037_X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
RFC8037_THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
RFC8037_SIGNED = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
RFC8037_SIGNATURE = urlsafe_b64decode(
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg=="
)
SEEDS = st.binary(min_size=32, max_size=32)

# Encodings of points of small order, with both signs; the order-8 ones need some luck to forge.
SMALL_ORDER = [
    "00" * 32,
    "00" * 31 + "80",
    "01" + "00" * 31,
    "01" + "00" * 30 + "80",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "ec" + "ff" * 30 + "7f",
    "ec" + "ff" * 31,
    "ed" + "ff" * 30 + "7f",
    "ee" + "ff" * 30 + "7f",
]


def test_the_key_id_is_the_thumbprint_of_rfc_8037() -> None:
    key = SigningKey.from_seed(RFC8037_SEED)

    assert key.public.to_jwk()["x"] == RFC8037_X
    assert key.key_id == RFC8037_THUMBPRINT


def test_the_signature_of_rfc_8037_is_made_again_and_verifies() -> None:
    key = SigningKey.from_seed(RFC8037_SEED)

    assert key.sign(RFC8037_SIGNED) == RFC8037_SIGNATURE
    key.public.verify(RFC8037_SIGNATURE, RFC8037_SIGNED)


@given(SEEDS, st.binary(max_size=200), st.integers(min_value=0, max_value=64 * 8 - 1))
def test_one_bit_turned_in_a_signature_makes_it_invalid(
    seed: bytes, message: bytes, bit: int
) -> None:
    key = SigningKey.from_seed(seed)
    signature = bytearray(key.sign(message))

    signature[bit // 8] ^= 1 << bit % 8

    with pytest.raises(SignatureInvalid) as refused:
        key.public.verify(bytes(signature), message)
    assert refused.value.errors[0].code == "signature.mismatch"


@pytest.mark.parametrize("length", [0, 1, 63, 65, 128])
def test_a_signature_of_another_length_is_invalid(length: int) -> None:
    with pytest.raises(SignatureInvalid):
        SigningKey.from_seed(RFC8037_SEED).public.verify(b"\x00" * length, b"message")


@given(SEEDS)
def test_a_key_comes_back_from_pem_and_jwk(seed: bytes) -> None:
    key = SigningKey.from_seed(seed)

    assert SigningKey.from_pem(key.to_pem()).key_id == key.key_id
    assert PublicKey.from_jwk(key.public.to_jwk()) == key.public


def test_an_encrypted_pem_opens_with_its_password_only() -> None:
    key = SigningKey.generate()
    pem = key.to_pem(password=b"correct horse")

    assert SigningKey.from_pem(pem, password=b"correct horse").key_id == key.key_id
    for password in (b"wrong", None):
        with pytest.raises(KeyRefused) as refused:
            SigningKey.from_pem(pem, password=password)
        assert refused.value.errors[0].code == "key.pem"


def test_a_pem_of_another_algorithm_is_refused() -> None:
    pem = generate_private_key(SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )

    with pytest.raises(KeyRefused) as refused:
        SigningKey.from_pem(pem)

    assert refused.value.errors[0].code == "key.algorithm"


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_no_pem(raw: bytes) -> None:
    with pytest.raises(KeyRefused):
        SigningKey.from_pem(raw)


GOOD_JWK = {"kty": "OKP", "crv": "Ed25519", "x": RFC8037_X}


@pytest.mark.parametrize(
    ("jwk", "code"),
    [
        (None, "key.jwk"),
        ([GOOD_JWK], "key.jwk"),
        (GOOD_JWK | {"kty": "EC"}, "key.jwk"),
        (GOOD_JWK | {"crv": "Ed448"}, "key.jwk"),
        (GOOD_JWK | {"crv": ["Ed25519"]}, "key.jwk"),
        (GOOD_JWK | {"d": "secret"}, "key.jwk"),
        (GOOD_JWK | {"x": 1}, "key.jwk"),
        (GOOD_JWK | {"x": RFC8037_X + "="}, "key.jwk"),
        (GOOD_JWK | {"x": RFC8037_X[:-1] + "p"}, "key.jwk"),
        (GOOD_JWK | {"x": "你好"}, "key.jwk"),
        (GOOD_JWK | {"x": "AAAA"}, "key.length"),
        (GOOD_JWK | {"x": "A" * 43}, "key.weak"),
        (GOOD_JWK | {"kid": "another"}, "key.kid"),
    ],
    ids=str,
)
def test_a_jwk_that_is_no_public_ed25519_key_is_refused(jwk: object, code: str) -> None:
    with pytest.raises(KeyRefused) as refused:
        PublicKey.from_jwk(jwk)

    assert refused.value.errors[0].code == code


def test_an_unknown_algorithm_and_a_wrong_length_are_refused() -> None:
    for algorithm, raw, code in (
        ("sm2", b"\x02" * 32, "key.algorithm"),
        (ED25519, b"\x02" * 31, "key.length"),
    ):
        with pytest.raises(KeyRefused) as refused:
            PublicKey(algorithm, raw)
        assert refused.value.errors[0].code == code

    with pytest.raises(KeyRefused):
        SigningKey.from_seed(b"short")
    assert ALGORITHMS == (ED25519,)


def _forged(point: bytes) -> int:
    """How many of 400 messages one signature, made without any private key, fits under `point`."""
    key = Ed25519PublicKey.from_public_bytes(point)
    forgery = (b"\x01" + b"\x00" * 31) + b"\x00" * 32  # R: the neutral element; S: zero
    fits = 0
    for number in range(400):
        try:
            key.verify(forgery, b"statement %d" % number)
        except InvalidSignature:
            continue
        fits += 1
    return fits


@pytest.mark.parametrize("point", SMALL_ORDER)
def test_a_point_of_small_order_is_refused_since_anybody_can_sign_for_it(point: str) -> None:
    raw = bytes.fromhex(point)

    assert _forged(raw) > 0
    with pytest.raises(KeyRefused) as refused:
        PublicKey(ED25519, raw)
    assert refused.value.errors[0].code == "key.weak"


def test_a_signing_key_does_not_print_its_secret() -> None:
    key = SigningKey.from_seed(RFC8037_SEED)

    assert repr(key) == "SigningKey(algorithm='ed25519')"
