"""B25: a token carries ids and roles, nothing about the person, and stays small."""

import json

import pytest

from app.kit import base64url
from app.tokens.access_token import mint
from app.tokens.signing_key import SigningKey
from tests.tokens.forge import AUDIENCE, ES256, JTI, NOW, ORG, RS256, SID, SUB, claims

ALL_ROLES = ("ROLE_MEMBER", "ROLE_CLIENT_USER", "ROLE_CLIENT_ADMIN", "ROLE_PLATFORM_ADMIN", "ROLE_SERVICE")


def largest(key: SigningKey) -> str:
    return mint(
        key,
        issuer="https://auth." + "a" * 100 + ".example",
        audience=(AUDIENCE, "memberpulse-reports"),
        client_id="c" * 64,
        sub=SUB,
        org_id=ORG,
        sid=SID,
        jti=JTI,
        now=NOW,
        ttl=900,
        auth_time=NOW,
        amr=("sso", "mfa"),
        roles=ALL_ROLES,
        ver=2**31,
    )


@pytest.mark.parametrize("key", [ES256, RS256], ids=["ES256", "RS256"])
def test_b25_largest_token_is_small(key: SigningKey) -> None:
    assert len(largest(key)) < 1_500


def test_b25_token_says_nothing_but_its_claims() -> None:
    head, said, _ = largest(ES256).split(".")
    assert json.loads(base64url.decode(said)).keys() == claims().keys()
    assert json.loads(base64url.decode(head)) == {"alg": "ES256", "kid": ES256.kid, "typ": "at+jwt"}
