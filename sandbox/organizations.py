"""`/organizations`: list, one by id or external id, create, update, delete."""

from typing import Any

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from sandbox import wire
from sandbox.access import TheWorld, require_api_key
from sandbox.paging import AskedWindow, page
from sandbox.records import Organization
from sandbox.refusals import bad_request, invalid, not_found
from sandbox.state import World
from sandbox.tenants import TenantControls

router = APIRouter(prefix="/organizations", dependencies=[Depends(require_api_key)])
CHANGEABLE = {"name", "external_id", "metadata", "allow_profiles_outside_organization"}


class DomainData(BaseModel):
    """A domain in the body of an organization."""

    domain: str
    state: str = "pending"


class OrganizationInput(BaseModel):
    """The body of create and update; unknown fields are ignored, as WorkOS does."""

    name: str | None = None
    external_id: str | None = None
    metadata: dict[str, str] = Field(default_factory=dict)
    allow_profiles_outside_organization: bool = False
    domain_data: list[DomainData] | None = None
    domains: list[str] | None = None

    def changes(self) -> dict[str, Any]:
        """Return the fields that were sent and can be changed."""
        return self.model_dump(exclude_unset=True, include=CHANGEABLE)

    def wanted_domains(self) -> list[tuple[str, str]]:
        """Return the domains asked for, each with its state."""
        given = [(each.domain.lower(), each.state) for each in self.domain_data or []]
        return given + [(name.lower(), "verified") for name in self.domains or []]


@router.get("")
async def list_organizations(
    world: TheWorld,
    asked: AskedWindow,
    domains: str | None = None,
    search: str | None = None,
) -> dict[str, Any]:
    """List organizations; `domains` is comma-separated and exact, `search` looks into name and id."""
    found = [o for o in world.organizations.values() if _matches(world, o, domains, search)]
    return page(world, found, asked, lambda record: wire.organization(world, record))


@router.get("/external_id/{external_id}")
async def get_by_external_id(world: TheWorld, external_id: str) -> dict[str, Any]:
    """Return the organization with an external id."""
    for organization in world.organizations.values():
        if organization.external_id == external_id:
            return wire.organization(world, organization)
    raise not_found("Organization", external_id)


@router.get("/{organization_id}")
async def get_organization(world: TheWorld, organization_id: str) -> dict[str, Any]:
    """Return one organization."""
    return wire.organization(world, _require(world, organization_id))


@router.post("", status_code=201)
async def create_organization(world: TheWorld, body: OrganizationInput) -> dict[str, Any]:
    """Create an organization with `name`, `domain_data`, `external_id`, `metadata`."""
    if not body.name:
        raise invalid("Validation failed", name="required")
    domains = _free_domains(world, body, None)
    made = TenantControls(world, "api").add_organization(**body.changes(), domains=domains)
    return wire.organization(world, made)


@router.put("/{organization_id}")
async def update_organization(world: TheWorld, organization_id: str, body: OrganizationInput) -> dict[str, Any]:
    """Change an organization; `domain_data` replaces its domains."""
    found = _require(world, organization_id)
    controls = TenantControls(world, "api")
    domains = _free_domains(world, body, found.id)
    controls.change_organization(found.id, **body.changes())
    if body.domain_data is not None or body.domains is not None:
        _replace_domains(world, controls, found.id, domains)
    return wire.organization(world, found)


@router.delete("/{organization_id}")
async def delete_organization(world: TheWorld, organization_id: str) -> Response:
    """Delete an organization and what belongs to it."""
    TenantControls(world, "api").remove_organization(_require(world, organization_id).id)
    return Response(status_code=204)


def _require(world: World, organization_id: str) -> Organization:
    """By WorkOS's id only; names are the control API's convenience."""
    if organization_id not in world.organizations:
        raise not_found("Organization", organization_id)
    return world.organizations[organization_id]


def _matches(world: World, record: Organization, domains: str | None, search: str | None) -> bool:
    wanted = {name.strip().lower() for name in (domains or "").split(",") if name.strip()}
    if wanted and not wanted & {each.domain for each in world.domains_of(record.id)}:
        return False
    return not search or search.lower() in record.name.lower() or search == record.id


def _free_domains(world: World, body: OrganizationInput, own_id: str | None) -> list[tuple[str, str]]:
    """The domains a body asks for. Raises 400 when another organization has one."""
    taken = {each.domain for each in world.domains.values() if each.organization_id != own_id}
    wanted = body.wanted_domains()
    for name, _ in wanted:
        if name in taken:
            raise bad_request("domain_already_exists", f"The domain {name} is already in use by another organization.")
    return wanted


def _replace_domains(world: World, controls: TenantControls, owner: str, wanted: list[tuple[str, str]]) -> None:
    """Keep what stays (with its id), add what is new, drop the rest."""
    present = {each.domain: each.id for each in world.domains_of(owner)}
    for name, record_id in present.items():
        if name not in dict(wanted):
            controls.remove_domain(record_id)
    for name, state in wanted:
        if name in present:
            controls.change_domain(present[name], state=state)
        else:
            controls.add_domain(owner, name, state=state)
