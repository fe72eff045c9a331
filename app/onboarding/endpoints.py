"""Doors of tenants: /api/organizations."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Security
from fastapi.responses import Response

from app.access.guard import BEARER, may
from app.access.principal import Principal
from app.access.roles import CLIENT_ADMIN, PLATFORM_ADMIN
from app.http.answers import Answer, json_answer
from app.http.dependencies import RuntimeDep, Units, UnitsDep, person
from app.http.handlers import to_response
from app.http.openapi import PROBLEMS
from app.http.pagination import PageDep, list_answer
from app.http.schemas import List
from app.http.versions import VersionsDep, etag
from app.http.wire import wire
from app.onboarding import flow
from app.onboarding.schemas import ChangeOrganization, CreateOrganization, OrganizationName, OrganizationShape
from app.organizations import service as organizations
from app.organizations.models import Organization, OrganizationDomain
from app.organizations.repository import Organizations, UnscopedOrganizations
from app.portal import service as portal
from app.problems import Invalid
from app.sessions import service as sessions

router = APIRouter(prefix="/api/organizations", tags=["organizations"], dependencies=[Security(BEARER)])
Reader = Annotated[Principal, Depends(may("organizations:read"))]
Manager = Annotated[Principal, Depends(may("organizations:manage"))]
Reference = Annotated[str, Path(description="Organization id, ours or WorkOS's.")]
_READ = "organizations:read"


@router.get(
    "",
    operation_id="listOrganizations",
    summary="Organizations",
    response_model=List[OrganizationShape | OrganizationName],
    responses=PROBLEMS(401, 403, 422, 503),
)
async def list_organizations(principal: Reader, units: UnitsDep, runtime: RuntimeDep, page: PageDep) -> Response:
    """List every tenant (platform admins), or the caller's own."""
    bound_to = f"organizations|{principal.organization_id}"
    async with units.reading(principal, _READ) as uow:
        repository = (
            UnscopedOrganizations(uow.db) if uow.organization is None else Organizations(uow.db, uow.organization)
        )
        found = await repository.page(page.request(runtime.cursors, bound_to=bound_to))
        domains = await UnscopedOrganizations(uow.db).domains_of([row.id for row in found.rows])
    shaped = shape_for(principal)
    return to_response(list_answer(found, lambda row: shaped(row, domains[row.id]), runtime.cursors, bound_to=bound_to))


@router.post(
    "",
    operation_id="createOrganization",
    summary="Create or link an organization",
    response_model=OrganizationShape,
    status_code=201,
    responses=PROBLEMS(400, 401, 403, 404, 409, 413, 422, 502, 503),
)
async def create_organization(
    body: CreateOrganization, principal: Manager, units: UnitsDep, runtime: RuntimeDep
) -> Response:
    """Without `workos_id` the organization is created in WorkOS too; with it, it is imported from there at once."""
    identifier = await flow.create(
        runtime, name=body.name, workos_id=body.workos_id, actor=person(units.exchange, principal)
    )
    answer = await _read(units, principal, str(identifier))
    location = (b"location", f"/api/organizations/{identifier}".encode("ascii"))
    return to_response(Answer(201, answer.body, (*answer.headers, location)))


@router.get(
    "/{organization_id}",
    operation_id="readOrganization",
    summary="An organization",
    response_model=OrganizationShape | OrganizationName,
    responses=PROBLEMS(401, 403, 404, 422, 503),
)
async def read_organization(organization_id: Reference, principal: Reader, units: UnitsDep) -> Response:
    """Read a tenant, by our id or WorkOS's. `ETag` names its version."""
    return to_response(await _read(units, principal, organization_id))


@router.patch(
    "/{organization_id}",
    operation_id="changeOrganization",
    summary="Rename, suspend or resume an organization",
    response_model=OrganizationShape,
    responses=PROBLEMS(400, 401, 403, 404, 412, 413, 422, 503),
)
async def change_organization(
    organization_id: Reference,
    body: ChangeOrganization,
    principal: Manager,
    units: UnitsDep,
    wanted: VersionsDep,
) -> Response:
    """Suspending ends nobody's session row but refuses them all within a second; resuming lets them go on."""
    values = body.model_dump(exclude_unset=True, exclude_none=True)
    if not values:
        raise Invalid("Give `name` or `state`.")
    async with units.reading(principal, _READ) as uow:
        found = await organizations.require(uow, organization_id)
    async with units.acting(principal, found.id) as uow:
        changed = await organizations.change(uow, values, versions=wanted)
        await sessions.organization_changed(uow, suspended=changed.state == "suspended")
        if values.get("state") == "suspended":
            await portal.revoke_all(uow)
        domains = await UnscopedOrganizations(uow.db).domains_of([changed.id])
    return to_response(_shaped(principal, changed, domains[changed.id]))


async def _read(units: Units, principal: Principal, reference: str) -> Answer:
    async with units.reading(principal, _READ) as uow:
        found = await organizations.require(uow, reference)
        domains = await UnscopedOrganizations(uow.db).domains_of([found.id])
    return _shaped(principal, found, domains[found.id])


def _shaped(principal: Principal, row: Organization, domains: list[OrganizationDomain]) -> Answer:
    shaped = shape_for(principal)(row, domains)
    return json_answer(shaped, headers=[etag(row.version)])


def shape_for(principal: Principal) -> Callable[[Organization, list[OrganizationDomain]], dict[str, Any]]:
    """Return the shape that this person may see: a client user knows their organization's name and domains."""
    known = {CLIENT_ADMIN, PLATFORM_ADMIN}.intersection(principal.roles)
    return shape if known else shape_of_name


def shape_of_name(row: Organization, domains: list[OrganizationDomain]) -> dict[str, Any]:
    """Return what the people of a tenant may know of it (contract.md, capability matrix)."""
    return {
        "object": "organization",
        "id": row.id,
        "name": row.name,
        "domains": [{"domain": found.domain, "state": found.state} for found in domains],
    }


def shape(row: Organization, domains: list[OrganizationDomain]) -> dict[str, Any]:
    """Return a tenant's wire shape (contract.md)."""
    return {
        **shape_of_name(row, domains),
        "workos_id": row.workos_id,
        "slug": row.slug,
        "state": row.state,
        "created_at": wire(row.created_at),
        "updated_at": wire(row.updated_at),
    }
