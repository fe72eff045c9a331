"""Report: one table for people, one JSON file for machines, one verdict."""

import json
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench.bars import BARS, CONNECTIONS, Bar
from bench.measure import Results, Series, cpu_ratio, ratio
from bench.workload import Workload

FOLDER = Path(__file__).parent / "results"
_HEADINGS = [
    *("workload", "target", "conn.", "per second", "p50 ms", "p99 ms", "CPU µs", "core", "spread", "x floor", "CPU x"),
    *("x plain", "bar", "verdict"),
]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; what does not apply is empty."""

    workload: str
    target: str
    connections: int | None
    per_second: float | None = None
    p50_ms: float | None = None
    p99_ms: float | None = None
    cpu_us: float | None = None
    core: float | None = None
    spread: float | None = None
    floor: float | None = None
    cpu_floor: float | None = None
    plain: float | None = None
    seconds: float | None = None
    bar: str = ""
    verdict: str = ""
    trouble: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def failed(self) -> bool:
        """Whether this row must make the bench fail."""
        return self.verdict.startswith("FAIL")


def table_rows(workload: Workload, results: Results) -> list[Row]:
    """Return the workload's lines: each target under each number of connections."""
    keys = sorted(results.series, key=lambda key: (key[1], _order(key[0])))
    rows = [_row(workload, name, count, results) for name, count in keys]
    # A target that failed has no figures that count, even where earlier rounds went well.
    failed = [Row(workload.name, name, None, verdict=f"FAIL: {_brief(why)}") for name, why in results.failed.items()]
    return failed + [row for row in rows if row.target not in results.failed]


def _brief(why: str) -> str:
    return why.split("\n", 1)[0][:80]


def _order(target: str) -> int:
    return {"floor": 0, "gateway": 2, "plain": 3}.get(target, 1)


def _row(workload: Workload, target: str, connections: int, results: Results) -> Row:
    series = results.series[target, connections]
    plain = results.series.get(("plain", connections))
    floor = results.series.get(("floor", connections))
    ours = target == "gateway"
    by_floor = ratio(results, connections) if ours else series.rate / floor.rate if floor and floor.rate else None
    by_plain = series.rate / plain.rate if plain and plain.rate else None
    bar = BARS.get(workload.name) if ours and connections == CONNECTIONS else None
    return Row(
        workload=workload.name,
        target=target,
        connections=connections,
        per_second=series.rate,
        p50_ms=series.middle(lambda run: run.p50_ms),
        p99_ms=series.middle(lambda run: run.p99_ms),
        cpu_us=series.middle(lambda run: run.cpu_us),
        core=series.middle(lambda run: run.rate * run.cpu_us / 1e6),
        spread=series.spread,
        floor=by_floor,
        cpu_floor=cpu_ratio(results, target, connections),
        plain=by_plain,
        bar=str(bar or ""),
        verdict=_verdict(series, bar, by_floor, by_plain),
        trouble=series.trouble,
    )


def _verdict(series: Series, bar: Bar | None, by_floor: float | None, by_plain: float | None) -> str:
    if series.trouble:
        return "FAIL: " + ", ".join(f"{count} {name}" for name, count in series.trouble.items())
    if bar is None:
        return ""
    short = [
        bar.floor is not None and by_floor is not None and by_floor < bar.floor,
        bar.plain is not None and by_plain is not None and by_plain < bar.plain,
        bar.p99_ms is not None and series.middle(lambda run: run.p99_ms) > bar.p99_ms,
    ]
    return "FAIL: below the bar" if any(short) else "pass"


def text(rows: Sequence[Row]) -> str:
    """Return the table."""
    lines = [_HEADINGS, *map(_cells, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEADINGS))]
    shown: list[str] = []
    for number, line in enumerate(lines):
        if number and rows[number - 1].workload != (rows[number - 2].workload if number > 1 else ""):
            shown.append("-" * (sum(widths) + 2 * len(widths)))
        left = {0, 1, 12, 13}
        cells = (
            cell.ljust(width) if at in left else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        shown.append("  ".join(cells).rstrip())
    return "\n".join(shown)


def _cells(row: Row) -> list[str]:
    per_second = _number(row.per_second, 0) if row.seconds is None else f"{row.seconds:.2f} s"
    return [
        *(row.workload, row.target, str(row.connections or ""), per_second),
        *(_number(row.p50_ms, 2), _number(row.p99_ms, 2), _number(row.cpu_us, 0), _part(row.core), _part(row.spread)),
        *(_number(row.floor, 2), _number(row.cpu_floor, 2), _number(row.plain, 1), row.bar, row.verdict),
    ]


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


def _part(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"


def write(rows: Sequence[Row], about: dict[str, object]) -> Path:
    """Write everything as JSON and return where."""
    FOLDER.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    path = FOLDER / f"{now:%Y%m%d-%H%M%S}.json"
    machine = {"python": platform.python_version(), "machine": platform.machine(), "system": platform.system()}
    content = {"at": now.isoformat(timespec="seconds"), **machine, **about, "rows": [asdict(row) for row in rows]}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return path
