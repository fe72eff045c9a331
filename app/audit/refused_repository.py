"""Every statement over the events that WorkOS has refused so far: each waits until it is tried again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.db.driver import fetch
from app.kit.rows import Row
from app.uow import UnitOfWork

_DUE_OF = "select organization_id from audit_refused_due($1, $2, $3)"
# An event that somebody took out of the record has no action any more: it is passed over, and not looked at for ever.
_DUE = """
select r.event_id as id, r.tries, e.action, e.occurred_at, e.actor_type, e.actor_id, e.targets::text as targets, e.ip,
       e.user_agent, e.metadata::text as metadata
from audit_refused r left join audit_events e on e.organization_id = $1 and e.id = r.event_id
where r.organization_id = $1 and r.due_at <= $2 order by r.due_at, r.event_id limit $3
"""
_PUT = """
insert into audit_refused (organization_id, event_id, action, since, tries, due_at)
select $1, r.event_id, r.action, $2, 1, r.due_at
from unnest($3::uuid[], $4::text[], $5::timestamptz[]) as r (event_id, action, due_at) order by r.event_id
on conflict (organization_id, event_id) do update set tries = audit_refused.tries + 1, due_at = excluded.due_at
"""
_FORGET = "delete from audit_refused where organization_id = $1 and event_id = any ($2)"
_OWNERS = "select distinct organization_id from audit_refused"
_HURRY = "update audit_refused set due_at = $2 where organization_id = $1 and due_at > $2 returning event_id"


async def owners_due(uow: UnitOfWork, *, job: str, most: int) -> list[UUID]:
    """Return linked organizations that have events due again, and of which no such job is open."""
    return [row["organization_id"] for row in await fetch(uow.driver, _DUE_OF, job, uow.now, most)]


async def owners(uow: UnitOfWork) -> list[UUID]:
    """Return everybody of whom WorkOS has refused an event, as far as the unit sees."""
    return [row["organization_id"] for row in await fetch(uow.driver, _OWNERS)]


class Refused:
    """Events of the unit's tenant that WorkOS has refused."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def due(self, most: int) -> Sequence[Row]:
        """Return the events that are to be tried again, and how often they were (`tries`)."""
        return await fetch(self._uow.driver, _DUE, self._uow.tenant, self._uow.now, most)

    async def put(self, events: Sequence[UUID], actions: Sequence[str], due: Sequence[datetime]) -> None:
        """Note that these events were refused, again or for the first time, and when each is to be tried next."""
        await fetch(self._uow.driver, _PUT, self._uow.tenant, self._uow.now, list(events), list(actions), list(due))

    async def forget(self, events: Sequence[UUID]) -> None:
        """Forget what WorkOS has taken by now."""
        await fetch(self._uow.driver, _FORGET, self._uow.tenant, list(events))

    async def hurry(self) -> int:
        """Let every event be due now; return how many were not."""
        return len(await fetch(self._uow.driver, _HURRY, self._uow.tenant, self._uow.now))
