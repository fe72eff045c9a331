"""X-23: clients that never finish what they begin, heads and bodies that are too large, among people who are served."""

import asyncio
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from bench.faults import inbox, mirror
from bench.faults.asking import Load, asked, mixed
from bench.faults.findings import Findings
from bench.faults.scenario import Run, Scenario
from bench.faults.sender import Stream
from bench.faults.sockets import Heard, said
from bench.faults.stage import Stage, a_stage

_HALVES = 400
_LARGE_AT_ONCE = 4
_DEADLINE_S = 10
"""The gateway's own receive deadline (app/http/protocol.py)."""
_SLACK_S = 1
_EVENTS_PER_S = 20
_RATE = 10.0
_PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024
_JSON = b"Content-Type: application/json\r\n"
_PIECE = b"10000\r\n%b\r\n" % (b"x" * 65_536)
_PIECES = 160


@dataclass(frozen=True, slots=True)
class _Requests:
    """What they say: two that are never finished, a head and a body that are too large."""

    half_head: bytes
    half_body: bytes
    long_head: bytes
    long_body: bytes

    @classmethod
    def to(cls, stage: Stage) -> Self:
        """Return them as this stage's gateway would take them, were they shorter and sooner."""
        keys = b"GET /.well-known/jwks.json HTTP/1.1\r\nHost: localhost:%d\r\n" % stage.port
        told = b"POST /webhooks/workos HTTP/1.1\r\nHost: localhost:%d\r\n" % stage.port + _JSON
        return cls(
            half_head=keys + b"X-Slow: ",
            half_body=told + b"Content-Length: 60000\r\n\r\n{",
            long_head=keys + b"X-Long: " + b"a" * 300_000 + b"\r\n\r\n",
            long_body=told + b"Transfer-Encoding: chunked\r\n\r\n" + _PIECE * _PIECES + b"0\r\n\r\n",
        )


@dataclass(slots=True)
class _Weight:
    """What the process held: files and kilobytes, at each look."""

    files: list[int] = field(default_factory=list[int])
    kilobytes: list[int] = field(default_factory=list[int])

    def look(self, pid: int) -> None:
        """Look once."""
        self.files.append(len(list(Path(f"/proc/{pid}/fd").iterdir())))
        self.kilobytes.append(int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE_KB)


@dataclass(slots=True)
class _Crowd:
    """What became of those who never finish, and of those who say too much."""

    halves: list[Heard] = field(default_factory=list[Heard])
    heads: list[Heard] = field(default_factory=list[Heard])
    bodies: list[Heard] = field(default_factory=list[Heard])


async def _slow_clients(run: Run) -> Findings:
    found, waves = Findings(), 1 if run.quick else 4
    async with a_stage(run.server, run.seed) as stage:
        await inbox.settled(stage)
        before, meanwhile, after, crowd = _Weight(), _Weight(), _Weight(), _Crowd()
        async with mixed(stage, per_second=_RATE) as loads, asyncio.TaskGroup() as tasks:
            stream = Stream(stage.model.step)
            sending = tasks.create_task(stage.sender().send(stream, rate=_EVENTS_PER_S))
            async with asked(loads.values()):
                await asyncio.sleep(2)
                before.look(stage.api.pid)
                began = time.monotonic()
                for _ in range(waves):
                    await _wave(stage, crowd, meanwhile)
                over = time.monotonic()
                await asyncio.sleep(1)
                after.look(stage.api.pid)
            stream.stop()
        _note(found, crowd, loads, (began, over))
        found.note(
            "deliveries not answered 200", (await sending).statuses.total() - sending.result().statuses[200], at_most=0
        )
        _weigh(found, before, meanwhile, after)
        await inbox.settled(stage)
        await inbox.check(stage, found, [each.event_id for each in stream.made])
        await mirror.check(stage, found)
    return found


async def _wave(stage: Stage, crowd: _Crowd, weight: _Weight) -> None:
    """Open 400 connections that say a byte a second and never end; shout at the gateway all the while they last."""
    requests = _Requests.to(stage)
    async with asyncio.TaskGroup() as tasks:
        halves = [
            tasks.create_task(said(stage.port, half, then=b"a", every=stage.rng.uniform(0.7, 1.3)))
            for half in (requests.half_head, requests.half_body) * (_HALVES // 2)
        ]
        heads, bodies = list[asyncio.Task[Heard]](), list[asyncio.Task[Heard]]()
        while not all(half.done() for half in halves):
            heads += [tasks.create_task(said(stage.port, requests.long_head)) for _ in range(_LARGE_AT_ONCE)]
            bodies += [tasks.create_task(said(stage.port, requests.long_body)) for _ in range(_LARGE_AT_ONCE)]
            await asyncio.sleep(0.5)
            weight.look(stage.api.pid)
    crowd.heads += [head.result() for head in heads]
    crowd.bodies += [body.result() for body in bodies]
    crowd.halves += [half.result() for half in halves]


def _note(found: Findings, crowd: _Crowd, loads: Mapping[str, Load], spell: tuple[float, float]) -> None:
    began, over = spell
    for name, load in loads.items():
        found.must_be_zero(f"{name}: not answered", load.others(200, 302))
        found.note(f"{name}: before it, p99, ms", 1000 * load.part(0.99, until=began))
        found.note(f"{name}: meanwhile, p99, ms", 1000 * load.part(0.99, began, over), at_most=1000)
    found.note("half-open connections", len(crowd.halves))
    lasted = max(each.seconds for each in crowd.halves)
    found.note("half-open, closed after, slowest, s", lasted, at_most=_DEADLINE_S + _SLACK_S)
    # Closed on without a word: whoever is still talking may be reset before the answer is read.
    found.must_be_zero(
        "half-open, answered", [str(each.status) for each in crowd.halves if each.status not in {0, 408}]
    )
    found.note("300 kB of head", len(crowd.heads))
    found.must_be_zero(
        "300 kB of head, taken", [str(each.status) for each in crowd.heads if each.status not in {0, 431}]
    )
    found.note("10 MB of body", len(crowd.bodies))
    found.must_be_zero(
        "10 MB of body, taken", [str(each.status) for each in crowd.bodies if each.status not in {0, 413}]
    )


def _weigh(found: Findings, before: _Weight, meanwhile: _Weight, after: _Weight) -> None:
    found.note("open files before it", before.files[0])
    found.note("open files, most", max(meanwhile.files))
    found.note("open files more, 1 s after it", after.files[0] - before.files[0], at_most=20)
    found.note("memory before it, MB", before.kilobytes[0] / 1024)
    found.note("memory more, most, MB", (max(meanwhile.kilobytes) - before.kilobytes[0]) / 1024, at_most=64)


SCENARIOS = (Scenario("X-23", "clients that never finish, and what is too large", _slow_clients),)
