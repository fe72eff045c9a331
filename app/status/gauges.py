"""Gauges of integration health, as Prometheus reads them: the platform's, at the moment of the reading."""

import asyncio
from math import nan
from typing import Final

from prometheus_client import Gauge

from app import log
from app import uow as units
from app.kit.registry import REGISTRY
from app.runtime import Runtime
from app.status import health
from app.status.indicators import INDICATORS
from app.status.reading import Status
from app.status.watching import configured

_ANSWERED_WITHIN_S: Final = 2.0
_VALUES: Final[dict[Status, float]] = {"ok": 0, "unknown": 1, "warning": 2, "failing": 3}
_status = Gauge(
    "gateway_integration_status",
    "0: ok, 1: unknown, 2: warning, 3: failing; NaN: the database does not answer. docs/status.md tells of each.",
    ["indicator"],
    registry=REGISTRY,
)
_since = Gauge(
    "gateway_integration_status_since_seconds",
    "Since when it is so, in seconds since 1970; NaN: the database does not answer.",
    ["indicator"],
    registry=REGISTRY,
)
_logger = log.get("status")


async def refresh(runtime: Runtime) -> None:
    """Bring the gauges up to date; raises nothing."""
    try:
        async with asyncio.timeout(_ANSWERED_WITHIN_S), units.beginner(runtime, unscoped=True)() as uow:
            found = await health.of_one(uow, configured(runtime.config, runtime.in_force.now), None)
    except Exception as error:  # noqa: BLE001 -- the process's other metrics are worth reading just then
        _logger.warning("status.gauges.unread", reason=log.redact(repr(error))[:300])
        for one in INDICATORS:
            _status.labels(one.name).set(nan)
            _since.labels(one.name).set(nan)
        return
    for name, reading in found.readings.items():
        _status.labels(name).set(_VALUES[reading.status])
        _since.labels(name).set(found.marks[name].since.timestamp())
