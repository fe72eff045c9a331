"""What a MemberPulse access token looks like, whichever library checks its signature."""

import base64
import json
import re
import time
from dataclasses import dataclass
from typing import Any

LEEWAY = 30  # seconds by which two machines' clocks may differ
OLDEST = 900  # seconds since `iat` after which no token is good, whatever its `exp`
REQUIRED = ("iss", "aud", "exp", "nbf", "iat", "sub", "jti")

_TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_KID = re.compile(r"[A-Za-z0-9_-]{8,64}")


class TokenInvalid(Exception):
    """Answer 401 `invalid_token`. The message is for your log, not for the caller."""


@dataclass(frozen=True)
class Principal:
    """Who is calling. Every query you run for them is limited to `org_id`."""

    sub: str
    org_id: str
    sid: str
    client_id: str
    roles: tuple[str, ...]


def kid_of(token: str) -> str:
    """Return the name of the key; raises TokenInvalid. The header may name a key and choose nothing."""
    if len(token) > 8192 or not _TOKEN.fullmatch(token):
        raise TokenInvalid("not a token")
    try:
        header: Any = json.loads(base64.urlsafe_b64decode(token.partition(".")[0] + "=="))
    except (ValueError, RecursionError) as broken:
        raise TokenInvalid("unreadable header") from broken
    # `crit` demands what we do not do; `jwk`, `jku`, `x5c` and `x5u` bring the sender's own key.
    if not isinstance(header, dict) or not header.keys() <= {"alg", "kid", "typ"}:
        raise TokenInvalid("unexpected header")
    if str(header.get("typ")).lower() != "at+jwt":
        raise TokenInvalid("not an access token")
    kid = header.get("kid")
    if not isinstance(kid, str) or not _KID.fullmatch(kid):
        raise TokenInvalid("no usable kid")
    return kid


def principal_of(claims: dict[str, Any]) -> Principal:
    """Return who is calling, from claims whose signature, issuer, audience and times were verified."""
    if any(type(claims.get(name)) is not int for name in ("exp", "nbf", "iat")):
        raise TokenInvalid("a time is no integer")
    if not -LEEWAY <= int(time.time()) - claims["iat"] <= OLDEST + LEEWAY:
        raise TokenInvalid("too old, or from the future")
    texts: dict[str, Any] = {name: claims.get(name) for name in ("sub", "org_id", "sid", "client_id")}
    if not all(isinstance(text, str) and text for text in (*texts.values(), claims.get("jti"))):
        raise TokenInvalid("a claim is missing or no text")
    roles: Any = claims.get("roles")
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise TokenInvalid("roles is no list of texts")
    return Principal(**texts, roles=tuple(roles))
