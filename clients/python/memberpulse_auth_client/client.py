"""AuthClient: who is calling, for a backend service of MemberPulse."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any, Final, Literal, Self, cast

import httpx

from memberpulse_auth_client.errors import GatewayUnavailable, RevocationsStale, TokenInvalid, Unavailable
from memberpulse_auth_client.feed import LONGEST_WAIT, Feed
from memberpulse_auth_client.keys import Keys
from memberpulse_auth_client.metadata import Clock, Discovery, checked_issuer
from memberpulse_auth_client.revocations import Revocations
from memberpulse_auth_client.tokens import LEEWAY, Token, kid_of, verify
from memberpulse_auth_client.wire import Credentials, ask, document

WhenStale = Literal["refuse", "refuse_admins", "accept"]
"""What to do with a good token while nobody can say what was revoked: refuse it (503), refuse administrators only, or
accept it, knowing that whoever was removed meanwhile gets in until their token expires."""
ADMINS: Final = frozenset({"ROLE_PLATFORM_ADMIN", "ROLE_CLIENT_ADMIN"})
_TIDY_SECONDS: Final = 5.0


class AuthClient:
    """Verifies access tokens offline, and knows within seconds what the gateway has revoked.

    Make one per process and enter it (`async with`) for as long as the process serves: it follows the feed meanwhile.

    Args:
        issuer: the gateway's public URL, letter for letter, without a slash at its end.
        audience: what tokens for you say in `aud`.
        when_stale: what to do while it is not known what was revoked. There is no default: it is your decision.
        credentials: (client id, secret) of a service client with `revocations:read`, and `tokens:introspect` if you
            introspect. Without them nothing is known of revocations, and `when_stale` can only be "accept".
        max_staleness: seconds of not knowing after which `when_stale` counts.
        every: seconds between two questions to the feed, or for which each long poll may wait: 1 to 25 then.
        long_poll: let the gateway answer as soon as something is revoked.
        leeway: seconds by which two clocks may differ, 60 at most.
        http: asks the gateway; made and closed by this client where you give none.
        clock: seconds since 1970, by which tokens are judged.
        timer: seconds, by which ages are measured.
    """

    def __init__(  # noqa: PLR0913 -- what the docstring says
        self,
        issuer: str,
        audience: str = "memberpulse-api",
        *,
        when_stale: WhenStale,
        credentials: tuple[str, str] | None = None,
        max_staleness: float = 60.0,
        every: float = 5.0,
        long_poll: bool = True,
        leeway: int = LEEWAY,
        http: httpx.AsyncClient | None = None,
        clock: Clock = time.time,
        timer: Clock = time.monotonic,
    ) -> None:
        if credentials is None and when_stale != "accept":
            raise ValueError("without credentials nothing is known of revocations: when_stale can only be 'accept'")
        if not 0 <= leeway <= 60:  # noqa: PLR2004 -- threats.md's bound
            raise ValueError("the leeway is 0 to 60 seconds")
        if long_poll and not 1 <= every <= LONGEST_WAIT:
            raise ValueError(f"a long poll may wait for 1 to {LONGEST_WAIT} seconds; less often, poll without it")
        self._issuer = checked_issuer(issuer)
        self._audience = audience
        self._when_stale: WhenStale = when_stale
        self._credentials = Credentials(*credentials) if credentials else None
        self._max_staleness = max_staleness
        self._leeway = leeway
        self._own_http = http is None
        self._http = http or httpx.AsyncClient()
        self._clock = clock
        self._discovery = Discovery(self._http, self._issuer)
        self.keys: Final = Keys(self._http, self._keys_url, timer)
        self.revocations: Final = Revocations()
        self._feed = self._credentials and Feed(
            self._http,
            self._feed_url,
            credentials=self._credentials,
            revocations=self.revocations,
            on_kid=self.keys.drop,
            every=every,
            long_poll=long_poll,
            clock=timer,
        )
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        """Read keys and revocations once, and go on until the end; without the gateway one starts too."""
        with contextlib.suppress(Unavailable):
            await self.keys.refresh()
        with contextlib.suppress(Unavailable):
            await self.refresh()
        if self._feed is not None:
            self._tasks.append(asyncio.create_task(self._feed.follow()))
        self._tasks.append(asyncio.create_task(self._tidy()))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """Stop following."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        if self._own_http:
            await self._http.aclose()

    @property
    def staleness(self) -> float:
        """Seconds since the moment up to which it is known what was revoked; infinite when that is not known at all."""
        return float("inf") if self._feed is None else self._feed.staleness

    async def refresh(self) -> None:
        """Read now what was revoked, instead of when it comes by itself. Raises Unavailable."""
        if self._feed is not None:
            await self._feed.read()

    def now(self) -> float:
        """Return the instant by which tokens are judged, in seconds since 1970."""
        return self._clock()

    async def verify(self, token: str) -> Token:
        """Return who is calling.

        Raises:
            TokenInvalid: answer 401.
            KeysUnavailable, RevocationsStale: answer 503.
        """
        who = await self._read(token)
        if self.revocations.void(who):
            raise TokenInvalid("revoked")
        if self.staleness > self._max_staleness and self._refuses(who.roles):
            raise RevocationsStale(f"what was revoked was last known {self.staleness:.0f} s ago")
        return who

    async def _read(self, token: str) -> Token:
        key = await self.keys.get(kid_of(token))
        return verify(token, key, issuer=self._issuer, audience=self._audience, now=self._clock(), leeway=self._leeway)

    def _refuses(self, roles: Sequence[str]) -> bool:
        match self._when_stale:
            case "accept":
                return False
            case "refuse_admins":
                return bool(ADMINS.intersection(roles))
            case "refuse":
                return True

    async def introspect(self, token: str) -> Token:
        """Return who is calling, with the roles of this moment: asks the gateway whether the session lives (RFC 7662).

        For what must not wait for the feed: paying out, exporting everybody, changing rights.

        Raises:
            TokenInvalid: answer 401.
            KeysUnavailable, GatewayUnavailable: answer 503.
        """
        if self._credentials is None:
            raise ValueError("introspection needs credentials")
        who = await self._read(token)
        found = await self._discovery.get()
        headers = {"Authorization": self._credentials.header()}
        answer = await ask(self._http, "POST", found.introspection, headers=headers, data={"token": token})
        return _now(who, document(answer))

    async def _keys_url(self) -> str:
        return (await self._discovery.get()).keys

    async def _feed_url(self) -> str:
        return (await self._discovery.get()).revocations

    async def _tidy(self) -> None:
        """Ask for the keys before anybody has to wait for them, and forget what is of no use any more."""
        while True:
            await asyncio.sleep(_TIDY_SECONDS)
            self.revocations.forget(self._clock())
            if self.keys.is_due:
                await self.keys.refresh()


def _now(who: Token, said: dict[str, Any]) -> Token:
    """Return the caller as introspection tells of them."""
    if said.get("active") is not True:
        raise TokenInvalid("revoked")
    if any(said.get(name) != getattr(who, name) for name in ("sub", "org_id", "sid", "jti")):
        raise GatewayUnavailable("introspection answered for another token")
    roles, ver = said.get("roles"), said.get("ver")
    if not isinstance(roles, list) or type(ver) is not int:
        raise GatewayUnavailable("introspection is not as documented")
    return replace(who, roles=tuple(map(str, cast("list[Any]", roles))), ver=ver)
