"""Control routes over tenants: state at a glance, organizations, domains, connections, directories, reset, switches."""

from dataclasses import asdict
from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import Field

from sandbox import wire
from sandbox.control_access import Body, TheControls
from sandbox.control_people import person_shape
from sandbox.controls import Controls
from sandbox.wire_people import directory_group

router = APIRouter(tags=["tenants"])


class OrganizationBody(Body):
    """Fields of an organization."""

    name: str = ""
    external_id: str | None = None
    metadata: dict[str, str] = Field(default_factory=dict)
    allow_profiles_outside_organization: bool = False


class DomainBody(Body):
    """A domain to add."""

    organization: str
    domain: str
    state: str = "verified"


class StateBody(Body):
    """A new state."""

    state: str


class ConnectionBody(Body):
    """Fields of a connection."""

    organization: str = ""
    name: str = ""
    type: str = "GenericSAML"
    state: str = "active"
    wire: Literal["current", "legacy"] = "current"
    sends_groups: bool = True
    idp_initiated: bool = True
    fail_with: str | None = None


class DirectoryBody(Body):
    """Fields of a directory."""

    organization: str = ""
    name: str = ""
    type: str = "generic scim v2.0"
    state: str = "linked"
    domain: str | None = None
    wire: Literal["current", "legacy"] = "current"


class SwitchesBody(Body):
    """Switches of the whole twin; `record_hits` is one too."""

    code_seconds: int | None = None
    token_seconds: int | None = None
    portal_seconds: int | None = None
    rate_limits: bool | None = None
    connections_api: bool | None = None
    events_history_seconds: float | None = None
    events_delay_seconds: float | None = None
    sync_seconds: float | None = None
    send_webhooks: bool | None = None
    webhook_concurrency: int | None = Field(default=None, ge=1)
    webhook_retry_seconds: float | None = Field(default=None, ge=0)
    resign_retries: bool | None = None
    record_hits: bool | None = None


class ResetBody(Body):
    """How to begin anew."""

    random_seed: int | None = None


@router.get("/state")
async def state(controls: TheControls) -> dict[str, Any]:
    """Everything the twin knows, with the credentials a client needs."""
    world = controls.world
    return {
        "credentials": asdict(world.credentials),
        "switches": asdict(world.switches),
        "random_seed": world.ids.seed,
        "organizations": [wire.organization(world, each) for each in world.organizations.values()],
        "connections": [connection_shape(controls, each.id) for each in world.connections.values()],
        "directories": [wire.directory(world, each) | {"wire": each.wire} for each in world.directories.values()],
        "groups": [directory_group(each) | {"members": sorted(each.members)} for each in world.groups.values()],
        "people": [person_shape(controls, each) for each in world.people.values()],
        "webhook_endpoints": [wire.endpoint(each) for each in world.endpoints.values()],
    }


@router.post("/reset")
async def reset(controls: TheControls, body: ResetBody | None = None) -> dict[str, Any]:
    """Back to the seed, faults and hits cleared; another `random_seed` gives other ids."""
    controls.reset(body.random_seed if body else None)
    return {"random_seed": controls.world.ids.seed}


@router.patch("/switches")
async def set_switches(controls: TheControls, body: SwitchesBody) -> dict[str, Any]:
    """Turn switches; those not named stay."""
    given = body.model_dump(exclude_none=True)
    if "record_hits" in given:
        controls.record_hits(on=given.pop("record_hits"))
    controls.set_switches(**given)
    return asdict(controls.world.switches)


@router.post("/organizations", status_code=201)
async def add_organization(controls: TheControls, body: OrganizationBody) -> dict[str, Any]:
    """Add an organization."""
    return wire.organization(controls.world, controls.add_organization(**body.model_dump()))


@router.patch("/organizations/{organization}")
async def change_organization(controls: TheControls, organization: str, body: OrganizationBody) -> dict[str, Any]:
    """Change an organization (id, external id or name)."""
    changed = controls.change_organization(organization, **body.model_dump(exclude_unset=True))
    return wire.organization(controls.world, changed)


@router.delete("/organizations/{organization}", status_code=204)
async def remove_organization(controls: TheControls, organization: str) -> Response:
    """Remove an organization and everything in it."""
    controls.remove_organization(organization)
    return Response(status_code=204)


@router.post("/domains", status_code=201)
async def add_domain(controls: TheControls, body: DomainBody) -> dict[str, Any]:
    """Add a domain to an organization."""
    return wire.domain(controls.add_domain(**body.model_dump()))


@router.patch("/domains/{domain}")
async def change_domain(controls: TheControls, domain: str, body: StateBody) -> dict[str, Any]:
    """Change a domain's state."""
    return wire.domain(controls.change_domain(domain, state=body.state))


@router.delete("/domains/{domain}", status_code=204)
async def remove_domain(controls: TheControls, domain: str) -> Response:
    """Remove a domain."""
    controls.remove_domain(domain)
    return Response(status_code=204)


@router.post("/connections", status_code=201)
async def add_connection(controls: TheControls, body: ConnectionBody) -> dict[str, Any]:
    """Add a connection."""
    return connection_shape(controls, controls.add_connection(**body.model_dump()).id)


@router.patch("/connections/{connection}")
async def change_connection(controls: TheControls, connection: str, body: ConnectionBody) -> dict[str, Any]:
    """Change a connection (id or name): its state, its wire form, the error its logins end in."""
    changes = body.model_dump(exclude_unset=True)
    if "organization" in changes:
        changes["organization_id"] = controls.world.organization(changes.pop("organization")).id
    return connection_shape(controls, controls.change_connection(connection, **changes).id)


@router.delete("/connections/{connection}", status_code=204)
async def remove_connection(controls: TheControls, connection: str) -> Response:
    """Remove a connection."""
    controls.remove_connection(connection)
    return Response(status_code=204)


@router.post("/directories", status_code=201)
async def add_directory(controls: TheControls, body: DirectoryBody) -> dict[str, Any]:
    """Add a directory."""
    return wire.directory(controls.world, controls.add_directory(**body.model_dump()))


@router.patch("/directories/{directory}")
async def change_directory(controls: TheControls, directory: str, body: DirectoryBody) -> dict[str, Any]:
    """Change a directory (id or name)."""
    changed = controls.change_directory(directory, **body.model_dump(exclude_unset=True, exclude={"organization"}))
    return wire.directory(controls.world, changed)


@router.delete("/directories/{directory}", status_code=204)
async def remove_directory(controls: TheControls, directory: str) -> Response:
    """Remove a directory with its groups."""
    controls.remove_directory(directory)
    return Response(status_code=204)


def connection_shape(controls: Controls, connection_id: str) -> dict[str, Any]:
    """Return a connection as WorkOS shows it, with the twin's own switches beside."""
    found = controls.world.connections[connection_id]
    own = {name: getattr(found, name) for name in ("wire", "sends_groups", "idp_initiated", "fail_with", "options")}
    own["certificates"] = [{"id": each.id, "not_after": wire.instant(each.not_after)} for each in found.certificates]
    return wire.connection(controls.world, found) | own
