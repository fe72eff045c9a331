"""Doors of attribute mappings: which attributes feed which fields."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Security
from fastapi.responses import Response

from app.access.guard import BEARER, may
from app.access.principal import Principal
from app.http.answers import json_answer
from app.http.dependencies import RuntimeDep, UnitsDep
from app.http.handlers import to_response
from app.http.openapi import PROBLEMS
from app.http.versions import VersionsDep, etag
from app.organizations import service as organizations
from app.organizations.attribute_repository import WrittenMapping
from app.sso import mapping
from app.sso.mapping_schemas import AttributeMappingsRequest, AttributeMappingsShape
from app.users.attributes import DEFAULTS, REQUIRED, mapping_of

router = APIRouter(prefix="/api/organizations", tags=["sign-in settings"], dependencies=[Security(BEARER)])
_CONFIGURE: Final = "sso:configure"
Configurer = Annotated[Principal, Depends(may(_CONFIGURE))]
RecentConfigurer = Annotated[Principal, Depends(may(_CONFIGURE, recent=True))]
Reference = Annotated[str, Path(description="Organization id, ours or WorkOS's.")]


@router.get(
    "/{organization_id}/attribute-mappings",
    operation_id="readAttributeMappings",
    summary="Attribute mappings",
    response_model=AttributeMappingsShape,
    responses=PROBLEMS(401, 403, 404, 422, 503),
)
async def read_attribute_mappings(organization_id: Reference, principal: Configurer, units: UnitsDep) -> Response:
    """Read which attributes of identity provider and directory feed which fields, in order of preference."""
    async with units.reading(principal, _CONFIGURE) as uow:
        home = (await organizations.require(uow, organization_id)).id
    async with units.acting(principal, home) as uow:
        return _answer(home, await mapping.read(uow))


@router.put(
    "/{organization_id}/attribute-mappings",
    operation_id="replaceAttributeMappings",
    summary="Replace attribute mappings",
    response_model=AttributeMappingsShape,
    responses=PROBLEMS(400, 401, 403, 404, 412, 413, 415, 422, 503),
)
async def replace_attribute_mappings(  # noqa: PLR0913, PLR0917 -- path, body and four dependencies
    organization_id: Reference,
    wanted: AttributeMappingsRequest,
    principal: RecentConfigurer,
    units: UnitsDep,
    runtime: RuntimeDep,
    versions: VersionsDep,
) -> Response:
    """Make this the mapping: it counts from the next sign-in, directory event and full sync on.

    What feeds `roles` only says where a sign-in's groups are read; which role a group gives stays with the role
    mappings. Memberships of a directory are not attributes, so `roles` says nothing of those.
    """
    async with units.reading(principal, _CONFIGURE) as uow:
        home = (await organizations.require(uow, organization_id)).id
    async with units.acting(principal, home) as uow:
        found = await mapping.replace(
            uow,
            wanted.mappings.model_dump(exclude_none=True),
            own=principal.roles,
            platform=runtime.config.platform_organization,
            versions=versions,
        )
    return _answer(home, found)


def _answer(home: UUID, found: WrittenMapping) -> Response:
    shape: dict[str, Any] = {
        "object": "attribute_mappings",
        "organization_id": home,
        "version": found.version,
        "source": "default" if found.written is None else "organization",
        "mappings": mapping_of(found.written),
        "defaults": DEFAULTS,
        "required": REQUIRED,
    }
    return to_response(json_answer(shape, headers=[etag(found.version)]))
