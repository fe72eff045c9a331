"""Every statement over service clients and their secrets."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from app.db.driver import fetch, fetch_one
from app.db.lane import Lane
from app.db.query import Line, Query, lines
from app.db.repository import PageRequest, Slice
from app.kit.rows import Row
from app.uow import UnitOfWork

_CLIENTS = "select c.id, c.name, c.scopes, c.created_at from service_clients c where c.revoked_at is null"
_SECRETS = """
select s.id, s.client_id, s.last_four, s.created_at, s.expires_at, s.last_used_at from service_client_secrets s
where s.client_id = any ($1) and (s.expires_at is null or s.expires_at > $2) order by s.created_at desc, s.id desc
"""
_LOCK = "select id from service_clients where id = $1 and revoked_at is null for update"
_INSERT = "insert into service_clients (id, name, scopes, created_at) values ($1, $2, $3, $4)"
_ADD = """
insert into service_client_secrets (id, client_id, secret_hash, last_four, created_at) values ($1, $2, $3, $4, $5)
"""
# Only ever sooner: a second rotation does not lengthen the life of a secret that is on its way out.
_EXPIRE = """
update service_client_secrets set expires_at = $2 where client_id = $1 and (expires_at is null or expires_at > $2)
"""
_REVOKE = "update service_clients set revoked_at = $2 where id = $1"
# All of it, or nothing where it is what the asker knows: they ask four times a second, and it changes once a month.
_IN_FORCE = """
select known.digest, case when known.digest <> $2 then known.shown end as shown
from (
    select said.shown, md5(said.shown) as digest
    from (
        select coalesce(json_agg(json_build_object(
                   'client', c.id, 'scopes', c.scopes, 'id', s.id, 'hash', encode(s.secret_hash, 'hex'),
                   'until', extract(epoch from s.expires_at)) order by s.id), '[]')::text as shown
        from service_clients c join service_client_secrets s on s.client_id = c.id
        where c.revoked_at is null and (s.expires_at is null or s.expires_at > $1)
    ) as said
) as known
"""
_NOTE_USES = """
update service_client_secrets s set last_used_at = u.at
from unnest($1::uuid[], $2::timestamptz[]) as u (id, at)
where s.id = u.id and (s.last_used_at is null or s.last_used_at < u.at)
"""


class ServiceClients:
    """Service clients; they belong to the platform and to no tenant."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def page(self, page: PageRequest[UUID]) -> Slice[Line]:
        """Return a page of the clients that are not revoked."""
        query = Query(_CLIENTS)
        query.one_page("c.id", page)
        return lines(await fetch(self._uow.driver, query.statement, *query.values), page)

    async def find(self, client: UUID) -> Row | None:
        """Return a client that is not revoked."""
        query = Query(_CLIENTS)
        query.where("c.id = {}", client)
        return await fetch_one(self._uow.driver, query.statement, *query.values)

    async def secrets_of(self, clients: Sequence[UUID]) -> Mapping[UUID, list[Row]]:
        """Return, for each of these clients, its secrets in force, the newest first; their hashes stay here."""
        found: dict[UUID, list[Row]] = {client: [] for client in clients}
        for row in await fetch(self._uow.driver, _SECRETS, list(clients), self._uow.now):
            found[row["client_id"]].append(row)
        return found

    async def lock(self, client: UUID) -> bool:
        """Return whether there is such a client; nobody else changes it until the unit ends."""
        return await fetch_one(self._uow.driver, _LOCK, client) is not None

    async def insert(self, client: UUID, name: str, scopes: Sequence[str]) -> None:
        """Insert a client without a secret."""
        await fetch(self._uow.driver, _INSERT, client, name, list(scopes), self._uow.now)

    async def add_secret(self, client: UUID, secret_hash: bytes, *, last_four: str) -> None:
        """Give a client one more secret."""
        secret = self._uow.ids.uuid()
        await fetch(self._uow.driver, _ADD, secret, client, secret_hash, last_four, self._uow.now)

    async def expire_secrets(self, client: UUID, at: datetime) -> None:
        """Let none of a client's secrets be good beyond this instant."""
        await fetch(self._uow.driver, _EXPIRE, client, at)

    async def revoke(self, client: UUID) -> None:
        """Let a client do nothing any more."""
        await fetch(self._uow.driver, _REVOKE, client, self._uow.now)


class ClientLookups:
    """What a process must know of the credentials to check them without asking."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def in_force(self, now: datetime, digest: str) -> tuple[str, str | None]:
        """Return a digest of the secrets in force at `now`, and them as JSON unless `digest` is theirs already."""
        (row,) = await self._lane.fetch(_IN_FORCE, now, digest)
        return row["digest"], row["shown"]

    async def note_uses(self, uses: Mapping[UUID, datetime]) -> None:
        """Note when these secrets were last used."""
        await self._lane.fetch(_NOTE_USES, list(uses.keys()), list(uses.values()))
