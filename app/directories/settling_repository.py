"""The statements by which the mirror changes people: who they are, whether they are let in, as what.

They reach into users, identities and policies, because a full sync settles 100,000 people at once: row by row, or by
way of this process, it would take minutes (speed.md). One event's person takes the same way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from sys import intern
from uuid import UUID

from app.db.driver import fetch
from app.directories.repository import DECIDES
from app.kit.rows import Row
from app.uow import UnitOfWork

# Who is told of as gone without ever having been let in brings nobody, but takes along whoever they are here already.
# Whom a directory brings is, in this order: who had this `idp_id` in a directory that lets them in no more (a rehire,
# a new directory), who signs in by it, the one person with that address. Nobody whom the same directory lets in as
# somebody else (the same `idp_id` is nobody else: of a rehire, news of the removal may come last), and nobody twice.
# Set against set, and by no subquery per row: what a sync has just written the planner takes for a row or two, and the
# index that finds a person costs no less than one that holds the tenant. Materialized: nothing is looked for twice.
_LINK = """
with arrived as materialized (
    -- The trace is made here, and once: under row-level security a function beside the column keeps its index out.
    select d.id, d.directory_id, d.state = 'active' as comes, d.idp_id, erased(d.idp_id) as trace, d.email,
           d.email_lower, d.first_name, d.last_name, d.department, d.job_title
    from directory_users d
    where d.organization_id = $1 and d.id = any ($2) and d.user_id is null
), alike as materialized (
    select a.id, 1 as rank, o.user_id
    from (select id, email_lower, idp_id as by from arrived union all select id, email_lower, trace from arrived) as a
    join directory_users o on o.organization_id = $1 and o.idp_id = a.by
    where o.user_id is not null and (o.state <> 'active' or o.email_lower = a.email_lower)
    union all
    select a.id, 2, i.user_id from arrived a join identities i on i.organization_id = $1 and i.idp_id = a.idp_id
    union all
    select a.id, 3, u.id from arrived a join users u on u.organization_id = $1 and u.email_lower = a.email_lower
), found as materialized (
    select distinct on (s.id) s.id, s.user_id
    from (select id, rank, (array_agg(user_id))[1] as user_id from alike
          group by id, rank having count(distinct user_id) = 1) as s
    order by s.id, s.rank
), engaged as materialized (
    select distinct f.id
    from found f
    join arrived a on a.id = f.id
    join directory_users o on o.organization_id = $1 and o.user_id = f.user_id
    where o.directory_id = a.directory_id and o.state = 'active' and o.id <> a.id
      and not coalesce(o.idp_id = a.idp_id, false)
), judged as materialized (
    select a.id, a.comes, a.idp_id, a.email, a.email_lower, a.first_name, a.last_name, a.department, a.job_title,
           f.user_id, f.user_id is not null and e.id is null as free
    from arrived a left join found f on f.id = a.id left join engaged e on e.id = a.id
), matched as (
    select j.id, j.comes, j.idp_id, j.email, j.email_lower, j.first_name, j.last_name, j.department, j.job_title,
           case when not j.comes then j.user_id
                when j.free and (row_number() over taken = 1 or j.idp_id = first_value(j.idp_id) over taken)
                     then j.user_id end as known
    from judged j window taken as (partition by j.user_id, j.free, j.comes order by j.id)
), led as (
    -- Who arrives twice at once, as somebody who was hired again and whom nothing was known of, is one person too.
    select m.id, m.comes, m.email, m.email_lower, m.first_name, m.last_name, m.department, m.job_title, m.known,
           case when m.idp_id is null or m.email_lower is null then m.id
                else first_value(m.id) over (partition by m.known, m.comes, m.idp_id, m.email_lower order by m.id)
           end as leader
    from matched m
), made as (
    -- Somebody new here carries the id of the directory user who brought them.
    insert into users (id, organization_id, email, email_lower, first_name, last_name, department, job_title,
                       mapped_role, created_at, updated_at)
    select m.id, $1, m.email, m.email_lower, m.first_name, m.last_name, m.department, m.job_title,
           (select p.default_role from organization_policies p where p.organization_id = $1), $3, $3
    from led m where m.known is null and m.comes and m.leader = m.id
)
update directory_users d set user_id = coalesce(m.known, m.leader)
from led m where d.organization_id = $1 and d.id = m.id and (m.known is not null or m.comes)
returning d.user_id, m.known is null and m.leader = m.id as created
"""
# Roles come from directories that have completed a full sync; people whom none lets in have the default role. Whom a
# deleted directory let in is alive without one, until another has removed them since.
# Set against set, as above.
_DERIVE = f"""
with people as materialized (
    select distinct d.user_id from directory_users d
    where d.organization_id = $1 and d.id = any ($2) and d.user_id is not null
), listed as materialized (
    select d.user_id, d.id, d.state, d.at, d.gone_at, d.email, d.email_lower, d.first_name, d.last_name, d.department,
           d.job_title, d.state = 'active' and {DECIDES} as decides
    from people p
    join directory_users d on d.organization_id = $1 and d.user_id = p.user_id
    join directories y on y.organization_id = $1 and y.id = d.directory_id
), granted as materialized (
    select distinct on (l.id) l.id, g.role, g.rule_position
    from listed l
    join directory_memberships m on m.organization_id = $1 and m.directory_user_id = l.id and m.member
    join directory_groups g on g.organization_id = $1 and g.id = m.group_id
    where l.decides and g.rule_position is not null and g.state = 'active'
    order by l.id, g.rule_position, g.id
), entries as materialized (
    select l.user_id, l.id, l.state, l.at, l.gone_at, l.email, l.email_lower, l.first_name, l.last_name, l.department,
           l.job_title, l.decides, r.role, r.rule_position
    from listed l left join granted r on r.id = l.id
), verdict as (
    select distinct on (e.user_id) e.user_id, e.email, e.email_lower, e.first_name, e.last_name, e.department,
           e.job_title,
           bool_or(e.state = 'active') over everything as managed,
           bool_or(e.state = 'active') over everything or coalesce(
               max(e.gone_at) filter (where e.state = 'unmanaged') over everything
               >= coalesce(max(e.at) filter (where e.state in ('inactive', 'deleted')) over everything, '-infinity'),
               false) as alive,
           bool_or(e.decides) over everything as decided,
           first_value(e.role) over (partition by e.user_id order by e.rule_position, e.id) as given
    from entries e window everything as (partition by e.user_id)
    order by e.user_id, array_position(array['active', 'unmanaged'], e.state), e.at desc, e.id
), before as (
    select u.id, u.state, u.mapped_role, u.email, u.email_lower, u.first_name, u.last_name, u.department, u.job_title,
           u.deactivated_by, u.manual_roles, v.managed, v.alive, v.decided, v.given, v.email as told_email,
           v.email_lower as told_email_lower, v.first_name as told_first_name, v.last_name as told_last_name,
           v.department as told_department, v.job_title as told_job_title
    from verdict v join users u on u.organization_id = $1 and u.id = v.user_id order by u.id for no key update of u
), target as (
    select b.id, b.state as state_before, b.mapped_role as role_before,
           case when not b.alive then 'deactivated'
                when b.managed and b.state = 'deactivated' and b.deactivated_by = 'directory' then 'active'
                else b.state end as state,
           case when not b.alive and b.state = 'active' then 'directory'
                when b.managed and b.deactivated_by = 'directory' then null
                else b.deactivated_by end as deactivated_by,
           case when b.decided then coalesce(b.given, y.default_role)
                when not b.alive or $4 then y.default_role
                else b.mapped_role end as mapped_role,
           -- Whoever is hired again has not the roles that somebody gave them by hand before.
           case when b.alive then b.manual_roles else '{{}}' end as manual_roles,
           case when not b.alive and y.erases then null when b.managed then coalesce(b.told_email, b.email)
                else b.email end as email,
           case when not b.alive and y.erases and b.email is not null then erased(b.email_lower)
                when b.managed then coalesce(b.told_email_lower, b.email_lower) else b.email_lower end as email_lower,
           case when not b.alive and y.erases then null when b.managed then coalesce(b.told_first_name, b.first_name)
                else b.first_name end as first_name,
           case when not b.alive and y.erases then null when b.managed then coalesce(b.told_last_name, b.last_name)
                else b.last_name end as last_name,
           case when not b.alive and y.erases then null when b.managed then b.told_department
                else b.department end as department,
           case when not b.alive and y.erases then null when b.managed then b.told_job_title
                else b.job_title end as job_title,
           (b.email, b.first_name, b.last_name, b.department, b.job_title) as described
    from before b
    join (select default_role, hard_delete_removed_users as erases from organization_policies
          where organization_id = $1) as y on true
)
update users u
set state = t.state, deactivated_by = t.deactivated_by, mapped_role = t.mapped_role,
    manual_roles = t.manual_roles, email = t.email, email_lower = t.email_lower, first_name = t.first_name,
    last_name = t.last_name, department = t.department, job_title = t.job_title, updated_at = $3,
    rights_version = u.rights_version
      + case when (u.mapped_role, u.state) is distinct from (t.mapped_role, t.state) then 1 else 0 end
from target t
where u.organization_id = $1 and u.id = t.id
  and (u.state, u.deactivated_by, u.mapped_role, u.manual_roles, u.email, u.first_name, u.last_name, u.department,
       u.job_title)
      is distinct from (t.state, t.deactivated_by, t.mapped_role, t.manual_roles, t.email, t.first_name, t.last_name,
                        t.department, t.job_title)
returning u.id, t.state_before, u.state, t.role_before, u.mapped_role, u.manual_roles,
          t.described is distinct from (u.email, u.first_name, u.last_name, u.department, u.job_title) as redescribed
"""  # noqa: S608 -- its one part is a constant
_WITHDRAW = """
with before as (
    select u.id, u.mapped_role, y.default_role from users u
    join organization_policies y on y.organization_id = $1
    where u.organization_id = $1 and u.mapped_role <> y.default_role and u.mapped_role <> all ($2)
    order by u.id for no key update of u
)
update users u set mapped_role = b.default_role, rights_version = u.rights_version + 1, updated_at = $3
from before b where u.organization_id = $1 and u.id = b.id
returning u.id, u.state as state_before, u.state, b.mapped_role as role_before, u.mapped_role, u.manual_roles,
          false as redescribed
"""
_CLIENT_ADMINS = """
select count(*) as n from users
where organization_id = $1 and state = 'active'
  and (mapped_role = 'ROLE_CLIENT_ADMIN' or 'ROLE_CLIENT_ADMIN' = any (manual_roles))
"""
_CALLED = "select id, email, first_name, last_name from users where organization_id = $1 and id = any ($2)"


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
        return [to_changed(row) for row in rows]

    async def withdraw(self, granted: Sequence[str]) -> list[Changed]:
        """Give the default role to everybody with a mapped role that is not among these; return who that was."""
        rows = await fetch(self._uow.driver, _WITHDRAW, self._uow.tenant, list(granted), self._uow.now)
        return [to_changed(row) for row in rows]

    async def client_admins(self) -> int:
        """Return how many people who are let in administrate the tenant."""
        (row,) = await fetch(self._uow.driver, _CLIENT_ADMINS, self._uow.tenant)
        return int(row["n"])

    async def called(self, users: Sequence[UUID]) -> dict[UUID, Row]:
        """Return the address and names of these people."""
        return {row["id"]: row for row in await fetch(self._uow.driver, _CALLED, self._uow.tenant, list(users))}

    async def users_of(self, people: Sequence[UUID]) -> list[UUID]:
        """Return the ids of the persons behind these directory users."""
        statement = "select distinct user_id from directory_users where organization_id = $1 and id = any ($2)"
        rows = await fetch(self._uow.driver, statement, self._uow.tenant, list(people))
        return [row["user_id"] for row in rows if row["user_id"] is not None]


def to_changed(row: Row) -> Changed:
    """Return the person of a row of these statements; the same few words for 100,000 people, each once in memory."""
    return Changed(
        row["id"],
        intern(row["state_before"]),
        intern(row["state"]),
        intern(row["role_before"]),
        intern(row["mapped_role"]),
        tuple(row["manual_roles"]),
        row["redescribed"],
    )
