"""Windows of callers, counted in this process."""

from typing import Final

MOST: Final = 50_000
"""Windows that are kept: 15 MB. Beyond it the one that began first is forgotten."""


class Windows:
    """How often each caller came since their window began. Instants are seconds of any one clock."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        # By rule and caller: the count, and when it ends. In the order in which the windows began.
        self._open: dict[tuple[str, str], list[float]] = {}

    def __len__(self) -> int:
        return len(self._open)

    def add(self, rule: str, caller: str, seconds: float, now: float) -> tuple[float, float]:
        """Count one request; return how many the caller's window has now, and when it ends."""
        key = rule, caller
        window = self._open.get(key)
        # One that ends later than any that begins now was opened by a clock that has been set back since: left open,
        # it would refuse its caller until then.
        if window is None or not now < window[1] <= now + seconds:
            window = self._begin(key, now + seconds, known=window is not None)
        window[0] += 1
        return window[0], window[1]

    def _begin(self, key: tuple[str, str], ends: float, *, known: bool) -> list[float]:
        if known:
            del self._open[key]
        elif len(self._open) >= self.most:
            del self._open[next(iter(self._open))]
        window = self._open[key] = [0.0, ends]
        return window
