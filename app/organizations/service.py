"""Verbs of tenants: find, create, import domains, change."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.audit import service as audit
from app.organizations.errors import OrganizationAlreadyLinked, VersionOutdated
from app.organizations.models import Organization
from app.organizations.policy import normalise_domain
from app.organizations.repository import Organizations, UnscopedOrganizations, created
from app.problems import NotFound
from app.uow import UnitOfWork
from app.workos import records


async def require(uow: UnitOfWork, reference: str) -> Organization:
    """Return the organization that our UUID or WorkOS's id names, as far as the unit sees.

    Raises:
        NotFound: there is none, or it is another tenant's.
    """
    repository = UnscopedOrganizations(uow.db) if uow.organization is None else Organizations(uow.db, uow.organization)
    found = await repository.find(reference)
    if found is None:
        raise NotFound
    return found


async def create(uow: UnitOfWork, *, name: str, workos_id: str) -> None:
    """Insert the unit's tenant, linked to a WorkOS organization, with the default policy.

    Raises:
        OrganizationAlreadyLinked: the WorkOS organization belongs to a tenant already.
    """
    row = created(uow.tenant, name=name, slug=slug_of(name, uow.tenant), workos_id=workos_id, now=uow.now)
    if not await Organizations(uow.db, uow.tenant).insert_once(row):
        raise OrganizationAlreadyLinked
    await audit.record(uow, "organization.created", targets=[("organization", uow.tenant)])


async def import_domains(
    uow: UnitOfWork, domains: Iterable[records.Domain], *, newer: Collection[str] = ()
) -> Sequence[str]:
    """Make the tenant's domains exactly those that WorkOS lists; return WorkOS's ids of all.

    Those in `newer` are left as they are: something later than the listing is known of them.
    """
    told = [found for found in domains if found.id not in newer]
    rows = {row["domain"]: row for row in (_domain_row(uow, found, uow.now) for found in told) if row}
    await Organizations(uow.db, uow.tenant).replace_domains(rows.values(), but_for=newer)
    return [found.id for found in told]


async def follow_domain(uow: UnitOfWork, told: records.Domain, *, at: datetime) -> None:
    """Make the tenant's domain what an event of this instant tells, new here or not.

    One that is no domain name is left out, and so is older news of a name that has another id by now.
    """
    row = _domain_row(uow, told, at)
    if row and await Organizations(uow.db, uow.tenant).follow_domain(row):
        changed = {"domain": row["domain"], "state": row["state"]}
        await audit.record(uow, "organization.domain_changed", targets=[("organization", uow.tenant)], **changed)


async def remove_domain(uow: UnitOfWork, domain: str) -> None:
    """Forget the domain with this WorkOS id: its people are no more the tenant's by their addresses."""
    name = await Organizations(uow.db, uow.tenant).remove_domain(domain)
    if name:
        await audit.record(uow, "organization.domain_removed", targets=[("organization", uow.tenant)], domain=name)


async def suspend(uow: UnitOfWork) -> None:
    """Suspend the unit's tenant: nobody gets in and no session is good; nothing is deleted."""
    await change(uow, {"state": "suspended"}, versions=None)


def _domain_row(uow: UnitOfWork, found: records.Domain, at: datetime) -> dict[str, Any] | None:
    name = normalise_domain(found.domain)
    if name is None:
        return None
    return {
        "id": uow.ids.uuid(),
        "organization_id": uow.tenant,
        "workos_id": found.id,
        "domain": name,
        "state": "verified" if found.verified else "failed" if found.state == "failed" else "pending",
        "created_at": uow.now,
        "updated_at": at,
    }


async def change(uow: UnitOfWork, values: dict[str, Any], *, versions: Collection[int] | None) -> Organization:
    """Change the unit's tenant: `name`, `state`; only where its version is one of `versions`, when they are given.

    Raises:
        VersionOutdated: it is another.
    """
    changed = await Organizations(uow.db, uow.tenant).change({**values, "updated_at": uow.now}, versions=versions)
    if changed is None:
        raise VersionOutdated
    # A state is told, a name is not: it is looked up when the record is read.
    told = {"state": values["state"]} if "state" in values else {}
    await audit.record(
        uow, "organization.changed", targets=[("organization", uow.tenant)], fields=sorted(values), **told
    )
    return changed


def slug_of(name: str, identifier: UUID) -> str:
    """Return a readable, unique name for URLs."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain)[:40].strip("-")
    return f"{words or 'organization'}-{identifier.hex[-6:]}"
