"""The feed's reader: follows what is void, and says how old its knowledge is."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final, cast

import httpx

from memberpulse_auth_client.errors import GatewayUnavailable, RevocationsStale, TokenInvalid
from memberpulse_auth_client.metadata import Clock
from memberpulse_auth_client.revocations import Revocations
from memberpulse_auth_client.tokens import Key, kid_of, signed
from memberpulse_auth_client.wire import TIMEOUT, Credentials, ask, document

SIGNED_TYPE: Final = "revocations+jwt"
LONGEST_WAIT: Final = 25
"""Seconds for which the gateway lets a long poll wait at most."""
BEHIND: Final = 1.0
"""Seconds by which an answer of the gateway may be behind what was done there."""
_logger = logging.getLogger("memberpulse_auth_client")


class Feed:
    """Reads `GET /auth/revocations`, entry by entry, once each.

    Args:
        http: asks.
        url: where the feed is.
        credentials: of a service client with `revocations:read`.
        revocations: takes the entries.
        on_kid: is told of every key that became void.
        every: seconds between two questions; of a long poll, how long each may wait.
        long_poll: let the gateway answer as soon as there is something, instead of asking now and then.
        clock: measures time.
    """

    def __init__(  # noqa: PLR0913 -- what the docstring says
        self,
        http: httpx.AsyncClient,
        url: Callable[[], Awaitable[str]],
        *,
        credentials: Credentials,
        revocations: Revocations,
        on_kid: Callable[[str], None],
        every: float,
        long_poll: bool,
        clock: Clock,
    ) -> None:
        self._http = http
        self._url = url
        self._authorization = credentials.header()
        self._revocations = revocations
        self._on_kid = on_kid
        self._every = every
        self._long_poll = long_poll
        self._clock = clock
        self._after = 0
        self._etag: str | None = None
        self._as_of = float("-inf")
        self._failed = 0

    @property
    def staleness(self) -> float:
        """Seconds since the moment up to which everything is known that is void; infinite before the first answer."""
        return self._clock() - self._as_of

    async def read(self, *, wait: float = 0) -> None:
        """Read what is new, to its end. Raises Unavailable."""
        while not await self._portion(wait=wait):
            wait = 0

    async def _portion(self, *, wait: float) -> bool:
        """Read one answer; return whether it was the last."""
        headers = {"Authorization": self._authorization}
        if self._etag is not None:
            headers["If-None-Match"] = self._etag
        params = {"after": self._after, "wait": int(wait)}
        asked_at = self._clock()
        answer = await ask(self._http, "GET", await self._url(), headers=headers, params=params, seconds=TIMEOUT + wait)
        if answer.status_code == HTTPStatus.GONE:
            # We were away for too long. All that is kept is complete for every token that may still be alive.
            self._after, self._etag = 0, None
            return False
        more, news = False, False
        if answer.status_code != HTTPStatus.NOT_MODIFIED:
            more, news = self._take(document(answer))
            self._etag = answer.headers.get("etag")
        if not more:
            # Where nothing came for as long as it was waited for, nothing was until then.
            waited = wait if not news and self._clock() - asked_at >= wait else 0
            self._as_of = asked_at + waited - BEHIND
        return not more

    def _take(self, said: dict[str, Any]) -> tuple[bool, bool]:
        """Take an answer in; return whether there is more, and whether there was anything."""
        try:
            for kid in self._revocations.note(cast("list[dict[str, Any]]", said["data"])):
                self._on_kid(kid)
            self._after = int(said["list_metadata"]["after"])
            return bool(said["has_more"]), bool(said["data"])
        except (KeyError, TypeError, ValueError) as broken:
            raise GatewayUnavailable(f"the feed is not as documented: {broken!r}") from broken

    async def follow(self) -> None:
        """Read for ever; what fails is tried again, sooner than later."""
        pause = 0.0
        while True:
            await asyncio.sleep(pause)
            pause = await self._step()

    async def _step(self) -> float:
        """Read once and return how long to pause."""
        try:
            await self.read(wait=self._every if self._long_poll else 0)
        except Exception as away:  # noqa: BLE001 -- a follower that dies would leave what it knows as it is for ever
            self._failed += 1
            if self._failed == 1:
                _logger.warning("MemberPulse's revocations could not be read: %r", away)
            return min(self._every, 0.25 * 2 ** min(self._failed, 8)) * random.uniform(0.5, 1)  # noqa: S311 -- no secret
        self._failed = 0
        return 0.0 if self._long_poll else self._every


def opened(text: str, key: Key | None, *, issuer: str, now: float, oldest: float = 60) -> dict[str, Any]:
    """Return an answer of the feed that came signed (`Accept: application/jwt`), by way of somebody else.

    `key` is the one that `kid_of(text, typ=SIGNED_TYPE)` names.

    Raises:
        TokenInvalid: the gateway has not said that.
        RevocationsStale: it has, but more than `oldest` seconds ago.
    """
    kid_of(text, typ=SIGNED_TYPE)
    said = signed(text, key)
    if said.get("iss") != issuer:
        raise TokenInvalid("issuer")
    at = said.get("iat")
    if type(at) is not int:
        raise TokenInvalid("claims", "iat")
    if now - at > oldest:
        raise RevocationsStale("the relayed answer is too old")
    return said
