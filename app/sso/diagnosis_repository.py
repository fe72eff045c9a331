"""The statements of a diagnosis: what a tenant knows of an address, and of all that a sign-in passes."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.db.driver import fetch
from app.kit.rows import Row
from app.kit.sightings import Sighting
from app.uow import UnitOfWork

_HOME = """
select o.id, o.workos_id, o.name, o.state, p.enabled, p.required, p.jit_provisioning, p.allow_foreign_domains,
       p.attribute_mappings, p.default_connection_id,
       (select d.state from organization_domains d where d.organization_id = $1 and d.domain = $2) as domain_state,
       (select f.contested from sign_in_facts(array[$1]::uuid[], array[''], array[$2]::text[], array[''], now()) as f)
       as contested
from organizations o join organization_policies p on p.organization_id = o.id
where o.id = $1
"""
_CONNECTIONS = """
select id, workos_id, name, protocol, state, certificate_expires_at, last_login_at, last_failure_at, last_failure_code
from connections where organization_id = $1 and state <> 'deleted' order by id
"""
_DIRECTORIES = """
select y.id, y.name, y.state, y.last_synced_at, r.status as last_status, r.error as last_error
from directories y
left join lateral (
    select s.status, s.error from directory_sync_runs s
    where s.organization_id = $1 and s.directory_id = y.id order by s.id desc limit 1
) as r on true
where y.organization_id = $1 and y.state <> 'deleted' order by y.id
"""
_PEOPLE = """
select u.id, u.state, u.deactivated_by, u.first_name, u.last_name,
       (select count(*) from sessions s
        where s.organization_id = $1 and s.user_id = u.id and s.ended_at is null and s.expires_at > $3
          and s.last_seen_at + make_interval(secs => s.idle_seconds) > $3) as sessions
from users u where u.organization_id = $1 and u.email_lower = $2 order by u.id limit 10
"""
_IDENTITIES = """
select connection_id, idp_id, user_id, last_login_at from identities
where organization_id = $1 and user_id = any ($2) order by last_login_at desc limit 50
"""
_ENTRIES = """
select d.state, d.idp_id, d.user_id, d.first_name, d.last_name, y.name as directory, y.state as directory_state
from directories y
join directory_users d on d.organization_id = $1 and d.directory_id = y.id and d.email_lower = $2
where y.organization_id = $1
order by array_position(array['active', 'unmanaged'], d.state), d.at desc limit 10
"""
# For an operator who names no organization: whose domain it is, else who has somebody with that address.
_HOMES = """
select o.id, o.name from organizations o
where o.id <> '00000000-0000-0000-0000-000000000000' and o.id in (
    select d.organization_id from organization_domains d where d.domain = $1 and d.state = 'verified')
order by o.id limit 10
"""
_HOMES_OF = """
select o.id, o.name from organizations o
where o.id <> '00000000-0000-0000-0000-000000000000' and o.id in (
    select u.organization_id from users u where u.email_lower = $1)
order by o.id limit 10
"""

# What every process noticed of WorkOS; it is nobody's in particular (app/status/ writes it).
_UPSTREAM = "select name, good_at, bad_since, bad_at, times from sightings where name = any ($1)"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a tenant knows of an address, and of what a sign-in of theirs passes."""

    home: Row
    connections: Sequence[Row]
    directories: Sequence[Row]
    people: Sequence[Row]
    identities: Sequence[Row]
    entries: Sequence[Row]


class Diagnosing:
    """Evidence of one tenant; of every tenant for `homes` in an unscoped unit."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def read(self, email: str, domain: str) -> Evidence:
        """Return what the unit's tenant knows of an address, folded, and its domain."""
        (home,) = await self._run(_HOME, domain)
        people = await self._run(_PEOPLE, email, self._uow.now)
        return Evidence(
            home,
            await self._run(_CONNECTIONS),
            await self._run(_DIRECTORIES),
            people,
            await self._run(_IDENTITIES, [row["id"] for row in people]),
            await self._run(_ENTRIES, email),
        )

    async def upstream(self, names: Sequence[str]) -> Sequence[Sighting]:
        """Return how WorkOS answered lately, as far as that was told."""
        rows = await fetch(self._uow.driver, _UPSTREAM, list(names))
        return [Sighting(**row) for row in rows]

    async def homes(self, email: str, domain: str) -> Sequence[tuple[UUID, str]]:
        """Return the organizations, with their names, in which somebody with this address may have to do."""
        rows = await fetch(self._uow.driver, _HOMES, domain) or await fetch(self._uow.driver, _HOMES_OF, email)
        return [(row["id"], row["name"]) for row in rows]

    async def _run(self, statement: str, *values: object) -> Sequence[Row]:
        return await fetch(self._uow.driver, statement, self._uow.tenant, *values)
