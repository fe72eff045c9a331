"""Every statement over organizations, their policies and their domains."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, or_, select, update
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.lane import Lane
from app.db.repository import PageRequest, Slice, read_page
from app.organizations.models import Organization, OrganizationDomain, OrganizationPolicy

NIL = UUID(int=0)


def matching(reference: str) -> Any:  # noqa: ANN401 -- a SQL condition
    """Return the condition that a reference names this organization: our UUID or WorkOS's id."""
    try:
        return Organization.id == UUID(reference)
    except ValueError:
        return Organization.workos_id == reference


def _put(rows: Sequence[dict[str, Any]], *, only_newer: bool = False) -> Insert:
    incoming = insert(OrganizationDomain).values(rows)
    is_newer = or_(
        OrganizationDomain.workos_id.is_(None),
        OrganizationDomain.workos_id == incoming.excluded.workos_id,
        OrganizationDomain.updated_at < incoming.excluded.updated_at,
    )
    return incoming.on_conflict_do_update(
        index_elements=["organization_id", "domain"],
        set_={name: incoming.excluded[name] for name in ("workos_id", "state", "updated_at")},
        where=is_newer if only_newer else None,
    )


class Organizations:
    """One tenant's own row and what hangs on it."""

    def __init__(self, db: AsyncSession, organization: UUID) -> None:
        self._db = db
        self._organization = organization

    def _scoped(self) -> Select[Organization]:
        return select(Organization).where(Organization.id == self._organization)

    async def find(self, reference: str) -> Organization | None:
        """Return the tenant itself, when the reference names it."""
        return await self._db.scalar(self._scoped().where(matching(reference)))

    async def page(self, page: PageRequest[UUID]) -> Slice[Organization]:
        """Return a page of at most one: the tenant itself."""
        return await read_page(self._db, self._scoped(), Organization.id, page)

    async def get(self) -> Organization | None:
        """Return the tenant's row."""
        return await self._db.scalar(self._scoped())

    async def insert_once(self, row: dict[str, Any]) -> bool:
        """Insert the tenant and its default policy; return False when its WorkOS id or slug is taken."""
        created = await self._db.scalar(
            insert(Organization).values(**row).on_conflict_do_nothing().returning(Organization.id)
        )
        if created is None:
            return False
        await self._db.execute(insert(OrganizationPolicy).values(organization_id=self._organization))
        return True

    async def change(self, values: dict[str, Any], *, versions: Collection[int] | None) -> Organization | None:
        """Update the tenant's row; return None when its version is none of these (RFC 9110 section 13.1.1)."""
        statement = update(Organization).where(Organization.id == self._organization)
        if versions is not None:
            statement = statement.where(Organization.version.in_(versions))
        return await self._db.scalar(
            statement.values(**values, version=Organization.version + 1).returning(Organization)
        )

    async def domains(self) -> Sequence[OrganizationDomain]:
        """Return the tenant's domains by name."""
        return (
            await self._db.scalars(
                select(OrganizationDomain)
                .where(OrganizationDomain.organization_id == self._organization)
                .order_by(OrganizationDomain.domain)
            )
        ).all()

    async def replace_domains(self, rows: Iterable[dict[str, Any]], *, but_for: Collection[str] = ()) -> None:
        """Make the tenant's domains exactly these; those with WorkOS's ids in `but_for` are left as they are."""
        wanted = list(rows)
        await self._db.execute(
            delete(OrganizationDomain).where(
                OrganizationDomain.organization_id == self._organization,
                OrganizationDomain.domain.not_in([row["domain"] for row in wanted]),
                or_(OrganizationDomain.workos_id.is_(None), OrganizationDomain.workos_id.not_in(but_for)),
            )
        )
        if wanted:
            await self._db.execute(_put(wanted))

    async def follow_domain(self, row: dict[str, Any]) -> bool:
        """Insert or update a domain by its name; False when the name has another id by newer news."""
        mine = _put([row], only_newer=True).returning(OrganizationDomain.id)
        return await self._db.scalar(mine) is not None

    async def remove_domain(self, workos_id: str) -> str | None:
        """Delete the domain with this WorkOS id; return its name, None when the tenant has none."""
        return await self._db.scalar(
            delete(OrganizationDomain)
            .where(OrganizationDomain.organization_id == self._organization, OrganizationDomain.workos_id == workos_id)
            .returning(OrganizationDomain.domain)
        )


class OrganizationLookups:
    """Organizations by exact key, before the tenant is known."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def id_of(self, reference: str) -> UUID | None:
        """Return our id of the organization that our UUID or WorkOS's id names."""
        rows = await self._lane.fetch(
            "select distinct organization_id from login_targets(array['organization'], array[$1::text])", reference
        )
        return rows[0]["organization_id"] if len(rows) == 1 else None


class UnscopedOrganizations:
    """Every tenant, for platform admins; on a pool whose role may only read."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def find(self, reference: str) -> Organization | None:
        """Return the organization that the reference names; the nil one is nobody's."""
        return await self._db.scalar(select(Organization).where(matching(reference), Organization.id != NIL))

    async def page(self, page: PageRequest[UUID]) -> Slice[Organization]:
        """Return a page of all tenants."""
        return await read_page(self._db, select(Organization).where(Organization.id != NIL), Organization.id, page)

    async def domains_of(self, organizations: Sequence[UUID]) -> dict[UUID, list[OrganizationDomain]]:
        """Return the domains of these organizations, in one statement."""
        found: dict[UUID, list[OrganizationDomain]] = {identifier: [] for identifier in organizations}
        rows = await self._db.scalars(
            select(OrganizationDomain)
            .where(OrganizationDomain.organization_id.in_(organizations))
            .order_by(OrganizationDomain.domain)
        )
        for row in rows:
            found[row.organization_id].append(row)
        return found


def created(identifier: UUID, *, name: str, slug: str, workos_id: str | None, now: datetime) -> dict[str, Any]:
    """Return the values of a new organization's row."""
    return {
        "id": identifier,
        "name": name,
        "slug": slug,
        "workos_id": workos_id,
        "state": "active",
        "created_at": now,
        "updated_at": now,
    }
