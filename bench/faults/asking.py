"""Asking: one question so many times a second, each on its own; what was answered, when, and how fast."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

import httpx

from bench.faults.findings import Findings, percentile
from bench.faults.stage import Stage
from bench.faults.visitor import Visitor, planted

Ask = Callable[[], Awaitable[httpx.Response]]
REFUSED = -1
"""In place of a status: nobody listened. The request was not made, and whoever asks goes elsewhere."""
CUT_OFF = 0
"""In place of a status: the request was made and nothing, or half of it, came back."""
_RENEWED_S = 240


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one question: when it was asked (monotonic), its status, its seconds, `Retry-After`."""

    began: float
    status: int
    seconds: float
    retry_after: str | None = None
    why: str = ""

    @property
    def good(self) -> bool:
        """Whether it was answered as asked."""
        return 200 <= self.status < 400


class Load:
    """Asks one thing so many times a second, and keeps what was answered."""

    def __init__(self, ask: Ask, *, per_second: float = 25) -> None:
        self._ask = ask
        self._pause = 1 / per_second
        self.answers: list[Answer] = []

    async def run(self, stop: asyncio.Event) -> None:
        """Ask until told to stop; each question on its own, so that a slow answer delays no other."""
        async with asyncio.TaskGroup() as tasks:
            due = time.monotonic()
            while not stop.is_set():
                tasks.create_task(self.once())
                due += self._pause
                await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def once(self) -> Answer:
        """Ask once, and keep the answer."""
        answer = await answered(self._ask)
        self.answers.append(answer)
        return answer

    def count(self, *statuses: int) -> int:
        """Return how many were answered so."""
        return sum(each.status in statuses for each in self.answers)

    def others(self, *statuses: int) -> list[str]:
        """Return in words what was answered otherwise."""
        return [f"{each.status} {each.why}".strip() for each in self.answers if each.status not in statuses]

    def first_success(self, after: float) -> float:
        """Return the seconds from an instant to the first success that was asked for after it."""
        good = (each.began + each.seconds for each in self.answers if each.began >= after and each.good)
        return min(good, default=float("inf")) - after

    def slowest(self, since: float = 0) -> float:
        """Return the seconds of the slowest answer to what was asked since an instant."""
        return max((each.seconds for each in self.answers if each.began >= since), default=0.0)

    def part(self, share: float, since: float = 0, until: float = float("inf")) -> float:
        """Return the seconds within which this share of what was asked in between was answered."""
        return percentile([each.seconds for each in self.answers if since <= each.began < until], share)


async def answered(ask: Ask) -> Answer:
    """Return what became of one question."""
    began, status, after, why = time.monotonic(), CUT_OFF, None, ""
    try:
        found = await ask()
        status, after = found.status_code, found.headers.get("retry-after")
    except httpx.ConnectError:
        status = REFUSED
    except httpx.HTTPError as error:
        why = type(error).__name__
    return Answer(began, status, time.monotonic() - began, after, why)


@contextlib.asynccontextmanager
async def asked(loads: Iterable[Load]) -> AsyncGenerator[None]:
    """Ask while the block runs; at its end what was asked is waited for."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for load in loads:
            tasks.create_task(load.run(stop))
        try:
            yield
        finally:
            stop.set()


def tally(loads: Mapping[str, Load], found: Findings) -> None:
    """Note of each load but the keys how it was answered: 503 may be, nothing else that is no success."""
    for name, load in loads.items():
        found.note(f"{name}: answers 503", load.count(503))
        found.must_be_zero(f"{name}: neither answered nor 503", load.others(200, 202, 302, 303, 503))
        silent = [each for each in load.answers if each.status == 503 and not each.retry_after]
        found.note(f"{name}: 503 without Retry-After", len(silent), at_most=0)


def statuses(loads: Iterable[Load]) -> Counter[int]:
    """Return how often each status was answered."""
    return Counter(each.status for load in loads for each in load.answers)


@contextlib.asynccontextmanager
async def a_visitor(stage: Stage, number: int = 0) -> AsyncGenerator[Visitor]:
    """Yield the browser of a planted person who is signed in, and to whom nothing happens."""
    visitor = Visitor(stage, planted(stage, number))
    assert (await visitor.sign_in()).signed_in
    stage.model.spared |= {each.id for each in stage.twin.world.people.values() if each.email == planted(stage, number)}
    try:
        yield visitor
    finally:
        await visitor.close()


async def bearer_of(visitor: Visitor) -> dict[str, str]:
    """Return the header with an access token of the visitor's."""
    given = (await visitor.token()).raise_for_status()
    return {"Authorization": f"Bearer {given.json()['access_token']}"}


class _Bearer:
    """An access token of a visitor's, taken anew a minute before it ends; the old one stays where that fails."""

    def __init__(self, visitor: Visitor, headers: Mapping[str, str]) -> None:
        self._visitor = visitor
        self._headers = headers
        self._renew_at = time.monotonic() + _RENEWED_S

    async def get(self, http: httpx.AsyncClient, path: str) -> httpx.Response:
        if time.monotonic() > self._renew_at:
            self._renew_at = time.monotonic() + _RENEWED_S
            with contextlib.suppress(httpx.HTTPError):
                self._headers = await bearer_of(self._visitor)
        return await http.get(path, headers=self._headers)


@contextlib.asynccontextmanager
async def mixed(stage: Stage, *, per_second: float = 25, port: int | None = None) -> AsyncGenerator[dict[str, Load]]:
    """Yield the usual mixture: keys, tokens, sign-ins that begin, a list that needs a token and the database."""
    async with a_visitor(stage) as visitor, contextlib.AsyncExitStack() as clients:
        door, bearer = stage.model.tenants[0].door, _Bearer(visitor, await bearer_of(visitor))
        cookie = {"Origin": stage.url, "Cookie": "; ".join(f"{k}={v}" for k, v in visitor.http.cookies.items())}
        # A client for each: what waits for an answer here must not keep the other questions from being asked.
        keys, token, start, listed = [await clients.enter_async_context(a_client(stage, port)) for _ in range(4)]
        asks: dict[str, Ask] = {
            "jwks": lambda: keys.get("/.well-known/jwks.json"),
            "token": lambda: token.post("/auth/token", headers=cookie),
            "start": lambda: start.get("/auth/sso", params={"connection": door}),
            "list": lambda: bearer.get(listed, "/auth/sessions"),
        }
        yield {name: Load(ask, per_second=per_second) for name, ask in asks.items()}


def a_client(stage: Stage, port: int | None = None) -> httpx.AsyncClient:
    """Return a client of one of the gateway's processes; whichever it is, it answers to the name in PUBLIC_URL."""
    return httpx.AsyncClient(
        base_url=f"http://localhost:{port or stage.port}",
        headers={"Host": f"localhost:{stage.port}"},
        # Given up well before the gateway does, after 5 s: what is asked at that moment would be closed on.
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=20, keepalive_expiry=2),
        trust_env=False,
        timeout=30,
    )
