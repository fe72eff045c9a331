"""Interoperability: other programs verify our tokens from the JWKS document alone."""

import json
from collections.abc import Callable
from typing import Any

import jwt as pyjwt
import pytest
from jose import jwt as jose_jwt
from joserfc import jwk as joserfc_jwk
from joserfc import jwt as joserfc_jwt

from app.kit.clock import SystemClock
from app.tokens.access_token import mint
from app.tokens.signing_key import SigningKey
from tests.tokens.forge import AUDIENCE, ES256, ISSUER, JTI, ORG, RING, RS256, SID, STRANGER, SUB

KEYS = pytest.mark.parametrize("key", [ES256, RS256], ids=["ES256", "RS256"])


def token_of(key: SigningKey) -> str:
    """Return a token of this moment: the other programs read the wall clock."""
    now = SystemClock().now()
    return mint(
        key,
        issuer=ISSUER,
        audience=(AUDIENCE,),
        client_id="memberpulse-web",
        sub=SUB,
        org_id=ORG,
        sid=SID,
        jti=JTI,
        now=now,
        ttl=300,
        auth_time=now,
        amr=("sso",),
        roles=("ROLE_MEMBER",),
        ver=1,
    )


def by_pyjwt(token: str) -> dict[str, Any]:
    keys = pyjwt.PyJWKSet.from_json(RING.jwks_document.decode())
    key = keys[pyjwt.get_unverified_header(token)["kid"]]
    return pyjwt.decode(
        token,
        key,
        algorithms=[key.algorithm_name],
        audience=AUDIENCE,
        issuer=ISSUER,
        options={"require": ["exp", "iat", "nbf", "iss", "aud", "sub", "jti"]},
    )


def by_joserfc(token: str) -> dict[str, Any]:
    keys = joserfc_jwk.KeySet.import_key_set(json.loads(RING.jwks_document))
    read = joserfc_jwt.decode(token, keys, algorithms=["ES256", "RS256"])
    joserfc_jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": ISSUER}, aud={"essential": True, "value": AUDIENCE}, exp={"essential": True}
    ).validate(read.claims)
    assert read.header["typ"] == "at+jwt"
    return read.claims


def by_python_jose(token: str) -> dict[str, Any]:
    # Not the whole set at once: python-jose gives up at the first key of another type, whatever the kid says.
    kid = jose_jwt.get_unverified_header(token)["kid"]
    (key,) = [one for one in json.loads(RING.jwks_document)["keys"] if one["kid"] == kid]
    return jose_jwt.decode(token, key, algorithms=[key["alg"]], audience=AUDIENCE, issuer=ISSUER)


Verify = Callable[[str], dict[str, Any]]
VERIFIERS = pytest.mark.parametrize("verify", [by_pyjwt, by_joserfc, by_python_jose])


@KEYS
@VERIFIERS
def test_token_verifies_elsewhere(key: SigningKey, verify: Verify) -> None:
    said = verify(token_of(key))
    assert (said["sub"], said["org_id"], said["roles"]) == (str(SUB), str(ORG), ["ROLE_MEMBER"])


@VERIFIERS
def test_token_of_a_strangers_key_is_refused_elsewhere(verify: Verify) -> None:
    """Shows that the test above verifies at all."""
    head, _, _ = token_of(ES256).partition(".")
    _, _, rest = token_of(STRANGER).partition(".")
    with pytest.raises(Exception, match=r"(?i)signature"):
        verify(f"{head}.{rest}")


@KEYS
def test_thumbprint_is_what_others_compute(key: SigningKey) -> None:
    (published,) = [one for one in json.loads(RING.jwks_document)["keys"] if one["kid"] == key.kid]
    assert joserfc_jwk.import_key(published).thumbprint() == key.kid
