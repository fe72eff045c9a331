"""The bars: what each workload has to reach (speed.md, the column `bar now`). For 32 connections unless said."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Bar:
    """What must hold; None is not asked. `plain` and `floor` are factors of requests/s, `seconds` a duration.

    `p99_at`: under how many connections `p99_ms` must hold. `peak_mb`: most memory that the process may have held.
    """

    floor: float | None = None
    plain: float | None = None
    p99_ms: float | None = None
    seconds: float | None = None
    p99_at: int = 32
    peak_mb: float | None = None

    def __str__(self) -> str:
        parts = [
            f"≥ {self.floor:.2f} floor" if self.floor else "",
            f"≥ {self.plain:.0f} plain" if self.plain else "",
            f"p99 ≤ {self.p99_ms:.0f} ms" if self.p99_ms else "",
            f"≤ {self.seconds:.1f} s" if self.seconds else "",
            f"≤ {self.peak_mb:.0f} MB" if self.peak_mb else "",
        ]
        return ", ".join(filter(None, parts))


CONNECTIONS = 32

BARS = {
    "token": Bar(floor=0.60, plain=10),
    "session": Bar(floor=0.50, plain=8),
    "introspect": Bar(floor=0.35),
    "jwks": Bar(floor=0.60),
    "login-start": Bar(floor=0.50),
    "login-pair": Bar(floor=0.35, plain=10),
    "ingest": Bar(floor=0.60, plain=15, p99_ms=40, p99_at=128),
    "list-page": Bar(floor=0.50, plain=8),
    "effects": Bar(floor=0.30),
    # At most twice the floor's time; `full-sync again`: when nothing has changed.
    "full-sync": Bar(floor=0.50, peak_mb=150),
    "full-sync again": Bar(floor=0.50, peak_mb=150),
    "cold-start": Bar(seconds=2.0),
}


def bar_at(name: str, connections: int | None) -> Bar | None:
    """Return what the gateway must reach in this workload under so many connections (None: of a worker)."""
    bar = BARS.get(name)
    if bar is None or connections is None:
        return bar
    here = bar if connections == CONNECTIONS else Bar(p99_ms=bar.p99_ms, p99_at=bar.p99_at)
    here = here if connections == bar.p99_at else replace(here, p99_ms=None)
    return here if str(here) else None
