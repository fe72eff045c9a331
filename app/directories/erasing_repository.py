"""The statements that empty what mirror, inbox, traces, plans and pages hold of who is erased (threats.md E12)."""

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
select workos_id, user_id from gone
"""
_FORGET_PLANS = """
update directory_sync_runs r
set plan = (select jsonb_agg(e) from jsonb_array_elements(r.plan) as e where e ->> 'workos_id' <> all ($2))
where r.organization_id = $1 and r.plan is not null
  and exists (select 1 from jsonb_array_elements(r.plan) as e where e ->> 'workos_id' = any ($2))
"""
# Pages of a plan, or of a run that is held, are kept for days. Joined by a hash: a page has a hundred people.
_FORGET_PAGES = """
with gone as materialized (
    select g.id from unnest($2::text[]) as g (id)
), pages as materialized (
    select distinct p.run_id, p.number from directory_sync_pages p cross join lateral unnest(p.workos_ids) as t (id)
    join gone g on g.id = t.id
    where p.organization_id = $1 and p.kind = 'user'
), emptied as (
    select p.run_id, p.number,
           array_agg(case when o.id is null then t.idp_id end order by t.ord) as idp_ids,
           array_agg(case when o.id is null then t.email end order by t.ord) as emails,
           array_agg(case when o.id is null then t.folded end order by t.ord) as folded,
           array_agg(case when o.id is null then t.first_name end order by t.ord) as first_names,
           array_agg(case when o.id is null then t.last_name end order by t.ord) as last_names,
           array_agg(case when o.id is null then t.department end order by t.ord) as departments,
           array_agg(case when o.id is null then t.job_title end order by t.ord) as job_titles,
           array_agg(case when o.id is null then t.attributes else '{}' end order by t.ord) as attributes
    from pages g
    join directory_sync_pages p on p.organization_id = $1 and p.run_id = g.run_id and p.number = g.number
    cross join lateral unnest(p.workos_ids, p.idp_ids, p.emails, p.folded, p.first_names, p.last_names, p.departments,
                              p.job_titles, p.attributes) with ordinality
        as t (id, idp_id, email, folded, first_name, last_name, department, job_title, attributes, ord)
    left join gone o on o.id = t.id
    group by p.run_id, p.number
)
update directory_sync_pages p
set idp_ids = e.idp_ids, emails = e.emails, folded = e.folded, first_names = e.first_names, last_names = e.last_names,
    departments = e.departments, job_titles = e.job_titles, attributes = e.attributes
from emptied e where p.organization_id = $1 and p.run_id = e.run_id and p.number = e.number
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
        """Empty what mirror, inbox, login traces, stored plans and pages hold of those of these people who are gone.

        Only where the tenant's policy says so. By what they signed in is forgotten too.
        """
        rows = await fetch(self._uow.driver, _ERASE, self._uow.tenant, list(people))
        if known := [row["workos_id"] for row in rows]:
            await fetch(self._uow.driver, "select inbox_forget($1)", known)
            await fetch(self._uow.driver, "select login_traces_forget($1)", [row["user_id"] for row in rows])
            await fetch(self._uow.driver, _FORGET_PLANS, self._uow.tenant, known)
            await fetch(self._uow.driver, _FORGET_PAGES, self._uow.tenant, known)

    async def forget_erased(self, told: Sequence[str]) -> None:
        """Empty what the inbox holds of those among these people (WorkOS's ids) who are erased."""
        await fetch(self._uow.driver, _FORGET_ERASED, self._uow.tenant, list(told))
