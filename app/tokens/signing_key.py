"""SigningKey: one key pair, its algorithm and where it is in its life."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal, assert_never

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from app.kit import base64url
from app.tokens.errors import KeyUnsuitable

Algorithm = Literal["ES256", "RS256"]
Status = Literal["next", "active", "retiring", "retired", "compromised"]
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey

ALGORITHMS: tuple[Algorithm, ...] = ("ES256", "RS256")
"""What a key may sign with, the preferred one first."""
PUBLISHED: Mapping[Status, int] = {"active": 0, "next": 1, "retiring": 2}
"""The states in which a key verifies and stands in the JWKS, and their order there."""

_COORDINATE_BYTES = 32
_RSA_BITS = 2048
_RSA_EXPONENT = 65537


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class SigningKey:
    """A key pair fit for its algorithm; building an unfit one raises KeyUnsuitable.

    `kid` is the RFC 7638 thumbprint, `public_jwk` the public members of RFC 7518 section 6 and nothing else.
    """

    alg: Algorithm
    status: Status
    public: PublicKey
    private: PrivateKey | None = field(default=None, repr=False)
    public_jwk: Mapping[str, str] = field(init=False, repr=False)
    kid: str = field(init=False)

    def __post_init__(self) -> None:
        if self.private is not None and self.private.public_key() != self.public:
            raise KeyUnsuitable("the private key does not belong to the public key")
        public_jwk = _public_jwk(self.alg, self.public)
        object.__setattr__(self, "public_jwk", MappingProxyType(public_jwk))
        object.__setattr__(self, "kid", _thumbprint(public_jwk))

    def in_status(self, status: Status) -> "SigningKey":
        """Return the same key in another state."""
        return replace(self, status=status)

    def to_private_bytes(self) -> bytes:
        """Return the private key as PKCS #8 DER, to be sealed; raises KeyUnsuitable when only the public is known."""
        if self.private is None:
            raise KeyUnsuitable(f"the private key of {self.kid} is not known here")
        return self.private.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


def generate(alg: Algorithm = "ES256", *, status: Status = "next") -> SigningKey:
    """Return a new key: P-256, or RSA of 2048 bits."""
    private: PrivateKey
    match alg:
        case "ES256":
            private = ec.generate_private_key(ec.SECP256R1())
        case "RS256":
            private = rsa.generate_private_key(public_exponent=_RSA_EXPONENT, key_size=_RSA_BITS)
        case _:
            assert_never(alg)
    return SigningKey(alg=alg, status=status, public=private.public_key(), private=private)


def from_private_bytes(data: bytes, *, alg: Algorithm, status: Status, kid: str | None = None) -> SigningKey:
    """Return the key of `to_private_bytes`; raises KeyUnsuitable, also when it is not the key that `kid` names."""
    try:
        private = serialization.load_der_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # `from None`: the parser's message may quote the key.
        raise KeyUnsuitable("not a private key in PKCS #8 DER") from None
    if not isinstance(private, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise KeyUnsuitable(f"a {type(private).__name__} cannot sign {alg}")
    key = SigningKey(alg=alg, status=status, public=private.public_key(), private=private)
    return _require_named(key, kid)


def from_public_jwk(jwk: Mapping[str, str], *, alg: Algorithm, status: Status, kid: str | None = None) -> SigningKey:
    """Return a key that can only verify, from its public JWK; raises KeyUnsuitable as `from_private_bytes` does."""
    try:
        if jwk["kty"] == "EC" and jwk["crv"] == "P-256":
            numbers = ec.EllipticCurvePublicNumbers(_number(jwk["x"]), _number(jwk["y"]), ec.SECP256R1())
        elif jwk["kty"] == "RSA":
            numbers = rsa.RSAPublicNumbers(_number(jwk["e"]), _number(jwk["n"]))
        else:
            raise KeyUnsuitable("neither an RSA key nor a key on P-256")
        public = numbers.public_key()
    except (KeyError, ValueError) as broken:
        raise KeyUnsuitable("not a public JWK of this kind") from broken
    return _require_named(SigningKey(alg=alg, status=status, public=public), kid)


def _require_named(key: SigningKey, kid: str | None) -> SigningKey:
    if kid is not None and kid != key.kid:
        # A row whose key material was swapped must not verify under the other row's name (threats.md B14).
        raise KeyUnsuitable(f"the key is {key.kid}, not {kid}")
    return key


def _public_jwk(alg: Algorithm, public: PublicKey) -> dict[str, str]:
    if alg == "ES256" and isinstance(public, ec.EllipticCurvePublicKey):
        # python-jose signs ES256 with P-384 without a word, and no other verifier takes the result.
        if not isinstance(public.curve, ec.SECP256R1):
            raise KeyUnsuitable(f"ES256 needs P-256, this is {public.curve.name}")
        point = public.public_numbers()
        return {
            "kty": "EC",
            "crv": "P-256",
            "x": _text(point.x, _COORDINATE_BYTES),
            "y": _text(point.y, _COORDINATE_BYTES),
        }
    if alg == "RS256" and isinstance(public, rsa.RSAPublicKey):
        numbers = public.public_numbers()
        if public.key_size < _RSA_BITS or numbers.e < _RSA_EXPONENT:
            raise KeyUnsuitable(f"RS256 needs {_RSA_BITS} bits and an exponent of {_RSA_EXPONENT} or more")
        return {"kty": "RSA", "n": _text(numbers.n), "e": _text(numbers.e)}
    raise KeyUnsuitable(f"a {type(public).__name__} is no key for {alg}")


def _thumbprint(public_jwk: Mapping[str, str]) -> str:
    """Return the SHA-256 thumbprint: the required members only, sorted, without white space (RFC 7638 section 3)."""
    canonical = json.dumps(dict(public_jwk), sort_keys=True, separators=(",", ":")).encode()
    return base64url.encode(hashlib.sha256(canonical).digest())


def _text(number: int, size: int | None = None) -> str:
    # RFC 7518 section 6.2.1.2: coordinates have their full length, leading zeros too, or verifiers refuse one in 128.
    return base64url.encode(number.to_bytes(size or (number.bit_length() + 7) // 8, "big"))


def _number(text: str) -> int:
    return int.from_bytes(base64url.decode(text), "big")
