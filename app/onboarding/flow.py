"""Linking a tenant: a journey from WorkOS's answers to one unit of work."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from app import uow as units
from app.connections import service as connections
from app.directories import service as directories
from app.organizations import service as organizations
from app.problems import Problem
from app.runtime import Runtime
from app.sessions import service as sessions
from app.uow import Actor, UnitOfWork
from app.webhooks import service as webhooks
from app.workos.errors import UpstreamInvalidResponse
from app.workos.records import Connection, Directory, Organization, Page

T = TypeVar("T")
_PAGES = 50
_CLOCKS_DIFFER = timedelta(minutes=3)  # WorkOS's and ours: what happened that shortly before is left to its event


@dataclass(frozen=True, slots=True)
class Imported:
    """What WorkOS knows of an organization, complete."""

    organization: Organization
    connections: list[Connection]
    directories: list[Directory]
    as_of: datetime


async def create(runtime: Runtime, *, name: str, workos_id: str | None, actor: Actor) -> UUID:
    """Create a tenant and return its id; without `workos_id` its WorkOS organization is created too.

    Raises:
        UpstreamNotFound: WorkOS has no organization with that id.
        OrganizationAlreadyLinked: it belongs to a tenant already.
        UpstreamUnavailable, UpstreamRefused, UpstreamInvalidResponse, SettingsIncomplete: WorkOS could not be asked;
            `workos_id` in the problem names an organization that exists there and can be linked by another call.
    """
    identifier = runtime.ids.uuid()
    if workos_id is None:
        workos_id = (await runtime.workos.create_organization(name=name, external_id=str(identifier))).id
    try:
        found = await read_all(runtime, workos_id)
    except Problem as problem:
        problem.extra["workos_id"] = workos_id  # it exists by now: to be linked, not created again
        raise
    async with units.beginner(runtime, actor=actor)(identifier) as uow:
        await organizations.create(uow, name=name, workos_id=workos_id)
        await write_all(uow, found)
    return identifier


async def refresh(runtime: Runtime, identifier: UUID, workos_id: str, *, actor: Actor) -> None:
    """Bring a tenant's domains, connections and directories up to date; raises as `create`."""
    found = await read_all(runtime, workos_id)
    async with units.beginner(runtime, actor=actor)(identifier) as uow:
        await write_all(uow, found)
        await sessions.connections_changed(uow)


async def read_all(runtime: Runtime, workos_id: str) -> Imported:
    """Return an organization with all its connections and directories; a broken page raises, it is never empty."""
    workos, as_of = runtime.workos, runtime.clock.now() - _CLOCKS_DIFFER
    organization = await workos.get_organization(workos_id)
    return Imported(
        organization,
        await _every(workos.list_connections, workos_id),
        await _every(workos.list_directories, workos_id),
        as_of,
    )


async def _every(listing: Callable[..., Awaitable[Page[T]]], organization: str) -> list[T]:
    items: list[T] = []
    after: str | None = None
    for _ in range(_PAGES):
        page = await listing(organization=organization, after=after)
        items.extend(page.items)
        after = page.after
        if after is None:
            return items
    raise UpstreamInvalidResponse(f"WorkOS lists more than {_PAGES} pages of one organization's objects.")


async def write_all(uow: UnitOfWork, found: Imported) -> None:
    """Make the unit's tenant hold exactly what WorkOS knows, but for what an event of after the listing changed.

    Events that waited for any of it are due now, and those of before the listing change it no more.
    """
    await directories.lock_mirror(uow)
    newer = await webhooks.newer_than(uow, found.as_of)
    known = [
        found.organization.id,
        *await organizations.import_domains(uow, found.organization.domains, newer=newer),
        *await connections.import_all(uow, found.connections, newer=newer),
        *await directories.import_all(uow, found.directories, newer=newer),
    ]
    await webhooks.listed(uow, known, found.as_of)
