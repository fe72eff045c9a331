"""The statements that tell whom single sign-on would not let in."""

from collections.abc import Sequence

from app.access.roles import CLIENT_ADMIN
from app.db.driver import fetch
from app.kit.rows import Row
from app.uow import UnitOfWork

_IN_USE = """
select count(*) as connections,
       exists (select 1 from directories d where d.organization_id = $1 and d.last_synced_at is not null
               and d.state not in ('unlinked', 'deleting', 'deleted')) as directory_decides
from connections where organization_id = $1 and state = 'active'
"""
_DOMAINS = """
select distinct split_part(email_lower, '@', -1) as domain from users
where organization_id = $1 and state = 'active' and email_lower is not null
"""
_VERIFIED = "select domain from organization_domains where organization_id = $1 and state = 'verified'"
# Administrators first: of a long list they matter most.
_LOCKED_OUT = """
with people as materialized (
    select u.id, u.email, u.first_name, u.last_name,
           u.mapped_role = $4 or $4 = any (u.manual_roles) as administrates,
           not exists (
               select 1 from identities i
               join connections c on c.organization_id = $1 and c.id = i.connection_id and c.state = 'active'
               where i.organization_id = $1 and i.user_id = u.id) as unproven,
           coalesce(split_part(u.email_lower, '@', -1) = any ($2), false) as of_foreign_domain,
           not $5 and coalesce((
               select bool_or(d.state = 'unmanaged') and not bool_or(d.state = 'active')
               from directory_users d where d.organization_id = $1 and d.user_id = u.id), false) as not_provisioned
    from users u where u.organization_id = $1 and u.state = 'active'
), judged as (
    select p.id, p.email, p.first_name, p.last_name, p.administrates, p.unproven, p.of_foreign_domain,
           p.not_provisioned, p.unproven or p.of_foreign_domain or p.not_provisioned as kept_out from people p
), totals as (
    select count(*) as people, count(*) filter (where kept_out) as locked_out,
           count(*) filter (where administrates and not kept_out) as administrators_left
    from judged
), shown as (
    select id, email, first_name, last_name, administrates, unproven, of_foreign_domain, not_provisioned
    from judged where kept_out order by administrates desc, id limit $3
)
select t.people, t.locked_out, t.administrators_left, s.id, s.email, s.first_name, s.last_name, s.administrates,
       s.unproven, s.of_foreign_domain, s.not_provisioned
from totals t left join shown s on true order by s.administrates desc, s.id
"""


class Lockouts:
    """Who of the unit's tenant could not sign in any more."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def in_use(self) -> tuple[int, bool]:
        """Return how many connections are active, and whether a directory decides who people are."""
        (row,) = await self._run(_IN_USE)
        return row["connections"], row["directory_decides"]

    async def domains(self) -> tuple[list[str], set[str]]:
        """Return the domains of people's addresses as they are spelled there, and those that are verified."""
        spelled = [row["domain"] for row in await self._run(_DOMAINS)]
        return spelled, {row["domain"] for row in await self._run(_VERIFIED)}

    async def people(self, foreign: Sequence[str], *, provisions: bool, most: int) -> Sequence[Row]:
        """Return the counts, on one row at least, and with them the first `most` of whom would be locked out.

        `foreign`: the spellings of domains whose people may not sign in. `provisions`: whether whom only a directory
        knew that is gone may.
        """
        return await self._run(_LOCKED_OUT, list(foreign), most, CLIENT_ADMIN, provisions)

    async def _run(self, statement: str, *values: object) -> Sequence[Row]:
        return await fetch(self._uow.driver, statement, self._uow.tenant, *values)
