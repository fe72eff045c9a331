"""The statements by which the mirror changes people: who they are, whether they are let in, as what.

They reach into users, identities and policies, because a full sync settles 100,000 people at once: row by row, or by
way of this process, it would take minutes (speed.md). One event's person takes the same way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.db.driver import fetch
from app.uow import UnitOfWork

# Whom a directory brings is, in this order: who had this `idp_id` in a directory that lets them in no more (a rehire,
# a new directory), who signs in by it, the one person with that address. Nobody whom the same directory lets in as
# somebody else, and nobody twice.
_LINK = """
with arrived as (
    select d.id, d.directory_id, d.idp_id, d.email, d.email_lower, d.first_name, d.last_name, d.department, d.job_title
    from directory_users d
    where d.organization_id = $1 and d.id = any ($2) and d.user_id is null and d.state = 'active'
), candidates as (
    select a.id, a.directory_id, coalesce(
        (select case when count(distinct o.user_id) = 1 then (array_agg(o.user_id))[1] end from directory_users o
         where o.organization_id = $1 and o.idp_id in (a.idp_id, erased(a.idp_id)) and o.user_id is not null
           and (o.state <> 'active' or o.email_lower = a.email_lower)),
        (select case when count(distinct i.user_id) = 1 then (array_agg(i.user_id))[1] end from identities i
         where i.organization_id = $1 and i.idp_id = a.idp_id),
        (select case when count(*) = 1 then (array_agg(u.id))[1] end from users u
         where u.organization_id = $1 and u.email_lower = a.email_lower)) as user_id
    from arrived a
), free as (
    select c.id, c.user_id, row_number() over (partition by c.user_id order by c.id) as turn
    from candidates c
    where c.user_id is not null and not exists (
        select 1 from directory_users o
        where o.organization_id = $1 and o.user_id = c.user_id and o.directory_id = c.directory_id
          and o.state = 'active' and o.id <> c.id)
), matched as (
    select a.id, f.user_id from arrived a left join free f on f.id = a.id and f.turn = 1
), made as (
    -- Somebody new here carries the id of the directory user who brought them.
    insert into users (id, organization_id, email, email_lower, first_name, last_name, department, job_title,
                       mapped_role, created_at, updated_at)
    select a.id, $1, a.email, a.email_lower, a.first_name, a.last_name, a.department, a.job_title,
           (select p.default_role from organization_policies p where p.organization_id = $1), $3, $3
    from arrived a join matched m on m.id = a.id where m.user_id is null
)
update directory_users d set user_id = coalesce(m.user_id, m.id)
from matched m where d.organization_id = $1 and d.id = m.id
returning d.user_id, m.user_id is null as created
"""
# Roles come from directories that have completed a full sync; people whom none lets in have the default role.
_DERIVE = """
with people as (
    select distinct d.user_id from directory_users d
    where d.organization_id = $1 and d.id = any ($2) and d.user_id is not null
), policy as (
    select default_role, hard_delete_removed_users as erases from organization_policies where organization_id = $1
), entries as (
    select d.user_id, d.id, d.state, d.at, d.email, d.email_lower, d.first_name, d.last_name, d.department, d.job_title,
           d.state = 'active' and y.last_synced_at is not null
             and y.state not in ('unlinked', 'deleting', 'deleted') as decides
    from people p
    join directory_users d on d.organization_id = $1 and d.user_id = p.user_id
    join directories y on y.organization_id = $1 and y.id = d.directory_id
), main as (
    select distinct on (e.user_id) e.* from entries e
    order by e.user_id, array_position(array['active', 'unmanaged'], e.state), e.at desc, e.id
), verdict as (
    select e.user_id, bool_or(e.state = 'active') as managed, bool_or(e.state in ('active', 'unmanaged')) as alive,
           bool_or(e.decides) as decided
    from entries e group by e.user_id
), roles as (
    select distinct on (e.user_id) e.user_id, g.role
    from entries e
    join directory_memberships m on m.organization_id = $1 and m.directory_user_id = e.id and m.member
    join directory_groups g on g.organization_id = $1 and g.id = m.group_id and g.rule_position is not null
                           and g.state = 'active'
    where e.decides order by e.user_id, g.rule_position
), before as (
    select u.id, u.state, u.mapped_role, u.email, u.email_lower, u.first_name, u.last_name, u.department, u.job_title,
           u.deactivated_by
    from users u join people p on p.user_id = u.id where u.organization_id = $1 order by u.id for no key update of u
), target as (
    select b.id, b.state as state_before, b.mapped_role as role_before,
           case when not v.alive then 'deactivated'
                when v.managed and b.state = 'deactivated' and b.deactivated_by = 'directory' then 'active'
                else b.state end as state,
           case when not v.alive and b.state = 'active' then 'directory'
                when v.managed and b.deactivated_by = 'directory' then null
                else b.deactivated_by end as deactivated_by,
           case when v.decided then coalesce(r.role, y.default_role)
                when not v.alive or $4 then y.default_role
                else b.mapped_role end as mapped_role,
           case when not v.alive and y.erases then null when v.managed then coalesce(m.email, b.email)
                else b.email end as email,
           case when not v.alive and y.erases and b.email is not null then erased(b.email_lower)
                when v.managed then coalesce(m.email_lower, b.email_lower) else b.email_lower end as email_lower,
           case when not v.alive and y.erases then null when v.managed then coalesce(m.first_name, b.first_name)
                else b.first_name end as first_name,
           case when not v.alive and y.erases then null when v.managed then coalesce(m.last_name, b.last_name)
                else b.last_name end as last_name,
           case when not v.alive and y.erases then null when v.managed then m.department
                else b.department end as department,
           case when not v.alive and y.erases then null when v.managed then m.job_title
                else b.job_title end as job_title,
           (b.email, b.first_name, b.last_name, b.department, b.job_title) as described
    from before b
    join verdict v on v.user_id = b.id join main m on m.user_id = b.id
    left join roles r on r.user_id = b.id cross join policy y
)
update users u
set state = t.state, deactivated_by = t.deactivated_by, mapped_role = t.mapped_role, email = t.email,
    email_lower = t.email_lower, first_name = t.first_name, last_name = t.last_name, department = t.department,
    job_title = t.job_title, updated_at = $3,
    rights_version = u.rights_version
      + case when (u.mapped_role, u.state) is distinct from (t.mapped_role, t.state) then 1 else 0 end
from target t
where u.organization_id = $1 and u.id = t.id
  and (u.state, u.deactivated_by, u.mapped_role, u.email, u.first_name, u.last_name, u.department, u.job_title)
      is distinct from (t.state, t.deactivated_by, t.mapped_role, t.email, t.first_name, t.last_name, t.department,
                        t.job_title)
returning u.id, t.state_before, u.state, t.role_before, u.mapped_role, u.manual_roles,
          t.described is distinct from (u.email, u.first_name, u.last_name, u.department, u.job_title) as redescribed
"""
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


@dataclass(frozen=True, slots=True)
class Changed:
    """A person whom the mirror has changed: state and mapped role before and after."""

    user_id: UUID
    state_before: str
    state: str
    role_before: str
    role: str
    manual_roles: tuple[str, ...]
    redescribed: bool


class Settling:
    """What the mirror says of a tenant's people, written to them."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def link(self, people: Sequence[UUID]) -> list[UUID]:
        """Make directory users who are let in somebody here; return the ids of the people who are new."""
        rows = await fetch(self._uow.driver, _LINK, self._uow.tenant, list(people), self._uow.now)
        return [row["user_id"] for row in rows if row["created"]]

    async def derive(self, people: Sequence[UUID], *, directory_gone: bool) -> list[Changed]:
        """Bring the persons behind these directory users up to date; return those who changed.

        `directory_gone`: whoever no directory manages any more has the default role.
        """
        rows = await fetch(self._uow.driver, _DERIVE, self._uow.tenant, list(people), self._uow.now, directory_gone)
        return [
            Changed(
                row["id"],
                row["state_before"],
                row["state"],
                row["role_before"],
                row["mapped_role"],
                tuple(row["manual_roles"]),
                row["redescribed"],
            )
            for row in rows
        ]

    async def users_of(self, people: Sequence[UUID]) -> list[UUID]:
        """Return the ids of the persons behind these directory users."""
        statement = "select distinct user_id from directory_users where organization_id = $1 and id = any ($2)"
        rows = await fetch(self._uow.driver, statement, self._uow.tenant, list(people))
        return [row["user_id"] for row in rows if row["user_id"] is not None]

    async def erase(self, people: Sequence[UUID]) -> None:
        """Empty what mirror, inbox and stored plans hold of those among these directory users who are gone.

        Only where the tenant's policy says so. By what they signed in is forgotten too.
        """
        rows = await fetch(self._uow.driver, _ERASE, self._uow.tenant, list(people))
        if known := [row["workos_id"] for row in rows]:
            await fetch(self._uow.driver, "select inbox_forget($1)", known)
            await fetch(self._uow.driver, _FORGET_PLANS, self._uow.tenant, known)
