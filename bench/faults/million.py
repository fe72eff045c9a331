"""`python -m bench.faults.million`: a million events through drops, doubles, shuffles and kills; the end is exact.

Three `kill -9` of each process. Prints progress every ten seconds, and figures at the end. Exit status 0 when nothing
was lost, nothing took effect twice and the mirror is what the model says, else 1.
"""

import argparse
import asyncio
import sys
import time

from bench.faults import inbox, mirror, report
from bench.faults.findings import Findings
from bench.faults.processes import Program, end_tidily
from bench.faults.report import Result
from bench.faults.sender import Sender
from bench.faults.server import Server, embedded
from bench.faults.stage import Set, Stage, a_stage
from bench.faults.storm import Storm, Weather
from sandbox.event_book import EventBook

_PROGRESS_S = 10.0
_KILLS = 3
_MOST_PENDING = 20_000
_PENDING = "select count(*) from webhook_events where status = 'pending'"
_STATUS = "select status, count(*) as n from webhook_events group by 1"


class Million:
    """One long run."""

    def __init__(self, stage: Stage, count: int) -> None:
        self.stage = stage
        self.storm = Storm(stage.model, stage.rng, count, Weather())
        self.sender: Sender = stage.sender(connections=32)
        self.found = Findings()
        self._count = count
        self._began = time.monotonic()
        self._pending = 0
        self._over = False

    async def run(self) -> None:
        """Send, kill, wait, compare."""
        async with asyncio.TaskGroup() as tasks:
            progress = tasks.create_task(self._progress())
            for program, name in ((self.stage.api, "API"), (self.stage.worker, "worker")):
                tasks.create_task(self._kills(program, name))
            await self.sender.send(self.storm.deliveries(self._held_back))
            self.found.note("sent after, s", self._elapsed)
            self._over = True
            # Twice: the first may have begun before the last event happened.
            for _ in range(2):
                await inbox.polled_since(self.stage, within=900)
            await inbox.settled(self.stage, within=3600)
            self.found.note("all applied after, s", self._elapsed)
            progress.cancel()
        await self._figures()
        await inbox.check(self.stage, self.found, self.storm.made)
        await mirror.check(self.stage, self.found, sessions=True)

    @property
    def _elapsed(self) -> float:
        return time.monotonic() - self._began

    async def _held_back(self) -> None:
        while self._pending > _MOST_PENDING:
            await asyncio.sleep(0.1)

    async def _kills(self, program: Program, name: str) -> None:
        """Kill the program three times, spread over the storm."""
        for number in range(_KILLS):
            share = (number + self.stage.rng.uniform(0.3, 0.9)) / _KILLS
            while len(self.storm.made) < share * self._count and not self._over:
                await asyncio.sleep(0.05)
            await program.kill()
            program.start()
            print(f"{self._elapsed:7.0f} s  kill -9 of the {name}", flush=True)

    async def _progress(self) -> None:
        shown = 0.0
        while True:
            self._pending = await self.stage.count(_PENDING)
            if self._elapsed - shown >= _PROGRESS_S:
                shown = self._elapsed
                self._say({row["status"]: row["n"] for row in await self.stage.sql(_STATUS)})
            await asyncio.sleep(1)

    def _say(self, counts: dict[str, int]) -> None:
        words = ", ".join(f"{counts[status]:,} {status}" for status in sorted(counts))
        applied = sum(counts.values()) - counts.get("pending", 0)
        rate = applied / self._elapsed
        print(f"{self._elapsed:7.0f} s  {len(self.storm.made):,} of {self._count:,} happened; {words}; "
              f"{rate:,.0f} applied/s", flush=True)  # fmt: skip

    async def _figures(self) -> None:
        storm, found = self.storm, self.found
        found.note("events", len(storm.made))
        found.note("deliveries answered 2xx", len(self.sender.sent.answered))
        found.note("dropped", storm.dropped)
        found.note("doubled", storm.doubled)
        found.note("too old to be believed", storm.stale)
        found.note("kills", 2 * _KILLS)
        found.note("ms per event", 1000 * self._elapsed / len(storm.made))
        healed = await self.stage.count("select count(*) from webhook_events where source = 'events_api'")
        found.note("came by WorkOS's list first", healed)


def main() -> int:
    """Run what was asked."""
    parser = argparse.ArgumentParser(prog="python -m bench.faults.million", description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000, help="how many events (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="what everything left to chance follows from")
    options = parser.parse_args()
    end_tidily()
    with embedded() as server:
        result = asyncio.run(_run(Server(server), options.events, options.seed))
    print(report.text([result]))
    return 0 if result.holds else 1


async def _run(server: Server, count: int, seed: int) -> Result:
    await server.prepare()
    result = Result("million", f"{count:,} events")
    async with a_stage(server, seed, Set(organizations=20, people=50)) as stage:
        # WorkOS's history is months long; the twin's usual one might be shorter than this run.
        stage.twin.world.events = EventBook(kept=count + 100_000)
        stage.twin.record_hits(on=False)
        await inbox.settled(stage)
        await inbox.polled_since(stage)
        await mirror.plant_sessions(stage)
        long = Million(stage, count)
        await long.run()
        result.runs[seed] = long.found
    return result


if __name__ == "__main__":
    sys.exit(main())
