"""POST /auth/token: the session is read and its idle stamp committed in one statement per batch, then ES256."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256

import asyncpg

from bench.floors.batch import Batch
from bench.floors.document import COLUMNS, USABLE, shown
from bench.floors.ground import Ground
from bench.floors.lanes import prepared
from bench.floors.tokens import LIFETIME_S
from bench.floors.wire import JSON, Door, Receive, Scope, Send, answer, cookie, header, refuse
from bench.workload import Request, Visitor, Workload

PATH = "/auth/token"
COOKIE = b"mp_session"


def _requests(visitor: Visitor) -> list[Request]:
    headers = {"Origin": visitor.origin, "Sec-Fetch-Site": "same-origin"}
    return [Request("POST", PATH, {**headers, "Cookie": cookie}) for cookie in visitor.cookies]


WORKLOAD = Workload("token", "token for a session", _requests, variants=("one statement",))

# All that may refuse is in the statement: ended, expired, idle too long; person, tenant or connection not active.
_STAMP = f"""
update sessions s set last_seen_at = $2
  from unnest($1::bytea[]) as asked(hash), users u, organizations o
 where s.secret_hash = asked.hash and s.ended_at is null and s.expires_at > $2
   and s.last_seen_at + make_interval(secs => s.idle_seconds) > $2
   and u.organization_id = s.organization_id and u.id = s.user_id and u.state = 'active'
   and o.id = s.organization_id and o.state = 'active'
   and not exists (select from connections c
                    where c.organization_id = s.organization_id and c.id = s.connection_id and not {USABLE})
returning {COLUMNS}, s.secret_hash
"""  # noqa: S608 -- constants


async def open_doors(ground: Ground) -> dict[str, Door]:
    """Return the door, its statement prepared."""
    statements = await prepared(ground.database, _STAMP, 6)

    async def stamp(lane: int, hashes: Sequence[bytes]) -> list[asyncpg.Record | None]:
        found = {row["secret_hash"]: row for row in await statements[lane].fetch(hashes, datetime.now(UTC))}
        return [found.get(asked) for asked in hashes]

    batch = Batch(stamp, lanes=2)
    one = Batch(stamp, lanes=6, most=1)
    sessions = one if ground.variant == "one statement" else batch

    own = ground.origin.encode()

    async def token(scope: Scope, _receive: Receive, send: Send) -> None:
        if header(scope, b"origin") != own:  # a cookie door without a CSRF token (contract.md)
            await refuse(send, 403, b"not_permitted")
            return
        row = await sessions.ask(sha256(cookie(scope, COOKIE)).digest())
        if row is None:
            await refuse(send, 401, b"not_authenticated")
            return
        await answer(send, 200, JSON, _granted(ground, row))

    return {PATH: token}


def _granted(ground: Ground, row: asyncpg.Record) -> bytes:
    """Return the contract's answer: the token and the session."""
    access = ground.keys.mint(
        user=row["user_id"],
        organization=row["organization_id"],
        session=row["id"],
        role=row["mapped_role"],
        version=row["rights_version"],
        auth_time=int(row["auth_time"].timestamp()),
        now=int(time.time()),
    )
    return b'{"access_token":"%s","token_type":"Bearer","expires_in":%d,"session":%s}' % (
        access,
        LIFETIME_S,
        shown(row),
    )
