"""Sealing: AES-256-GCM with the key's id in the blob and the place it belongs to as associated data."""

import base64
import binascii
import os
import re
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
_BLOB = re.compile(rb"1:([A-Za-z0-9_-]{1,32}):(.*)", re.DOTALL)
_CANARY = b"memberpulse-auth canary"
_CANARY_AAD = "canary"


class SealBroken(Exception):  # noqa: N818 -- named for what happened, not ...Error (house.md)
    """A blob that cannot be opened: changed, moved to another place, or sealed with a key we do not hold.

    Whoever catches it must refuse the value and raise an alarm; its text names the key id, never the content.
    """


class Sealer:
    """Seals and opens small secrets. `keys` maps key id to 32 bytes, newest first; the newest seals, all open.

    A blob is `1:` + key id + `:` + 96-bit random nonce + ciphertext and tag. The id lets several keys live side by
    side while they rotate; `aad` (table|row|column) makes a blob copied to another place fail (threats.md F4).
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys:
            raise ValueError("at least one encryption key is needed")
        for key_id, key in keys.items():
            _require_good(key_id, key)
        self.newest_id = next(iter(keys))
        self.mark = _mark(self.newest_id)
        """What every blob of the newest key begins with: SQL finds what is left to reseal by it."""
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._keys = tuple(keys.values())

    def seal(self, plaintext: bytes, *, aad: str) -> bytes:
        """Return the blob of `plaintext`, to be opened with the same `aad` only."""
        # Not Ids: a test's counting ids would repeat a nonce, and a repeated nonce gives the key's secrets away.
        nonce = os.urandom(NONCE_BYTES)
        return self.mark + nonce + self._ciphers[self.newest_id].encrypt(nonce, plaintext, _context(self.mark, aad))

    def open(self, blob: bytes, *, aad: str) -> bytes:
        """Return what was sealed; raises SealBroken unless key, content and `aad` are all what they were."""
        key_id, body = _parse(blob)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise SealBroken(f"sealed with key {key_id!r}, which is not among the encryption keys")
        try:
            return cipher.decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], _context(_mark(key_id), aad))
        except InvalidTag as broken:
            raise SealBroken(f"key {key_id!r} does not open this: changed, moved, or another key") from broken

    def needs_reseal(self, blob: bytes) -> bool:
        """Return whether an older key sealed this blob; raises SealBroken when it is no blob at all."""
        return _parse(blob)[0] != self.newest_id

    def canary(self) -> bytes:
        """Return a blob of known content, to be stored at the first start and checked at every later one."""
        return self.seal(_CANARY, aad=_CANARY_AAD)

    def require_canary(self, blob: bytes) -> None:
        """Raise SealBroken unless these keys open the stored canary: a wrong key must not start (threats.md F6)."""
        if self.open(blob, aad=_CANARY_AAD) != _CANARY:
            raise SealBroken("the canary opened to something else")

    def derive(self, purpose: str) -> tuple[bytes, ...]:
        """Return 32 bytes of each key's own for `purpose`, the newest key's first (HKDF-SHA256, RFC 5869).

        Equal in every process that has the same keys; while they change, each process knows the others' too.
        """
        return tuple(
            HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(key)
            for key in self._keys
        )


def parse_keys(text: str) -> Mapping[str, bytes]:
    """Return the keys of `ENCRYPTION_KEYS` (`id:base64,id2:base64`, newest first), in that order.

    Raises ValueError with one sentence that names the entry by its position and never shows key material.
    """
    keys: dict[str, bytes] = {}
    for position, entry in enumerate(text.split(","), start=1):
        key_id, colon, encoded = entry.strip().partition(":")
        if not colon:
            raise ValueError(f"encryption key {position}: expected id:base64")
        key = _decode_key(encoded.strip(), position)
        _require_good(key_id, key, f"encryption key {position}")
        if key_id in keys:
            raise ValueError(f"encryption key {position}: the id {key_id!r} is used twice")
        keys[key_id] = key
    return keys


def _decode_key(encoded: str, position: int) -> bytes:
    try:
        standard = encoded.rstrip("=").replace("-", "+").replace("_", "/")
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError):
        # `from None`: the decoder's own message may quote the secret.
        raise ValueError(f"encryption key {position}: the part after the colon is not base64") from None


def _require_good(key_id: str, key: bytes, name: str = "encryption key") -> None:
    if not _KEY_ID.fullmatch(key_id):
        raise ValueError(f"{name}: the id must be 1 to 32 of A-Z a-z 0-9 _ -")
    if len(key) != KEY_BYTES:
        raise ValueError(f"{name} ({key_id}): {KEY_BYTES} bytes are needed, {len(key)} given")


def _mark(key_id: str) -> bytes:
    return f"1:{key_id}:".encode("ascii")


def _context(mark: bytes, aad: str) -> bytes:
    return mark + aad.encode()


def _parse(blob: bytes) -> tuple[str, bytes]:
    match = _BLOB.fullmatch(blob)
    if match is None or len(match[2]) < NONCE_BYTES + TAG_BYTES:
        raise SealBroken("not a sealed value")
    return match[1].decode("ascii"), match[2]
