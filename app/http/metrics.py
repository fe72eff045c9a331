"""Metrics: what Prometheus reads on the operator port, never on the public one (threats.md H7)."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from app import log

REGISTRY = CollectorRegistry()
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
_logger = log.get("http.metrics")


def observe(route: str, status: int, seconds: float) -> None:
    """Count one answered request. Label look-ups are remembered: they cost more than the counting."""
    counter = _counters.get((route, status))
    if counter is None:
        counter = _counters[route, status] = _requests.labels(route, str(status))
        _histograms.setdefault(route, _seconds.labels(route))
    counter.inc()
    _histograms[route].observe(seconds)


@contextlib.asynccontextmanager
async def served(host: str, port: int | None, *, spare: int = 16) -> AsyncGenerator[int | None]:
    """Serve `/metrics` on `port`, or on the next free one: several worker processes share one host.

    Yields the port in use, or None where no port was configured.
    """
    if port is None:
        yield None
        return
    server = None
    for candidate in range(port, port + spare):
        with contextlib.suppress(OSError):
            server = await asyncio.start_server(_answer, host, candidate)
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


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        async with asyncio.timeout(5):
            head = await reader.readuntil(b"\r\n\r\n")
            known = head.startswith(b"GET /metrics ")
            body = generate_latest(REGISTRY) if known else b"not found\n"
            status = b"200 OK" if known else b"404 Not Found"
            writer.write(
                b"HTTP/1.1 "
                + status
                + b"\r\nContent-Type: "
                + CONTENT_TYPE_LATEST.encode()
                + b"\r\nContent-Length: "
                + str(len(body)).encode()
                + b"\r\nConnection: close\r\n\r\n"
                + body
            )
            await writer.drain()
    writer.close()
