"""DENIED: how long after WorkOS has said that somebody is gone their token is refused, among 100 other events/s."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import httpx

from bench.faults import inbox, mirror
from bench.faults.findings import Findings, percentile
from bench.faults.model import Person
from bench.faults.scenario import Run, Scenario
from bench.faults.stage import Set, Stage, a_stage
from bench.faults.visitor import Visitor

_OTHERS_PER_S = 100
_LEAVING = 200
_PAUSE_S = 0.1
_LOOK_S = 0.01
_PATIENCE_S = 30
_REFUSED = 401


@dataclass(slots=True)
class _Seconds:
    """From sending the delivery: until it was accepted, the person's access token refused, their cookie refused."""

    accepted: list[float] = field(default_factory=list[float])
    token: list[float] = field(default_factory=list[float])
    cookie: list[float] = field(default_factory=list[float])


async def _denied(run: Run) -> Findings:
    found, count = Findings(), run.sized(_LEAVING)
    async with a_stage(run.server, run.seed, Set(organizations=2, people=count)) as stage:
        await inbox.settled(stage)
        leaving = list(stage.model.tenants[0].people.values())
        stage.model.spared = {person.id for person in leaving}
        browsers = [await _signed_in(stage, person) for person in leaving]
        # Somebody is dismissed every 0.1 s and more, as long as the others' news lasts.
        others = stage.model.steps(int(_OTHERS_PER_S * count * _PAUSE_S * 1.5))
        seconds, sent = _Seconds(), [each.event_id for each in others]
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.sender().send(others, rate=_OTHERS_PER_S))
            for person, browser in zip(leaving, browsers, strict=True):
                stage.model.dismiss(stage.model.tenants[0], person)
                tasks.create_task(_leave(stage, browser, seconds, sent))
                await asyncio.sleep(_PAUSE_S)
        await inbox.settled(stage)
        _note(found, seconds)
        await inbox.check(stage, found, sent)
        await mirror.check(stage, found)
    return found


async def _signed_in(stage: Stage, person: Person) -> tuple[Visitor, dict[str, str]]:
    """Return the person's browser, and the header with their access token, which was good a moment ago."""
    visitor = Visitor(stage, person.email)
    done = await visitor.sign_in()
    if not done.signed_in:
        raise LookupError(f"{person.email} could not sign in: {done.status}")
    bearer = {"Authorization": f"Bearer {(await visitor.token()).raise_for_status().json()['access_token']}"}
    (await visitor.http.get("/auth/session", headers=bearer)).raise_for_status()
    return visitor, bearer


async def _leave(stage: Stage, browser: tuple[Visitor, dict[str, str]], seconds: _Seconds, sent: list[str]) -> None:
    visitor, bearer = browser
    told = stage.model.told()
    sent += [each.event_id for each in told]
    began = time.monotonic()

    async def deliver() -> None:
        await stage.sender(connections=len(told)).at_once(told)
        seconds.accepted.append(time.monotonic() - began)

    async with asyncio.timeout(_PATIENCE_S), asyncio.TaskGroup() as tasks:
        tasks.create_task(deliver())
        tasks.create_task(
            _until_refused(lambda: visitor.http.get("/auth/session", headers=bearer), began, seconds.token)
        )
        tasks.create_task(_until_refused(visitor.token, began, seconds.cookie))
    await visitor.close()


async def _until_refused(ask: Callable[[], Awaitable[httpx.Response]], began: float, into: list[float]) -> None:
    while (await ask()).status_code != _REFUSED:
        await asyncio.sleep(_LOOK_S)
    into.append(time.monotonic() - began)


def _note(found: Findings, seconds: _Seconds) -> None:
    """Note the figures; the floor is the delivery itself: it is durable, and nobody is out yet."""
    floor = percentile(seconds.accepted, 0.5)
    for name, values, bar in (
        ("floor: delivery accepted", seconds.accepted, None),
        ("access token refused", seconds.token, 1000.0),
        ("session cookie refused", seconds.cookie, 1000.0),
    ):
        found.note(f"{name}, p50, ms", 1000 * percentile(values, 0.5))
        found.note(f"{name}, p99, ms", 1000 * percentile(values, 0.99), at_most=bar)
        found.note(f"{name}, p50, x floor", percentile(values, 0.5) / floor)


SCENARIOS = (Scenario("DENIED", "removed at WorkOS, refused here", _denied, seconds=300),)
