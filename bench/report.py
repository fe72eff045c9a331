"""Report: one table for people, one JSON file for machines, one verdict."""

import json
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench.bars import Bar, bar_at
from bench.results import Results, Series, cpu_ratio, ratio

FOLDER = Path(__file__).parent / "results"
_HEADINGS = [
    *("workload", "target", "conn.", "per second", "p50 ms", "p99 ms", "CPU µs", "core", "spread", "peak MB"),
    *("x floor", "CPU x", "x plain", "bar", "verdict"),
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
    peak_mb: float | None = None
    bar: str = ""
    verdict: str = ""
    trouble: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def failed(self) -> bool:
        """Whether this row must make the bench fail."""
        return self.verdict.startswith("FAIL")


def table_rows(name: str, results: Results, *, timed: bool = False) -> list[Row]:
    """Return the workload's lines: each target under each number of connections; `timed`: seconds, no rates."""
    keys = sorted(results.series, key=lambda key: (key[1], _order(key[0])))
    rows = [_row(name, target, count, results, timed=timed) for target, count in keys]
    # A target that failed has no figures that count, even where earlier rounds went well.
    failed = [Row(name, target, None, verdict=f"FAIL: {_brief(why)}") for target, why in results.failed.items()]
    return failed + [row for row in rows if row.target not in results.failed]


def _brief(why: str) -> str:
    return why.split("\n", 1)[0][:80]


def _order(target: str) -> int:
    return {"floor": 0, "gateway": 2, "plain": 3}.get(target, 1)


def _row(name: str, target: str, connections: int, results: Results, *, timed: bool) -> Row:
    series = results.series[target, connections]
    plain = results.series.get(("plain", connections))
    floor = results.series.get(("floor", connections))
    ours = target == "gateway"
    by_floor = ratio(results, connections) if ours else series.rate / floor.rate if floor and floor.rate else None
    by_plain = series.rate / plain.rate if plain and plain.rate else None
    bar = bar_at(name, connections or None) if ours else None
    # A target that did a part of the work is shown with the time that the whole would take.
    whole = (floor or series).middle_of("units")
    return Row(
        workload=name,
        target=target,
        connections=connections or None,
        per_second=series.rate,
        p50_ms=series.middle_of("p50_ms"),
        p99_ms=series.middle_of("p99_ms"),
        cpu_us=series.middle(lambda run: run.cpu_us),
        core=series.middle(lambda run: run.rate * run.cpu_us / 1e6),
        spread=series.spread,
        floor=by_floor,
        cpu_floor=cpu_ratio(results, target, connections),
        plain=by_plain,
        seconds=whole / series.rate if timed and whole and series.rate else None,
        peak_mb=series.middle_of("peak_mb"),
        bar=str(bar or ""),
        verdict=_verdict(series, bar, by_floor, by_plain) or _scaled(series, whole),
        trouble=series.trouble,
    )


def _scaled(series: Series, whole: float | None) -> str:
    """Return a note where a target was given less work than the others."""
    units = series.middle_of("units")
    return f"scaled from 1/{whole / units:.0f} of the work" if whole and units and units < whole else ""


def _verdict(series: Series, bar: Bar | None, by_floor: float | None, by_plain: float | None) -> str:
    if series.trouble:
        return "FAIL: " + ", ".join(f"{count} {name}" for name, count in series.trouble.items())
    if bar is None:
        return ""
    least = ((by_floor, bar.floor), (by_plain, bar.plain))
    most = ((series.middle_of("p99_ms"), bar.p99_ms), (series.middle_of("peak_mb"), bar.peak_mb))
    short = any(asked is not None and seen is not None and seen < asked for seen, asked in least)
    over = any(asked is not None and seen is not None and seen > asked for seen, asked in most)
    return "FAIL: below the bar" if short or over else "pass"


def text(rows: Sequence[Row]) -> str:
    """Return the table."""
    lines = [_HEADINGS, *map(_cells, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEADINGS))]
    shown: list[str] = []
    for number, line in enumerate(lines):
        if number and rows[number - 1].workload != (rows[number - 2].workload if number > 1 else ""):
            shown.append("-" * (sum(widths) + 2 * len(widths)))
        left = {0, 1, 13, 14}
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
        *(
            _number(row.peak_mb, 0),
            _number(row.floor, 2),
            _number(row.cpu_floor, 2),
            _number(row.plain, 1),
            row.bar,
            row.verdict,
        ),
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
