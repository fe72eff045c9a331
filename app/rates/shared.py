"""Windows of callers, counted in a Redis that all processes share."""

import math
import time
from typing import Any, Final

from limits.aio.storage import RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from redis.asyncio import BlockingConnectionPool

from app.rates.rules import Rule

PATIENCE_S: Final = 0.25
"""How long a request waits for a connection, and for an answer: a login must not take longer because of its limit."""
_CONNECTIONS: Final = 8  # each takes milliseconds to open: a burst must queue for few, not open one per request


class SharedWindows:
    """How often each caller came since their window began, by everything that counts in the same Redis."""

    def __init__(self, url: str) -> None:
        patience: dict[str, Any] = dict.fromkeys(("timeout", "socket_timeout", "socket_connect_timeout"), PATIENCE_S)
        self._pool = BlockingConnectionPool.from_url(url, max_connections=_CONNECTIONS, **patience)  # pyright: ignore[reportUnknownMemberType]  # redis does not type its options
        pool: Any = self._pool  # limits types its options as plain values, and documents this one
        storage = RedisStorage(
            f"async+{url}", implementation="redispy", key_prefix="memberpulse_rates", connection_pool=pool
        )
        self._strategy = FixedWindowRateLimiter(storage)

    async def left(self, rule: Rule, caller: str) -> float | None:
        """Count one request; return None where it is within the rule, else in how many seconds the window ends.

        Raises what the driver raises, where Redis does not answer.
        """
        if await self._strategy.hit(rule.item, rule.name, caller):
            return None
        reset, _ = await self._strategy.get_window_stats(rule.item, rule.name, caller)
        return min(max(reset - time.time(), 1.0), math.ceil(rule.seconds))  # noqa: TID251 -- Redis told by this clock

    async def aclose(self) -> None:
        """Close the connections."""
        await self._pool.disconnect()
