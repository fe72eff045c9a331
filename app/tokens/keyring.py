"""Keyring: a snapshot of the signing keys, and the JWKS document that publishes them."""

import hashlib
from collections.abc import Iterable
from typing import Final

import msgspec

from app.tokens.errors import SigningKeyMissing
from app.tokens.signing_key import ALGORITHMS, PUBLISHED, Algorithm, SigningKey


class Keyring:
    """The keys at one moment; never changes.

    Raises ValueError when a kid, or the active key of an algorithm, occurs twice.
    """

    __slots__ = ("_active", "_published", "etag", "identity", "jwks_document")

    def __init__(self, keys: Iterable[SigningKey]) -> None:
        ordered = sorted(keys, key=lambda key: (PUBLISHED.get(key.status, len(PUBLISHED)), key.kid))
        active = [key for key in ordered if key.status == "active"]
        self._active: Final = {key.alg: key for key in active}
        self._published: Final = {key.kid: key for key in ordered if key.status in PUBLISHED}
        self.identity: Final = frozenset((key.kid, key.status, key.private is not None) for key in ordered)
        """Equal for two snapshots of the same keys in the same states."""
        if len({key.kid for key in ordered}) != len(ordered) or len(self._active) != len(active):
            raise ValueError("a kid, or the active key of an algorithm, occurs twice")
        self.jwks_document: Final = _jwks(self._published.values())
        """The public keys as RFC 7517 JSON, ready to send; the active ones first, the same bytes in every process."""
        self.etag: Final = f'"{hashlib.sha256(self.jwks_document).hexdigest()[:32]}"'
        """A strong validator of `jwks_document` (RFC 9110 section 8.8.3), quotes included."""

    def signing_key(self, alg: Algorithm | None = None) -> SigningKey:
        """Return the active key, of `alg` or else ES256 before RS256; raises SigningKeyMissing."""
        for candidate in ALGORITHMS if alg is None else (alg,):
            key = self._active.get(candidate)
            if key is not None and key.private is not None:
                return key
        raise SigningKeyMissing(headers={"Retry-After": "5"})

    def verifying(self, kid: str) -> SigningKey | None:
        """Return the key that may verify under `kid` (active, next or retiring), or None."""
        return self._published.get(kid)


class Keys:
    """The keyring in force in this process. Read `current` once per request, so that one request sees one keyring."""

    __slots__ = ("current",)

    def __init__(self, keyring: Keyring) -> None:
        self.current = keyring

    def swap(self, keyring: Keyring) -> bool:
        """Put `keyring` in force; return whether that changed anything.

        An equal one is dropped: a periodic reload would otherwise empty the verified-token cache each time.
        """
        if keyring.identity == self.current.identity:
            return False
        self.current = keyring
        return True


def _jwks(keys: Iterable[SigningKey]) -> bytes:
    return msgspec.json.encode({"keys": [_published(key) for key in keys]})


def _published(key: SigningKey) -> dict[str, str]:
    # `public_jwk` is computed from the public numbers, so nothing private can reach this document (threats.md B11).
    return {**key.public_jwk, "kid": key.kid, "use": "sig", "alg": key.alg}
