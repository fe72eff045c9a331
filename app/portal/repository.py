"""Every statement over portal_visits: who was given Admin Portal links lately, and still may be."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from app.db.driver import fetch, fetch_one
from app.kit.rows import Row
from app.uow import UnitOfWork

# The person's row is held: whoever shuts them out at this moment waits for us and then finds the visit, or is waited
# for and then found to have done it. Without the lock neither would see the other, and the link outlives its person.
_NOTE = """
insert into portal_visits (organization_id, user_id, workos_organization, asked_at)
select u.organization_id, u.id, $3, $4 from users u
where u.organization_id = $1 and u.id = $2 and u.state = 'active' and (u.mapped_role = any ($5) or u.manual_roles && $5)
for share of u
on conflict (organization_id, user_id, workos_organization) do update set asked_at = excluded.asked_at
returning user_id
"""
_STANDS = """
select user_id from portal_visits
where organization_id = $1 and user_id = $2 and workos_organization = $3 for share
"""
_END = """
delete from portal_visits where organization_id = $1 and user_id = any ($2) returning user_id, workos_organization
"""
_END_ALL = "delete from portal_visits where organization_id = $1 returning user_id, workos_organization"


class PortalVisits:
    """Visits of one tenant's people to the Admin Portal."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def note(self, user: UUID, workos_organization: str, roles: Collection[str]) -> bool:
        """Note that a person asks for a link; return False where they are not let in with one of these roles."""
        values = (self._uow.tenant, user, workos_organization, self._uow.now, list(roles))
        return await fetch_one(self._uow.driver, _NOTE, *values) is not None

    async def stands(self, user: UUID, workos_organization: str) -> bool:
        """Return whether nobody has ended this person's visits meanwhile; nobody does until the unit ends."""
        return await fetch_one(self._uow.driver, _STANDS, self._uow.tenant, user, workos_organization) is not None

    async def end(self, users: Sequence[UUID]) -> Sequence[Row]:
        """Forget the visits of these people; return each (`user_id`, `workos_organization`)."""
        return await fetch(self._uow.driver, _END, self._uow.tenant, list(users))

    async def end_all(self) -> Sequence[Row]:
        """Forget the visits of all the tenant's people; return each, as `end`."""
        return await fetch(self._uow.driver, _END_ALL, self._uow.tenant)


async def purge(uow: UnitOfWork, *, before: datetime) -> None:
    """Forget every tenant's visits that began before this instant."""
    await fetch(uow.driver, "select portal_visits_purge($1)", before)
