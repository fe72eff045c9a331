"""Gauges: how long events wait, as Prometheus reads it; of the database, so that they grow while no worker runs."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from math import nan
from typing import Final

from prometheus_client import Gauge

from app import log
from app.http.metrics import REGISTRY
from app.webhooks.backlog_repository import Backlog

ANSWERED_WITHIN_S: Final = 2.0
_oldest = Gauge(
    "gateway_inbox_oldest_pending_seconds",
    "Seconds that the oldest event of WorkOS that is due has waited for a worker; NaN: the database does not answer.",
    registry=REGISTRY,
)
_events = Gauge(
    "gateway_inbox_events", "Events of WorkOS that are not done, at most 10,000 each.", ["status"], registry=REGISTRY
)
_lag = Gauge(
    "gateway_events_api_lag_seconds", "Seconds since the instant up to which WorkOS's list was read.", registry=REGISTRY
)
_age = Gauge(
    "gateway_complete_through_age_seconds",
    "Seconds since the instant up to which everything that WorkOS lists is applied; NaN: no such instant is known.",
    registry=REGISTRY,
)
_logger = log.get("webhooks")


async def refresh(read: Callable[[], Awaitable[Backlog]]) -> None:
    """Bring the gauges up to date; raises nothing.

    Where the database does not answer they are NaN: a value from before would say that all is well.
    """
    try:
        async with asyncio.timeout(ANSWERED_WITHIN_S):
            found = await read()
    except Exception as error:  # noqa: BLE001 -- the process's other metrics are worth reading just then
        _logger.warning("webhooks.gauges.unread", reason=log.redact(repr(error))[:300])
        _show(nan, nan, nan, {"pending": nan, "parked": nan, "dead": nan})
        return
    counts = {"pending": found.pending, "parked": found.parked, "dead": found.dead}
    _show(found.waited, found.lag, found.incomplete, counts)


def _show(oldest: float, lag: float, age: float, counts: Mapping[str, float]) -> None:
    _oldest.set(oldest)
    _lag.set(lag)
    _age.set(age)
    for status, count in counts.items():
        _events.labels(status).set(count)
