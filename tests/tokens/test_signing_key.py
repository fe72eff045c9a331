"""Signing keys: an unfit key cannot be built, and a key is named by what it is."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.kit import base64url
from app.tokens.errors import KeyUnsuitable
from app.tokens.signing_key import Algorithm, PrivateKey, SigningKey, from_private_bytes, from_public_jwk, generate
from tests.tokens.forge import ES256, RS256, STRANGER

# RFC 7638 section 3.1: this key has this thumbprint.
RFC_MODULUS = (
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhM"
    "stn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5h"
    "ajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
)
RFC_THUMBPRINT = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
KEYS = pytest.mark.parametrize("key", [ES256, RS256], ids=["ES256", "RS256"])


def der(private: PrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def test_kid_is_the_thumbprint_of_rfc_7638() -> None:
    key = from_public_jwk({"kty": "RSA", "n": RFC_MODULUS, "e": "AQAB"}, alg="RS256", status="active")
    assert key.kid == RFC_THUMBPRINT


@KEYS
def test_key_survives_its_private_bytes(key: SigningKey) -> None:
    back = from_private_bytes(key.to_private_bytes(), alg=key.alg, status="retiring", kid=key.kid)
    assert (back.kid, back.status, back.public_jwk) == (key.kid, "retiring", key.public_jwk)
    assert back.to_private_bytes() == key.to_private_bytes()


@KEYS
def test_key_survives_its_public_jwk_without_the_private_part(key: SigningKey) -> None:
    stored = json.loads(json.dumps(dict(key.public_jwk)))
    back = from_public_jwk(stored, alg=key.alg, status="retiring", kid=key.kid)
    assert (back.kid, back.private) == (key.kid, None)
    with pytest.raises(KeyUnsuitable):
        back.to_private_bytes()


@KEYS
def test_key_does_not_show_its_private_part(key: SigningKey) -> None:
    assert key.kid in repr(key)
    assert "private" not in repr(key).lower()


@KEYS
def test_state_changes_make_another_key_object(key: SigningKey) -> None:
    retired = key.in_status("retired")
    assert (retired.status, retired.kid, key.status) == ("retired", key.kid, "active")
    with pytest.raises(AttributeError):
        key.status = "retired"  # pyright: ignore[reportAttributeAccessIssue] -- the refusal under test


@pytest.mark.parametrize(
    "curve", [ec.SECP384R1(), ec.SECP521R1(), ec.SECP256K1(), ec.SECP224R1()], ids=lambda curve: curve.name
)
def test_es256_takes_p256_only(curve: ec.EllipticCurve) -> None:
    with pytest.raises(KeyUnsuitable, match="P-256"):
        from_private_bytes(der(ec.generate_private_key(curve)), alg="ES256", status="active")


@pytest.mark.parametrize(("bits", "exponent"), [(1024, 65537), (2048, 3)])
def test_rs256_takes_strong_keys_only(bits: int, exponent: int) -> None:
    weak = rsa.generate_private_key(public_exponent=exponent, key_size=bits)
    with pytest.raises(KeyUnsuitable, match="2048"):
        from_private_bytes(der(weak), alg="RS256", status="active")


@pytest.mark.parametrize(("key", "alg"), [(ES256, "RS256"), (RS256, "ES256")], ids=["ES256", "RS256"])
def test_key_of_another_algorithm_is_refused(key: SigningKey, alg: Algorithm) -> None:
    with pytest.raises(KeyUnsuitable):
        from_private_bytes(key.to_private_bytes(), alg=alg, status="active")
    with pytest.raises(KeyUnsuitable):
        from_public_jwk(key.public_jwk, alg=alg, status="active")


def test_private_key_must_belong_to_the_public_one() -> None:
    with pytest.raises(KeyUnsuitable, match="belong"):
        SigningKey(alg="ES256", status="active", public=STRANGER.public, private=ES256.private)


def test_key_must_be_the_one_its_kid_names() -> None:
    with pytest.raises(KeyUnsuitable, match=STRANGER.kid):
        from_private_bytes(STRANGER.to_private_bytes(), alg="ES256", status="active", kid=ES256.kid)
    with pytest.raises(KeyUnsuitable, match=STRANGER.kid):
        from_public_jwk(STRANGER.public_jwk, alg="ES256", status="active", kid=ES256.kid)


@pytest.mark.parametrize(
    "data",
    [b"", b"x", b"-----BEGIN PRIVATE KEY-----", der(ed25519.Ed25519PrivateKey.generate())],
    ids=["nothing", "one byte", "PEM", "Ed25519"],
)
def test_what_is_no_fit_key_is_refused_without_quoting_it(data: bytes) -> None:
    with pytest.raises(KeyUnsuitable) as refusal:
        from_private_bytes(data, alg="ES256", status="active")
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize(
    "changes",
    [{"kty": "oct"}, {"kty": "OKP"}, {"crv": "P-384"}, {"x": "AAAA"}, {"x": "=="}, {"y": ES256.public_jwk["x"]}],
    ids=["oct", "OKP", "P-384", "short x", "no base64", "off the curve"],
)
def test_broken_public_jwk_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(KeyUnsuitable):
        from_public_jwk({**ES256.public_jwk, **changes}, alg="ES256", status="active")
    with pytest.raises(KeyUnsuitable):
        from_public_jwk({"kty": "EC"}, alg="ES256", status="active")


def test_coordinates_keep_their_leading_zeros() -> None:
    """One key in 128 has a coordinate that begins with a zero byte; a short one is refused by strict verifiers."""
    for scalar in range(1, 1_000):
        public = ec.derive_private_key(scalar, ec.SECP256R1()).public_key()
        if min(public.public_numbers().x, public.public_numbers().y) < 1 << 248:
            jwk = SigningKey(alg="ES256", status="active", public=public).public_jwk
            assert [len(base64url.decode(jwk[name])) for name in "xy"] == [32, 32]
            return
    pytest.fail("no such key among the first thousand")


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
def test_generated_keys_wait_to_be_used_and_differ(alg: Algorithm) -> None:
    first, second = generate(alg), generate(alg)
    assert first.status == "next"
    assert first.kid != second.kid
