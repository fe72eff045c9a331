"""The statements over a tenant's attribute mapping: which attributes feed which fields, as it is written down."""

from collections.abc import Collection
from dataclasses import dataclass

from app.db.driver import fetch, fetch_one
from app.uow import UnitOfWork

_READ = """
select p.attribute_mappings, p.attribute_mappings_version, o.workos_id from organization_policies p
join organizations o on o.id = p.organization_id where p.organization_id = $1
"""
_WRITE = """
update organization_policies
set attribute_mappings = $2, attribute_mappings_version = coalesce(attribute_mappings_version, 0) + 1
where organization_id = $1 and ($3::bigint[] is null or coalesce(attribute_mappings_version, 0) = any ($3))
returning attribute_mappings_version
"""


@dataclass(frozen=True, slots=True)
class WrittenMapping:
    """A tenant's mapping: its version (0: never written), what is written (None: the default one), whose it is."""

    version: int
    written: str | None
    organization_workos_id: str | None


class AttributeMappings:
    """The attribute mapping of one tenant."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def read(self) -> WrittenMapping:
        """Return what counts now."""
        row = await fetch_one(self._uow.driver, _READ, self._uow.tenant)
        assert row is not None  # noqa: S101 -- every tenant has its policy, made with it
        return WrittenMapping(row["attribute_mappings_version"] or 0, row["attribute_mappings"], row["workos_id"])

    async def written(self) -> str | None:
        """Return the mapping as it is written, None for the default one."""
        return (await self.read()).written

    async def write(self, written: str | None, *, versions: Collection[int] | None) -> int | None:
        """Make this the mapping and return its version; None where what counts is none of `versions`."""
        rows = await fetch(
            self._uow.driver, _WRITE, self._uow.tenant, written, None if versions is None else list(versions)
        )
        return rows[0]["attribute_mappings_version"] if rows else None
