"""ASGI process: create_app(); the lifespan opens and closes the Runtime."""

import contextlib
import gc
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI

from app import api, bootstrap, log
from app.bootstrap import Assembly
from app.config import Config, load
from app.http import handlers, metrics, openapi
from app.http.exchange import MAX_BODY
from app.http.gateway import Gateway
from app.kit.ids import SystemIds
from app.status import gauges as health_gauges
from app.status.watching import telling
from app.webhooks import gauges
from app.webhooks.backlog_repository import Backlogs

Assemble = Callable[[Config], AbstractAsyncContextManager[Assembly]]


@contextlib.asynccontextmanager
async def _assemble(config: Config) -> AsyncGenerator[Assembly]:
    with bootstrap.database_url(config) as url:
        async with bootstrap.assembled(config, url) as assembly:
            yield assembly


def _operated(config: Config, assembly: Assembly) -> AbstractAsyncContextManager[int | None]:
    """Serve the operator port. The inbox's age is told here too: a worker that is gone tells nothing."""
    runtime = assembly.runtime
    backlogs = Backlogs(runtime.lane, runtime.clock)

    async def refresh() -> None:
        await gauges.refresh(backlogs.now)
        await health_gauges.refresh(runtime)

    return metrics.served(config.host, config.metrics_port, refresh=refresh)


def create_app(config: Config | None = None, *, assemble: Assemble = _assemble) -> Gateway:
    """Return the gateway as an ASGI application.

    Args:
        config: the configuration; read from the environment when absent.
        assemble: opens the Runtime for the lifespan; tests pass their own.
    """
    settings = config or load()
    if config is None:
        log.set_up(settings.log_level)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        assert isinstance(app, Gateway)  # noqa: S101 -- it is the one made below
        try:
            async with assemble(settings) as assembly, _operated(settings, assembly), telling(assembly.runtime):
                api.bind(app, assembly)
                # What is there now stays: looked through again and again it would hold every request up for 80 ms.
                gc.freeze()
                yield
        except bootstrap.OPERATOR_FAULTS as fault:
            app.fault = str(fault)
            raise

    app = Gateway(
        settings,
        SystemIds(),
        title="MemberPulse Auth Gateway",
        version="1.0.0",
        lifespan=lifespan,
        description=openapi.DESCRIPTION,
        openapi_url="/openapi.json" if settings.docs == "on" else None,
        docs_url=None,
        redoc_url=None,
        max_body_size=MAX_BODY,
        redirect_slashes=False,
    )
    handlers.install(app)
    api.include(app)
    openapi.install(app)
    return app
