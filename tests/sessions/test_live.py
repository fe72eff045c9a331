"""LiveSessionCache over a made-up database: what it remembers, for how long it trusts that, and every race."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

import pytest

from app.db import following
from app.sessions import live
from app.sessions.live import LiveSessionCache
from app.sessions.repository import SessionLookups
from app.sessions.state import SessionState
from tests.fakes.frozen_clock import FrozenClock

ADMIN, MEMBER = ("ROLE_CLIENT_ADMIN",), ("ROLE_MEMBER",)
SID, USER, ORG = UUID(int=1), UUID(int=2), UUID(int=3)


class Database:
    """Sessions and marks; a read can be held between its snapshot and its arrival."""

    def __init__(self, clock: FrozenClock) -> None:
        self.clock = clock
        self.sessions: dict[UUID, SessionState] = {}
        self.marks: list[tuple[int, str, str]] = []
        self.reads: list[list[UUID]] = []
        self.horizon = 0
        self.gate: asyncio.Future[None] | None = None
        self.away = False

    def begin(self, sid: UUID = SID, *, user: UUID = USER, roles: tuple[str, ...] = ADMIN) -> SessionState:
        now = self.clock.now()
        self.sessions[sid] = state = SessionState(
            sid=sid, user_id=user, organization_id=ORG, roles=roles, ver=1, auth_time=now, home_organization_id=ORG,
            expires_at=now + timedelta(hours=12), idle_expires_at=now + timedelta(hours=8), amr=("sso",),
            created_at=now, connection_id=None, document=b"{}",
        )  # fmt: skip
        return state

    def mark(self, kind: str, value: object) -> None:
        self.marks.append((len(self.marks) + 1, kind, str(value)))

    def end(self, sid: UUID = SID) -> None:
        """End a session and tell, in one transaction."""
        del self.sessions[sid]
        self.mark("sid", sid)

    async def live(self, sids: Sequence[UUID], _now: datetime) -> dict[UUID, SessionState]:
        self._require_there()
        self.reads.append(list(sids))
        snapshot = {sid: self.sessions[sid] for sid in sids if sid in self.sessions}
        if self.gate is not None:
            await self.gate
        return snapshot

    async def marks_since(self, _horizon: int) -> tuple[int, list[tuple[int, str, str]]]:
        self._require_there()
        return self.horizon, list(self.marks)

    def _require_there(self) -> None:
        if self.away:
            raise ConnectionError("away")


class Bench:
    """A cache over a database, and how often it read the keys."""

    def __init__(self) -> None:
        self.clock = FrozenClock()
        self.database = Database(self.clock)
        self.key_reads = 0
        self.keys_fail = False
        self.cache = LiveSessionCache(cast("SessionLookups", self.database), self.clock, self._read_keys)

    async def _read_keys(self) -> None:
        self.key_reads += 1
        if self.keys_fail:
            raise ConnectionError("away")

    async def remembered(self) -> SessionState:
        """Begin a session and have it remembered."""
        state = self.database.begin()
        await self.cache.look()
        assert await self.cache.find(SID) == state
        self.database.reads.clear()
        assert await self.cache.find(SID) == state
        assert self.database.reads == []
        return state

    def forget_to_look(self, seconds: float) -> None:
        """Let this much time pass without a look."""
        self.cache._following._began -= seconds  # pyright: ignore[reportPrivateUsage]  # the loop's clock cannot be moved


@pytest.fixture
async def bench() -> Bench:
    return Bench()


async def test_remembers_and_forgets_what_ended(bench: Bench) -> None:
    await bench.remembered()
    bench.database.end()
    await bench.cache.look()
    assert await bench.cache.find(SID) is None


@pytest.mark.parametrize(("kind", "value"), [("sub", USER), ("org", ORG)])
async def test_reads_anew_what_changed(kind: str, value: UUID, bench: Bench) -> None:
    await bench.remembered()
    lowered = bench.database.begin(roles=MEMBER)
    bench.database.mark(kind, value)
    await bench.cache.look()
    assert await bench.cache.find(SID) == lowered


@pytest.mark.parametrize(
    ("kind", "value"), [("sub", UUID(int=9)), ("org", UUID(int=9)), ("sid", UUID(int=9)), ("kid", "k")]
)
async def test_marks_of_others_cost_nothing(kind: str, value: object, bench: Bench) -> None:
    await bench.remembered()
    bench.database.mark(kind, value)
    await bench.cache.look()
    await bench.cache.find(SID)
    assert bench.database.reads == []


async def test_unknown_sessions_are_not_remembered(bench: Bench) -> None:
    await bench.cache.look()
    assert await bench.cache.find(SID) is None
    state = bench.database.begin()
    assert await bench.cache.find(SID) == state, "a session that began after somebody asked for its id"


async def test_memory_is_trusted_for_less_than_a_second(bench: Bench) -> None:
    await bench.remembered()
    bench.database.end()  # and nobody looks
    bench.forget_to_look(0.5)
    assert await bench.cache.find(SID) is not None
    bench.forget_to_look(0.45)
    assert following.TRUST_SECONDS < 1
    assert await bench.cache.find(SID) is None


async def test_process_that_is_cut_off_lets_nobody_in(bench: Bench) -> None:
    await bench.remembered()
    bench.database.away = True
    with pytest.raises(ConnectionError):
        await bench.cache.look()
    bench.forget_to_look(1)
    with pytest.raises(ConnectionError):
        await bench.cache.find(SID)
    bench.database.away = False
    bench.database.end()
    assert await bench.cache.find(SID) is None, "the database is asked, before any look succeeds again"


async def test_follower_survives_an_outage(bench: Bench) -> None:
    await bench.remembered()
    async with bench.cache.following():
        bench.database.away = True
        await asyncio.sleep(following.POLL_SECONDS * 1.5)
        bench.database.end()
        bench.database.away = False
        async with asyncio.timeout(1):
            while await bench.cache.find(SID) is not None:
                await asyncio.sleep(0.01)


async def test_what_changed_during_a_long_absence_is_not_believed(bench: Bench) -> None:
    """After ten minutes the marks are purged: a process that slept through them never hears that a role was lowered."""
    await bench.remembered()
    lowered = bench.database.begin(roles=MEMBER)
    bench.database.mark("sub", USER)
    bench.database.marks.clear()  # the purge
    bench.clock.advance(minutes=11)
    await bench.cache.look()
    assert await bench.cache.find(SID) == lowered


@pytest.mark.parametrize("pause", ["idle_expires_at", "expires_at"])
async def test_memory_of_an_expired_session_is_not_used(pause: str, bench: Bench) -> None:
    state = await bench.remembered()
    bench.database.sessions.clear()  # as the look-up's own condition would have it
    bench.clock.advance(seconds=(getattr(state, pause) - bench.clock.now()).total_seconds())
    bench.cache._looked_on = bench.clock.now()  # pyright: ignore[reportPrivateUsage]  # no absence: only the end counts
    assert await bench.cache.find(SID) is None


@pytest.mark.parametrize(("kind", "value"), [("sid", SID), ("sub", USER), ("org", ORG)])
async def test_end_overtakes_a_load(kind: str, value: UUID, bench: Bench) -> None:
    """The load's snapshot is older than the end, and arrives after the mark was seen and dropped."""
    await bench.cache.look()
    bench.database.begin()
    bench.database.gate = asyncio.get_running_loop().create_future()
    loading = asyncio.create_task(bench.cache.find(SID))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    bench.database.sessions.clear()
    bench.database.mark(kind, value)
    await bench.cache.look()
    bench.database.gate.set_result(None)
    assert await loading is not None, "it did live when the request came"
    bench.database.gate = None
    assert await bench.cache.find(SID) is None


async def test_end_just_after_a_load(bench: Bench) -> None:
    await bench.cache.look()
    bench.database.begin()
    assert await bench.cache.find(SID) is not None
    bench.database.end()
    await bench.cache.look()
    assert await bench.cache.find(SID) is None


async def test_mark_that_commits_late_is_not_missed(bench: Bench) -> None:
    """A serial can commit out of order: the horizon stays at the oldest transaction still under way."""
    await bench.remembered()
    bench.database.marks = [(2, "sid", str(UUID(int=7)))]
    await bench.cache.look()
    del bench.database.sessions[SID]
    bench.database.marks = [(1, "sid", str(SID)), (2, "sid", str(UUID(int=7)))]
    await bench.cache.look()
    assert await bench.cache.find(SID) is None


async def test_a_mark_is_news_once(bench: Bench) -> None:
    bench.database.mark("kid", "k1")
    for _ in range(3):
        await bench.cache.look()
    assert bench.key_reads == 1


async def test_keys_are_read_again_until_it_succeeds(bench: Bench) -> None:
    """A database that blinks just then must not leave a compromised key in force until somebody else reloads."""
    await bench.remembered()
    bench.database.mark("kid", "k1")
    bench.keys_fail = True
    for _ in range(2):
        with pytest.raises(ConnectionError):
            await bench.cache.look()
    assert await bench.cache.find(SID) is not None
    assert bench.database.reads == [], "what is known of sessions is not spoilt by it"
    bench.keys_fail = False
    await bench.cache.look()
    await bench.cache.look()
    assert bench.key_reads == 3


async def test_asking_is_never_answered_from_before(bench: Bench) -> None:
    """Introspection at once: a read that began before the end does not answer who asked after it."""
    await bench.remembered()
    bench.database.gate = asyncio.get_running_loop().create_future()
    before = asyncio.create_task(bench.cache.ask(SID))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    bench.database.end()
    after = asyncio.create_task(bench.cache.ask(SID))
    await asyncio.sleep(0)
    bench.database.gate.set_result(None)
    assert await before is not None
    assert await after is None
    assert len(bench.database.reads) == 2


async def test_stamping_renews_what_is_remembered(bench: Bench) -> None:
    state = await bench.remembered()
    loop = asyncio.get_running_loop()
    stamped = replace(state, idle_expires_at=state.idle_expires_at + timedelta(hours=1))
    bench.cache.refresh(stamped, since=loop.time())
    assert await bench.cache.find(SID) == stamped
    began = loop.time()
    bench.database.end()
    await bench.cache.look()
    bench.cache.refresh(stamped, since=began)
    assert await bench.cache.find(SID) is None, "what ended meanwhile does not come back"


async def test_stamping_does_not_bring_old_rights_back(bench: Bench) -> None:
    state = await bench.remembered()
    began = asyncio.get_running_loop().time()
    bench.database.begin(roles=MEMBER)
    bench.database.mark("sub", USER)
    await bench.cache.look()
    found = await bench.cache.find(SID)
    bench.cache.refresh(state, since=began)
    assert found is not None
    assert found.roles == MEMBER
    assert await bench.cache.find(SID) == found


async def test_memory_is_bounded(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_CAPACITY", 100)
    monkeypatch.setattr(live, "_RECENT", 50)
    await bench.cache.look()
    for number in range(1, 301):
        bench.database.begin(UUID(int=number))
        assert await bench.cache.find(UUID(int=number)) is not None
        bench.database.mark("sub", UUID(int=number + 1_000))
    await bench.cache.look()
    assert len(bench.cache._known) == 100  # pyright: ignore[reportPrivateUsage]
    assert len(bench.cache._recent) == 50  # pyright: ignore[reportPrivateUsage]


async def test_thousands_of_marks_do_not_stop_the_process(bench: Bench) -> None:
    """A directory's first sync changes thousands of people; every request of this process waits for one look."""
    await bench.cache.look()
    for number in range(5_000):
        bench.database.begin(UUID(int=number), user=UUID(int=number))
    await asyncio.gather(*(bench.cache.find(UUID(int=number)) for number in range(5_000)))
    for number in range(5_000):
        bench.database.mark("sub", UUID(int=number + 10_000))
    loop = asyncio.get_running_loop()
    began = loop.time()
    await bench.cache.look()
    assert loop.time() - began < 1


async def test_hundreds_of_finds_are_few_reads(bench: Bench) -> None:
    await bench.cache.look()
    bench.database.begin()
    found = await asyncio.gather(*(bench.cache.find(SID) for _ in range(500)))
    assert all(found)
    assert len(bench.database.reads) <= 2
