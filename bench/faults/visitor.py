"""Visitor: somebody's browser that signs in; what the gateway does can be timed apart from what the twin does."""

import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from bench.faults.stage import Stage

_SESSION = "mp_session"


@dataclass(frozen=True, slots=True)
class Finished:
    """How a callback was answered: status, seconds, and whether it made a session."""

    status: int
    seconds: float
    signed_in: bool


class Visitor:
    """A browser of one of the first tenant's planted people."""

    def __init__(self, stage: Stage, email: str) -> None:
        self.http = httpx.AsyncClient(base_url=stage.url, trust_env=False, timeout=30)
        self.started_s = 0.0
        self._stage = stage
        self._email = email

    async def start(self) -> str:
        """Begin a login and let the twin's identity provider agree; return the callback. Raises httpx.HTTPError."""
        began = time.monotonic()
        query = {"connection": self._stage.model.tenants[0].door, "login_hint": self._email}
        started = await self.http.get("/auth/sso", params=query)
        self.started_s = time.monotonic() - began
        if started.status_code != 302:
            raise httpx.HTTPStatusError("no login began", request=started.request, response=started)
        # Past the proxy: a browser's way to WorkOS is not the gateway's.
        place = urlsplit(started.headers["location"])
        async with httpx.AsyncClient(trust_env=False, timeout=30) as outside:
            answer = await outside.get(f"{self._stage.twin.public_url}{place.path}?{place.query}")
        back = urlsplit(answer.headers["location"])
        return f"{back.path}?{back.query}"

    async def finish(self, callback: str) -> Finished:
        """Call back, as WorkOS sends the browser."""
        began = time.monotonic()
        answer = await self.http.get(callback, headers={"Accept": "application/json"})
        return Finished(answer.status_code, time.monotonic() - began, self.http.cookies.get(_SESSION) is not None)

    async def sign_in(self) -> Finished:
        """Begin and finish; the seconds are of both, the twin's part left out."""
        done = await self.finish(await self.start())
        return Finished(done.status, done.seconds + self.started_s, done.signed_in)

    async def token(self) -> httpx.Response:
        """Ask for an access token with the session."""
        return await self.http.post("/auth/token", headers={"Origin": self._stage.url})

    async def close(self) -> None:
        """Close the browser."""
        await self.http.aclose()


async def one_sign_in(stage: Stage, number: int = 0) -> Finished:
    """Sign one of the first tenant's planted people in, in a browser of its own."""
    visitor = Visitor(stage, planted(stage, number))
    try:
        return await visitor.sign_in()
    finally:
        await visitor.close()


def planted(stage: Stage, number: int = 0) -> str:
    """Return the address of one of the first tenant's planted people."""
    people = [each for each in stage.twin.world.people.values() if (each.email or "").startswith("planted")]
    mine = [each.email for each in people if each.organization_id == stage.model.tenants[0].id]
    return str(mine[number % len(mine)])
