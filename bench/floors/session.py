"""GET /auth/session: a token verified once, then one look-up; what ended anywhere is forgotten within half a second."""

import asyncio
import time
from datetime import UTC, datetime
from uuid import UUID

from bench.floors.document import COLUMNS, USABLE, shown
from bench.floors.ground import Ground
from bench.floors.lanes import Connection, Lanes, connect, prepared
from bench.floors.tokens import Claims
from bench.floors.wire import JSON, Door, Receive, Scope, Send, answer, header, refuse
from bench.workload import Request, Visitor, Workload

PATH = "/auth/session"
FEED_EVERY_S = 0.5


def _requests(visitor: Visitor) -> list[Request]:
    return [Request("GET", PATH, {"Authorization": f"Bearer {token}"}) for token in visitor.tokens]


WORKLOAD = Workload("session", "authenticated request", _requests, variants=("verify each",))

_READ = f"""
select {COLUMNS}
  from sessions s
  join users u on u.organization_id = s.organization_id and u.id = s.user_id and u.state = 'active'
  join organizations o on o.id = s.organization_id and o.state = 'active'
  left join connections c on c.organization_id = s.organization_id and c.id = s.connection_id
 where s.id = $1 and s.ended_at is null and s.expires_at > $2 and {USABLE}
"""  # noqa: S608 -- constants
_UNKNOWN = (0.0, b"")


class Live:
    """The live sessions of this process: ready answers, dropped when the feed of ended sessions names them."""

    feed: asyncio.Task[None]

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        self._ready: dict[str, tuple[float, bytes]] = {}

    def get(self, sid: str, now: float) -> bytes | None:
        """Return the ready answer, None when this process does not know the session yet (or any more)."""
        assert not self.feed.done(), "the feed ended: this process would keep ended sessions alive"
        expires_at, ready = self._ready.get(sid, _UNKNOWN)
        return ready if expires_at > now else None

    async def load(self, sid: str) -> bytes | None:
        """Read the session, keep and return its answer; None when it is not alive."""
        rows = await self._lanes.fetch(UUID(sid), datetime.now(UTC))
        if not rows:
            return None
        ready = shown(rows[0])
        self._ready[sid] = (rows[0]["expires_at"].timestamp(), ready)
        return ready

    async def follow(self, connection: Connection) -> None:
        """Read the feed for ever."""
        seen: int = await connection.fetchval("select coalesce(max(seq), 0) from stale_sessions")
        while True:
            await asyncio.sleep(FEED_EVERY_S)
            for row in await connection.fetch(
                "select seq, value from stale_sessions where seq > $1 order by seq", seen
            ):
                seen = row["seq"]
                self._ready.pop(row["value"], None)


async def alive(ground: Ground) -> Live:
    """Return this process's live sessions, following the feed as long as the process lives."""
    live = Live(Lanes(await prepared(ground.database, _READ, 4)))
    live.feed = asyncio.get_running_loop().create_task(live.follow(await connect(ground.database)))
    return live


async def open_doors(ground: Ground) -> dict[str, Door]:
    """Return the door."""
    live = await alive(ground)
    verified: dict[bytes, Claims] = {}
    each = ground.variant == "verify each"

    async def session(scope: Scope, _receive: Receive, send: Send) -> None:
        token = header(scope, b"authorization")
        now = time.time()
        claims = None if each else verified.get(token)
        if claims is None:
            claims = ground.keys.verify(token[7:], int(now))
            if claims is not None:
                verified[token] = claims
        if claims is None or claims.exp <= now:
            verified.pop(token, None)
            await refuse(send, 401, b"not_authenticated")
            return
        ready = live.get(claims.sid, now) or await live.load(claims.sid)
        if ready is None:
            await refuse(send, 401, b"not_authenticated")
            return
        await answer(send, 200, JSON, ready)

    return {PATH: session}
