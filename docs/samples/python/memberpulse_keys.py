"""MemberPulse's public keys: asked for every five minutes, kept when that fails. Safe for many threads."""

import logging
import threading
import time
from collections.abc import Callable

import httpx

FRESH = 300  # seconds until the key set is asked for again: the endpoint's max-age
PATIENCE = 30  # seconds between two requests at least, or a flood of made-up kids becomes a flood of requests
LAST_RESORT = 86_400  # seconds an old key set serves while the endpoint fails: its stale-if-error
ALGORITHMS = ("ES256", "RS256")

logger = logging.getLogger(__name__)


class KeysUnavailable(Exception):
    """There are no usable keys. The token is not to blame: answer 503, not 401."""


class Keys:
    """The key set behind one URL. Make one per process and keep it."""

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._url, self._clock = url, clock
        self._lock = threading.Lock()
        self._keys: dict[str, dict[str, str]] = {}
        self._etag: str | None = None
        self._tried = self._fetched = float("-inf")

    def get(self, kid: str) -> dict[str, str] | None:
        """Return the public key (a JWK) named `kid`, or None; raises KeysUnavailable."""
        usable = kid in self._keys and self._age() <= LAST_RESORT
        # One thread asks. Others wait only if they cannot go on with the key they have.
        if (not usable or self._age() >= FRESH) and self._lock.acquire(blocking=not usable):
            try:
                self._refresh()
            finally:
                self._lock.release()
        if not self._keys or self._age() > LAST_RESORT:
            raise KeysUnavailable
        return self._keys.get(kid)

    def _age(self) -> float:
        return self._clock() - self._fetched

    def _refresh(self) -> None:
        now = self._clock()
        if now - self._tried < (PATIENCE if self._keys else 1):
            return  # another thread has just asked
        self._tried = now
        try:
            headers = {"If-None-Match": self._etag} if self._etag else {}
            answer = httpx.get(self._url, headers=headers, timeout=3, follow_redirects=False)
            if answer.status_code != 304:
                answer.raise_for_status()
                keys = {key["kid"]: key for key in answer.json()["keys"] if key.get("alg") in ALGORITHMS}
                if not keys:
                    raise ValueError("the key set is empty")
                self._keys, self._etag = keys, answer.headers.get("ETag")
            self._fetched = now
        except Exception:
            logger.warning("MemberPulse's keys could not be fetched; the old ones stay", exc_info=True)
