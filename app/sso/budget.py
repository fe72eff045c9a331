"""Budget: how often a callback that nobody started may cost a call to WorkOS (contract.md)."""

from collections import OrderedDict

from app.problems import RateLimited

ALL_PER_SECOND = 5
ONE_ADDRESS_SECONDS = 2.0
_ADDRESSES = 10_000


class Budget:
    """5 a second in all, one per address per 2 seconds; memory is bounded."""

    def __init__(self) -> None:
        self._spent: list[float] = []
        self._last: OrderedDict[str, float] = OrderedDict()

    def spend(self, address: str | None, now: float) -> None:
        """Take one from the budget at `now` (seconds, monotonic).

        Raises:
            RateLimited: it is used up; Retry-After says for how long.
        """
        self._spent = [moment for moment in self._spent if now - moment < 1.0]
        last = self._last.get(address or "", float("-inf"))
        if now - last < ONE_ADDRESS_SECONDS or len(self._spent) >= ALL_PER_SECOND:
            raise RateLimited(headers={"Retry-After": "2"})
        self._spent.append(now)
        self._last[address or ""] = now
        self._last.move_to_end(address or "")
        while len(self._last) > _ADDRESSES:
            self._last.popitem(last=False)
