"""Ids: UUIDs of version 7, as the gateway's own (their order is the order of creation)."""

import os
import time
from uuid import UUID


def uuid7() -> UUID:
    """Return a new id."""
    tail = int.from_bytes(os.urandom(10), "big")
    return UUID(int=(time.time_ns() // 1_000_000) << 80 | tail & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62)
