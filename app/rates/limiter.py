"""Limiter: refuses who asks too often, and refuses nobody because it cannot count."""

import ipaddress
import math
from collections.abc import Callable
from functools import lru_cache
from typing import Final, Protocol

from prometheus_client import Counter

from app import log
from app.kit.registry import REGISTRY
from app.problems import RateLimited
from app.rates.memory import Windows
from app.rates.rules import Rule

_AGAIN_S: Final = 1.0
"""How long a Redis that did not answer is left alone: else every request would wait for it."""
_HOME_PREFIX: Final = 64
_refused = Counter(
    "gateway_rate_limited_total", "Requests refused because their caller asked too often.", ["rule"], registry=REGISTRY
)
_unshared = Counter(
    "gateway_rate_limit_store_failures_total",
    "Times that RATE_LIMIT_URL's Redis did not answer; the process counted by itself for a second each time.",
    registry=REGISTRY,
)
_logger = log.get("rates")


class Shared(Protocol):
    """What counts for several processes (`shared.py`)."""

    async def left(self, rule: Rule, caller: str) -> float | None:
        """Count one request; return None where it is within the rule, else in how many seconds the window ends."""
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...


class Limiter:
    """Counts for one process. `now` returns seconds of a clock that a test may set; without `on` nothing is counted."""

    def __init__(self, now: Callable[[], float], *, on: bool = True, shared: Shared | None = None) -> None:
        self.on = on
        self.windows = Windows()
        self._now = now
        self._shared = shared
        self._alone_until = 0.0

    async def require(self, rule: Rule, caller: str) -> None:
        """Count one request of this caller.

        Raises:
            RateLimited: it is one too many; its headers say when the next one will be let through.
        """
        if not self.on:
            return
        shared = self._shared
        wait = await self._shared_wait(shared, rule, caller) if shared else self._wait(rule, caller)
        if wait is not None:
            _refused.labels(rule.name).inc()
            raise refusal(rule, wait)

    async def aclose(self) -> None:
        """Close the connections to Redis, if there are any."""
        if self._shared:
            await self._shared.aclose()

    def _wait(self, rule: Rule, caller: str) -> float | None:
        now = self._now()
        count, ends = self.windows.add(rule.name, caller, rule.seconds, now)
        if count <= rule.amount:
            return None
        if count == rule.amount + 1:  # once per window: a flood must not fill the log
            _logger.warning("rates.caller.limited", rule=rule.name, caller=caller, limit=rule.counted)
        return ends - now

    async def _shared_wait(self, shared: Shared, rule: Rule, caller: str) -> float | None:
        if self._now() < self._alone_until:
            return self._wait(rule, caller)
        try:
            return await shared.left(rule, caller)
        except Exception as error:  # noqa: BLE001 -- whatever it is, nobody is refused for it
            self._alone_until = self._now() + _AGAIN_S
            _unshared.inc()
            _logger.warning("rates.store.unavailable", reason=log.redact(repr(error))[:300])
            return self._wait(rule, caller)


def refusal(rule: Rule, wait: float) -> RateLimited:
    """Return the refusal, with `RateLimit-*` as draft-ietf-httpapi-ratelimit-headers-06 has them."""
    seconds = max(1, math.ceil(wait))
    headers = {
        "Retry-After": str(seconds),
        "RateLimit-Limit": str(rule.amount),
        "RateLimit-Remaining": "0",
        "RateLimit-Reset": str(seconds),
        "RateLimit-Policy": f"{rule.amount};w={rule.seconds}",
    }
    return RateLimited(f"{rule.said} At most {rule.amount} in {rule.seconds} s.", headers=headers)


@lru_cache(maxsize=4096)
def caller_of(address: str) -> str:
    """Return whom an address counts for: an IPv4 address for itself, an IPv6 one for its network of 64 bits.

    One household has 2^64 of the latter (RFC 6177), and could come from another one each time.
    """
    if ":" not in address:
        return address
    try:
        parsed = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((parsed, _HOME_PREFIX), strict=False))
