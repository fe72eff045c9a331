"""Claims: what a verified access token says, each value checked before anybody uses it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID

from app.tokens.errors import TokenInvalid

MAX_TTL = 900
"""Seconds between `iat` and `exp` at most; a token that claims more is not ours."""
LEEWAY = 30
"""Seconds by which another machine's clock may differ, for `exp` and `nbf`."""
FUTURE = 60
"""Seconds by which `iat` may lie ahead."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_TOO_LARGE = 2**53  # what every JSON reader keeps exact (RFC 8259 section 6)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token whose signature, issuer and audience were verified. Times are seconds since 1970 (RFC 7519 section 2)."""

    sub: UUID
    org_id: UUID
    sid: UUID
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


def read(claims: Mapping[str, object], *, kid: str) -> AccessToken:
    """Return the claims in their types; raises TokenInvalid for a missing or mistyped one, or too long a life."""
    token = AccessToken(
        sub=_uuid(claims, "sub"),
        org_id=_uuid(claims, "org_id"),
        sid=_uuid(claims, "sid"),
        jti=_string(claims, "jti"),
        client_id=_string(claims, "client_id"),
        iat=_integer(claims, "iat"),
        nbf=_integer(claims, "nbf"),
        exp=_integer(claims, "exp"),
        auth_time=_integer(claims, "auth_time"),
        amr=_strings(claims, "amr"),
        roles=_strings(claims, "roles"),
        ver=_integer(claims, "ver"),
        kid=kid,
    )
    if token.exp - token.iat > MAX_TTL:
        raise TokenInvalid("exp is too far from iat")
    return token


def require_in_time(token: AccessToken, now: datetime) -> None:
    """Raise TokenInvalid unless `now` is within the token's time; the bounds themselves are outside."""
    seconds = to_seconds(now)
    if seconds >= token.exp + LEEWAY:
        raise TokenInvalid("expired")
    if seconds <= token.nbf - LEEWAY:
        raise TokenInvalid("not valid yet")
    if seconds < token.iat - FUTURE:
        raise TokenInvalid("iat is in the future")


def to_seconds(instant: datetime) -> int:
    """Return whole seconds since 1970; raises TypeError for a naive datetime, which would mean local time."""
    return (instant - _EPOCH) // _SECOND


def _uuid(claims: Mapping[str, object], name: str) -> UUID:
    text = _string(claims, name)
    try:
        value = UUID(text)
    except ValueError:
        raise TokenInvalid(f"{name} is not a UUID") from None
    if str(value) != text:
        raise TokenInvalid(f"{name} is not a UUID in its usual spelling")
    return value


def _string(claims: Mapping[str, object], name: str) -> str:
    value = claims.get(name)
    # A NUL or a lone surrogate passes JSON and then fails in the database, as a 500.
    if not isinstance(value, str) or not value or not (value.isascii() and value.isprintable()):
        raise TokenInvalid(f"{name} is missing or not a plain string")
    return value


def _integer(claims: Mapping[str, object], name: str) -> int:
    value = claims.get(name)
    # `type is`, not isinstance: True is an int to Python. 1e300, or 400 digits, would break date arithmetic later.
    if type(value) is not int or not 0 <= value < _TOO_LARGE:
        raise TokenInvalid(f"{name} is missing or not an integer of a usual size")
    return value


def _strings(claims: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = claims.get(name)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in cast("list[object]", value)):
        raise TokenInvalid(f"{name} is missing or not a list of strings")
    return tuple(cast("list[str]", value))
