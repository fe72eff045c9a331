"""Ids, codes and tokens that look like WorkOS's and follow from the seed alone."""

from collections import Counter
from hashlib import sha256

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
FIRST_INSTANT_MS = 1_767_603_600_000  # 2026-01-05T09:00:00Z: the day the demo world was made


class Ids:
    """Counts per kind, so that one more request of another kind does not move the ids of this one."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._made: Counter[str] = Counter()

    def ulid(self, prefix: str) -> str:
        """Return the next id of a kind, as `org_01KE6…`: a prefix and a ULID that grows with every call."""
        count = self._next(prefix)
        digest = int.from_bytes(self._digest(prefix, count)[:10], "big")
        return f"{prefix}_{_base32(FIRST_INSTANT_MS + count * 1000, 10)}{_base32(digest, 16)}"

    def start_at(self, prefix: str, number: int) -> None:
        """Count a kind from a number on: a twin that is started anew may repeat ids of before, but not these."""
        self._made[prefix] = number

    def derived(self, prefix: str, key: str) -> str:
        """Return the id that belongs to a key, the same at every call (a profile's, whoever signs in first)."""
        digest = int.from_bytes(sha256(f"{self.seed}:{prefix}:{key}".encode()).digest()[:10], "big")
        return f"{prefix}_{_base32(FIRST_INSTANT_MS, 10)}{_base32(digest, 16)}"

    def token(self, kind: str) -> str:
        """Return the next opaque value of a kind: 26 characters, as WorkOS's codes have."""
        digest = int.from_bytes(self._digest(kind, self._next(kind))[:17], "big")
        return "01" + _base32(digest, 24)

    def uuid(self, kind: str) -> str:
        """Return the next value of a kind in the form of a UUID (request ids)."""
        text = self._digest(kind, self._next(kind)).hex()
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:32]}"

    def _next(self, kind: str) -> int:
        self._made[kind] += 1
        return self._made[kind]

    def _digest(self, kind: str, count: int) -> bytes:
        return sha256(f"{self.seed}:{kind}:{count}".encode()).digest()


def _base32(number: int, width: int) -> str:
    """Write the low bits of a number in Crockford's alphabet, as ULIDs are written."""
    letters: list[str] = []
    for _ in range(width):
        number, digit = divmod(number, 32)
        letters.append(CROCKFORD[digit])
    return "".join(reversed(letters))
