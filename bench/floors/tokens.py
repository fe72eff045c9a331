"""ES256 access tokens with nothing around them: one cached key, `cryptography`, ready header."""

import hashlib
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

LIFETIME_S = 300
AUDIENCE = "memberpulse-api"


class Claims(msgspec.Struct):
    """What a floor reads of its own token."""

    iss: str
    sub: str
    aud: list[str]
    client_id: str
    org_id: str
    sid: str
    jti: str
    iat: int
    nbf: int
    exp: int
    auth_time: int
    amr: list[str]
    roles: list[str]
    ver: int


def _b64(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")


def _unb64(text: bytes) -> bytes:
    return urlsafe_b64decode(text + b"=" * (-len(text) % 4))


class Keyring:
    """One ES256 key, made at start: a floor needs no rotation to cost what signing costs."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self._private = generate_private_key(SECP256R1())
        self._public = self._private.public_key()
        self._ecdsa = ECDSA(SHA256())
        numbers = self._public.public_numbers()
        x, y = (_b64(number.to_bytes(32, "big")).decode() for number in (numbers.x, numbers.y))
        thumbprint = f'{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}'
        self.kid = _b64(hashlib.sha256(thumbprint.encode()).digest()).decode()
        self.jwks = (
            f'{{"keys":[{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}","use":"sig","alg":"ES256","kid":"{self.kid}"}}]}}'
        ).encode()
        self._head = _b64(f'{{"alg":"ES256","kid":"{self.kid}","typ":"at+jwt"}}'.encode())
        self._decoder = msgspec.json.Decoder(Claims)

    def mint(  # noqa: PLR0913 -- the claims
        self, *, user: UUID, organization: UUID, session: UUID, role: str, version: int, auth_time: int, now: int
    ) -> bytes:
        """Return a signed token with the contract's claims."""
        claims = (
            f'{{"iss":"{self.issuer}","sub":"{user}","aud":["{AUDIENCE}"],"client_id":"memberpulse","org_id":"'
            f'{organization}","sid":"{session}","jti":"{os.urandom(16).hex()}","iat":{now},"nbf":{now},"exp":'
            f'{now + LIFETIME_S},"auth_time":{auth_time},"amr":["sso"],"roles":["{role}"],"ver":{version}}}'
        )
        signed = self._head + b"." + _b64(claims.encode())
        r, s = decode_dss_signature(self._private.sign(signed, self._ecdsa))
        return signed + b"." + _b64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))

    def verify(self, token: bytes, now: int) -> Claims | None:
        """Return the claims of a good token of ours, else None."""
        signed, _, signature = token.rpartition(b".")
        head, _, payload = signed.partition(b".")
        if head != self._head:  # one key, one header: everything else is not ours
            return None
        raw = _unb64(signature)
        der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        try:
            self._public.verify(der, signed, self._ecdsa)
        except InvalidSignature:
            return None
        claims = self._decoder.decode(_unb64(payload))
        fits = claims.iss == self.issuer and AUDIENCE in claims.aud and claims.nbf <= now < claims.exp
        return claims if fits else None
