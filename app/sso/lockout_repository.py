"""The statements that tell whom single sign-on would not let in."""

from collections.abc import Sequence

from app.access.roles import CLIENT_ADMIN
from app.db.driver import fetch
from app.kit.rows import Row
from app.uow import UnitOfWork

_ACTIVE = """
select count(*) as connections from connections where organization_id = $1 and state = 'active'
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
           coalesce(split_part(u.email_lower, '@', -1) = any ($2), false) as of_foreign_domain
    from users u where u.organization_id = $1 and u.state = 'active'
), totals as (
    select count(*) as people, count(*) filter (where unproven or of_foreign_domain) as locked_out,
           count(*) filter (where administrates and not unproven and not of_foreign_domain) as administrators_left
    from people
), shown as (
    select id, email, first_name, last_name, administrates, unproven, of_foreign_domain
    from people where unproven or of_foreign_domain order by administrates desc, id limit $3
)
select t.people, t.locked_out, t.administrators_left, s.id, s.email, s.first_name, s.last_name, s.administrates,
       s.unproven, s.of_foreign_domain
from totals t left join shown s on true order by s.administrates desc, s.id
"""


class Lockouts:
    """Who of the unit's tenant could not sign in any more."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def active_connections(self) -> int:
        """Return how many connections are active."""
        return int((await self._run(_ACTIVE))[0]["connections"])

    async def domains(self) -> tuple[list[str], set[str]]:
        """Return the domains of people's addresses as they are spelled there, and those that are verified."""
        spelled = [row["domain"] for row in await self._run(_DOMAINS)]
        return spelled, {row["domain"] for row in await self._run(_VERIFIED)}

    async def people(self, foreign: Sequence[str], *, most: int) -> Sequence[Row]:
        """Return the counts, on one row at least, and with them the first `most` of whom would be locked out.

        `foreign`: the spellings of domains whose people may not sign in.
        """
        return await self._run(_LOCKED_OUT, list(foreign), most, CLIENT_ADMIN)

    async def _run(self, statement: str, *values: object) -> Sequence[Row]:
        return await fetch(self._uow.driver, statement, self._uow.tenant, *values)
