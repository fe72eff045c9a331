"""The statements that empty what mirror, inbox and stored plans hold of people who are erased (threats.md E12)."""

from collections.abc import Sequence
from uuid import UUID

from app.db.driver import fetch
from app.uow import UnitOfWork

# What is left tells nobody who it was, but still keeps them from coming back unasked.
_ERASE = """
with gone as (
    update directory_users d
    set idp_id = case when d.idp_id like 'erased:%' then d.idp_id else erased(d.idp_id) end,
        email = null, email_lower = null, first_name = null, last_name = null, department = null, job_title = null,
        custom_attributes = '{}'
    from organization_policies p
    where p.organization_id = $1 and p.hard_delete_removed_users and d.organization_id = $1 and d.id = any ($2)
      and d.state in ('inactive', 'deleted')
    returning d.workos_id, d.user_id
), unlinked as (
    delete from identities i using gone g, users u
    where i.organization_id = $1 and i.user_id = g.user_id and u.organization_id = $1 and u.id = g.user_id
      and u.state <> 'active'
)
select workos_id from gone
"""
_FORGET_PLANS = """
update directory_sync_runs r
set plan = (select jsonb_agg(e) from jsonb_array_elements(r.plan) as e where e ->> 'workos_id' <> all ($2))
where r.organization_id = $1 and r.plan is not null
  and exists (select 1 from jsonb_array_elements(r.plan) as e where e ->> 'workos_id' = any ($2))
"""
_FORGET_ERASED = """
select inbox_forget(array_agg(d.workos_id)) from directory_users d
join organization_policies p on p.organization_id = d.organization_id and p.hard_delete_removed_users
where d.organization_id = $1 and d.workos_id = any ($2) and d.state in ('inactive', 'deleted')
having count(*) > 0
"""


class Erasing:
    """What is kept of a tenant's people who are gone, where its policy says that nothing is."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def erase(self, people: Sequence[UUID]) -> None:
        """Empty what mirror, inbox and stored plans hold of those among these directory users who are gone.

        Only where the tenant's policy says so. By what they signed in is forgotten too.
        """
        rows = await fetch(self._uow.driver, _ERASE, self._uow.tenant, list(people))
        if known := [row["workos_id"] for row in rows]:
            await fetch(self._uow.driver, "select inbox_forget($1)", known)
            await fetch(self._uow.driver, _FORGET_PLANS, self._uow.tenant, known)

    async def forget_erased(self, told: Sequence[str]) -> None:
        """Empty what the inbox holds of those among these people (WorkOS's ids) who are erased."""
        await fetch(self._uow.driver, _FORGET_ERASED, self._uow.tenant, list(told))
