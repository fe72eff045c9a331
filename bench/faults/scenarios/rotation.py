"""X-20: signing keys rotate three times under an offline verifier, and one is withdrawn in an emergency.

A verifier's five minutes are five seconds here: its key cache lives by a clock of sixty times the speed. Tokens do not.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus

import httpx
from memberpulse_auth_client import AuthClient, TokenInvalid

from bench.faults import inbox
from bench.faults.findings import Findings
from bench.faults.scenario import Run, Scenario
from bench.faults.server import connected
from bench.faults.stage import Set, Stage, a_stage
from bench.faults.visitor import Visitor, planted

_ROTATIONS = 3
_FASTER = 60
_MAX_AGE_S = 300
_PUBLISHED_S = (2 * _MAX_AGE_S + 60) / _FASTER  # before it signs: threats.md 5.4
_PER_S = 100
_PEOPLE = 10
_EVERY_S = 5
_LOOK_S = 0.01
_PATIENCE_S = 20


@dataclass(slots=True)
class _Seen:
    """Tokens that people have, and what the offline verifier says of them."""

    tokens: list[str] = field(default_factory=list[str])
    kids: set[str] = field(default_factory=set[str])
    verified: int = 0
    refused: list[str] = field(default_factory=list[str])


async def _rotated(run: Run) -> Findings:
    found = Findings()
    async with a_stage(run.server, run.seed, Set(organizations=1, people=_PEOPLE)) as stage:
        await inbox.settled(stage)
        credentials = await _service_client(stage)
        people = [Visitor(stage, planted(stage, number)) for number in range(_PEOPLE)]
        for person in people:
            await person.sign_in()
        async with httpx.AsyncClient(trust_env=False) as http:
            offline = _client(stage, http, faster=_FASTER)
            seen, began = _Seen(), time.monotonic()
            async with asyncio.TaskGroup() as tasks:
                busy = [tasks.create_task(_mint(stage, people, seen)), tasks.create_task(_verify(stage, offline, seen))]
                for _ in range(_ROTATIONS):
                    await asyncio.sleep(_PUBLISHED_S)
                    await _rotate(stage)
                await asyncio.sleep(_PUBLISHED_S)
                for task in busy:
                    task.cancel()
            found.note("verifications", seen.verified)
            found.note("verifications per s", seen.verified / (time.monotonic() - began))
            found.must_be_zero("false rejects", seen.refused)
            found.note("keys that signed, short of 4", _ROTATIONS + 1 - len(seen.kids), at_most=0)
            async with (
                _client(stage, http, credentials=credentials) as waiting,
                _client(stage, http, credentials=credentials, long_poll=False) as asking,
            ):
                await _withdraw(stage, found, people, {"offline": offline, "long poll": waiting, "every 5 s": asking})
        for person in people:
            await person.close()
    return found


def _client(
    stage: Stage,
    http: httpx.AsyncClient,
    *,
    faster: int = 1,
    credentials: tuple[str, str] | None = None,
    long_poll: bool = True,
) -> AuthClient:
    return AuthClient(
        stage.url,
        when_stale="refuse" if credentials else "accept",
        credentials=credentials,
        every=_EVERY_S,
        long_poll=long_poll,
        http=http,
        timer=lambda: time.monotonic() * faster,
    )


async def _service_client(stage: Stage) -> tuple[str, str]:
    admin = await stage.admin()
    answer = await admin.post("/api/service-clients", {"name": "X-20", "scopes": ["revocations:read"]})
    await admin.close()
    return str(answer.json()["id"]), str(answer.json()["secret"])


async def _mint(stage: Stage, people: list[Visitor], seen: _Seen) -> None:
    """Let somebody ask for a token twenty times a second; the last few hundred are in use."""
    while True:
        answer = await stage.rng.choice(people).token()
        answer.raise_for_status()
        seen.tokens = [*seen.tokens[-400:], str(answer.json()["access_token"])]
        await asyncio.sleep(0.05)


async def _verify(stage: Stage, offline: AuthClient, seen: _Seen) -> None:
    due = time.monotonic()
    while True:
        due += 1 / _PER_S
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        if not seen.tokens:
            continue
        try:
            # Half of them the newest: a key is most easily unknown in its first second.
            token = seen.tokens[-1] if stage.rng.random() < 0.5 else stage.rng.choice(seen.tokens)
            seen.kids.add((await offline.verify(token)).kid)
            seen.verified += 1
        except Exception as refused:  # noqa: BLE001 -- whatever it is, a good token was not taken
            seen.refused.append(repr(refused))


async def _rotate(stage: Stage) -> None:
    """Rotate as the worker does after a month; that the next key is a day old is said by SQL."""
    await stage.execute("update signing_keys set created_at = created_at - interval '25 hours' where status = 'next'")
    verb = stage.program("keys", "rotate")
    verb.start()
    await verb.done()


async def _withdraw(stage: Stage, found: Findings, people: list[Visitor], clients: dict[str, AuthClient]) -> None:
    """Withdraw the key that signs, and note how long after its commit each still takes a token of it."""
    token = str((await people[0].token()).json()["access_token"])
    kids = {name: (await client.verify(token)).kid for name, client in clients.items()}
    (kid,) = set(kids.values())

    async def at_the_gateway() -> bool:
        answer = await people[0].http.get("/auth/session", headers={"Authorization": f"Bearer {token}"})
        return answer.status_code == HTTPStatus.OK

    def by(client: AuthClient) -> Callable[[], Awaitable[bool]]:
        async def takes() -> bool:
            try:
                await client.verify(token)
            except TokenInvalid:
                return False
            return True

        return takes

    askers = {"the gateway": at_the_gateway, **{name: by(client) for name, client in clients.items()}}
    bars = {"the gateway": 1.0, "long poll": _EVERY_S, "every 5 s": _EVERY_S + 1.0}
    async with asyncio.timeout(_PATIENCE_S), asyncio.TaskGroup() as tasks:
        committed = tasks.create_task(_committed(stage, kid))
        ends = {name: tasks.create_task(_until_refused(takes)) for name, takes in askers.items()}
        verb = stage.program("keys", "retire", "--kid", kid)
        verb.start()
        await verb.done()
    for name, end in ends.items():
        took = end.result() - committed.result()
        if name == "offline":
            found.note("refused offline after, s of its clock", took * _FASTER, at_most=_MAX_AGE_S + _FASTER)
        else:
            found.note(f"refused by {name} after, s", took, at_most=bars[name])
    fresh = str((await people[0].token()).json()["access_token"])
    must = [name for name, client in clients.items() if (await client.verify(fresh)).kid == kid]
    found.must_be_zero("clients that take the withdrawn key again", must)


async def _until_refused(takes: Callable[[], Awaitable[bool]]) -> float:
    while await takes():
        await asyncio.sleep(_LOOK_S)
    return time.monotonic()


async def _committed(stage: Stage, kid: str) -> float:
    """Return when the database first showed the key as compromised."""
    async with connected(stage.database) as connection:
        while not await connection.fetchval("select status = 'compromised' from signing_keys where kid = $1", kid):
            await asyncio.sleep(0.002)
    return time.monotonic()


SCENARIOS = (Scenario("X-20", "signing keys rotate, and one is withdrawn", _rotated, seconds=300),)
