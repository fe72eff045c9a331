"""Cursors: where a page ended, as an opaque text that only the same listing of the same tenant takes back."""

import hashlib
import hmac
import json
from datetime import datetime
from typing import cast
from uuid import UUID

from app.kit import base64url

CursorValue = str | int | datetime | UUID

MAX_CHARACTERS = 4096
_MAC_BYTES = 16


class CursorInvalid(ValueError):  # noqa: N818 -- named for what happened, not ...Error (house.md)
    """A cursor that this listing did not give out: changed, foreign, cut off or oversized."""


class Cursors:
    """Signs keyset positions. Every process of one deployment needs the same `secret` (32 bytes).

    Cursors that one of the `others` has signed are taken too: while the secret changes, process after process, a list
    that is being paged through goes on.

    The values are signed, not hidden: put only what the page itself shows into a cursor.
    """

    def __init__(self, secret: bytes, *others: bytes) -> None:
        self._secrets = (secret, *others)
        if any(len(one) < _MAC_BYTES for one in self._secrets):
            raise ValueError("a cursor secret needs at least 16 bytes")

    def encode(self, values: tuple[CursorValue, ...], *, bound_to: str) -> str:
        """Return the cursor of a row's sort values, valid for `bound_to` (tenant and listing) only.

        Raises ValueError for a naive datetime or when the cursor would be longer than `MAX_CHARACTERS`.
        """
        payload = json.dumps([_tag(value) for value in values], separators=(",", ":"), ensure_ascii=False).encode()
        text = base64url.encode(_mac(self._secrets[0], payload, bound_to) + payload)
        if len(text) > MAX_CHARACTERS:
            raise ValueError("the cursor would be too long")
        return text

    def decode(self, text: str, *, bound_to: str) -> tuple[CursorValue, ...]:
        """Return the values of a cursor made by `encode` with the same `bound_to`; raises CursorInvalid otherwise."""
        if len(text) > MAX_CHARACTERS:
            raise CursorInvalid("too long")
        try:
            data = base64url.decode(text)
        except ValueError as broken:
            raise CursorInvalid("not a cursor") from broken
        mac, payload = data[:_MAC_BYTES], data[_MAC_BYTES:]
        if not any(hmac.compare_digest(mac, _mac(secret, payload, bound_to)) for secret in self._secrets):
            raise CursorInvalid("not a cursor of this listing")
        # Only our own `encode` gets past the line above, so the shape needs no further checks.
        return tuple(_untag(kind, value) for kind, value in cast("list[tuple[str, str]]", json.loads(payload)))


def _mac(secret: bytes, payload: bytes, bound_to: str) -> bytes:
    # The digest gives the listing a fixed length: without it, text could move between listing and payload.
    listing = hashlib.sha256(bound_to.encode()).digest()
    return hmac.digest(secret, listing + payload, "sha256")[:_MAC_BYTES]


def _tag(value: CursorValue) -> tuple[str, str]:
    match value:
        case bool():
            raise TypeError("a cursor holds no bool")
        case str():
            return "s", value
        case int():
            return "i", str(value)
        case UUID():
            return "u", value.hex
        case datetime():
            if value.tzinfo is None:
                raise ValueError("a cursor holds no naive datetime")
            return "d", value.isoformat()


def _untag(kind: str, value: str) -> CursorValue:
    match kind:
        case "i":
            return int(value)
        case "u":
            return UUID(hex=value)
        case "d":
            return datetime.fromisoformat(value)
        case _:
            return value
