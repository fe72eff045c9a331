"""`python -m bench` (`make bench`): run every workload, print one table, exit 1 when a bar is missed."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence

from bench import cold, machine, report
from bench.database import FOLDER, NotDurable, Postgres, postgres
from bench.drain import drain
from bench.floors.book import floors
from bench.gateway import GatewayTarget
from bench.measure import Plan, compare
from bench.servers import DidNotStart, twin, upstream
from bench.targets import FloorTarget, PlainTarget, Target
from bench.visit import Dishonest
from bench.workload import Drain, Workload
from bench.wrk import NoLoadGenerator, require_wrk

TARGETS = ("floor", "gateway", "plain")


def main() -> int:
    """Return 0 when every row passed, 1 when one failed, 2 when the bench could not run."""
    given = _arguments()
    # Both ways of being asked to stop must reach the `finally`s that end what was started; a shell that puts us into
    # the background has SIGINT ignored.
    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, signal.default_int_handler)
    ours, others = machine.cores()
    # Before PostgreSQL is started: it inherits where it may run.
    machine.keep_to(others)
    try:
        require_wrk()
        with machine.alone(FOLDER.parent), postgres() as server, twin(others) as twin_port, upstream(others) as listing:
            plan = Plan(given.seconds, given.rounds, given.connections, ours, twin_port, listing)
            rows = asyncio.run(_bench(server, plan, given))
    except (NoLoadGenerator, machine.AlreadyRunning, NotDurable, DidNotStart, Dishonest) as refused:
        print(f"bench: {type(refused).__name__}: {refused}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("bench: stopped", file=sys.stderr)
        return 2
    print("\n" + report.text(rows))
    about: dict[str, object] = {
        "seconds": given.seconds,
        "rounds": given.rounds,
        "server_core": ours,
        "other_cores": others,
    }
    print(f"\nWritten to {report.write(rows, about)}. How to read it: bench/README.md.")
    failed = [row for row in rows if row.failed]
    for row in failed:
        print(f"FAILED {row.workload}, {row.target}, {row.connections} connections: {row.verdict}", file=sys.stderr)
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    names = [*floors(), cold.NAME]
    parser.add_argument("--seconds", type=float, default=5, help="length of one run (default 5)")
    parser.add_argument("--rounds", type=int, default=3, help="how often floor and gateway alternate (default 3)")
    parser.add_argument(
        "--only", type=_list_of(names), default=names, help=f"workloads, comma-separated: {','.join(names)}"
    )
    parser.add_argument(
        "--targets", type=_list_of(TARGETS), default=list(TARGETS), help=f"comma-separated: {','.join(TARGETS)}"
    )
    parser.add_argument(
        "--connections",
        type=lambda text: [int(part) for part in text.split(",")],
        default=[32, 128],
        help="default 32,128",
    )
    parser.add_argument(
        "--no-variants", action="store_true", help="leave out the other floors, which are for information"
    )
    return parser.parse_args()


def _list_of(known: Sequence[str]) -> "type[list[str]]":
    def parse(text: str) -> list[str]:
        parts = text.split(",")
        if strangers := set(parts) - set(known):
            raise argparse.ArgumentTypeError(f"{', '.join(strangers)}: not one of {', '.join(known)}")
        return parts

    return parse  # type: ignore[return-value]


async def _bench(server: Postgres, plan: Plan, given: argparse.Namespace) -> list[report.Row]:
    version = await server.require_durable()
    pinned = "pinned beside the load" if server.ours else "on cores of its own choice"
    print(f"PostgreSQL {version} {pinned}; one server process on core {plan.cpu}.")
    made: dict[str, Target] = {
        "floor": FloorTarget(server),
        "gateway": GatewayTarget(server),
        "plain": PlainTarget(server),
    }
    targets = {name: made[name] for name in given.targets}
    for target in targets.values():
        await target.prepare(server)
    rows: list[report.Row] = []
    for name in given.only:
        if name == cold.NAME:
            rows += cold.cold_start(list(targets.values()), plan)
        else:
            rows += await _workload(floors()[name].WORKLOAD, targets, server, plan, variants=not given.no_variants)
    return rows


async def _workload(
    workload: Workload | Drain, targets: dict[str, Target], server: Postgres, plan: Plan, *, variants: bool
) -> list[report.Row]:
    turns = [targets[name] for name in ("floor", "gateway") if name in targets]
    last = [targets[name] for name in ("plain",) if name in targets]
    if variants and "floor" in targets:
        last += [FloorTarget(server, variant) for variant in workload.variants]
    if isinstance(workload, Workload):
        return report.table_rows(workload.name, await compare(workload, turns, last, server, plan))
    phases = await drain(workload, turns, last, server, plan)
    return [row for name, results in phases for row in report.table_rows(name, results, timed=workload.timed)]


if __name__ == "__main__":
    sys.exit(main())
