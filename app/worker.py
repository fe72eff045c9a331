"""Worker process: runs what is due until SIGTERM, then drains."""

import asyncio
import signal
from functools import partial

from app import log
from app import uow as units
from app.bootstrap import assembled
from app.config import Config
from app.directories import sync as directory_sync
from app.jobs import periodic
from app.queue.periodic import run_until
from app.queue.runner import run_steps
from app.webhooks import jobs as webhooks

_PAUSE_SECONDS = 5.0
_IDLE_SECONDS = 0.5
_SYNC_IDLE_SECONDS = 2.0
_logger = log.get("worker")


async def work(config: Config, url: str, *, concurrency: int) -> None:
    """Run until SIGTERM or SIGINT, so many jobs at once; those under way are finished or rolled back first."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with assembled(config, url, role="gw_worker") as assembly:
        _logger.info("worker.started")
        begin = units.beginner(assembly.runtime)
        async with asyncio.TaskGroup() as tasks:
            jobs = run_until(
                partial(begin, units.PLATFORM),
                periodic(assembly.runtime),
                stop,
                pause=_PAUSE_SECONDS,
                concurrency=concurrency,
            )
            tasks.create_task(jobs)
            reading = partial(webhooks.catch_up, assembly.runtime, begin)
            tasks.create_task(run_steps(reading, stop, idle=_PAUSE_SECONDS))
            syncing = partial(directory_sync.run_next, assembly.runtime, begin)
            tasks.create_task(run_steps(syncing, stop, idle=_SYNC_IDLE_SECONDS))
            for _ in range(concurrency):
                applying = partial(webhooks.apply_next, begin, config.platform_organization)
                tasks.create_task(run_steps(applying, stop, idle=_IDLE_SECONDS))
    _logger.info("worker.stopped")
