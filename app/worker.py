"""Worker process: runs what is due until SIGTERM, then drains."""

import asyncio
import signal
from functools import partial

from app import log
from app import uow as units
from app.bootstrap import assembled
from app.config import Config
from app.jobs import periodic
from app.queue.periodic import run_until

_PAUSE_SECONDS = 5.0
_logger = log.get("worker")


async def work(config: Config, url: str, *, concurrency: int) -> None:
    """Run until SIGTERM or SIGINT, so many jobs at once; those under way are finished or rolled back first."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with assembled(config, url, role="gw_worker") as assembly:
        _logger.info("worker.started")
        begin = partial(units.beginner(assembly.runtime), units.PLATFORM)
        await run_until(begin, periodic(assembly.runtime), stop, pause=_PAUSE_SECONDS, concurrency=concurrency)
    _logger.info("worker.stopped")
