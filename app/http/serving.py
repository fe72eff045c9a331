"""Serving: how uvicorn runs the gateway, and how it stops without losing a request."""

import asyncio
import resource
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from uvicorn.config import STARTUP_FAILURE, Config
from uvicorn.server import Server
from uvicorn.supervisors import Multiprocess, multiprocess

from app.http.protocol import GatewayProtocol, LimitedConfig, Limits

# SIGTERM to exit. The last second is for the lifespan: closing pools after the last request.
STOP_LIMIT_S = 15
_DRAIN_LIMIT_S = STOP_LIMIT_S - 1
_LAST_LOOKS = 3
_SPARE_FILES = 256  # of the process's file descriptors, those that are not clients: pools, logs, upstream


def uvicorn_config(  # noqa: PLR0913 -- each is a knob that an operator or a test turns
    app: Callable[..., Any] | str,
    *,
    host: str,
    port: int,
    workers: int = 1,
    factory: bool = False,
    limits: Limits | None = None,
    keep_alive_s: int = 5,
) -> LimitedConfig:
    """Return the configuration under which every process of the gateway (and every floor of the bench) serves.

    `app` is an ASGI callable, or `"module:name"`, which several workers need: each imports it anew. With `factory`
    it is called to get the callable.
    """
    config = LimitedConfig(
        app,
        host=host,
        port=port,
        workers=workers,
        factory=factory,
        http=GatewayProtocol,
        ws="none",
        loop="uvloop",
        interface="asgi3",
        lifespan="on",
        log_config=None,  # the gateway's own logging is in force
        access_log=False,
        server_header=False,
        proxy_headers=False,  # TRUSTED_PROXIES are judged by the gateway's own edge
        backlog=2048,
        timeout_keep_alive=keep_alive_s,
        timeout_graceful_shutdown=_DRAIN_LIMIT_S,
        timeout_worker_healthcheck=30,  # a worker that imports on a busy machine is not hung
        # Without it a pipelined request starts in the context of the one before: its request id, its log fields.
        reset_contextvars=True,
    )
    config.limits = _within_file_limit(limits or Limits())
    return config


def serve(config: Config) -> int:
    """Serve until SIGTERM or SIGINT, finish what is in flight, return the exit code (0 after a signal).

    It returns rather than dies by the signal, so that the caller's `finally` runs.
    """
    if config.workers > 1:
        return _serve_with_workers(config)
    server = GatewayServer(config)
    try:
        server.run()
    except SystemExit as failed:  # uvicorn leaves so when the address is taken or the lifespan fails
        return failed.code if isinstance(failed.code, int) else STARTUP_FAILURE
    return 0 if server.started or server.should_exit else STARTUP_FAILURE


class GatewayServer(Server):
    """uvicorn's server, which loses nothing that came before the signal and does not raise it again once stopped."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept who is connected already and read what has been sent, and only then close and drain.

        A process that got no turn for a while learns of the signal before it looks at its sockets: whoever waits in
        the backlog would be reset, and a request on a kept connection closed on, though both came before the signal.
        Accepting, reading and beginning to answer take one look at the sockets each.
        """
        for _ in range(_LAST_LOOKS):
            await asyncio.sleep(0.02)
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Stop gracefully on a signal and forget it: raised again it would end the process before `finally`."""
        with super().capture_signals():
            yield
            self._captured_signals.clear()


class GatewayWorker(multiprocess.Process):
    """A worker process, which stops as a single one does."""

    @property
    def server(self) -> Server:
        """The server that it runs."""
        self._server = self._server or GatewayServer(self.config)
        return self._server


# The supervisor makes workers in three places, all by this name.
multiprocess.Process = GatewayWorker  # type: ignore[misc]


class GatewaySupervisor(Multiprocess):
    """uvicorn's supervisor of worker processes, which stops listening before they drain."""

    def terminate_all(self) -> None:
        """Close our copy of the socket, then let the workers close theirs and finish.

        While one copy is open the kernel accepts clients whom nobody will serve: they wait out the drain and
        are reset, where a refusal would have sent them to another machine at once.
        """
        for listener in self.sockets:
            listener.close()
        super().terminate_all()


def _serve_with_workers(config: Config) -> int:
    try:
        listener = config.bind_socket()
    except SystemExit:
        return STARTUP_FAILURE
    with listener:
        supervisor = GatewaySupervisor(config, sockets=[listener])
        supervisor.run()
    failed = any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes)
    return STARTUP_FAILURE if failed else 0


def _within_file_limit(limits: Limits) -> Limits:
    """Raise this process's limit of open files, and keep the connections below it.

    Connections that the kernel has no descriptor for fail in `accept`, over and over, while the loop spins.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = limits.connections + _SPARE_FILES
    if soft < wanted and soft != resource.RLIM_INFINITY:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY:
        return limits
    return replace(limits, connections=max(1, min(limits.connections, soft - _SPARE_FILES)))
