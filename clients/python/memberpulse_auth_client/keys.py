"""Keys: the gateway's public keys, asked for as often as they say, and kept when that fails."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final, cast

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from memberpulse_auth_client.errors import KeysUnavailable, Unavailable
from memberpulse_auth_client.metadata import Clock
from memberpulse_auth_client.tokens import ALGORITHMS, Key
from memberpulse_auth_client.wire import ask, document

FRESH: Final = 300.0
"""Seconds for which a key set is used where the answer does not say."""
PATIENCE: Final = 30.0
"""Seconds between two requests at least: a flood of made-up kids must not become a flood of requests."""
LAST_RESORT: Final = 86_400.0
"""Seconds for which an old key set serves while the gateway does not answer: its stale-if-error."""
_SHORTEST, _LONGEST = 30.0, 3600.0
_RSA_BITS: Final = 2048
_MAX_AGE: Final = re.compile(r"(?:^|,)\s*max-age=(\d{1,6})\s*(?:,|$)", re.IGNORECASE)
_logger = logging.getLogger("memberpulse_auth_client")


class Keys:
    """The key set of one gateway. `url` says where it is when it is asked for."""

    def __init__(self, http: httpx.AsyncClient, url: Callable[[], Awaitable[str]], clock: Clock) -> None:
        self._http = http
        self._url = url
        self._clock = clock
        self._keys: dict[str, Key] = {}
        self._dropped: set[str] = set()
        self._etag: str | None = None
        self._fresh_for = FRESH
        self._fetched = self._tried = float("-inf")
        self._flight: asyncio.Task[None] | None = None

    @property
    def age(self) -> float:
        """Seconds since the key set was last known to be the published one; infinite before the first time."""
        return self._clock() - self._fetched

    async def get(self, kid: str) -> Key | None:
        """Return the key of that name, None where nobody publishes it.

        Raises:
            KeysUnavailable: there are no keys, or none less than a day old.
        """
        if kid in self._dropped:
            return None
        is_usable = kid in self._keys and self.age <= LAST_RESORT
        if self.age >= self._fresh_for or not is_usable:
            # With a key at hand nobody waits for a gateway that did not answer the last time.
            await self.refresh(wait=not is_usable or self._tried <= self._fetched)
        if not self._keys or self.age > LAST_RESORT:
            raise KeysUnavailable("the gateway's keys could not be read")
        return self._keys.get(kid)

    def drop(self, kid: str) -> None:
        """Never use this key again, also where a cache between us and the gateway still shows it."""
        self._dropped.add(kid)
        if self._keys.pop(kid, None) is not None:
            self._tried = float("-inf")  # what signs in its place is asked for at once

    @property
    def is_due(self) -> bool:
        """Whether the key set should be asked for again, so that no caller has to wait for it."""
        return self.age >= self._fresh_for * 0.9

    async def refresh(self, *, wait: bool = True) -> None:
        """Ask for the key set, unless that was done within 30 seconds; one request serves all who wait."""
        patience = PATIENCE if self._keys else 1.0
        if self._flight is None and self._clock() - self._tried >= patience:
            self._tried = self._clock()
            self._flight = asyncio.create_task(self._fetch())
            self._flight.add_done_callback(self._landed)
        if wait and self._flight is not None:
            await asyncio.shield(self._flight)

    def _landed(self, _flight: "asyncio.Task[None]") -> None:
        self._flight = None

    async def _fetch(self) -> None:
        asked_at = self._clock()
        try:
            headers = {"If-None-Match": self._etag} if self._etag and self._keys else {}
            answer = await ask(self._http, "GET", await self._url(), headers=headers)
            if answer.status_code != HTTPStatus.NOT_MODIFIED:
                self._take(document(answer))
                self._etag = answer.headers.get("etag")
        except (Unavailable, JoseError, AttributeError, KeyError, TypeError, ValueError) as failed:
            _logger.warning("MemberPulse's keys could not be read; the old ones stay: %s", failed)
            return
        self._fetched = asked_at
        said = _MAX_AGE.search(answer.headers.get("cache-control", ""))
        self._fresh_for = min(max(float(said[1]), _SHORTEST), _LONGEST) if said else FRESH

    def _take(self, said: dict[str, Any]) -> None:
        found = [read_key(jwk) for jwk in cast("list[dict[str, Any]]", said["keys"]) if jwk.get("alg") in ALGORITHMS]
        if not found:
            raise KeysUnavailable("the key set is empty")
        self._keys = {key.kid: key for key in found if key.kid not in self._dropped}


def read_key(jwk: dict[str, Any]) -> Key:
    """Return a published key; raises ValueError or TypeError for one that must not be used."""
    alg, public = jwk["alg"], {name: jwk[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in jwk}
    if alg == "ES256" and public.get("crv") == "P-256":
        return Key(str(jwk["kid"]), alg, ECKey.import_key(public))
    if alg == "RS256" and public.get("kty") == "RSA":
        key = RSAKey.import_key(public)
        if key.raw_value.key_size >= _RSA_BITS:
            return Key(str(jwk["kid"]), alg, key)
    raise ValueError(f"{jwk.get('kid')} is no key for {alg}")
