"""The statements that tell whom single sign-on would not let in, and whom nothing has been seen of yet."""

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
# What a sign-in itself learns of each domain: row security hides what other tenants have verified.
_CONTESTED = """
with asked as materialized (
    select array_agg($1::uuid) as homes, array_agg(''::text) as blanks, array_agg(d.domain) as domains
    from unnest($2::text[]) as d (domain)
)
select a.domains[f.asker] as domain from asked a, sign_in_facts(a.homes, a.blanks, a.domains, a.blanks, now()) as f
where f.contested
"""
_VERIFIED = "select domain from organization_domains where organization_id = $1 and state = 'verified'"
# What a sign-in refuses (`sso.login.hindrances`, `users.service.sign_in`), asked of everybody at once. Whom no identity
# tells is known by a directory's `idp_id`, or by an address of a verified domain that nobody else has; by one of a
# contested domain nobody is known, and nobody made.
# Administrators first: of a long list they matter most.
_PEOPLE = """
with people as materialized (
    select u.id, u.email, u.email_lower, u.first_name, u.last_name,
           u.mapped_role = $4 or $4 = any (u.manual_roles) as administrates,
           not exists (
               select 1 from identities i
               join connections c on c.organization_id = $1 and c.id = i.connection_id and c.state = 'active'
               where i.organization_id = $1 and i.user_id = u.id) as unseen,
           exists (select 1 from directory_users d
                   where d.organization_id = $1 and d.user_id = u.id and d.idp_id is not null) as mirrored,
           coalesce(split_part(u.email_lower, '@', -1) = any ($2), u.email_lower is null) as unverified,
           coalesce(split_part(u.email_lower, '@', -1) = any ($8), false) as contested,
           not $5::boolean and coalesce((
               select bool_or(d.state = 'unmanaged') and not bool_or(d.state = 'active')
               from directory_users d where d.organization_id = $1 and d.user_id = u.id), false) as not_provisioned
    from users u where u.organization_id = $1 and u.state = 'active'
), judged as (
    select p.id, p.email, p.first_name, p.last_name, p.administrates, p.unseen, p.not_provisioned,
           $7::boolean as unconnected,
           p.unverified and p.email is not null and not $6::boolean as of_foreign_domain,
           p.unseen and not p.mirrored and p.unverified and not p.contested and not $5 as not_recognised,
           p.unseen and not p.mirrored and p.contested as of_contested_domain,
           p.unseen and not p.mirrored and not p.unverified and not p.contested and exists (
               select 1 from users o where o.organization_id = $1 and o.email_lower = p.email_lower and o.id <> p.id
           ) as of_shared_address
    from people p
), told as (
    select j.id, j.email, j.first_name, j.last_name, j.administrates, j.unseen, j.unconnected, j.of_foreign_domain,
           j.not_provisioned, j.not_recognised, j.of_contested_domain, j.of_shared_address,
           j.unconnected or j.of_foreign_domain or j.not_provisioned or j.not_recognised or j.of_contested_domain
           or j.of_shared_address as kept_out
    from judged j
), totals as (
    select count(*) as people, count(*) filter (where kept_out) as locked_out,
           count(*) filter (where unseen and not kept_out) as not_seen,
           count(*) filter (where administrates and not kept_out) as administrators_left,
           count(*) filter (where administrates and not kept_out and not unseen) as administrators_seen
    from told
), shown as (
    select id, email, first_name, last_name, administrates, unseen, unconnected, of_foreign_domain, not_provisioned,
           not_recognised, of_contested_domain, of_shared_address, kept_out,
           row_number() over (partition by kept_out order by administrates desc, id) as place
    from told where kept_out or unseen
)
select t.people, t.locked_out, t.not_seen, t.administrators_left, t.administrators_seen, s.id, s.email, s.first_name,
       s.last_name, s.administrates, s.unseen, s.unconnected, s.of_foreign_domain, s.not_provisioned, s.not_recognised,
       s.of_contested_domain, s.of_shared_address, s.kept_out
from totals t left join shown s on s.place <= $3 order by s.administrates desc, s.id
"""


class Lockouts:
    """Who of the unit's tenant could not sign in any more, or has not been seen to."""

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

    async def contested(self, domains: Sequence[str]) -> set[str]:
        """Return which of these domains, in their ASCII form, several organizations have verified."""
        return {row["domain"] for row in await self._run(_CONTESTED, list(domains))} if domains else set()

    async def people(  # noqa: PLR0913 -- each is a fact that somebody else decided
        self,
        unverified: Sequence[str],
        contested: Sequence[str],
        *,
        guests: bool,
        provisions: bool,
        connected: bool,
        most: int,
    ) -> Sequence[Row]:
        """Return the counts, on one row at least; with them the first `most` who are locked out, and who are not seen.

        `unverified`: the spellings of domains that are not verified; `guests`: whether their people may sign in all
        the same. `contested`: the spellings of those that several organizations have verified. `provisions`: whether a
        sign-in may make somebody. `connected`: whether any connection is active.
        """
        values = (list(unverified), most, CLIENT_ADMIN, provisions, guests, not connected, list(contested))
        return await self._run(_PEOPLE, *values)

    async def _run(self, statement: str, *values: object) -> Sequence[Row]:
        return await fetch(self._uow.driver, statement, self._uow.tenant, *values)
