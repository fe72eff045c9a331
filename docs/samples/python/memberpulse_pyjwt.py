"""Verify MemberPulse access tokens with PyJWT."""

import jwt

from memberpulse_keys import Keys
from memberpulse_token import LEEWAY, REQUIRED, Principal, TokenInvalid, kid_of, principal_of


def verify(token: str, keys: Keys, *, issuer: str, audience: str) -> Principal:
    """Return who is calling; raises TokenInvalid (401) or KeysUnavailable (503)."""
    key = keys.get(kid_of(token))
    if key is None:
        raise TokenInvalid("no such key")
    try:
        claims = jwt.decode(
            token,
            jwt.PyJWK(key),
            algorithms=[key["alg"]],  # the key's, never the header's
            audience=audience,
            issuer=issuer,
            leeway=LEEWAY,
            options={"require": list(REQUIRED)},
        )
    except Exception as refused:
        raise TokenInvalid(str(refused)) from refused
    return principal_of(claims)
