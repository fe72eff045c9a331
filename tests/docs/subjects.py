"""Subjects: each sample behind the same two verbs, so that one suite runs over all of them."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from types import ModuleType
from typing import Any, Protocol

import httpx

from tests.docs.key_server import KeyServer
from tests.docs.node import Driver
from tests.tokens.forge import AUDIENCE

Outcome = Mapping[str, object] | str
"""Who is calling, or `invalid`, or `unavailable`; anything else is a fault of the sample."""


class Subject(Protocol):
    """A sample with an empty key cache, whose clock stands still."""

    def verify_all(self, tokens: Sequence[str]) -> Sequence[object]:
        """Return the Outcome of each token; all are asked at once."""
        ...

    @property
    def waits(self) -> Sequence[float]:
        """How many seconds each of the tokens last asked took."""
        ...

    def advance(self, seconds: float) -> None:
        """Let time pass for the key cache. The tokens' times are the wall clock's."""
        ...


class Clock:
    """Seconds since some moment, as time.monotonic tells them."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


class PythonSubject:
    """A `verify` function of a Python sample."""

    def __init__(self, server: KeyServer, keys: ModuleType, token: ModuleType, verify: Callable[..., Any]) -> None:
        self._issuer = server.issuer
        self._clock = Clock()
        self._keys = keys.Keys(server.url, clock=self._clock)
        self._unavailable, self._invalid = keys.KeysUnavailable, token.TokenInvalid
        self._verify = verify
        self.waits: Sequence[float] = ()

    def verify_all(self, tokens: Sequence[str]) -> Sequence[object]:
        with ThreadPoolExecutor(16) as pool:
            timed = list(pool.map(self._timed, tokens))
        self.waits = [wait for wait, _ in timed]
        return [outcome for _, outcome in timed]

    def advance(self, seconds: float) -> None:
        self._clock.seconds += seconds

    def _timed(self, token: str) -> tuple[float, Outcome]:
        began = time.monotonic()
        outcome = self._outcome(token)
        return time.monotonic() - began, outcome

    def _outcome(self, token: str) -> Outcome:
        try:
            principal = asdict(self._verify(token, self._keys, issuer=self._issuer, audience=AUDIENCE))
        except self._invalid:
            return "invalid"
        except self._unavailable:
            return "unavailable"
        return {**principal, "roles": list(principal["roles"])}


class FastAPISubject:
    """The FastAPI sample, asked over HTTP."""

    def __init__(self, server: KeyServer, keys: ModuleType, sample: ModuleType) -> None:
        self._clock = Clock()
        vars(sample).update(keys=keys.Keys(server.url, clock=self._clock), ISSUER=server.issuer)
        self._app = sample.app
        self.waits: Sequence[float] = ()

    def get(self, path: str, authorization: str | None = None) -> httpx.Response:
        """Return the answer to one request."""
        return self._run([(path, authorization)])[0]

    def verify_all(self, tokens: Sequence[str]) -> Sequence[object]:
        answers = self._run([("/me", f"Bearer {token}") for token in tokens])
        self.waits = [answer.elapsed.total_seconds() for answer in answers]
        return [_outcome(answer) for answer in answers]

    def advance(self, seconds: float) -> None:
        self._clock.seconds += seconds

    def _run(self, requests: Sequence[tuple[str, str | None]]) -> list[httpx.Response]:
        # On a thread of its own: asyncio.run would take the event loop of the test session away.
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(lambda: asyncio.run(self._ask(requests))).result()

    async def _ask(self, requests: Sequence[tuple[str, str | None]]) -> list[httpx.Response]:
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service.test") as client:
            return await asyncio.gather(*(client.get(path, headers=_headers(value)) for path, value in requests))


class NodeSubject:
    """The Node sample, in its own process."""

    def __init__(self, server: KeyServer, driver: Driver) -> None:
        driver.start(issuer=server.issuer, audience=AUDIENCE, url=server.url)
        self._driver = driver
        self.waits: Sequence[float] = ()

    def verify_all(self, tokens: Sequence[str]) -> Sequence[object]:
        timed = self._driver.verify_all(tokens)
        self.waits = [wait for wait, _ in timed]
        return [outcome for _, outcome in timed]

    def advance(self, seconds: float) -> None:
        self._driver.advance(seconds)


def _headers(authorization: str | None) -> dict[bytes, bytes]:
    return {} if authorization is None else {b"Authorization": authorization.encode()}


def _outcome(answer: httpx.Response) -> Outcome:
    if answer.status_code == 200:
        return answer.json()
    if answer.status_code == 401 and "invalid_token" in answer.headers["WWW-Authenticate"]:
        return "invalid"
    if answer.status_code == 503:
        return "unavailable"
    return f"{answer.status_code} {answer.text}"
