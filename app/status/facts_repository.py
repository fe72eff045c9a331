"""The statements that read the facts: of one tenant under its own walls, of every tenant where the unit sees all."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from app.audit.forwarding import FORWARD, READER
from app.db.driver import fetch, fetch_one
from app.kit.rows import Row
from app.organizations.repository import NIL
from app.status.facts import ConnectionFacts, DirectoryFacts, Events, ForwardingFacts, Poll
from app.uow import UnitOfWork

_POLL = "select read_to, last_error from event_polls"
# One look at the newest per organization: their order is that of their coming.
_WEBHOOKS = """
select o.id as organization_id, w.at
from organizations o
cross join lateral (
    select coalesce(e.webhook_at, e.received_at) as at from webhook_events e
    where e.organization_id = o.id and (e.source <> 'events_api' or e.webhook_at is not null)
    order by e.id desc limit 1
) w
where ($1::uuid is null or o.id = $1)
"""
# Events of nobody count for the nil organization. What only WorkOS's list brought may still be on its way by webhook
# for five minutes, and is forgotten after a day.
_EVENTS = """
with dead as (
    select coalesce(w.organization_id, $4) as organization_id, count(*) as dead, min(w.done_at) as dead_since,
           (array_agg(w.event || ': ' || coalesce(w.last_error, '') order by w.done_at desc))[1] as dead_why
    from webhook_events w
    where w.status = 'dead' and ($1::uuid is null or w.organization_id = $1) group by 1
), due as (
    select coalesce(w.organization_id, $4) as organization_id, count(*) as due, min(w.due_at) as due_since
    from webhook_events w
    where w.status = 'pending' and w.due_at <= $2
      and ($1::uuid is null or w.organization_id = $1 or w.organization_id is null) group by 1
), healed as (
    select coalesce(w.organization_id, $4) as organization_id, count(*) as healed,
           count(*) filter (where w.received_at > $3) as unbrought,
           min(w.received_at) filter (where w.received_at > $3) as unbrought_since
    from webhook_events w
    where w.source = 'events_api' and w.webhook_at is null and w.received_at > $2::timestamptz - interval '24 hours'
      and w.received_at <= $2::timestamptz - interval '5 minutes' and ($1::uuid is null or w.organization_id = $1)
    group by 1
)
select organization_id, coalesce(dead, 0) as dead, dead_since, dead_why, coalesce(due, 0) as due, due_since,
       coalesce(healed, 0) as healed, coalesce(unbrought, 0) as unbrought, unbrought_since
from dead full join due using (organization_id) full join healed using (organization_id)
"""
_UNCLAIMED = "select inbox_unclaimed_since($1) as since"
_CONNECTIONS = """
select c.id, c.workos_id, c.organization_id, c.name, c.state, c.certificate_expires_at, c.last_login_at,
       c.last_failure_at, c.last_failure_code, c.created_at, c.updated_at,
       p.default_connection_id
from connections c
join organizations o on o.id = c.organization_id and o.state = 'active'
join organization_policies p on p.organization_id = c.organization_id
where c.state <> 'deleted' and ($1::uuid is null or c.organization_id = $1)
"""
_DIRECTORIES = """
select d.id, d.workos_id, d.organization_id, d.name, d.state, d.last_synced_at, d.created_at, d.updated_at,
       last.status as run_status, last.error as run_error, last.finished_at as run_ended_at,
       failing.since as failing_since
from directories d
join organizations o on o.id = d.organization_id and o.state = 'active'
left join lateral (
    select r.id, r.status, r.error, r.finished_at from directory_sync_runs r
    where r.organization_id = d.organization_id and r.directory_id = d.id and r.mode = 'apply'
      and r.status in ('completed', 'failed', 'needs_confirmation')
    order by r.id desc limit 1
) last on true
left join lateral (
    select min(r.finished_at) as since from directory_sync_runs r
    where last.status = 'failed' and r.organization_id = d.organization_id and r.directory_id = d.id
      and r.mode = 'apply' and r.status = 'failed' and r.id > coalesce((
        select c.id from directory_sync_runs c
        where c.organization_id = d.organization_id and c.directory_id = d.id and c.mode = 'apply'
          and c.status = 'completed' order by c.id desc limit 1
      ), $2)
) failing on true
where d.state <> 'deleted' and ($1::uuid is null or d.organization_id = $1)
"""
# The chain's positions have no gap: the oldest event that waits is the next one.
_FORWARDING = """
select o.id as organization_id, o.workos_id, o.name, greatest(h.position - c.position, 0) as waiting,
       next.sealed_at as waiting_since, coalesce(r.refused, 0) as refused, r.since as refused_since,
       coalesce(r.actions, '{}') as refused_actions, j.status as job_status, j.last_error as job_error,
       j.done_at as job_ended_at
from organizations o
join audit_heads h on h.organization_id = o.id
join audit_cursors c on c.organization_id = o.id and c.reader = $1
left join audit_seals next on next.organization_id = o.id and next.position = c.position + 1
left join (
    select organization_id, count(*) as refused, min(since) as since,
           array_agg(distinct action order by action) as actions
    from audit_refused group by organization_id
) r on r.organization_id = o.id
left join lateral (
    select q.status, q.last_error, q.done_at from outbox q
    where q.organization_id = o.id and q.job = $2 and q.status in ('pending', 'running', 'dead')
    order by (q.status = 'dead') desc limit 1
) j on true
where o.state = 'active' and o.workos_id is not null
  and (h.position > c.position or r.refused > 0 or j.status = 'dead')
"""
_ORGANIZATIONS = "select id from organizations where state = 'active' and id <> $1"
_COUNTED: Final = ("dead", "dead_since", "dead_why", "due", "due_since", "healed", "unbrought", "unbrought_since")
NOBODY: Final = NIL


async def poll(uow: UnitOfWork) -> Poll:
    """Return how far WorkOS's list of events was read."""
    row = await fetch_one(uow.driver, _POLL)
    return Poll(row["read_to"], row["last_error"]) if row else Poll()


async def events(
    uow: UnitOfWork, organization: UUID | None, delivered_at: datetime | None
) -> tuple[Mapping[UUID, Events], datetime | None]:
    """Return each organization's events, nobody's under the nil organization; and since when some are not looked at.

    `delivered_at`: when the last delivery of all came, as far as it was noticed.
    """
    came = {row["organization_id"]: row["at"] for row in await fetch(uow.driver, _WEBHOOKS, organization)}
    last = max((at for at in (delivered_at, *came.values()) if at), default=datetime.min.replace(tzinfo=uow.now.tzinfo))
    rows = await fetch(uow.driver, _EVENTS, organization, uow.now, last, NOBODY)
    found = {row["organization_id"]: _events(row) for row in rows}
    told = {one: replace(found.get(one, Events()), webhook_at=came.get(one)) for one in {*came, *found}}
    if uow.organization is None:
        return told, found.get(NOBODY, Events()).due_since
    unclaimed = await fetch_one(uow.driver, _UNCLAIMED, uow.now)
    return told, unclaimed["since"] if unclaimed else None


async def connections(uow: UnitOfWork, organization: UUID | None) -> Sequence[ConnectionFacts]:
    """Return the connections of active organizations."""
    return [ConnectionFacts(**row) for row in await fetch(uow.driver, _CONNECTIONS, organization)]


async def directories(uow: UnitOfWork, organization: UUID | None) -> Sequence[DirectoryFacts]:
    """Return the directories of active organizations, and how their last full syncs went."""
    return [DirectoryFacts(**row) for row in await fetch(uow.driver, _DIRECTORIES, organization, NOBODY)]


async def forwarding(uow: UnitOfWork) -> Sequence[ForwardingFacts]:
    """Return the active tenants whose audit events WorkOS has not all; the unit sees every tenant."""
    return [ForwardingFacts(**row) for row in await fetch(uow.driver, _FORWARDING, READER, FORWARD)]


async def organizations(uow: UnitOfWork) -> Sequence[UUID]:
    """Return every active tenant."""
    return [row["id"] for row in await fetch(uow.driver, _ORGANIZATIONS, NOBODY)]


def _events(row: Row) -> Events:
    return Events(**{name: row[name] for name in _COUNTED})
