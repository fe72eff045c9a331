"""Every statement by which the record is read. Names are looked up when it is read: the record itself holds none."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from app.db.driver import fetch, fetch_one
from app.db.query import Line, Query, by_both_ids, lines
from app.db.repository import PageRequest, Slice, TimeKey
from app.kit.rows import Row
from app.uow import UnitOfWork

READ: Final = "audit:read"
EXPORT: Final = "audit:export"
_json = msgspec.json.Encoder().encode
_EVENTS = """
select a.id, a.organization_id, a.action, a.occurred_at, a.actor_type, a.actor_id, a.targets::text as targets, a.ip,
       a.user_agent, a.request_id, a.metadata::text as metadata
from audit_events a where true"""
# Of the organizations on the page: an unscoped unit reads by their indexes too.
_NAMES = """
select 'user' as kind, u.id::text as id,
       coalesce(u.email, nullif(concat_ws(' ', u.first_name, u.last_name), '')) as name
from users u where u.organization_id = any ($1) and u.id = any ($2)
union all
select 'organization', o.id::text, o.name from organizations o where o.id = any ($2)
union all
select 'directory', d.id::text, d.name from directories d where d.organization_id = any ($1) and d.id = any ($2)
union all
select 'directory', d.workos_id, d.name from directories d
where d.organization_id = any ($1) and d.workos_id = any ($3)
union all
select 'connection', c.id::text, c.name from connections c where c.organization_id = any ($1) and c.id = any ($2)
union all
select 'connection', c.workos_id, c.name from connections c
where c.organization_id = any ($1) and c.workos_id = any ($3)
union all
select k.kind, c.id::text, c.name from service_clients c
cross join unnest(array['service', 'service_client']) as k (kind) where c.id = any ($2)
"""
Named = dict[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are wanted; `actor` and `target` are ids as the record holds them.

    `until` leaves its own instant out, `up_to` does not.
    """

    organization: UUID | None = None
    action: str | None = None
    actor: str | None = None
    target: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    up_to: datetime | None = None


class _Readable:
    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def _scoped(self) -> Query:
        return Query(_EVENTS)

    async def organization(self, reference: str) -> UUID | None:
        """Return our id of the organization that our UUID or WorkOS's id names, as far as the unit sees.

        By its own statement: the record is below the organizations, which write into it.
        """
        query = Query("select o.id from organizations o where true")
        query.where_given("o.id = {}", self._uow.organization)
        query.named("o", reference)
        found = await fetch_one(self._uow.driver, query.statement, *query.values)
        return None if found is None else found["id"]

    async def page(self, page: PageRequest[TimeKey], wanted: EventFilter) -> Slice[Line]:
        """Return a page of events by when they happened."""
        query = self._scoped()
        query.where_given("a.organization_id = {}", wanted.organization)
        query.where_given("a.action = {}", wanted.action)
        query.where_given("a.actor_id = {}", wanted.actor)
        target = None if wanted.target is None else _json([{"id": wanted.target}]).decode()
        query.where_given("a.targets @> {}::text::jsonb", target)
        query.where_given("a.occurred_at >= {}", wanted.since)
        query.where_given("a.occurred_at < {}", wanted.until)
        query.where_given("a.occurred_at <= {}", wanted.up_to)
        query.one_page_in_time("a.occurred_at", "a.id", page)
        return lines(await fetch(self._uow.driver, query.statement, *query.values), page)

    async def names(self, events: Sequence[Row], ids: Collection[str]) -> Named:
        """Return by (type, id) what is called how today; what is gone or erased has no name."""
        organizations = list({event["organization_id"] for event in events})
        rows = await fetch(self._uow.driver, _NAMES, organizations, *by_both_ids(ids))
        return {(row["kind"], row["id"]): row["name"] for row in rows if row["name"]}


class AuditOfTenant(_Readable):
    """The record of one tenant."""

    def __init__(self, uow: UnitOfWork, organization: UUID) -> None:
        super().__init__(uow)
        self._organization = organization

    def _scoped(self) -> Query:
        query = super()._scoped()
        query.where("a.organization_id = {}", self._organization)
        return query


class UnscopedAudit(_Readable):
    """The record of every tenant and of the platform itself, for platform admins; on a pool that may only read."""


def readable(uow: UnitOfWork) -> _Readable:
    """Return what this unit may read: its tenant's record, or all of it in an unscoped unit."""
    return UnscopedAudit(uow) if uow.organization is None else AuditOfTenant(uow, uow.organization)
