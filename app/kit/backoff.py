"""Backoff: how long to wait before the next attempt."""

import hashlib
from collections.abc import Callable
from itertools import count


def full_jitter(name: str, attempt: int, *, base: float, longest: float) -> float:
    """Return the seconds to wait after the `attempt`th failure (from 1): anything up to base * 2^(attempt-1).

    Full jitter spreads what failed together; drawn from `name` and `attempt`, so that it needs no randomness.
    """
    digest = hashlib.sha256(f"{name}|{attempt}".encode()).digest()
    return min(longest, base * 2.0 ** (attempt - 1)) * (int.from_bytes(digest[:8], "big") / 2**64)


def draws(name: str) -> Callable[[], float]:
    """Return a function that draws from 0 to 1, each time another value; what has another name draws others."""
    numbers = count(1)
    return lambda: full_jitter(f"{name}|{next(numbers)}", 1, base=1.0, longest=1.0)
