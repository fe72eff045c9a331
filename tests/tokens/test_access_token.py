"""Access tokens: what is minted is what the contract says, and comes back through the verifier."""

import gc
import json
import weakref
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from app.kit import base64url
from app.tokens import access_token
from app.tokens.access_token import mint
from app.tokens.claims import AccessToken
from app.tokens.errors import KeyUnsuitable, NotAuthenticated, TokenInvalid
from app.tokens.keyring import Keyring
from app.tokens.signing_key import SigningKey, from_public_jwk, generate
from tests.tokens.forge import AUDIENCE, ES256, ISSUER, JTI, NOW, ORG, RS256, SID, SUB, accepted, claims, forge

KEYS = pytest.mark.parametrize("key", [ES256, RS256], ids=["ES256", "RS256"])


def minted(key: SigningKey = ES256, **changes: object) -> str:
    said: dict[str, Any] = {
        "issuer": ISSUER,
        "audience": (AUDIENCE,),
        "client_id": "memberpulse-web",
        "sub": SUB,
        "org_id": ORG,
        "sid": SID,
        "jti": JTI,
        "now": NOW,
        "ttl": 300,
        "auth_time": NOW - timedelta(minutes=5),
        "amr": ("sso",),
        "roles": ("ROLE_MEMBER",),
        "ver": 3,
    }
    said.update(changes)
    return mint(key, **said)


def parts(token: str) -> tuple[Any, Any]:
    head, said, _ = token.split(".")
    return json.loads(base64url.decode(head)), json.loads(base64url.decode(said))


@KEYS
def test_minted_token_is_read_back(key: SigningKey) -> None:
    t = int(NOW.timestamp())
    assert accepted(minted(key)) == AccessToken(
        sub=SUB,
        org_id=ORG,
        sid=SID,
        jti=str(JTI),
        client_id="memberpulse-web",
        iat=t,
        nbf=t,
        exp=t + 300,
        auth_time=t - 300,
        amr=("sso",),
        roles=("ROLE_MEMBER",),
        ver=3,
        kid=key.kid,
    )


@KEYS
def test_minted_token_has_the_header_and_claims_of_the_contract(key: SigningKey) -> None:
    head, said = parts(minted(key, ver=1, auth_time=NOW))
    assert head == {"alg": key.alg, "kid": key.kid, "typ": "at+jwt"}
    assert said == claims()


def test_times_are_whole_seconds_of_the_instant_whatever_its_zone() -> None:
    there = (NOW + timedelta(microseconds=999_999)).astimezone(timezone(timedelta(hours=9)))
    assert parts(minted(now=there))[1]["iat"] == int(NOW.timestamp())
    with pytest.raises(TypeError):
        minted(now=datetime(2026, 5, 4))  # noqa: DTZ001 -- the mistake under test
    assert NOW.tzinfo is UTC


@pytest.mark.parametrize("ttl", [0, -1, 901, 10**9])
def test_life_that_no_verifier_takes_is_not_minted(ttl: int) -> None:
    with pytest.raises(ValueError, match="900"):
        minted(ttl=ttl)


def test_longest_life_is_accepted() -> None:
    assert accepted(minted(ttl=900)).exp == int(NOW.timestamp()) + 900


def test_public_key_does_not_sign() -> None:
    with pytest.raises(KeyUnsuitable):
        minted(from_public_jwk(ES256.public_jwk, alg="ES256", status="active"))


def test_public_key_verifies_what_the_private_one_signed() -> None:
    public_only = Keyring([from_public_jwk(ES256.public_jwk, alg="ES256", status="retiring")])
    accepted(minted(), keyring=public_only)


def test_key_that_left_the_keyring_leaves_memory() -> None:
    """Private keys that were retired must not live on in a cache."""
    key = generate("ES256", status="active")
    minted(key)
    assert key in access_token._tools  # pyright: ignore[reportPrivateUsage] -- what is remembered is the point
    gone = weakref.ref(key)
    del key
    gc.collect()
    assert gone() is None


def test_refusal_tells_the_client_nothing_but_that_the_token_is_invalid() -> None:
    with pytest.raises(TokenInvalid) as refusal:
        accepted(forge(claims(aud="other")))
    problem = refusal.value
    assert isinstance(problem, NotAuthenticated)
    assert (problem.status, problem.code) == (401, "not_authenticated")
    assert problem.headers == {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    assert (problem.detail, problem.extra) == (None, {})
    assert problem.reason == "jose: Invalid audience"
    assert "audience" not in str(problem)


def test_reasons_never_quote_the_token() -> None:
    canary = "canary-4711"
    for token in (
        forge(claims(iss=canary)),
        forge(claims(sub=canary)),
        forge(claims(roles=canary)),
        forge(head={"alg": canary, "kid": ES256.kid, "typ": "at+jwt"}),
        forge(head={"alg": "ES256", "kid": canary, "typ": "at+jwt"}),
        forge(f'{{"{canary}'),
        canary,
    ):
        with pytest.raises(TokenInvalid) as refusal:
            accepted(token)
        assert canary not in refusal.value.reason
