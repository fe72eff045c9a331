"""The statements by which events change the mirror: many rows each, and none by an older version."""

from collections.abc import Sequence
from uuid import UUID

from app.db.driver import fetch
from app.directories.told import GoneTold, GroupTold, MembershipTold, PersonTold, Place, Put
from app.directories.told import columns as told_of
from app.kit.rows import Row
from app.uow import UnitOfWork

# The very version that is here is taken once more: a replayed event is applied again.
_NEWER = """
where ({table}.at, {table}.event_id) < (excluded.at, excluded.event_id) or {table}.event_id = excluded.event_id
"""
# Of somebody who is not let in an event may tell little: what is known of them stays (payloads.py).
PERSON_SET = """
    directory_id = excluded.directory_id, idp_id = coalesce(excluded.idp_id, directory_users.idp_id),
    email = case when excluded.state = 'active' or excluded.email is not null
                 then excluded.email else directory_users.email end,
    email_lower = case when excluded.state = 'active' or excluded.email is not null
                       then excluded.email_lower else directory_users.email_lower end,
    first_name = case when excluded.state = 'active' then excluded.first_name
                      else coalesce(excluded.first_name, directory_users.first_name) end,
    last_name = case when excluded.state = 'active' then excluded.last_name
                     else coalesce(excluded.last_name, directory_users.last_name) end,
    department = excluded.department, job_title = excluded.job_title, custom_attributes = excluded.custom_attributes,
    state = case when directory_users.state = 'deleted' and excluded.state <> 'active'
                 then 'deleted' else excluded.state end,
    hard = directory_users.hard and excluded.state <> 'active',
    at = excluded.at, event_id = excluded.event_id, updated_at = excluded.updated_at
"""
_PUT_PEOPLE = f"""
insert into directory_users (id, organization_id, directory_id, workos_id, idp_id, email, email_lower, first_name,
                             last_name, department, job_title, custom_attributes, state, at, event_id, touched_at,
                             created_at, updated_at)
select t.id, $1, $2, t.workos_id, t.idp_id, t.email, t.folded, t.first_name, t.last_name, t.department, t.job_title,
       t.attributes, t.state, t.at, t.event_id, $3, $3, t.at
from unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
            $12::text[], $13::text[], $14::text[], $15::timestamptz[], $16::text[])
    as t (id, workos_id, idp_id, email, folded, first_name, last_name, department, job_title, attributes, state, at,
          event_id)
order by t.workos_id
on conflict (organization_id, workos_id) do update set {PERSON_SET}, touched_at = excluded.touched_at
{_NEWER.format(table="directory_users")}
returning id, workos_id, (xmax = 0) as created
"""  # noqa: S608 -- its parts are constants of this file
_REMOVE_PEOPLE = f"""
insert into directory_users (id, organization_id, directory_id, workos_id, state, at, event_id, hard, touched_at,
                             created_at, updated_at, idp_id, email, email_lower)
select t.id, $1, $2, t.workos_id, 'deleted', t.at, t.event_id, true, $3, $3, t.at, t.idp_id, t.email, t.folded
from unnest($4::uuid[], $5::text[], $6::timestamptz[], $7::text[], $8::text[], $9::text[], $10::text[])
    as t (id, workos_id, at, event_id, idp_id, email, folded)
order by t.workos_id
on conflict (organization_id, workos_id) do update
set state = 'deleted', hard = true, at = excluded.at, event_id = excluded.event_id, touched_at = excluded.touched_at,
    updated_at = excluded.updated_at
{_NEWER.format(table="directory_users")}
returning id, workos_id, false as created
"""  # noqa: S608 -- as above
# A group that was gone is seen for the first time again; what this very statement writes, the question does not see.
SEEN_FIRST = """
coalesce((select b.state = 'deleted' from directory_groups b
          where b.organization_id = $1 and b.id = directory_groups.id), true)
"""
_PUT_GROUPS = f"""
insert into directory_groups (id, organization_id, directory_id, workos_id, idp_id, name, state, at, event_id,
                              touched_at, created_at, updated_at)
select t.id, $1, $2, t.workos_id, t.idp_id, t.name, 'active', t.at, t.event_id, $3, $3, t.at
from unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::text[])
    as t (id, workos_id, idp_id, name, at, event_id)
order by t.workos_id
on conflict (organization_id, workos_id) do update
set name = excluded.name, idp_id = coalesce(excluded.idp_id, directory_groups.idp_id), state = 'active', hard = false,
    at = excluded.at, event_id = excluded.event_id, touched_at = excluded.touched_at, updated_at = excluded.updated_at
{_NEWER.format(table="directory_groups")}
returning id, workos_id, {SEEN_FIRST} as created
"""  # noqa: S608 -- as above
_REMOVE_GROUPS = f"""
insert into directory_groups (id, organization_id, directory_id, workos_id, name, state, at, event_id, hard,
                              touched_at, created_at, updated_at)
select t.id, $1, $2, t.workos_id, '', 'deleted', t.at, t.event_id, true, $3, $3, t.at
from unnest($4::uuid[], $5::text[], $6::timestamptz[], $7::text[]) as t (id, workos_id, at, event_id)
order by t.workos_id
on conflict (organization_id, workos_id) do update
set state = 'deleted', hard = true, role = null, rule_position = null, at = excluded.at, event_id = excluded.event_id,
    touched_at = excluded.touched_at, updated_at = excluded.updated_at
{_NEWER.format(table="directory_groups")}
returning id, workos_id, false as created
"""  # noqa: S608 -- as above
# What a removal takes along is older than it; a membership of after it belongs to a return, though news of that came
# first. The instant stays, or late news of before it would make who came back a member again (threats D13).
_LEAVE = """
with gone as (
    update {table} d set gone_at = greatest(d.gone_at, t.at)
    from unnest($2::text[], $3::timestamptz[]) as t (workos_id, at)
    where d.organization_id = $1 and d.workos_id = t.workos_id
    returning d.id, d.workos_id, d.gone_at
), emptied as (
    update directory_memberships m set member = false, at = g.gone_at, event_id = '', touched_at = $4
    from gone g where m.organization_id = $1 and m.{column} = g.id and m.at <= g.gone_at and m.member
    returning g.id, g.workos_id, m.directory_user_id
)
select distinct id, workos_id, directory_user_id from emptied
"""
_LEAVE_PEOPLE = _LEAVE.format(table="directory_users", column="directory_user_id")
_LEAVE_GROUPS = _LEAVE.format(table="directory_groups", column="group_id")
EMPTY_GROUPS = """
with gone as (
    update directory_memberships m set member = false, at = greatest(m.at, g.at), touched_at = $3,
           event_id = case when m.at <= g.at then g.event_id else m.event_id end
    from directory_groups g
    where g.organization_id = $1 and g.id = any ($2) and m.organization_id = $1 and m.group_id = g.id and m.member
    returning m.directory_user_id
), freed as (
    delete from directory_group_names n where n.organization_id = $1 and n.group_id = any ($2)
)
select distinct directory_user_id from gone
"""
_MEMBERS = """
select distinct directory_user_id from directory_memberships
where organization_id = $1 and group_id = any ($2) and member
"""
# Each membership that is told, and what of it is not known here yet.
_FOUND = """
select t.ord, d.id as person, d.state as person_state, greatest(d.at, d.gone_at) as person_at, g.id as club,
       g.state as group_state, g.at as group_at, greatest(d.gone_at, g.gone_at) as gone_at
from unnest($2::text[], $3::text[]) with ordinality as t (person, club, ord)
left join directory_users d on d.organization_id = $1 and d.workos_id = t.person
left join directory_groups g on g.organization_id = $1 and g.workos_id = t.club
order by t.ord
"""
_PUT_MEMBERSHIPS = f"""
insert into directory_memberships (organization_id, group_id, directory_user_id, member, at, event_id, touched_at)
select $1, t.club, t.person, t.member, t.at, t.event_id, $2
from unnest($3::uuid[], $4::uuid[], $5::boolean[], $6::timestamptz[], $7::text[])
    as t (club, person, member, at, event_id)
order by t.club, t.person
on conflict (organization_id, group_id, directory_user_id) do update
set member = excluded.member, at = excluded.at, event_id = excluded.event_id, touched_at = excluded.touched_at
{_NEWER.format(table="directory_memberships")}
returning group_id, directory_user_id
"""  # noqa: S608 -- as above
UNSHOW = "update directory_users set shown = null where organization_id = $1 and id = any ($2) and shown is not null"


class Mirror:
    """People, groups and memberships of one tenant's directories, as events tell them."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def put_people(self, directory: UUID, told: Sequence[PersonTold]) -> list[Put]:
        """Insert or update people, each at most once in `told`; return those of whom nothing newer is known."""
        return await self._put(
            _PUT_PEOPLE,
            directory,
            [self._uow.ids.uuid() for _ in told],
            *told_of(told),
            [t.version.event_id for t in told],
        )

    async def remove_people(self, directory: UUID, told: Sequence[GoneTold]) -> tuple[list[Put], list[UUID]]:
        """Make tombstones of people, also of those never seen; return of whom that was news, and who left a group.

        Memberships of before it end even where newer news of the person came first: that was news too.
        """
        who = [t.idp_id for t in told], [t.email for t in told], [t.email_lower for t in told]
        gone = await self._put(_REMOVE_PEOPLE, directory, *self._gone(told), *who)
        late, left = await self._leave(_LEAVE_PEOPLE, told)
        return [*gone, *late], left

    async def put_groups(self, directory: UUID, told: Sequence[GroupTold]) -> list[Put]:
        """Insert or update groups, as `put_people`."""
        return await self._put(
            _PUT_GROUPS,
            directory,
            [self._uow.ids.uuid() for _ in told],
            [t.workos_id for t in told],
            [t.idp_id for t in told],
            [t.name for t in told],
            [t.version.at for t in told],
            [t.version.event_id for t in told],
        )

    async def remove_groups(self, directory: UUID, told: Sequence[GoneTold]) -> tuple[list[Put], list[UUID]]:
        """Make tombstones of groups; return as `remove_people`, with whom of the directory they had as members."""
        gone = await self._put(_REMOVE_GROUPS, directory, *self._gone(told))
        late, left = await self._leave(_LEAVE_GROUPS, told)
        members = await self._run(EMPTY_GROUPS, [one.id for one in gone], self._uow.now)
        return [*gone, *late], list({*left, *(row["directory_user_id"] for row in members)})

    async def members(self, groups: Sequence[UUID]) -> list[UUID]:
        """Return who is in any of these groups (ids of directory users)."""
        return [row["directory_user_id"] for row in await self._run(_MEMBERS, list(groups))]

    async def find(self, told: Sequence[MembershipTold]) -> list[Place]:
        """Return of each membership what is known of its person and its group."""
        rows = await self._run(_FOUND, [t.user for t in told], [t.group for t in told])
        return [
            Place(
                row["person"],
                row["person_state"],
                row["person_at"],
                row["club"],
                row["group_state"],
                row["group_at"],
                row["gone_at"],
            )
            for row in rows
        ]

    async def put_memberships(self, told: Sequence[tuple[Place, MembershipTold]]) -> set[tuple[UUID, UUID]]:
        """Write memberships whose person and group are known; return the (group, person) pairs that are news."""
        rows = await self._run(
            _PUT_MEMBERSHIPS,
            self._uow.now,
            [place.group for place, _ in told],
            [place.person for place, _ in told],
            [t.member for _, t in told],
            [t.version.at for _, t in told],
            [t.version.event_id for _, t in told],
        )
        return {(row["group_id"], row["directory_user_id"]) for row in rows}

    async def unshow(self, people: Sequence[UUID]) -> None:
        """Have the ready JSON of these directory users made anew: their groups have changed."""
        await self._run(UNSHOW, list(people))

    async def _put(self, statement: str, directory: UUID, *columns: Sequence[object]) -> list[Put]:
        rows = await self._run(statement, directory, self._uow.now, *columns)
        return [Put(row["id"], row["workos_id"], row["created"]) for row in rows]

    async def _leave(self, statement: str, told: Sequence[GoneTold]) -> tuple[list[Put], list[UUID]]:
        ids, instants = [t.workos_id for t in told], [t.version.at for t in told]
        rows = await self._run(statement, ids, instants, self._uow.now)
        late = {row["id"]: Put(row["id"], row["workos_id"], created=False) for row in rows}
        return list(late.values()), [row["directory_user_id"] for row in rows]

    def _gone(self, told: Sequence[GoneTold]) -> tuple[Sequence[object], ...]:
        ids = [self._uow.ids.uuid() for _ in told]
        return ids, [t.workos_id for t in told], [t.version.at for t in told], [t.version.event_id for t in told]

    async def _run(self, statement: str, *values: object) -> Sequence[Row]:
        return await fetch(self._uow.driver, statement, self._uow.tenant, *values)
