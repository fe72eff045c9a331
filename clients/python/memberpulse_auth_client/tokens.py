"""Tokens: the strict check of one access token. Pure: keys and the time come from the caller."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from memberpulse_auth_client.errors import Reason, TokenInvalid

LONGEST: Final = 8192
"""Characters of a token at most."""
LEEWAY: Final = 30
"""Seconds by which two machines' clocks may differ, for `exp` and `nbf`."""
FUTURE: Final = 60
"""Seconds by which `iat` may lie ahead."""
MAX_TTL: Final = 900
"""Seconds between `iat` and `exp` at most."""
ALGORITHMS: Final = ("ES256", "RS256")
_TYPE: Final = "at+jwt"
_HEADER: Final = frozenset({"alg", "kid", "typ"})
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_KID: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")
_TOO_LARGE: Final = 2**53  # what every JSON reader keeps exact (RFC 8259 section 6)


@dataclass(frozen=True, slots=True)
class Key:
    """A public key of the gateway. Its own algorithm counts, never a token's header."""

    kid: str
    alg: str
    public: ECKey | RSAKey


@dataclass(frozen=True, slots=True)
class Token:
    """Who is calling, by a verified token. Every query you run for them is limited to `org_id`.

    Times are seconds since 1970. `roles` are those of when the token was made; ignore those that you do not know.
    """

    sub: str
    org_id: str
    sid: str
    jti: str
    client_id: str
    iat: int
    nbf: int
    exp: int
    auth_time: int
    amr: tuple[str, ...]
    roles: tuple[str, ...]
    ver: int
    kid: str


def kid_of(token: str, *, typ: str = _TYPE) -> str:
    """Return which key a token names; its header may name a key and choose nothing. Raises TokenInvalid."""
    if len(token) > LONGEST or not _TOKEN.fullmatch(token) or not all(map(_is_canonical, token.split("."))):
        raise TokenInvalid("malformed")
    header = _object(token.partition(".")[0], "header")
    # `crit` demands what we do not do; `jwk`, `jku`, `x5c` and `x5u` bring the sender's own key.
    if not header.keys() <= _HEADER:
        raise TokenInvalid("header", "members beyond alg, kid and typ")
    said = header.get("typ")
    if not isinstance(said, str) or said.lower() != typ:
        raise TokenInvalid("type")
    kid = header.get("kid")
    if not isinstance(kid, str) or not _KID.fullmatch(kid):
        raise TokenInvalid("header", "no usable kid")
    return kid


def signed(token: str, key: Key | None) -> dict[str, Any]:
    """Return what a token with that key's signature says; `kid_of` has looked at its header. Raises TokenInvalid."""
    if key is None:
        raise TokenInvalid("key")
    header = _object(token.partition(".")[0], "header")
    if header.get("alg") != key.alg:
        raise TokenInvalid("algorithm")
    try:
        jws.deserialize_compact(token, key.public, algorithms=[key.alg])
    except (JoseError, ValueError) as refused:
        raise TokenInvalid("signature") from refused
    return _object(token.split(".")[1], "claims")


def verify(  # noqa: PLR0913 -- a token, and what it is held against
    token: str, key: Key | None, *, issuer: str, audience: str, now: float, leeway: int = LEEWAY
) -> Token:
    """Return who is calling; `key` is the one that `kid_of` names, None where nobody publishes it.

    Raises TokenInvalid. Sources: RFC 8725 section 3, RFC 9068 section 4.
    """
    kid_of(token)
    claims = signed(token, key)
    if claims.get("iss") != issuer:
        raise TokenInvalid("issuer")
    told = claims.get("aud")
    if told != audience and not (isinstance(told, list) and audience in told):
        raise TokenInvalid("audience")
    read = _read(claims, kid=cast("Key", key).kid)
    _require_in_time(read, int(now), leeway)
    return read


def _read(claims: Mapping[str, Any], *, kid: str) -> Token:
    return Token(
        sub=_text(claims, "sub"),
        org_id=_text(claims, "org_id"),
        sid=_text(claims, "sid"),
        jti=_text(claims, "jti"),
        client_id=_text(claims, "client_id"),
        iat=_integer(claims, "iat"),
        nbf=_integer(claims, "nbf"),
        exp=_integer(claims, "exp"),
        auth_time=_integer(claims, "auth_time"),
        ver=_integer(claims, "ver"),
        amr=_texts(claims, "amr"),
        roles=_texts(claims, "roles"),
        kid=kid,
    )


def _require_in_time(token: Token, now: int, leeway: int) -> None:
    if token.exp - token.iat > MAX_TTL:
        raise TokenInvalid("lifetime")
    if now >= token.exp + leeway:
        raise TokenInvalid("expired")
    if now <= token.nbf - leeway:
        raise TokenInvalid("early")
    if now < token.iat - FUTURE:
        raise TokenInvalid("future")


def _is_canonical(segment: str) -> bool:
    """Whether it is the one spelling of its bytes: others could dodge a list of refused tokens."""
    try:
        decoded = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except (binascii.Error, ValueError):
        return False
    return base64.urlsafe_b64encode(decoded).rstrip(b"=").decode("ascii") == segment


def _object(segment: str, reason: Reason) -> dict[str, Any]:
    try:
        found = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except (ValueError, RecursionError) as broken:
        raise TokenInvalid(reason, "unreadable") from broken
    if not isinstance(found, dict):
        raise TokenInvalid(reason, "not an object")
    return cast("dict[str, Any]", found)


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    # What is not plain passes JSON and then fails in your database, as a 500.
    if not isinstance(value, str) or not value or not (value.isascii() and value.isprintable()):
        raise TokenInvalid("claims", name)
    return value


def _integer(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    # `type is`: True is an int to Python, and 1e300 would break date arithmetic later.
    if type(value) is not int or not 0 <= value < _TOO_LARGE:
        raise TokenInvalid("claims", name)
    return value


def _texts(claims: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = claims.get(name)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in cast("list[Any]", value)):
        raise TokenInvalid("claims", name)
    return tuple(cast("list[str]", value))
