"""Breaker: stops asking a WorkOS that does not answer, and soon learns that it does again. Pure: time is passed in."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

State = Literal["closed", "open", "half_open"]

_WAIT_WHILE_PROBED = 1.0


@dataclass(frozen=True, slots=True)
class BreakerLimits:
    """When to open and for how long; seconds.

    Longest silence plus one probe that times out (5 s) stays under 10 s, so that logins work again within 10 s of
    WorkOS's recovery (threats.md G1). `longest_hold` bounds what a `Retry-After` may cost: WorkOS counts per minute,
    and has sent wrong 429s before.
    """

    failures: int = 5
    window: int = 40
    ratio: float = 0.5
    first_pause: float = 1.0
    longest_pause: float = 4.0
    longest_hold: float = 60.0
    latest: float = 1.0


class Breaker:
    """Closed: ask. Open: do not ask until a moment. Half open: one call at a time may find out.

    `admit` returns a ticket that `succeeded`, `failed` or `abandoned` hands back. A ticket from before the last change
    of state says nothing about the present and is ignored: the late failures of an old outage must not reopen it.
    All instants are of one monotonic clock, in seconds.
    """

    def __init__(self, limits: BreakerLimits | None = None, *, jitter: Callable[[], float] = lambda: 1.0) -> None:
        """Take a jitter of 0 to 1, so that processes do not probe in step.

        Pauses of our own last half to all of their length; those that WorkOS asked for up to `latest` longer.
        """
        self.state: State = "closed"
        self._limits = limits or BreakerLimits()
        self._jitter = jitter
        self._epoch = 0
        self._until = 0.0
        self._pauses = 0
        self._probing = False
        self._row = 0
        self._outcomes: deque[bool] = deque(maxlen=self._limits.window)

    def wait(self, now: float) -> float:
        """Return for how many seconds not to ask; 0 when `admit` would let a call through."""
        if self.state == "open":
            return max(self._until - now, 0.0)
        return _WAIT_WHILE_PROBED if self.state == "half_open" and self._probing else 0.0

    def admit(self, now: float) -> int | None:
        """Return a ticket for one call, or `None` when it must not be made."""
        if self.wait(now):
            return None
        if self.state == "open":
            self._become("half_open")
        if self.state == "half_open":
            self._probing = True
        return self._epoch

    def succeeded(self, ticket: int) -> None:
        """WorkOS answered, be it with a refusal: it is there."""
        if ticket != self._epoch:
            return
        if self.state == "half_open":
            self._become("closed")
            self._pauses = 0
        else:
            self._note(failed=False)

    def failed(self, ticket: int, now: float) -> None:
        """WorkOS did not answer, or said that it cannot."""
        if ticket != self._epoch:
            return
        if self.state == "half_open":
            self._pause(now)
        else:
            self._note(failed=True)
            if self._row >= self._limits.failures or self._mostly_failing():
                self._pause(now)

    def abandoned(self, ticket: int) -> None:
        """The call ended without telling anything (cancelled): the next one may find out."""
        if ticket == self._epoch:
            self._probing = False

    def hold(self, now: float, seconds: float) -> None:
        """WorkOS asked for silence (429 with Retry-After): do not ask before it is over (threats.md G3)."""
        until = now + min(seconds, self._limits.longest_hold) + self._limits.latest * (1.0 - self._jitter())
        if self.state != "open" or until > self._until:
            self._become("open")
            self._until = until

    def _mostly_failing(self) -> bool:
        full = len(self._outcomes) == self._limits.window
        return full and self._outcomes.count(True) >= self._limits.ratio * self._limits.window

    def _note(self, *, failed: bool) -> None:
        self._outcomes.append(failed)
        self._row = self._row + 1 if failed else 0

    def _pause(self, now: float) -> None:
        length = min(self._limits.first_pause * 2**self._pauses, self._limits.longest_pause)
        self._pauses = min(self._pauses + 1, 30)
        self._become("open")
        self._until = now + length * (0.5 + 0.5 * self._jitter())

    def _become(self, state: State) -> None:
        self.state = state
        self._epoch += 1
        self._probing = False
        self._row = 0
        self._outcomes.clear()
