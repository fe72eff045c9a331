"""The statements by which a complete listing changes the mirror: set against set, whatever its size.

Nothing that an event has changed since the run began is touched, and nothing of which something newer is known.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.db.driver import fetch
from app.directories.mirror_repository import PERSON_SET, SEEN_FIRST, UNSHOW
from app.uow import UnitOfWork

_LISTED_SET = PERSON_SET.replace(
    """case when directory_users.state = 'deleted' and excluded.state <> 'active'
                 then 'deleted' else excluded.state end""",
    "excluded.state",
).replace("directory_users.hard and excluded.state <> 'active'", "false")
# Ids come as one array: as rows the driver's records take ten times as much memory.
_PUT_PEOPLE = f"""
with put as (
insert into directory_users (id, organization_id, directory_id, workos_id, idp_id, email, email_lower, first_name,
                             last_name, department, job_title, custom_attributes, state, at, touched_at, created_at,
                             updated_at)
select distinct on (t.workos_id) t.id, $1, $3, t.workos_id, t.idp_id, t.email, t.folded, t.first_name, t.last_name,
       t.department, t.job_title, t.attributes, t.state, t.at, $4, $4, t.at
from directory_sync_pages p
cross join lateral unnest(p.row_ids, p.workos_ids, p.idp_ids, p.emails, p.folded, p.first_names, p.last_names,
                          p.departments, p.job_titles, p.attributes, p.states, p.ats)
    as t (id, workos_id, idp_id, email, folded, first_name, last_name, department, job_title, attributes, state, at)
where p.organization_id = $1 and p.run_id = $2 and p.kind = 'user'
order by t.workos_id, t.at desc
on conflict (organization_id, workos_id) do update set {_LISTED_SET}
where directory_users.touched_at <= $5 and directory_users.at <= excluded.at
  and not (directory_users.hard and directory_users.at = excluded.at)
  and (directory_users.directory_id, directory_users.idp_id, directory_users.email, directory_users.first_name,
       directory_users.last_name, directory_users.department, directory_users.job_title,
       directory_users.custom_attributes, directory_users.state, directory_users.at)
      is distinct from (excluded.directory_id, coalesce(excluded.idp_id, directory_users.idp_id), excluded.email,
                        excluded.first_name, excluded.last_name, excluded.department, excluded.job_title,
                        excluded.custom_attributes, excluded.state, excluded.at)
returning id, (xmax = 0) as created
)
select count(*) filter (where created) as new, count(*) filter (where not created) as changed,
       case when $6 then coalesce(array_agg(id), '{{}}') else '{{}}' end as which
from put
"""  # noqa: S608 -- its parts are constants
# A tombstone is kept from when it was made: `touched_at` says that too, as of the run's beginning, so that it stands in
# no later run's way.
_MISSING_PEOPLE = """
with listed as materialized (
    select t.id from directory_sync_pages p cross join lateral unnest(p.workos_ids) as t (id)
    where p.organization_id = $1 and p.run_id = $2 and p.kind = 'user'
)
update directory_users d set state = 'deleted', touched_at = $4
where d.organization_id = $1 and d.directory_id = $3 and d.state in ('active', 'inactive') and d.touched_at <= $4
  and not exists (select 1 from listed l where l.id = d.workos_id)
returning d.id
"""
_PUT_GROUPS = f"""
with put as (
insert into directory_groups (id, organization_id, directory_id, workos_id, idp_id, name, state, at, touched_at,
                              created_at, updated_at)
select distinct on (t.workos_id) t.id, $1, $3, t.workos_id, t.idp_id, t.name, 'active', t.at, $4, $4, t.at
from directory_sync_pages p
cross join lateral unnest(p.row_ids, p.workos_ids, p.idp_ids, p.names, p.ats) as t (id, workos_id, idp_id, name, at)
where p.organization_id = $1 and p.run_id = $2 and p.kind = 'group'
order by t.workos_id, t.at desc
on conflict (organization_id, workos_id) do update
set name = excluded.name, idp_id = coalesce(excluded.idp_id, directory_groups.idp_id), state = 'active', hard = false,
    at = excluded.at, event_id = '', updated_at = excluded.updated_at
where directory_groups.touched_at <= $5 and directory_groups.at <= excluded.at
  and not (directory_groups.hard and directory_groups.at = excluded.at)
  and (directory_groups.name, directory_groups.state, directory_groups.at)
      is distinct from (excluded.name, 'active', excluded.at)
returning id, {SEEN_FIRST} as created
)
select coalesce(array_agg(id) filter (where created), '{{}}') as new,
       coalesce(array_agg(id) filter (where not created), '{{}}') as changed
from put
"""  # noqa: S608 -- as above
_MISSING_GROUPS = """
with listed as materialized (
    select t.id from directory_sync_pages p cross join lateral unnest(p.workos_ids) as t (id)
    where p.organization_id = $1 and p.run_id = $2 and p.kind = 'group'
), gone as (
    update directory_groups g set state = 'deleted', role = null, rule_position = null, touched_at = $4
    where g.organization_id = $1 and g.directory_id = $3 and g.state = 'active' and g.touched_at <= $4
      and not exists (select 1 from listed l where l.id = g.workos_id)
    returning g.id
), freed as (
    delete from directory_group_names n using gone where n.organization_id = $1 and n.group_id = gone.id
)
select id from gone
"""
# First all that the pages hold, then the joins: page by page each would read everybody again. What is there already is
# taken out by a join too, not by trying to insert it. Both parts see the memberships as they were before: what one
# inserts is listed, so the other leaves it alone. $4: as of when the listing tells, $5: now, $6: when the run began.
_PUT_AND_DROP_MEMBERS = """
with told as materialized (
    select p.group_workos_id as club, t.id as person
    from directory_sync_pages p cross join lateral unnest(p.workos_ids) as t (id)
    where p.organization_id = $1 and p.run_id = $2 and p.kind = 'member'
), listed as materialized (
    select distinct g.id as club, u.id as person
    from told t
    join directory_groups g on g.organization_id = $1 and g.workos_id = t.club and g.state = 'active'
    join directory_users u on u.organization_id = $1 and u.workos_id = t.person and u.state <> 'deleted'
), put as (
    insert into directory_memberships (organization_id, group_id, directory_user_id, member, at, touched_at)
    select $1, l.club, l.person, true, $4, $5 from listed l
    where not exists (select 1 from directory_memberships m
                      where m.organization_id = $1 and m.group_id = l.club and m.directory_user_id = l.person
                        and m.member)
    on conflict (organization_id, group_id, directory_user_id) do update
    set member = true, at = greatest(directory_memberships.at, excluded.at), event_id = ''
    where not directory_memberships.member and directory_memberships.touched_at <= $6
    returning directory_user_id as person
), gone as (
    update directory_memberships m
    set member = false, at = greatest(m.at, $4), event_id = '', touched_at = $6
    from directory_groups g
    where m.organization_id = $1 and g.organization_id = $1 and g.id = m.group_id and g.directory_id = $3 and m.member
      and m.touched_at <= $6
      and not exists (select 1 from listed l where l.club = m.group_id and l.person = m.directory_user_id)
    returning m.directory_user_id as person
)
select (select count(*) from put) as added, (select count(*) from gone) as removed,
       case when $7 then (select coalesce(array_agg(distinct w.person), '{}')
                          from (select person from put union all select person from gone) as w)
            else '{}' end as whose
"""
_EVERYBODY = """
select coalesce(array_agg(id), '{}') as people from directory_users where organization_id = $1 and directory_id = $2
"""
_MARK_SYNCED = """
update directories d
set last_synced_at = $3, sync_wanted_at = case when d.sync_wanted_at > $4 then d.sync_wanted_at end,
    listed_at = greatest(d.listed_at, $5)
from directories b
where d.organization_id = $1 and d.id = $2 and b.id = d.id and d.state <> 'deleted' returning b.last_synced_at as before
"""
_ACTIVE = """
select count(distinct d.user_id) as n from directory_users d
join users u on u.organization_id = $1 and u.id = d.user_id and u.state = 'active'
where d.organization_id = $1 and d.directory_id = $2 and d.state = 'active'
"""
_NAMED = """
select distinct on (user_id) user_id, workos_id, email from directory_users
where organization_id = $1 and user_id = any ($2) order by user_id, (state = 'active') desc, id
"""
_DROP_PAGES = "delete from directory_sync_pages where organization_id = $1 and run_id = $2"


class Listing:
    """A complete listing of one directory, staged by a run, and the mirror that follows it."""

    def __init__(self, uow: UnitOfWork, run: UUID, directory: UUID, began_at: datetime) -> None:
        self._uow = uow
        self._run = run
        self._directory = directory
        self._began_at = began_at

    async def groups(self) -> tuple[list[UUID], list[UUID], list[UUID]]:
        """Write the groups; return those that are new, those that changed, and those that are gone."""
        put = await self._fetch(_PUT_GROUPS, self._run, self._directory, self._uow.now, self._began_at)
        gone = await self._fetch(_MISSING_GROUPS, self._run, self._directory, self._began_at)
        return put[0]["new"], put[0]["changed"], [row["id"] for row in gone]

    async def people(self, *, which: bool) -> tuple[list[int], list[UUID]]:
        """Write the people; who is missing becomes a tombstone that the next listing may lift.

        Return how many are new, changed and gone, and which they are, where that is asked for.
        """
        (put,) = await self._fetch(_PUT_PEOPLE, self._run, self._directory, self._uow.now, self._began_at, which)
        gone = await self._fetch(_MISSING_PEOPLE, self._run, self._directory, self._began_at)
        return [put["new"], put["changed"], len(gone)], [*put["which"], *(row["id"] for row in gone if which)]

    async def memberships(self, as_of: datetime, *, whose: bool) -> tuple[int, int, list[UUID]]:
        """Write the memberships as they were at this instant.

        Return how many were added and removed, and whose they are, where that is asked for.
        """
        values = (self._run, self._directory, as_of, self._uow.now, self._began_at, whose)
        (moved,) = await self._fetch(_PUT_AND_DROP_MEMBERS, *values)
        return moved["added"], moved["removed"], moved["whose"]

    async def everybody(self) -> list[UUID]:
        """Return all directory users of the directory."""
        (row,) = await self._fetch(_EVERYBODY, self._directory)
        return row["people"]

    async def mark_synced(self, as_of: datetime) -> bool | None:
        """Note that the directory was read whole; return whether for the first time, None when it is deleted by now.

        It tells of what happened up to `as_of`.
        """
        rows = await self._fetch(_MARK_SYNCED, self._directory, self._uow.now, self._began_at, as_of)
        return rows[0]["before"] is None if rows else None

    async def active(self) -> int:
        """Return how many people the directory lets in."""
        (row,) = await self._fetch(_ACTIVE, self._directory)
        return int(row["n"])

    async def named(self, users: Sequence[UUID]) -> dict[UUID, tuple[str, str | None]]:
        """Return WorkOS's id and the address of these people, as a plan shows them."""
        rows = await self._fetch(_NAMED, list(users))
        return {row["user_id"]: (row["workos_id"], row["email"]) for row in rows}

    async def unshow(self, people: Sequence[UUID]) -> None:
        """Have the ready JSON of these directory users made anew."""
        await self._fetch(UNSHOW, list(people))

    async def drop_pages(self) -> None:
        """Forget the pages: they are applied."""
        await self._fetch(_DROP_PAGES, self._run)

    async def _fetch(self, statement: str, *values: object) -> list[Any]:
        return await fetch(self._uow.driver, statement, self._uow.tenant, *values)


async def measure(uow: UnitOfWork) -> None:
    """Take the statistics of the mirror's tables anew: events of people who came in whole are found by them."""
    await fetch(uow.driver, "select mirror_measure()")
