"""Tokens: a good one as the gateway mints it, and the one table of bad ones that every sample must refuse."""

import hashlib
import hmac
from collections.abc import Callable
from typing import Any, Final

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.kit import base64url
from app.kit.clock import SystemClock
from app.tokens.access_token import mint
from app.tokens.claims import to_seconds
from app.tokens.signing_key import SigningKey
from tests.tokens import forge as forgery
from tests.tokens.forge import AUDIENCE, ES256, JTI, ORG, RS256, SID, STRANGER, SUB, forge, header, segment

CLIENT: Final = "memberpulse"
ROLES: Final = ["ROLE_MEMBER", "ROLE_CLIENT_ADMIN"]
PRINCIPAL: Final = {"sub": str(SUB), "org_id": str(ORG), "sid": str(SID), "client_id": CLIENT, "roles": ROLES}


def good(issuer: str, key: SigningKey = ES256) -> str:
    """Return a token of PRINCIPAL as the gateway mints it at this moment."""
    now = SystemClock().now()
    return mint(
        key,
        issuer=issuer,
        audience=(AUDIENCE,),
        client_id=CLIENT,
        sub=SUB,
        org_id=ORG,
        sid=SID,
        jti=JTI,
        now=now,
        ttl=300,
        auth_time=now,
        amr=("sso",),
        roles=ROLES,
        ver=1,
    )


def claims(issuer: str, /, **changes: object) -> dict[str, Any]:
    """Return good claims of this moment with `changes`: None leaves a claim out, a `shifted` moves a time."""
    now = _now()
    moved = {name: now + int(value) if isinstance(value, shifted) else value for name, value in changes.items()}
    return forgery.claims(**{"iss": issuer, "iat": now, "nbf": now, "exp": now + 300, "auth_time": now, **moved})


class shifted(int):  # noqa: N801 -- reads as a word in the table
    """Seconds from now."""


Make = Callable[[str], str]


def _said(**changes: object) -> Make:
    return lambda issuer: forge(claims(issuer, **changes))


def _headed(**changes: object) -> Make:
    return lambda issuer: forge(claims(issuer), head=header(**changes))


def _unsigned(alg: str) -> Make:
    return lambda issuer: f"{segment(header(alg=alg))}.{segment(claims(issuer))}."


def _mac(secret: bytes) -> Make:
    def make(issuer: str) -> str:
        unsigned = f"{segment(header(alg='HS256'))}.{segment(claims(issuer))}"
        return f"{unsigned}.{base64url.encode(hmac.new(secret, unsigned.encode(), hashlib.sha256).digest())}"

    return make


def _tampered(issuer: str) -> str:
    head, _, signature = forge(claims(issuer)).split(".")
    return f"{head}.{segment(claims(issuer, roles=['ROLE_PLATFORM_ADMIN']))}.{signature}"


def _now() -> int:
    return to_seconds(SystemClock().now())


_PEM = ES256.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
_DER = ES256.public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
_JWK = segment(dict(ES256.public_jwk)).encode()

BAD: Final[dict[str, Make]] = {
    # Whose token, and for whom (threats.md B6, B7).
    "another audience": _said(aud=["another-api"]),
    "an empty audience": _said(aud=[]),
    "no audience": _said(aud=None),
    "another issuer": _said(iss="https://auth.example.net"),
    "the issuer with a slash": lambda issuer: forge(claims(f"{issuer}/")),
    "no issuer": _said(iss=None),
    # Times (B8).
    "expired": _said(iat=shifted(-340), nbf=shifted(-340), exp=shifted(-40)),
    "no exp": _said(exp=None),
    "exp is a text": lambda issuer: forge(claims(issuer, exp=str(_now() + 300))),
    "exp is 1e300": _said(exp=1e300),
    "not valid yet": _said(nbf=shifted(40)),
    "no nbf": _said(nbf=None),
    "issued in the future": _said(iat=shifted(120)),
    "no iat": _said(iat=None),
    "iat has 400 digits": _said(iat=10**400),
    "older than any token of ours": _said(iat=shifted(-1000), nbf=shifted(-1000), exp=shifted(3600)),
    # The algorithm and the key (B1, B2, B3).
    "alg none": _unsigned("none"),
    "alg None": _unsigned("None"),
    "alg nOnE": _unsigned("nOnE"),
    "alg missing": _headed(alg=None),
    "HS256 with the public key as PEM": _mac(_PEM),
    "HS256 with the public key as DER": _mac(_DER),
    "HS256 with the public key as JWK": _mac(_JWK),
    "another key's algorithm": lambda issuer: forge(
        claims(issuer), head=header(alg="RS256"), key=ES256, signed_by=RS256
    ),
    "signed by a stranger": lambda issuer: forge(claims(issuer), head=header(ES256), signed_by=STRANGER),
    "brings its own key": lambda issuer: forge(
        claims(issuer), head=header(STRANGER, jwk=dict(STRANGER.public_jwk)), signed_by=STRANGER
    ),
    "points to its own key": lambda issuer: forge(
        claims(issuer), head=header(STRANGER, jku=f"{issuer}/evil.json"), signed_by=STRANGER
    ),
    "unknown kid": _headed(kid="A" * 43),
    "no kid": _headed(kid=None),
    "kid is a number": _headed(kid=12345678),
    "kid is a path": _headed(kid="../../etc/passwd"),
    "claims were changed": _tampered,
    # What kind of token (B4, B5).
    "crit": _headed(crit=["exp"]),
    "crit and b64": _headed(crit=["b64"], b64=True),
    "typ JWT": _headed(typ="JWT"),
    "typ logout+jwt": _headed(typ="logout+jwt"),
    "no typ": _headed(typ=None),
    # What we build on (B6).
    "no sub": _said(sub=None),
    "sub is a number": _said(sub=7),
    "no org_id": _said(org_id=None),
    "org_id is empty": _said(org_id=""),
    "no sid": _said(sid=None),
    "no client_id": _said(client_id=None),
    "no jti": _said(jti=None),
    "no roles": _said(roles=None),
    "roles is a text": _said(roles="ROLE_PLATFORM_ADMIN"),
    "roles holds a number": _said(roles=["ROLE_MEMBER", 1]),
    # What is no token at all (B9).
    "claims are no object": lambda _: forge([]),
    "padded": lambda issuer: f"{good(issuer)}==",
    "two segments": lambda issuer: good(issuer).rpartition(".")[0],
    "a word": lambda _: "token",
    "not ASCII": lambda issuer: f"{good(issuer)}é",
    "too long": lambda issuer: forge(claims(issuer, padding="x" * 8192)),
    "a header that is no object": lambda issuer: forge(claims(issuer), head=[]),
    "a deep header": lambda _: f"{segment('[' * 6000)}.e30.AAAA",
}
"""A name, and how to make the token for an issuer. Each is bad in one way only."""
