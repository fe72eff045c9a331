"""Forge: signs any header and any claims with any key, by `cryptography` alone, to show what the verifier refuses."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from app.kit import base64url
from app.tokens import access_token
from app.tokens.claims import AccessToken
from app.tokens.errors import TokenInvalid
from app.tokens.keyring import Keyring
from app.tokens.signing_key import SigningKey, generate

NOW = datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)
ISSUER = "https://auth.memberpulse.example"
AUDIENCE = "memberpulse-api"
SUB = UUID("01900000-0000-7000-8000-000000000001")
ORG = UUID("01900000-0000-7000-8000-000000000002")
SID = UUID("01900000-0000-7000-8000-000000000003")
JTI = UUID("01900000-0000-7000-8000-000000000004")

ES256 = generate("ES256", status="active")
RS256 = generate("RS256", status="active")
STRANGER = generate("ES256", status="active")
RING = Keyring([ES256, RS256])


def header(key: SigningKey = ES256, /, **changes: object) -> dict[str, Any]:
    """Return the header of a good token; a change to None leaves the member out."""
    return _with({"alg": key.alg, "kid": key.kid, "typ": "at+jwt"}, changes)


def claims(**changes: object) -> dict[str, Any]:
    """Return the claims of a good token at NOW; a change to None leaves the claim out."""
    now = int(NOW.timestamp())
    good = {
        "iss": ISSUER,
        "sub": str(SUB),
        "aud": [AUDIENCE],
        "client_id": "memberpulse-web",
        "org_id": str(ORG),
        "sid": str(SID),
        "jti": str(JTI),
        "iat": now,
        "nbf": now,
        "exp": now + 300,
        "auth_time": now,
        "amr": ["sso"],
        "roles": ["ROLE_MEMBER"],
        "ver": 1,
    }
    return _with(good, changes)


def forge(
    said: object | None = None,
    *,
    head: object | None = None,
    key: SigningKey = ES256,
    signed_by: SigningKey | None = None,
) -> str:
    """Return a token with these claims and this header (the good ones of `key` by default), signed by `signed_by`.

    Strings and bytes are taken as they are, everything else becomes JSON.
    """
    unsigned = f"{segment(header(key) if head is None else head)}.{segment(claims() if said is None else said)}"
    return f"{unsigned}.{base64url.encode(_signature(signed_by or key, unsigned.encode()))}"


def forge_hmac(secret: bytes, *, head: object, alg: str = "HS256") -> str:
    """Return a token of good claims whose signature is an HMAC with `secret`."""
    unsigned = f"{segment(head)}.{segment(claims())}"
    mac = hmac.new(secret, unsigned.encode(), getattr(hashlib, f"sha{alg[2:]}")).digest()
    return f"{unsigned}.{base64url.encode(mac)}"


def segment(value: object) -> str:
    """Return one segment of a token: the base64url of the value's JSON, or of the text or bytes given."""
    text = value if isinstance(value, str | bytes) else json.dumps(value, separators=(",", ":"))
    return base64url.encode(text.encode() if isinstance(text, str) else text)


def accepted(token: str, *, now: datetime = NOW, keyring: Keyring = RING) -> AccessToken:
    """Return what the verifier reads in a good token."""
    return access_token.verify(token, keyring=keyring, issuer=ISSUER, audience=AUDIENCE, now=now)


def refused(token: object, *, now: datetime = NOW, keyring: Keyring = RING) -> str:
    """Return why the verifier refuses `token`; the test fails when it accepts it or raises anything but a 401."""
    with pytest.raises(TokenInvalid) as refusal:
        accepted(cast("str", token), now=now, keyring=keyring)
    assert refusal.value.status == 401
    assert refusal.value.detail is None
    return refusal.value.reason


def _with(good: Mapping[str, Any], changes: Mapping[str, object]) -> dict[str, Any]:
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def _signature(key: SigningKey, data: bytes) -> bytes:
    if isinstance(key.private, rsa.RSAPrivateKey):
        return key.private.sign(data, padding.PKCS1v15(), SHA256())
    assert key.private is not None
    r, s = decode_dss_signature(key.private.sign(data, ec.ECDSA(SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")
