"""GET /api/directories/{id}/users: a page of ready rows by keyset, joined as they are."""

import http.client
import json
import time
from collections.abc import Sequence
from uuid import UUID

import asyncpg

from bench.floors.ground import Ground
from bench.floors.lanes import Lanes, connect, prepared
from bench.floors.session import alive
from bench.floors.tokens import Claims
from bench.floors.wire import JSON, Door, Receive, Scope, Send, answer, field, header, refuse
from bench.mirrored import mirror
from bench.people import PAGED
from bench.workload import Request, Visitor, Workload
from bench.world import Person, people

BEFORE = "/api/directories/"
PATH = f"{BEFORE}{PAGED.id}/users"
PAGES = 200
LIMIT = 100


def _requests(visitor: Visitor) -> list[Request]:
    """Return pages all over the list, by the cursors that the target itself hands out."""
    tokens = [{"Authorization": f"Bearer {token}"} for token in visitor.tokens]
    connection = http.client.HTTPConnection(visitor.origin.removeprefix("http://"), timeout=10)
    asked, after = [Request("GET", f"{PATH}?limit={LIMIT}", tokens[0])], ""
    while len(asked) < PAGES:
        connection.request("GET", asked[-1].path, headers=tokens[0])
        after = json.loads(connection.getresponse().read())["list_metadata"]["after"]
        asked.append(Request("GET", f"{PATH}?limit={LIMIT}&after={after}", tokens[len(asked) % len(tokens)]))
    connection.close()
    return asked


def admins(count: int) -> list[Person]:
    """Return people who may read the directory: its tenant's admins."""
    return [person for person in people() if person.tenant == PAGED.tenant and person.role != "ROLE_MEMBER"][:count]


WORKLOAD = Workload(
    "list-page",
    "directory users, page of 100 of 100,000",
    _requests,
    variants=("joined in PostgreSQL", "json_agg"),
    callers=admins,
    rows=lambda: mirror(PAGED),
)

_HERE = "m.organization_id = $1 and m.directory_id = $2 and m.id < $3 and m.state <> 'deleted' order by m.id desc"
_READ = f"""
select m.id, coalesce(m.shown, directory_user_shown(m)) from directory_users m where {_HERE} limit $4 + 1
"""  # noqa: S608 -- constants
# One row with the whole page; whether there is another one is looked for by itself.
_JOINED = f"""
with page as materialized (
  select m.id, coalesce(m.shown, directory_user_shown(m)) as shown from directory_users m where {_HERE} limit $4
), ends as (
  select string_agg(shown, ',' order by id desc) as data, (array_agg(id order by id desc))[1] as top,
         (array_agg(id order by id))[1] as bottom
    from page
)
select data, top, bottom,
       exists (select from directory_users m
                where m.organization_id = $1 and m.directory_id = $2 and m.id < bottom and m.state <> 'deleted')
  from ends
"""  # noqa: S608 -- constants
_AGGREGATED = _JOINED.replace("coalesce(m.shown, directory_user_shown(m))", "directory_user_shown(m)")
_STATEMENTS = {"": _READ, "joined in PostgreSQL": _JOINED, "json_agg": _AGGREGATED}
_LAST = UUID(int=(1 << 128) - 1)
_READERS = {"ROLE_CLIENT_ADMIN", "ROLE_CLIENT_USER"}


async def open_doors(ground: Ground) -> dict[str, Door]:
    """Return the door for every directory's users."""
    lanes = Lanes(await prepared(ground.database, _STATEMENTS[ground.variant], 6))
    directories = await _directories(ground.database)
    live = await alive(ground)
    page_of = _rows if ground.variant == "" else _whole
    verified: dict[bytes, Claims] = {}

    async def list_users(scope: Scope, _receive: Receive, send: Send) -> None:
        token, now = header(scope, b"authorization"), time.time()
        claims = verified.get(token)
        if claims is None:
            claims = ground.keys.verify(token[7:], int(now))
            if claims is not None:
                verified[token] = claims
        if claims is None or claims.exp <= now or not (live.get(claims.sid, now) or await live.load(claims.sid)):
            verified.pop(token, None)
            await refuse(send, 401, b"not_authenticated")
            return
        if _READERS.isdisjoint(claims.roles):
            await refuse(send, 403, b"not_permitted")
            return
        directory = scope["path"][len(BEFORE) : -len("/users")]
        if directories.get(directory) != claims.org_id:
            await refuse(send, 404, b"not_found")
            return
        query = scope["query_string"]
        after = field(query, b"after")
        rows = await lanes.fetch(
            UUID(claims.org_id), UUID(directory), UUID(after) if after else _LAST, int(field(query, b"limit"))
        )
        await answer(send, 200, JSON, page_of(rows, int(field(query, b"limit")), first=not after))

    return {f"{BEFORE}{directory}/users": list_users for directory in directories}


async def _directories(url: str) -> dict[str, str]:
    """Return whose each directory is; directories come so rarely that a floor may know them."""
    connection = await connect(url)
    rows = await connection.fetch("select id, organization_id from directories")
    await connection.close()
    return {str(row[0]): str(row[1]) for row in rows}


def _rows(rows: Sequence[asyncpg.Record], limit: int, *, first: bool) -> bytes:
    more = len(rows) > limit
    page = rows[:limit] if more else rows
    after = page[-1][0] if more else None
    return _listed(",".join([row[1] for row in page]), None if first or not page else page[0][0], after)


def _whole(rows: Sequence[asyncpg.Record], _limit: int, *, first: bool) -> bytes:
    page = rows[0]
    return _listed(page[0] or "", None if first else page[1], page[2] if page[3] else None)


def _listed(data: str, before: UUID | None, after: UUID | None) -> bytes:
    def quoted(cursor: UUID | None) -> str:
        return "null" if cursor is None else f'"{cursor}"'

    return (
        f'{{"object":"list","data":[{data}],"list_metadata":{{"before":{quoted(before)},"after":{quoted(after)}}}}}'
    ).encode()
