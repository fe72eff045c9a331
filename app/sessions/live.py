"""LiveSessionCache: which sessions live, at most one second old, in every process."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from uuid import UUID

from app.db.following import Following
from app.kit.clock import Clock
from app.queue.batch import Batch
from app.sessions.repository import SessionLookups
from app.sessions.state import SessionState

_CAPACITY = 50_000
_RECENT = 20_000
_LONGEST_GAP = timedelta(minutes=5)  # half of what the purge keeps of the marks (service.py)


class LiveSessionCache:
    """Implements `LiveSessions`: remembers live sessions and follows what ends or changes them.

    A remembered session is trusted only while this process has looked at `stale_sessions` within the last second;
    otherwise the database is asked, so that a process cut off from it lets nobody in on old knowledge.
    """

    def __init__(self, lookups: SessionLookups, clock: Clock, on_key: Callable[[], Awaitable[None]]) -> None:
        self._lookups = lookups
        self._clock = clock
        self._on_key = on_key
        self._known: dict[UUID, SessionState] = {}
        self._recent: dict[str, float] = {}  # "kind:value" -> when this process learnt that it is stale
        self._applied: set[int] = set()
        self._horizon = 0
        self._looked_on = clock.now()
        self._keys_due = False
        self._following = Following("sessions", self._look)
        self._loads = Batch[UUID, SessionState](self._load)

    async def find(self, sid: UUID) -> SessionState | None:
        """Return the session if it lives; the answer is at most one second old."""
        known = self._known.get(sid)
        if known is not None and self._following.is_trusted:
            now = self._clock.now()
            if now < known.idle_expires_at and now < known.expires_at:
                return known
        return await self._loads.submit(sid)

    async def ask(self, sid: UUID) -> SessionState | None:
        """Return the session if it lives now, from the database: introspection answers at once."""
        return await self._loads.submit(sid)

    async def _load(self, sids: Sequence[UUID]) -> Mapping[UUID, SessionState]:
        began = asyncio.get_running_loop().time()
        found = await self._lookups.live(sids, self._clock.now())
        for sid in sids:
            state = found.get(sid)
            # A session that ended while the answer was on its way must not be remembered as alive.
            if state is not None and not self._became_stale(state, since=began):
                self._remember(state)
            else:
                self._known.pop(sid, None)
        return found

    def _became_stale(self, state: SessionState, *, since: float) -> bool:
        names = (f"sid:{state.sid}", f"sub:{state.user_id}", f"org:{state.organization_id}")
        return any(self._recent.get(name, float("-inf")) >= since for name in names)

    def refresh(self, state: SessionState, *, since: float) -> None:
        """Put what a stamping read in place of what is remembered; `since` is the loop's time before it began.

        Without it /auth/session would show, for as long as the session is remembered, the idle end it had first.
        """
        if state.sid in self._known and not self._became_stale(state, since=since):
            self._known[state.sid] = state

    def _remember(self, state: SessionState) -> None:
        if len(self._known) >= _CAPACITY:
            self._known.pop(next(iter(self._known)))
        self._known[state.sid] = state

    async def look(self) -> None:
        """Forget what became stale before this call."""
        await self._following.look()

    async def _look(self) -> None:
        """Read what became stale since the last look, and forget it."""
        now = self._clock.now()
        horizon, marks = await self._lookups.marks_since(self._horizon)
        if now - self._looked_on > _LONGEST_GAP:
            self._known.clear()  # marks of the time between may have been purged: their news will never come
        new = [mark for mark in marks if mark[0] not in self._applied]
        self._forget({(kind, value) for _, kind, value in new})
        self._applied = {seq for seq, _, _ in marks}
        self._horizon = horizon
        self._looked_on = now
        self._keys_due = self._keys_due or any(kind == "kid" for _, kind, _ in new)
        if self._keys_due:
            await self._on_key()  # where it fails, it is due again at the next look
            self._keys_due = False

    def _forget(self, stale: Collection[tuple[str, str]]) -> None:
        now = asyncio.get_running_loop().time()
        for kind, value in stale:
            while len(self._recent) >= _RECENT:
                self._recent.pop(next(iter(self._recent)))
            self._recent.pop(f"{kind}:{value}", None)
            self._recent[f"{kind}:{value}"] = now
            if kind == "sid":
                self._known.pop(UUID(value), None)
        # One pass for all of them: a directory's first sync changes thousands of people at once.
        people, tenants = ({UUID(value) for kind, value in stale if kind == one} for one in ("sub", "org"))
        if people or tenants:
            self._known = {
                sid: state
                for sid, state in self._known.items()
                if state.user_id not in people and state.organization_id not in tenants
            }

    def following(self) -> AbstractAsyncContextManager[None]:
        """Follow the marks until the block ends."""
        return self._following.following()
