"""B2: there is no HMAC path, so a public key is never a shared secret (CVE-2024-33663, CVE-2026-85394)."""

import json

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.tokens.signing_key import PublicKey, SigningKey
from tests.tokens.forge import ES256, RING, RS256, accepted, forge, forge_hmac, header, refused

SPELLINGS = {
    "pem": (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    "der": (Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    "ssh": (Encoding.OpenSSH, PublicFormat.OpenSSH),
}


def spelled(public: PublicKey, encoding: Encoding, form: PublicFormat) -> bytes:
    return public.public_bytes(encoding, form)


def secrets_of(key: SigningKey) -> dict[str, bytes]:
    published = {**key.public_jwk, "kid": key.kid, "use": "sig", "alg": key.alg}
    return {
        **{name: spelled(key.public, *form) for name, form in SPELLINGS.items()},
        "pem_stripped": spelled(key.public, *SPELLINGS["pem"]).strip(),
        "jwk": json.dumps(dict(key.public_jwk)).encode(),
        "jwk_compact": json.dumps(dict(key.public_jwk), separators=(",", ":")).encode(),
        "jwk_published": json.dumps(published, separators=(",", ":")).encode(),
        "jwks": RING.jwks_document,
        "kid": key.kid.encode(),
        "empty": b"",
    }


@pytest.mark.parametrize("key", [ES256, RS256], ids=["ES256", "RS256"])
@pytest.mark.parametrize("secret", sorted(secrets_of(ES256)))
@pytest.mark.parametrize("alg", ["HS256", "HS384", "HS512"])
def test_b2_public_key_is_no_hmac_secret(key: SigningKey, secret: str, alg: str) -> None:
    token = forge_hmac(secrets_of(key)[secret], head=header(key, alg=alg), alg=alg)
    assert refused(token) == "alg is not the key's"


@pytest.mark.parametrize("key", [ES256, RS256], ids=["ES256", "RS256"])
@pytest.mark.parametrize("secret", sorted(secrets_of(ES256)))
def test_b2_hmac_is_no_signature_even_under_the_right_algorithm(key: SigningKey, secret: str) -> None:
    assert "ignature" in refused(forge_hmac(secrets_of(key)[secret], head=header(key)))


def test_b2_each_kid_has_one_algorithm() -> None:
    accepted(forge(key=ES256))
    accepted(forge(key=RS256))
    assert refused(forge(head=header(ES256, alg="RS256"), signed_by=RS256)) == "alg is not the key's"
    assert refused(forge(head=header(RS256, alg="ES256"), signed_by=ES256)) == "alg is not the key's"
    for alg in ("ES384", "ES512", "RS384", "RS512", "PS256", "EdDSA", "es256", "ES256 "):
        assert refused(forge(head=header(alg=alg))) == "alg is not the key's"


def test_b2_signature_of_another_key_is_refused() -> None:
    refused(forge(head=header(ES256), signed_by=RS256))
    refused(forge(head=header(RS256), signed_by=ES256))
