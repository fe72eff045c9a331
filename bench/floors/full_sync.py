"""Full sync: WorkOS's pages copied into temporary tables, the difference taken in SQL, all in one transaction."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from bench.floors.ground import Ground
from bench.floors.ids import uuid7
from bench.floors.lanes import connect
from bench.floors.listing import Listing
from bench.floors.shown import make_shown
from bench.mirrored import directory_rows, request_sync
from bench.people import SYNCED, SYNCED_PART
from bench.workload import Connection, Drain, Named, Phase

_IDLE_S = 0.02
_HERE = Path(__file__).parent
_STAGE = (_HERE / "full_sync_stage.sql").read_text()
_DIFF = (_HERE / "full_sync.sql").read_text()


async def _ask(connection: Connection, target: Named) -> int:
    # A twentieth for the usual way, which takes minutes for the whole: its cost grows with the size, so it is scaled.
    directory = SYNCED_PART if target.name == "plain" else SYNCED
    await request_sync(connection, directory)
    return directory.units


_EXPECTED = ", ".join(f"('{d.id}'::uuid, {d.people}, {d.groups}, {d.people * d.each})" for d in (SYNCED, SYNCED_PART))
# The last run has to be completed, and the mirror to be what was listed.
_UNDONE = f"""
with run as (select directory_id, organization_id, status from directory_sync_runs order by created_at desc limit 1)
select (status <> 'completed')::int
     + abs(people - (select count(*) from directory_users m join users u on u.id = m.user_id
                      where m.directory_id = run.directory_id and m.state = 'active' and u.state = 'active'))
     + abs(groups - (select count(*) from directory_groups g
                      where g.directory_id = run.directory_id and g.state = 'active'))
     + abs(memberships - (select count(*) from directory_memberships s
                           where s.organization_id = run.organization_id and s.member))
  from run join (values {_EXPECTED}) as expected(id, people, groups, memberships) on expected.id = run.directory_id
"""  # noqa: S608 -- constants

WORKLOAD = Drain(
    "full-sync",
    "full sync of 100,000 people, 1,000 groups, 300,000 memberships",
    [
        Phase("full-sync", _ask),
        Phase(
            "full-sync again",
            _ask,
            unchanged=("users", "directory_users", "directory_groups", "directory_memberships"),
        ),
    ],
    left="select exists (select from directory_sync_runs where finished_at is null)",
    began="select max(started_at) from directory_sync_runs",
    undone=_UNDONE,
    why="select error from directory_sync_runs order by created_at desc limit 1",
    rows=lambda: [table for one in (SYNCED, SYNCED_PART) for table in directory_rows(one, synced=False)],
    unit="object",
    timed=True,
    anew=True,
    busy="select exists (select from directory_users where shown is null)",
)


class _Attributes(msgspec.Struct):
    department_name: str | None = None
    job_title: str | None = None


_attributes = msgspec.json.Decoder(_Attributes).decode


async def work(ground: Ground) -> None:
    """Do the full syncs that are asked for, for ever."""
    connection, listing = await connect(ground.database), Listing(ground.twin)
    while True:
        run = await connection.fetchrow(
            "update directory_sync_runs r set status = 'running', started_at = $1 from directories d"
            " where r.status = 'queued' and d.id = r.directory_id"
            " returning r.id, r.organization_id, r.directory_id, r.started_at, d.workos_id",
            datetime.now(UTC),
        )
        if run is None:
            await make_shown(connection)
            await asyncio.sleep(_IDLE_S)
            continue
        async with connection.transaction():
            await _sync(connection, listing, run)
            await connection.execute(
                "update directory_sync_runs set status = 'completed', finished_at = $2 where id = $1",
                run["id"],
                datetime.now(UTC),
            )


async def _sync(connection: Connection, listing: Listing, run: asyncpg.Record) -> None:
    await connection.execute(_STAGE)
    groups: list[str] = []
    await connection.copy_records_to_table("staged_users", records=_users(listing, run["workos_id"]))
    await connection.copy_records_to_table("staged_groups", records=_groups(listing, run["workos_id"], groups))
    await connection.copy_records_to_table("staged_memberships", records=_memberships(listing, groups))
    literals = {
        ":began": f"'{run['started_at'].isoformat()}'::timestamptz",
        ":organization": f"'{run['organization_id']}'::uuid",
        ":directory": f"'{run['directory_id']}'::uuid",
        ":at": f"'{datetime.now(UTC).isoformat()}'::timestamptz",
    }
    statements = _DIFF
    for name, literal in literals.items():
        statements = statements.replace(name, literal)
    await connection.execute(statements)


async def _users(listing: Listing, directory: str) -> AsyncIterator[tuple[Any, ...]]:
    async for page in listing.users(directory):
        for user in page:
            attributes = _attributes(user.custom_attributes)
            yield (
                *(uuid7(), uuid7(), user.id, user.idp_id, user.email, user.first_name, user.last_name),
                *(attributes.department_name, attributes.job_title, user.state),
                *(bytes(user.custom_attributes).decode(), user.updated_at),
            )


async def _groups(listing: Listing, directory: str, seen: list[str]) -> AsyncIterator[tuple[Any, ...]]:
    async for page in listing.groups(directory):
        for group in page:
            seen.append(group.id)
            yield uuid7(), group.id, group.idp_id, group.name, group.updated_at


async def _memberships(listing: Listing, groups: list[str]) -> AsyncIterator[tuple[str, str]]:
    async for group, members in listing.members(groups):
        for member in members:
            yield group, member.id
