"""Access tokens: mint and verify; the only file that imports jose."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID
from weakref import WeakKeyDictionary

import msgspec
from jose import jwk, jwt
from jose.backends.base import Key
from jose.exceptions import JOSEError

from app.kit import base64url
from app.tokens import claims
from app.tokens.claims import AccessToken, to_seconds
from app.tokens.errors import KeyUnsuitable, TokenInvalid
from app.tokens.keyring import Keyring
from app.tokens.signing_key import ALGORITHMS, SigningKey

MAX_CHARACTERS = 8192
TYPE = "at+jwt"

_TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_KID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_HEADER = frozenset({"alg", "kid", "typ"})
_BACKEND = "jose.backends.cryptography_backend"
_OPTIONS = {
    # Without `require_aud`, python-jose lets a token that has no audience pass although it was told which to expect.
    "require_iss": True,
    "require_aud": True,
    "require_sub": True,
    "require_jti": True,
    # It would ask the wall clock; `claims` does these three against the caller's instant. (`require_exp` would turn
    # `verify_exp` on again.)
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
}
_encode = msgspec.json.Encoder().encode


class _Tool:
    """A key as jose wants it. Made once per key: RS256 from a PEM each time signs 22/s instead of 2,700/s."""

    __slots__ = ("head", "private", "public")

    def __init__(self, key: SigningKey) -> None:
        header = _encode({"alg": key.alg, "kid": key.kid, "typ": TYPE})
        self.head = base64url.encode(header).encode("ascii") + b"."
        self.public = jwk.construct(cast("Any", key.public), key.alg)
        self.private = None if key.private is None else jwk.construct(cast("Any", key.private), key.alg)


# Weak, so that a key which left the keyring leaves this process's memory too.
_tools: WeakKeyDictionary[SigningKey, _Tool] = WeakKeyDictionary()


def mint(  # noqa: PLR0913 -- each of them is a claim
    key: SigningKey,
    *,
    issuer: str,
    audience: Sequence[str],
    client_id: str,
    sub: UUID,
    org_id: UUID,
    sid: UUID,
    jti: UUID,
    now: datetime,
    ttl: int,
    auth_time: datetime,
    amr: Sequence[str],
    roles: Sequence[str],
    ver: int,
) -> str:
    """Return a signed access token (RFC 9068) with exactly these claims, valid from `now` for `ttl` seconds.

    Raises KeyUnsuitable when `key` cannot sign and ValueError when `ttl` is not 1 to 900, which no verifier takes.
    """
    tool = _tool(key)
    if tool.private is None:
        raise KeyUnsuitable(f"the private key of {key.kid} is not known here")
    if not 0 < ttl <= claims.MAX_TTL:
        raise ValueError(f"a token lives 1 to {claims.MAX_TTL} seconds, not {ttl}")
    issued = to_seconds(now)
    payload = _encode(
        {
            "iss": issuer,
            "sub": sub,
            "aud": audience,
            "client_id": client_id,
            "org_id": org_id,
            "sid": sid,
            "jti": jti,
            "iat": issued,
            "nbf": issued,
            "exp": issued + ttl,
            "auth_time": to_seconds(auth_time),
            "amr": amr,
            "roles": roles,
            "ver": ver,
        }
    )
    return _signed(tool.private, tool.head + base64url.encode(payload).encode("ascii"))


def sign(key: SigningKey, *, typ: str, claims: Mapping[str, object]) -> str:
    """Return claims that are no access token, signed as a JWT of another type: no verifier of tokens takes it.

    Raises KeyUnsuitable when `key` cannot sign and ValueError when `typ` is that of access tokens.
    """
    tool = _tool(key)
    if tool.private is None:
        raise KeyUnsuitable(f"the private key of {key.kid} is not known here")
    if typ.lower() == TYPE:
        raise ValueError("access tokens are minted")
    parts = (_encode({"alg": key.alg, "kid": key.kid, "typ": typ}), _encode(claims))
    return _signed(tool.private, ".".join(map(base64url.encode, parts)).encode("ascii"))


def _signed(private: Key, said: bytes) -> str:
    return f"{said.decode('ascii')}.{base64url.encode(private.sign(said))}"


def verify(token: str, *, keyring: Keyring, issuer: str, audience: str, now: datetime) -> AccessToken:
    """Return what `token` says, after the seven steps of threats.md 5.2 but the last (whether its session lives).

    Raises TokenInvalid, and nothing else, for every other token. Sources: RFC 8725 section 3, RFC 9068 section 4.
    """
    try:
        verified = _verify(token, keyring=keyring, issuer=issuer, audience=audience)
    except TokenInvalid:
        raise
    except JOSEError as refused:
        raise TokenInvalid(f"jose: {refused}") from refused
    except Exception as broken:  # python-jose lets TypeError, AttributeError and RecursionError through
        raise TokenInvalid(f"unreadable: {type(broken).__name__}") from broken
    claims.require_in_time(verified, now)
    return verified


def require_cryptography_backend() -> None:
    """Raise RuntimeError unless jose signs with the cryptography package (threats.md B24).

    Without it, jose falls back on pure Python whose signing time gives the key away (CVE-2024-23342).
    """
    for alg in ALGORITHMS:
        backend = cast("type[Key]", jwk.get_key(alg)).__module__
        if backend != _BACKEND:
            raise RuntimeError(f"python-jose uses {backend} for {alg}; install python-jose[cryptography]")


def _tool(key: SigningKey) -> _Tool:
    tool = _tools.get(key)
    if tool is None:
        tool = _tools[key] = _Tool(key)
    return tool


def _verify(token: str, *, keyring: Keyring, issuer: str, audience: str) -> AccessToken:
    _require_one_spelling(token)
    key = _key_named_by(token, keyring)
    said = cast(
        "Mapping[str, object]",
        jwt.decode(
            token,
            cast("Any", _tool(key).public),
            algorithms=[key.alg],  # never from the header (threats.md B1, B2)
            audience=audience,
            issuer=issuer,
            options=_OPTIONS,
        ),
    )
    return claims.read(said, kid=key.kid)


def _require_one_spelling(token: str) -> None:
    # A value that python-jose would read leniently (`==`, unused last bits) could dodge a list of refused tokens.
    if len(token) > MAX_CHARACTERS:
        raise TokenInvalid("too long")
    if not _TOKEN.fullmatch(token):
        raise TokenInvalid("not three base64url segments")
    for segment in token.split("."):
        try:
            base64url.decode(segment)
        except ValueError:
            raise TokenInvalid("not canonical base64url") from None


def _key_named_by(token: str, keyring: Keyring) -> SigningKey:
    header: object = json.loads(base64url.decode(token.partition(".")[0]))
    if not isinstance(header, dict):
        raise TokenInvalid("the header is not an object")
    return _key_of(cast("dict[str, object]", header), keyring)


def _key_of(header: Mapping[str, object], keyring: Keyring) -> SigningKey:
    if not header.keys() <= _HEADER:
        # Among them `crit`, whose demands we would not meet, and `jwk`, `jku`, `x5u`, `x5c`: keys of the sender's own.
        raise TokenInvalid("the header has members beyond alg, kid and typ")
    typ, kid, alg = header.get("typ"), header.get("kid"), header.get("alg")
    if not isinstance(typ, str) or typ.lower() != TYPE:
        raise TokenInvalid("typ is not at+jwt")
    if not isinstance(kid, str) or not _KID.fullmatch(kid):
        raise TokenInvalid("kid is missing or malformed")
    key = keyring.verifying(kid)
    if key is None:
        raise TokenInvalid("kid names no published key")
    if alg != key.alg:
        raise TokenInvalid("alg is not the key's")
    return key
