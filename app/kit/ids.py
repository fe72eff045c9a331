"""Ids: UUIDv7 for rows, 256-bit opaque tokens for secrets."""

import hashlib
import os
import secrets  # noqa: TID251 -- the one source of tokens
import struct
import threading
import time
from typing import Protocol
from uuid import UUID

_VERSION_7 = 0x7 << 76
_VARIANT = 0x2 << 62
_STOCK = 256


class Ids(Protocol):
    """What the gateway may know of randomness."""

    def uuid(self) -> UUID:
        """Return a new UUIDv7 (RFC 9562 section 5.7): time-ordered, so that indexes grow at one end."""
        ...

    def token(self) -> str:
        """Return a new secret: 256 random bits as 43 base64url characters."""
        ...


class SystemIds:
    """Identifiers from the operating system's randomness."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0
        self._tails: list[int] = []
        # A forked process would otherwise deal the same ids as its parent.
        os.register_at_fork(after_in_child=self._tails.clear)

    def uuid(self) -> UUID:
        """Return a new UUIDv7, strictly increasing within this process (RFC 9562 section 6.2, method 1)."""
        with self._lock:
            milliseconds = max(time.time_ns() // 1_000_000, self._last >> 12)
            stamp = max(milliseconds << 12, self._last + 1)
            self._last = stamp
            if not self._tails:
                self._tails.extend(_tails())
            tail = self._tails.pop()
        return UUID(int=(stamp >> 12) << 80 | _VERSION_7 | (stamp & 0xFFF) << 64 | _VARIANT | tail)

    def token(self) -> str:
        """Return a new secret of 256 random bits, 43 base64url characters."""
        return secrets.token_urlsafe(32)


def _tails() -> list[int]:
    """Return 62 random bits, many times over: asking the operating system each time would cost a tenth of a request."""
    return [number & ((1 << 62) - 1) for number in struct.unpack(f"{_STOCK}Q", os.urandom(8 * _STOCK))]


def fingerprint(token: str) -> bytes:
    """Return the SHA-256 of a secret: what is only compared is stored hashed (threats.md B19)."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
