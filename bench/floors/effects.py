"""Effects: `dsync.user.updated` applied by one worker; a batch is claimed, applied and done in one transaction."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from bench.deliveries import COLUMNS, pending
from bench.floors.ground import Ground
from bench.floors.ids import uuid7
from bench.floors.lanes import connect
from bench.floors.shown import make_shown
from bench.mirrored import mirror
from bench.people import CHANGING
from bench.workload import Connection, Drain, Named, Phase

_PRIMED = 512
_PLAIN = 2_000  # a target that applies some hundred a second does not need 20,000 to show it
_LANES = 2
"""Batches under way at once: Python reads one while PostgreSQL writes the other."""
_IDLE_S = 0.02


async def _fill(connection: Connection, target: Named) -> int:
    return await _lay_ready(connection, _PLAIN if target.name == "plain" else CHANGING.people)


async def _prime(connection: Connection, _target: Named) -> int:
    return await _lay_ready(connection, _PRIMED)


async def _lay_ready(connection: Connection, count: int) -> int:
    # One statement, one commit: the worker sees all of it at once.
    await connection.copy_records_to_table("webhook_events", columns=COLUMNS, records=pending(count))
    return count


# Besides its status, what an event has to leave behind: the new name in both tables, and a line of audit.
_UNDONE = """
select (select count(*)
          from webhook_events w
          left join directory_users d on d.workos_id = convert_from(w.payload, 'utf8')::jsonb #>> '{data,id}'
          left join users u on u.organization_id = d.organization_id and u.id = d.user_id
         where w.status <> 'done'
            or d.first_name is distinct from convert_from(w.payload, 'utf8')::jsonb #>> '{data,first_name}'
            or u.first_name is distinct from d.first_name)
     + greatest(0, (select count(*) from webhook_events)
                   - (select count(*) from audit_events
                       where occurred_at >= (select min(received_at) from webhook_events)))
"""

WORKLOAD = Drain(
    "effects",
    "effects applied by one worker",
    [Phase("effects", _fill)],
    left="select exists (select from webhook_events where status = 'pending')",
    began="select min(done_at) from webhook_events",
    undone=_UNDONE,
    why="select coalesce(max(last_error), min(status)) from webhook_events where status <> 'done'",
    prime=_prime,
    rows=lambda: mirror(CHANGING),
    clears=("webhook_events",),
    variants=("batches of 32", "one by one"),
)

_CLAIM = """
select id, event_id, payload from webhook_events where status = 'pending' and due_at <= $1
 order by due_at, id limit $2 for update skip locked
"""
_APPLY = (Path(__file__).parent / "effects.sql").read_text()
_BATCH = {"": 128, "batches of 32": 32, "one by one": 1}


class _Attributes(msgspec.Struct):
    department_name: str | None = None
    job_title: str | None = None


class _User(msgspec.Struct):
    id: str
    directory_id: str
    idp_id: str
    email: str
    first_name: str
    last_name: str
    state: str
    custom_attributes: msgspec.Raw
    updated_at: datetime


class _Event(msgspec.Struct):
    data: _User


_read = msgspec.json.Decoder(_Event).decode
_attributes = msgspec.json.Decoder(_Attributes).decode


async def work(ground: Ground) -> None:
    """Apply what is due, for ever; when nothing is, make ready what lists show."""
    async with asyncio.TaskGroup() as tasks:
        for _ in range(_LANES):
            tasks.create_task(_lane(await connect(ground.database), _BATCH[ground.variant]))


async def _lane(connection: Connection, most: int) -> None:
    claim, apply = await connection.prepare(_CLAIM), await connection.prepare(_APPLY)
    while True:
        now = datetime.now(UTC)
        async with connection.transaction():
            claimed = await claim.fetch(now, most)
            if claimed:
                await apply.fetch(*_columns(claimed), now)
        if not claimed:
            await make_shown(connection)
            await asyncio.sleep(_IDLE_S)


def _columns(claimed: Sequence[asyncpg.Record]) -> list[list[Any]]:
    return [list(column) for column in zip(*map(_row, claimed), strict=True)]


def _row(claimed: asyncpg.Record) -> tuple[Any, ...]:
    event = _read(claimed["payload"])
    user, attributes = event.data, _attributes(event.data.custom_attributes)
    return (
        *(claimed["id"], claimed["event_id"], user.updated_at, user.directory_id, user.id, user.idp_id, user.email),
        *(user.first_name, user.last_name, attributes.department_name, attributes.job_title, user.state),
        *(bytes(user.custom_attributes).decode(), uuid7(), uuid7()),
    )
