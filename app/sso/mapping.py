"""Verbs of attribute mappings: read what counts, make another count."""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from app.access.principal import require_operator_at_home
from app.audit import service as audit
from app.organizations.attribute_repository import AttributeMappings, WrittenMapping
from app.organizations.errors import VersionOutdated
from app.uow import UnitOfWork
from app.users.attributes import DEFAULTS


async def read(uow: UnitOfWork) -> WrittenMapping:
    """Return the mapping of the unit's tenant."""
    return await AttributeMappings(uow).read()


async def replace(
    uow: UnitOfWork,
    wanted: Mapping[str, Sequence[str]],
    *,
    own: Collection[str],
    platform: str | None,
    versions: Collection[int] | None,
) -> WrittenMapping:
    """Make this the mapping of the unit's tenant: from the next sign-in, event and full sync on it counts.

    Args:
        uow: a unit of the tenant.
        wanted: the fields that are not fed as by default.
        own: the roles of who asks.
        platform: WorkOS's id of the one organization whose people may be platform administrators.
        versions: only where the mapping in force is one of these versions; None for any.

    Raises:
        NotPermitted: by what feeds address and roles there, the caller could become more than they are.
        VersionOutdated: the mapping is of another version.
    """
    repository = AttributeMappings(uow)
    before = await repository.read()
    require_operator_at_home(before.organization_workos_id, platform=platform, own=own)
    kept = {field: list(paths) for field, paths in wanted.items() if tuple(paths) != tuple(DEFAULTS[field])}
    written = msgspec.json.encode(kept).decode() if kept else None
    version = await repository.write(written, versions=versions)
    if version is None:
        raise VersionOutdated
    await audit.record(
        uow, "attribute_mappings.changed", targets=[("organization", uow.tenant)], version=version, mappings=kept
    )
    return WrittenMapping(version, written, before.organization_workos_id)
