"""Makes vectors.json: a key set, tokens good and bad, and what every verifier must say of them.

    python clients/vectors/generate.py            # writes it
    python clients/vectors/generate.py --check    # exit status 1 when it is not what this would write

The keys come from numbers worked out here, so that no private key stands in a file, and signatures are made without
randomness (RFC 6979): the same script makes the same bytes.
"""

import base64
import hashlib
import hmac
import json
import string
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

FILE: Final = Path(__file__).with_name("vectors.json")
ISSUER: Final = "https://auth.memberpulse.example"
AUDIENCE: Final = "memberpulse-api"
NOW: Final = 1_777_896_000
ALWAYS: Final = 253_402_300_799
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
Private = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _number(name: str, size: int) -> int:
    return int.from_bytes(hashlib.shake_256(f"memberpulse vectors {name}".encode()).digest(size), "big")


def _p256(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(_number(name, 32) % (_ORDER - 1) + 1, ec.SECP256R1())


def _rsa(name: str) -> rsa.RSAPrivateKey:
    p, q = _prime(f"{name} p"), _prime(f"{name} q")
    e = 65537
    d = pow(e, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=d % (p - 1),
        dmq1=d % (q - 1),
        iqmp=pow(q, -1, p),
        public_numbers=rsa.RSAPublicNumbers(e, p * q),
    )
    return numbers.private_key()


def _prime(name: str) -> int:
    candidate = _number(name, 128) | 3 << 1022 | 1
    while candidate % 65537 == 1 or not _is_prime(candidate):
        candidate += 2
    return candidate


def _is_prime(number: int) -> bool:
    """Whether it passes twenty rounds of Miller and Rabin."""
    if any(number % small == 0 for small in (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)):
        return False
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in range(2, 22):
        x = pow(base, odd, number)
        if x in {1, number - 1}:
            continue
        for _ in range(twos - 1):
            x = pow(x, 2, number)
            if x == number - 1:
                break
        else:
            return False
    return True


def _jwk(key: Private) -> dict[str, str]:
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.public_key().public_numbers()
        public = {"kty": "RSA", "n": _b64(numbers.n.to_bytes(256, "big")), "e": _b64(numbers.e.to_bytes(3, "big"))}
        alg = "RS256"
    else:
        point = key.public_key().public_numbers()
        public = {
            "kty": "EC",
            "crv": "P-256",
            "x": _b64(point.x.to_bytes(32, "big")),
            "y": _b64(point.y.to_bytes(32, "big")),
        }
        alg = "ES256"
    kid = _b64(hashlib.sha256(json.dumps(public, sort_keys=True, separators=(",", ":")).encode()).digest())
    return {**public, "kid": kid, "use": "sig", "alg": alg}


ACTIVE, NEXT, RSA, STRANGER = _p256("active"), _p256("next"), _rsa("rsa"), _p256("stranger")
KID: Final = _jwk(ACTIVE)["kid"]


def _signature(key: Private, said: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(said, padding.PKCS1v15(), hashes.SHA256())
    r, s = decode_dss_signature(key.sign(said, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def head(key: Private = ACTIVE, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    """Return a header; a member that is None is left out."""
    jwk = _jwk(key)
    found = {"alg": jwk["alg"], "kid": jwk["kid"], "typ": "at+jwt", **changes}
    return {name: value for name, value in found.items() if value is not None}


def claims(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    """Return the claims of a good token; one that is None is left out."""
    found = {
        "iss": ISSUER,
        "sub": "0198f3a1-6f5e-7c11-9a53-5d1c0e7ab001",
        "aud": [AUDIENCE],
        "client_id": "memberpulse",
        "org_id": "0198f3a1-6f5e-7c11-9a53-5d1c0e7ab002",
        "sid": "0198f3a1-6f5e-7c11-9a53-5d1c0e7ab003",
        "jti": "0198f3a1-6f5e-7c11-9a53-5d1c0e7ab004",
        "iat": NOW - 10,
        "nbf": NOW - 10,
        "exp": NOW + 290,
        "auth_time": NOW - 3600,
        "amr": ["sso"],
        "roles": ["ROLE_CLIENT_ADMIN"],
        "ver": 1,
        **changes,
    }
    return {name: value for name, value in found.items() if value is not None}


def token(payload: Any = None, *, header: Mapping[str, Any] | None = None, key: Private = ACTIVE) -> str:  # noqa: ANN401 -- JSON
    """Return a signed token."""
    parts = (header if header is not None else head(key), payload if payload is not None else claims())
    said = ".".join(_b64(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    return f"{said}.{_b64(_signature(key, said.encode()))}"


def hmac_token(secret: bytes) -> str:
    """Return a token whose secret is our public key."""
    said = ".".join(_b64(json.dumps(part).encode()) for part in (head(alg="HS256"), claims()))
    return f"{said}.{_b64(hmac.digest(secret, said.encode(), 'sha256'))}"


def unsigned(alg: str | None) -> str:
    """Return a token without a signature."""
    return ".".join((*token(header=head(alg=alg)).split(".")[:2], ""))


def respelled(good: str) -> str:
    """Return the same token with other unused bits at the end of its signature."""
    alphabet = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    return good[:-1] + alphabet[alphabet.index(good[-1]) ^ 1]


def good() -> dict[str, Any]:
    """Return name -> token, or (token, instant), that every verifier must take."""
    return {
        "by the active key": token(),
        "by the key that comes next, published already": token(key=NEXT),
        "by an RSA key": token(key=RSA),
        "typ in capitals": token(header=head(typ="AT+JWT")),
        "several audiences": token(claims(aud=["other", AUDIENCE])),
        "the audience as a text": token(claims(aud=AUDIENCE)),
        "emergency access, without an organization": token(claims(org_id="00000000-0000-0000-0000-000000000000")),
        "a role that nobody knows yet": token(claims(roles=["ROLE_OF_TOMORROW"])),
        "no role": token(claims(roles=[])),
        "a claim that nobody knows yet": token(claims(cnf={"jkt": "x"})),
        "just made": token(claims(iat=NOW, nbf=NOW, exp=NOW + 300)),
        "made by a clock ahead": token(claims(iat=NOW + 25, nbf=NOW + 25, exp=NOW + 325)),
        "expired within the leeway": token(claims(iat=NOW - 329, nbf=NOW - 329, exp=NOW - 29)),
        "in its last second": (token(), NOW + 289),
        "valid within the leeway": (token(), NOW - 39),
    }


def bad() -> dict[str, tuple[str, Any]]:
    """Return name -> (reason, token) or (reason, (token, instant)), that no verifier may take."""
    public = ACTIVE.public_key()
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    pem, der = (public.public_bytes(form, spki) for form in (serialization.Encoding.PEM, serialization.Encoding.DER))
    jwk = json.dumps(_jwk(ACTIVE)).encode()
    own = _jwk(STRANGER)
    first, second, third = token().split(".")
    later = {"iat": NOW - 1000, "nbf": NOW - 1000}
    return {
        "nothing": ("malformed", ""),
        "two parts": ("malformed", f"{first}.{second}"),
        "four parts": ("malformed", f"{first}.{second}.{third}.{third}"),
        "five parts, as of an encrypted one": ("malformed", ".".join([first] * 5)),
        "a space before": ("malformed", f" {token()}"),
        "a line break behind": ("malformed", f"{token()}\n"),
        "padding": ("malformed", f"{token()}=="),
        "other unused bits at its end": ("malformed", respelled(token())),
        "a character of no alphabet": ("malformed", f"{first}.{second}.{third[:-2]}é"),
        "more than 8192 characters": ("malformed", token(claims(filler="x" * 7000))),
        "a header that is no JSON": ("header", f"{_b64(b'{')}.{second}.{third}"),
        "a header that is a list": ("header", token(header=[])),  # type: ignore[arg-type]  # that is the fault
        "crit": ("header", token(header=head(crit=["b64"]))),
        "its own key in the header": ("header", token(header=head(jwk=own), key=STRANGER)),
        "an address of keys in the header": ("header", token(header=head(jku="https://evil.example/keys"))),
        "a certificate in the header": ("header", token(header=head(x5c=["AAAA"]))),
        "an address of certificates": ("header", token(header=head(x5u="https://evil.example/x"))),
        "a content type in the header": ("header", token(header=head(cty="JWT"))),
        "without kid": ("header", token(header=head(kid=None))),
        "a kid that is a path": ("header", token(header=head(kid="../../etc/passwd"))),
        "a kid that is a statement": ("header", token(header=head(kid="' or 1=1 --"))),
        "a kid that is an object": ("header", token(header=head(kid={"a": 1}))),
        "typ of a plain JWT": ("type", token(header=head(typ="JWT"))),
        "without typ": ("type", token(header=head(typ=None))),
        "typ of a relayed feed": ("type", token(header=head(typ="revocations+jwt"))),
        "typ of a logout token": ("type", token(header=head(typ="logout+jwt"))),
        "a kid that nobody published": ("key", token(key=STRANGER)),
        "alg none": ("malformed", unsigned("none")),
        "alg None": ("malformed", unsigned("None")),
        "without alg": ("algorithm", token(header=head(alg=None))),
        "alg none with a signature": ("algorithm", token(header=head(alg="none"))),
        "HS256 by the public key as PEM": ("algorithm", hmac_token(pem)),
        "HS256 by the public key as DER": ("algorithm", hmac_token(der)),
        "HS256 by the public key as JWK": ("algorithm", hmac_token(jwk)),
        "RS256 under the kid of an EC key": ("algorithm", token(header=head(alg="RS256"), key=RSA)),
        "ES256 under the kid of an RSA key": ("algorithm", token(header=head(RSA, alg="ES256"))),
        "another key's signature": ("signature", token(header=head(), key=STRANGER)),
        "a signature of another token": ("signature", f"{first}.{second}.{token(claims(ver=2)).split('.')[2]}"),
        "claims changed after signing": (
            "signature",
            f"{first}.{token(claims(roles=['ROLE_PLATFORM_ADMIN'])).split('.')[1]}.{third}",
        ),
        "a signature cut short": ("signature", f"{first}.{second}.{_b64(b'x' * 32)}"),
        "a signature of zeros": ("signature", f"{first}.{second}.{_b64(bytes(64))}"),
        "claims that are a list": ("claims", token([1])),
        "claims that are a text": ("claims", token("sub")),
        **{
            f"without {name}": ("claims", token(claims(**{name: None})))
            for name in ("exp", "nbf", "iat", "sub", "jti", "sid", "org_id", "client_id", "roles")
        },
        "without iss": ("issuer", token(claims(iss=None))),
        "without aud": ("audience", token(claims(aud=None))),
        "exp is a text": ("claims", token(claims(exp=str(NOW + 290)))),
        "exp is true": ("claims", token(claims(exp=True))),
        "exp is a list": ("claims", token(claims(exp=[NOW + 290]))),
        "exp is no whole number": ("claims", token(claims(exp=NOW + 0.5))),
        "exp is beyond all bounds": ("claims", token(claims(exp=1e300))),
        "iat is a text": ("claims", token(claims(iat=str(NOW)))),
        "sub is a number": ("claims", token(claims(sub=7))),
        "sub is empty": ("claims", token(claims(sub=""))),
        "sid is a list": ("claims", token(claims(sid=["x"]))),
        "roles is a text": ("claims", token(claims(roles="ROLE_CLIENT_ADMIN"))),
        "roles holds a number": ("claims", token(claims(roles=["ROLE_MEMBER", 7]))),
        "the issuer with a slash": ("issuer", token(claims(iss=f"{ISSUER}/"))),
        "the issuer in capitals": ("issuer", token(claims(iss=ISSUER.upper()))),
        "another issuer": ("issuer", token(claims(iss="https://evil.example"))),
        "another audience": ("audience", token(claims(aud=["other"]))),
        "no audience": ("audience", token(claims(aud=[]))),
        "an audience that begins like ours": ("audience", token(claims(aud=[f"{AUDIENCE}-other"]))),
        "expired": ("expired", token(claims(iat=NOW - 331, nbf=NOW - 331, exp=NOW - 31))),
        "expired meanwhile": ("expired", (token(), NOW + 321)),
        "not valid yet": ("early", token(claims(nbf=NOW + 31))),
        "made in the future": ("future", token(claims(iat=NOW + 120, exp=NOW + 420))),
        "living longer than any": ("lifetime", token(claims(**later))),
    }


def revocations() -> list[dict[str, Any]]:
    """Return entries of the feed and whether the token of the first vector is void by them."""
    base = claims()

    def entry(kind: str, value: str, not_after: int) -> dict[str, Any]:
        return {"seq": 1, "type": kind, "value": value, "not_after": not_after}

    names = {"sid": base["sid"], "sub": base["sub"], "org": base["org_id"], "jti": base["jti"]}
    cases = [
        (
            f"{kind} {'after' if later else 'before'} it was issued",
            [entry(kind, value, base["iat"] + later)],
            bool(later),
        )
        for kind, value in names.items()
        for later in (0, 1)
    ]
    cases += [
        ("its key", [entry("kid", KID, ALWAYS)], True),
        ("another session", [entry("sid", base["jti"], NOW)], False),
        ("a session of that name as a person", [entry("sub", base["sid"], NOW)], False),
        ("something of tomorrow's kind", [entry("device", base["sid"], NOW)], False),
        ("the later of two", [entry("sid", base["sid"], NOW), entry("sid", base["sid"], base["iat"] - 5)], True),
        ("nothing", [], False),
    ]
    return [{"name": name, "token": token(), "entries": entries, "void": void} for name, entries, void in cases]


def made() -> str:
    """Return the file's text."""

    def case(name: str, what: Any, **verdict: str) -> dict[str, Any]:  # noqa: ANN401 -- a token, or one with its instant
        text, now = cast("tuple[str, int]", what) if isinstance(what, tuple) else (str(what), NOW)
        return {"name": name, "now": now, **verdict, "token": text}

    document = {
        "about": "What every verifier of MemberPulse's access tokens must say; made by generate.py beside it.",
        "issuer": ISSUER,
        "audience": AUDIENCE,
        "leeway": 30,
        "jwks": {"keys": [_jwk(key) for key in (ACTIVE, NEXT, RSA)]},
        "tokens": [
            *(case(name, what, verdict="good") for name, what in good().items()),
            *(case(name, what, verdict="bad", reason=reason) for name, (reason, what) in bad().items()),
        ],
        "claims": claims(),
        "revocations": revocations(),
    }
    return json.dumps(document, indent=1, ensure_ascii=True) + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(FILE.read_text() != made())
    FILE.write_text(made())
