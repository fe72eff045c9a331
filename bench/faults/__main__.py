"""`python -m bench.faults`: run the scenarios and print one table. Exit status 0 when everything holds, else 1."""

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence

from bench.faults import report
from bench.faults.findings import Skipped
from bench.faults.processes import end_tidily
from bench.faults.report import Result
from bench.faults.scenario import Run, Scenario
from bench.faults.scenarios import ALL
from bench.faults.server import Server, embedded

_SEEDS = 5


def main() -> int:
    """Run what was asked."""
    options = _options()
    end_tidily()
    chosen = [each for each in ALL if not options.only or each.id in options.only]
    seeds = [options.first_seed + number for number in range(options.seeds)]
    with embedded() as server:
        results = asyncio.run(_run(Server(server), chosen, seeds, quick=options.quick))
    print(report.text(results))
    return 0 if all(result.holds for result in results) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__)
    parser.add_argument("--only", type=_ids, default=(), help="ids of scenarios, comma-separated (default: all)")
    parser.add_argument("--seeds", type=int, default=_SEEDS, help="runs per scenario (default: %(default)s)")
    parser.add_argument("--first-seed", type=int, default=1, help="the first run's seed; the next ones count up")
    parser.add_argument("--quick", action="store_true", help="a fifth of the size: for a look, not for a verdict")
    return parser.parse_args()


def _ids(text: str) -> tuple[str, ...]:
    ids, known = tuple(part.strip().upper() for part in text.split(",")), {each.id for each in ALL}
    for name in ids:
        if name not in known:
            raise argparse.ArgumentTypeError(f"{name} is not one of {', '.join(sorted(known))}")
    return ids


async def _run(server: Server, chosen: Sequence[Scenario], seeds: Sequence[int], *, quick: bool) -> list[Result]:
    await server.prepare()
    results: list[Result] = []
    for scenario in chosen:
        results.append(result := Result(scenario.id, scenario.title))
        for seed in seeds:
            await _run_one(scenario, result, Run(server, seed, quick))
    return results


async def _run_one(scenario: Scenario, result: Result, run: Run) -> None:
    began = time.monotonic()
    try:
        async with asyncio.timeout(scenario.seconds):
            result.runs[run.seed] = await scenario.run(run)
    except Skipped as why:
        result.skipped[run.seed] = str(why)
    except Exception as error:  # noqa: BLE001 -- one scenario that breaks must not hide the others
        result.broken[run.seed] = f"{type(error).__name__}: {_words(error)}"
    verdict = "holds" if run.seed in result.runs and result.runs[run.seed].hold else "BROKEN"
    verdict = "skipped" if run.seed in result.skipped else verdict
    print(f"{scenario.id} seed {run.seed}: {verdict} in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    if verdict == "BROKEN":  # told at once: the table comes hours later
        print("\n".join(f"  {line}" for line in report.broken(result, run.seed)), file=sys.stderr, flush=True)


def _words(error: BaseException) -> str:
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(f"{type(each).__name__}: {_words(each)}" for each in error.exceptions)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType, reportUnknownMemberType]
    return str(error)


if __name__ == "__main__":
    sys.exit(main())
