"""The bars: what each workload has to reach (speed.md, the column `bar now`). All are for 32 connections."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """What must hold; None is not asked. `plain` and `floor` are factors of requests/s, `seconds` a duration."""

    floor: float | None = None
    plain: float | None = None
    p99_ms: float | None = None
    seconds: float | None = None

    def __str__(self) -> str:
        parts = [
            f"≥ {self.floor:.2f} floor" if self.floor else "",
            f"≥ {self.plain:.0f} plain" if self.plain else "",
            f"p99 ≤ {self.p99_ms:.0f} ms" if self.p99_ms else "",
            f"≤ {self.seconds:.1f} s" if self.seconds else "",
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
    "cold-start": Bar(seconds=2.0),
}
