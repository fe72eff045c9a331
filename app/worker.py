"""Worker process: runs what is due until SIGTERM, then drains."""

import asyncio
import gc
import signal
from collections.abc import Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

import msgspec

from app import log
from app import uow as units
from app.bootstrap import Assembly, assembled
from app.config import Config
from app.db.engine import connector
from app.directories import looking
from app.directories import sync as directory_sync
from app.http import metrics
from app.jobs import handlers, periodic, senders
from app.queue import outbox_runner
from app.queue.periodic import run_until
from app.queue.progress import Progress
from app.queue.runner import run_steps
from app.queue.wakeup import INBOX, OUTBOX, SYNCS, Wakeup
from app.runtime import Runtime
from app.sso import certificate_flow as certificates
from app.status import gauges as health_gauges
from app.status.service import Readiness, report
from app.status.watching import Prober, telling
from app.status.worker import WorkerReadiness
from app.webhooks import gauges
from app.webhooks import jobs as webhooks
from app.webhooks.backlog_repository import Backlogs
from app.webhooks.place import Place

_PAUSE_SECONDS = 5.0
# The net below the wake-up, for what nobody notifies: an event that failed and is due again (after 5 s and more), and
# notifications that a pooler swallows. Each coroutine's look costs one index probe; two seconds is what D8 allows.
_IDLE_SECONDS = 2.0
_CERTIFICATE_SECONDS = 60.0  # each connection has its turn every six hours, and a minute after it was configured
_OBJECTS = 20_000
# What is under way has so long once the signal has come; with what follows it is out before the 15 s of the API.
_DRAIN_SECONDS = 10.0
_SYNCS_AT_ONCE = 2  # of one process: a directory of a hundred thousand people must not hold up a small one's
_SENT_AT_ONCE = 2  # pieces of the outbox's work; what takes long, forwarding, has a place of its own beside them
_logger = log.get("worker")


async def work(config: Config, url: str, *, concurrency: int) -> None:
    """Run until SIGTERM or SIGINT, so many jobs at once; those under way are finished or rolled back first.

    It ends within 15 seconds of the signal.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    wakeup, progress = Wakeup(connector(url, "gw_worker"), (INBOX, OUTBOX, SYNCS)), Progress()
    async with (
        assembled(config, url, role="gw_worker") as assembly,
        operated(config, assembly, progress),
        wakeup.listening(),
        telling(assembly.runtime),
    ):
        # What is there now stays, and what a page brings is no cycle: looked through every 700 objects, it takes a
        # third of a full sync.
        gc.freeze()
        gc.set_threshold(_OBJECTS, 20, 20)
        _logger.info("worker.started")
        async with asyncio.TaskGroup() as tasks:
            loops = _loops(assembly.runtime, stop, wakeup, progress=progress, concurrency=concurrency)
            going_on = [tasks.create_task(loop) for loop in loops]
            tasks.create_task(_drained(going_on, stop))
    _logger.info("worker.stopped")


def _loops(
    runtime: Runtime, stop: asyncio.Event, wakeup: Wakeup, *, progress: Progress, concurrency: int
) -> list[Coroutine[Any, Any, None]]:
    """Return the worker's loops, each of which ends by itself once `stop` is set and its step is done."""
    begin = units.beginner(runtime)
    own, jobs = partial(begin, units.PLATFORM), periodic(runtime)
    reading = partial(webhooks.catch_up, runtime, begin)
    syncing = partial(directory_sync.run_next, runtime, begin, stop)
    watching = partial(looking.look, runtime, begin)
    certifying = partial(certificates.check, runtime, begin)
    sending = partial(outbox_runner.run_next, begin, handlers(runtime, begin))
    long = senders(runtime, begin)
    long_sending = [partial(outbox_runner.run_next, begin, long)] if long else []
    applying_next = partial(webhooks.apply_next, begin, runtime.config.platform_organization, Place())
    applying = partial(progress.watch, applying_next)
    return [
        run_until(own, jobs, stop, pause=_PAUSE_SECONDS, concurrency=concurrency),
        run_steps(reading, stop, idle=_PAUSE_SECONDS),
        run_steps(Prober(runtime).step, stop, idle=_PAUSE_SECONDS),
        run_steps(certifying, stop, idle=_CERTIFICATE_SECONDS),
        run_steps(watching, stop, idle=_PAUSE_SECONDS),
        *(run_steps(syncing, stop, idle=_IDLE_SECONDS, bell=wakeup.bell(SYNCS)) for _ in range(_SYNCS_AT_ONCE)),
        *(run_steps(sending, stop, idle=_IDLE_SECONDS, bell=wakeup.bell(OUTBOX)) for _ in range(_SENT_AT_ONCE)),
        *(run_steps(step, stop, idle=_IDLE_SECONDS, bell=wakeup.bell(OUTBOX)) for step in long_sending),
        *(run_steps(applying, stop, idle=_IDLE_SECONDS, bell=wakeup.bell(INBOX)) for _ in range(concurrency)),
    ]


async def _drained(going_on: Sequence[asyncio.Task[None]], stop: asyncio.Event) -> None:
    """Wait for the signal, then for what is under way; what takes too long is rolled back."""
    await stop.wait()
    _, late = await asyncio.wait(going_on, timeout=_DRAIN_SECONDS)
    for task in late:
        task.cancel()


def operated(config: Config, assembly: Assembly, progress: Progress) -> AbstractAsyncContextManager[int | None]:
    """Serve the worker's operator port: its metrics, and whether it does its work."""
    runtime = assembly.runtime
    backlogs = Backlogs(runtime.lane, runtime.clock)
    readiness = WorkerReadiness(Readiness(runtime.lane, proven=assembly.proven), progress, backlogs.now)

    async def ready() -> tuple[int, bytes]:
        status, content = report(await readiness.checks())
        return status, msgspec.json.encode(content)

    async def refresh() -> None:
        await gauges.refresh(backlogs.now)
        await health_gauges.refresh(runtime)

    return metrics.served(config.host, config.metrics_port, refresh=refresh, ready=ready)
