"""Drain: work lies ready in the database, one worker process does it, and the time until nothing is left is taken."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import asyncpg

from bench.database import Postgres
from bench.machine import cpu_seconds, forget_peak, peak_mb
from bench.measure import Plan, furnish, in_turn
from bench.results import Results, Run, Series
from bench.servers import DidNotStart, Program
from bench.targets import Target
from bench.workload import Connection, Drain, Phase

_LOOK_EVERY_S = 0.02
_PATIENCE_S = 300


async def drain(
    workload: Drain, turns: Sequence[Target], last: Sequence[Target], postgres: Postgres, plan: Plan
) -> list[tuple[str, Results]]:
    """Return (phase's name, results), measured like requests: `turns` alternate, `last` come once."""
    failed: dict[str, str] = {}  # shared: who failed in one phase has no figures in the next
    phases = {phase.name: Results(failed=failed) for phase in workload.phases}

    async def run(target: Target) -> None:
        await _work(workload, target, postgres, plan, phases)

    await in_turn(workload, turns, last, postgres, plan, Results(failed=failed), run)
    return list(phases.items())


async def _work(workload: Drain, target: Target, postgres: Postgres, plan: Plan, phases: dict[str, Results]) -> None:
    """Start the worker, let it do each phase, end it."""
    if workload.anew:
        await target.prepare(postgres)
        await furnish(workload, target, postgres)
    await postgres.clear(target.database, workload.clears)
    await postgres.calm(target.database)
    connection = await asyncpg.connect(postgres.url(target.database))
    try:
        with Program(target.worker(workload.name, plan.upstream), plan.cpu) as worker:
            watch = _Watch(workload, target, connection, worker)
            if workload.prime is not None:
                await watch.finish(workload.prime)
                await postgres.clear(target.database, workload.clears)
            for phase in workload.phases:
                run = await watch.measure(phase)
                phases[phase.name].series.setdefault((target.name, 0), Series()).runs.append(run)
                await watch.rest()
                await postgres.calm(target.database)
    finally:
        await connection.close()


class _Watch:
    """Watches one worker do its work, through the database and /proc."""

    def __init__(self, workload: Drain, target: Target, connection: Connection, worker: Program) -> None:
        self._workload = workload
        self._target = target
        self._connection = connection
        self._worker = worker

    async def measure(self, phase: Phase) -> Run:
        """Lay the phase's work ready and return how it went."""
        forget_peak(self._worker.pid)
        before = cpu_seconds(self._worker.pid)
        mark = await self._mark()
        units, ended = await self.finish(phase.fill)
        used = cpu_seconds(self._worker.pid) - before
        began = await self._connection.fetchval(self._workload.began)
        if began is None:
            raise LookupError("the worker did not say when it began")
        return Run(
            rate=units / (ended - began.timestamp()),
            cpu_us=used * 1e6 / units,
            trouble=await self._trouble(phase, mark),
            units=units,
            peak_mb=peak_mb(self._worker.pid),
        )

    async def finish(self, fill: Callable[[Connection, Target], Awaitable[int]]) -> tuple[int, float]:
        """Lay work ready, wait until none is left, return (units, when that was); raises DidNotStart when it stalls."""
        units = await fill(self._connection, self._target)
        await self._until_not(self._workload.left)
        return units, time.time()

    async def rest(self) -> None:
        """Wait until the worker has done what the work left behind."""
        if self._workload.busy:
            await self._until_not(self._workload.busy)

    async def _until_not(self, query: str) -> None:
        patience = time.monotonic() + _PATIENCE_S
        while await self._connection.fetchval(query):
            if self._worker.ended is not None:
                raise DidNotStart(f"the worker ended ({self._worker.ended}):\n{self._worker.said()}")
            if time.monotonic() > patience:
                raise DidNotStart(f"the worker did not finish in {_PATIENCE_S} s:\n{self._worker.said()}")
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _mark(self) -> int:
        """Return a transaction id: what is written from now on carries a later one."""
        return int(await self._connection.fetchval("select pg_current_xact_id()::text::bigint"))

    async def _trouble(self, phase: Phase, mark: int) -> dict[str, int]:
        undone = int(await self._connection.fetchval(self._workload.undone))
        # The ids of rows are those of transactions without the epoch; no bench lives long enough for a second one.
        written = [
            int(await self._connection.fetchval(f"select count(*) from {table} where xmin::text::bigint > $1", mark))  # noqa: S608
            for table in phase.unchanged
        ]
        why = await self._connection.fetchval(self._workload.why) if undone and self._workload.why else None
        told = {f"not done ({why})" if why else "not done": undone, "rows written": sum(written)}
        return {name: count for name, count in told.items() if count}
