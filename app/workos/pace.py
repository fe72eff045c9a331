"""Pace: so many calls per second and key and no more, the way WorkOS counts them. Pure: time is passed in."""

from collections import deque
from dataclasses import dataclass, field

_WHILE_ALL_ARE_OUT = 0.05
_REMEMBERED = 1024


@dataclass(slots=True)
class _Bucket:
    out: int = 0
    back: deque[float] = field(default_factory=deque[float])


class Pace:
    """A bucket of tokens per key: a call takes one, and it is there again one period after the call has ended.

    Counted from the end and not from the start: what takes long to arrive would meet the calls behind it in the same
    second of WorkOS's, which then refuses (429) and has us stop (threats.md G3). So WorkOS never sees more than `calls`
    within a period, however late any of them arrives; one page after the other makes 4 / (1 s + an answer's time).

    WorkOS counts per directory (`/directory_users`: 4 per second), for all processes together; a process counts its
    own, and one directory is read by one process at a time. Instants are of one monotonic clock; seconds.
    """

    def __init__(self, *, calls: int = 4, period: float = 1.0) -> None:
        self._calls = calls
        self._period = period
        self._buckets: dict[str, _Bucket] = {}

    def wait(self, key: str, now: float) -> float:
        """Return for how many seconds not to ask again; 0 when `take` may be called."""
        bucket = self._buckets.get(key)
        if bucket is None:
            return 0.0
        self._refill(bucket, now)
        if bucket.out + len(bucket.back) < self._calls:
            return 0.0
        return bucket.back[0] - now if bucket.back else _WHILE_ALL_ARE_OUT

    def take(self, key: str, now: float) -> None:
        """Take a token; `give_back` returns it."""
        if key not in self._buckets:
            self._forget(now)
        self._buckets.setdefault(key, _Bucket()).out += 1

    def give_back(self, key: str, now: float) -> None:
        """Say that a call has ended, however it did."""
        bucket = self._buckets[key]
        bucket.out -= 1
        bucket.back.append(now + self._period)

    def _refill(self, bucket: _Bucket, now: float) -> None:
        while bucket.back and bucket.back[0] <= now:
            bucket.back.popleft()

    def _forget(self, now: float) -> None:
        """Drop full buckets once there are many: a process lives for months, directories come and go."""
        if len(self._buckets) < _REMEMBERED:
            return
        for key, bucket in list(self._buckets.items()):
            self._refill(bucket, now)
            if not bucket.out and not bucket.back:
                del self._buckets[key]
