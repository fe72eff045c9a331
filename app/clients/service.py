"""Verbs of service clients: create, rotate, revoke; all audited, in the deed's own transaction."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from app.audit import service as audit
from app.clients.errors import TooManySecrets
from app.clients.repository import ServiceClients
from app.kit.ids import fingerprint
from app.problems import NotFound
from app.uow import UnitOfWork

PREFIX: Final = "mpsc_"
"""What every secret begins with, so that one that strays into a file is recognised there."""
MOST_SECRETS: Final = 4
"""Secrets of one client in force at a time: each is compared with what a request brings."""


async def create(uow: UnitOfWork, *, name: str, scopes: Sequence[str]) -> tuple[UUID, str]:
    """Make a client; return its id and its secret, which is kept nowhere."""
    client = uow.ids.uuid()
    clients = ServiceClients(uow)
    await clients.insert(client, name, sorted(scopes))
    secret = await _another_secret(uow, clients, client)
    await audit.record(uow, "service_client.created", targets=[("service_client", client)], scopes=sorted(scopes))
    return client, secret


async def rotate(uow: UnitOfWork, client: UUID, *, overlap: timedelta) -> str:
    """Give a client a new secret and return it; the old ones are good for `overlap` yet, or as long as they were.

    Raises:
        NotFound: there is no such client.
        TooManySecrets: too many old ones would be good beside it.
    """
    clients = ServiceClients(uow)
    if not await clients.lock(client):
        raise NotFound
    await clients.expire_secrets(client, uow.now + overlap)
    if len((await clients.secrets_of([client]))[client]) >= MOST_SECRETS:
        raise TooManySecrets
    secret = await _another_secret(uow, clients, client)
    seconds = int(overlap.total_seconds())
    await audit.record(uow, "service_client.rotated", targets=[("service_client", client)], overlap_seconds=seconds)
    return secret


async def revoke(uow: UnitOfWork, client: UUID) -> None:
    """End a client with all its secrets: every process refuses it within a second. Raises NotFound."""
    clients = ServiceClients(uow)
    if not await clients.lock(client):
        raise NotFound
    await clients.revoke(client)
    await audit.record(uow, "service_client.revoked", targets=[("service_client", client)])


async def _another_secret(uow: UnitOfWork, clients: ServiceClients, client: UUID) -> str:
    secret = PREFIX + uow.ids.token()
    await clients.add_secret(client, fingerprint(secret), last_four=secret[-4:])
    return secret
