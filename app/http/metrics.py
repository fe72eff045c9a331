"""Metrics: what Prometheus reads on the operator port, never on the public one (threats.md H7)."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import partial

from prometheus_client import Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from app import log
from app.kit.registry import REGISTRY

_requests = Counter("gateway_http_requests_total", "Requests answered.", ["route", "status"], registry=REGISTRY)
_seconds = Histogram(
    "gateway_http_request_seconds",
    "Time from the first byte of a request to its answer.",
    ["route"],
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 6),
    registry=REGISTRY,
)
_counters: dict[tuple[str, int], Counter] = {}
_histograms: dict[str, Histogram] = {}
_TEXT = "text/plain; charset=utf-8"
_PHRASES = {200: "OK", 404: "Not Found", 503: "Service Unavailable"}
_logger = log.get("http.metrics")

Refresh = Callable[[], Awaitable[None]]
"""Brings gauges up to date; raises nothing."""
Ready = Callable[[], Awaitable[tuple[int, bytes]]]
"""Returns the status and the JSON that /readyz answers; raises nothing."""


def observe(route: str, status: int, seconds: float) -> None:
    """Count one answered request. Label look-ups are remembered: they cost more than the counting."""
    counter = _counters.get((route, status))
    if counter is None:
        counter = _counters[route, status] = _requests.labels(route, str(status))
        _histograms.setdefault(route, _seconds.labels(route))
    counter.inc()
    _histograms[route].observe(seconds)


@contextlib.asynccontextmanager
async def served(
    host: str, port: int | None, *, spare: int = 16, refresh: Refresh | None = None, ready: Ready | None = None
) -> AsyncGenerator[int | None]:
    """Serve `/metrics` on `port`, or on the next free one: several worker processes share one host.

    Yields the port in use, or None where no port was configured. `refresh` runs before each reading of the metrics.
    With `ready` it serves `/readyz` too: for a process that has no public port to say so.
    """
    if port is None:
        yield None
        return
    server = None
    for candidate in range(port, port + spare):
        with contextlib.suppress(OSError):
            server = await asyncio.start_server(partial(_answer, refresh, ready), host, candidate)
            port = candidate
            break
    if server is None:
        _logger.error("http.metrics.port_taken", port=port)
        yield None
        return
    _logger.info("http.metrics.opened", port=port)
    try:
        yield port
    finally:
        server.close()


async def _answer(
    refresh: Refresh | None, ready: Ready | None, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    with contextlib.suppress(ConnectionError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        async with asyncio.timeout(5):
            head = await reader.readuntil(b"\r\n\r\n")
            status, kind, body = await _page(head, refresh, ready)
            lines = (
                f"HTTP/1.1 {status} {_PHRASES[status]}",
                f"Content-Type: {kind}",
                f"Content-Length: {len(body)}",
                "Connection: close",
            )
            writer.write("\r\n".join((*lines, "", "")).encode() + body)
            await writer.drain()
    writer.close()


async def _page(head: bytes, refresh: Refresh | None, ready: Ready | None) -> tuple[int, str, bytes]:
    """Return status, type and body of the answer to a request's head."""
    if head.startswith(b"GET /metrics "):
        if refresh is not None:
            await refresh()
        return 200, CONTENT_TYPE_LATEST, generate_latest(REGISTRY)
    if ready is not None and head.startswith(b"GET /readyz "):
        status, body = await ready()
        return status, "application/json", body
    return 404, _TEXT, b"not found\n"
