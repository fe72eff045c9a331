"""Verify MemberPulse access tokens with python-jose."""

from jose import jwt

from memberpulse_keys import Keys
from memberpulse_token import LEEWAY, REQUIRED, Principal, TokenInvalid, kid_of, principal_of

# Without `require_…`, python-jose lets a token pass that has no `exp` or no `aud` at all.
_OPTIONS = {"leeway": LEEWAY, **{f"require_{name}": True for name in REQUIRED}}


def verify(token: str, keys: Keys, *, issuer: str, audience: str) -> Principal:
    """Return who is calling; raises TokenInvalid (401) or KeysUnavailable (503)."""
    key = keys.get(kid_of(token))
    if key is None:
        raise TokenInvalid("no such key")
    try:
        # One key, and the algorithm of that key: never the whole set, never the header's `alg`.
        claims = jwt.decode(token, key, algorithms=[key["alg"]], audience=audience, issuer=issuer, options=_OPTIONS)
    except Exception as refused:  # python-jose lets TypeError, AttributeError and RecursionError through
        raise TokenInvalid(str(refused)) from refused
    return principal_of(claims)
