"""Plant a World from a checked seed, in the order of the file, so that ids follow from it."""

from sandbox.ids import Ids
from sandbox.people import PeopleControls
from sandbox.seed import OrganizationSeed, PersonSeed, WorldSeed
from sandbox.state import Credentials, Switches, World
from sandbox.tenants import TenantControls


class _Planter(TenantControls, PeopleControls):
    """The controls, before there is a running twin."""


def plant(seed: WorldSeed) -> World:
    """Return a fresh World with everything the seed names."""
    credentials = Credentials(list(seed.api_keys), seed.client_id, list(seed.redirect_uris), seed.default_redirect_uri)
    world = World(ids=Ids(seed.random_seed), credentials=credentials, switches=Switches(**seed.switches))  # pyright: ignore[reportArgumentType] - checked by the dataclass's own names
    world.planting = True
    planter = _Planter(world)
    for organization in seed.organizations:
        _plant_organization(planter, organization)
    world.planting = False
    return world


def _plant_organization(planter: _Planter, seed: OrganizationSeed) -> None:
    """Everything of one tenant: domains, connections, directory, groups, people."""
    fields = seed.model_dump(include={"id", "external_id", "metadata", "allow_profiles_outside_organization"})
    organization = planter.add_organization(seed.name, **fields)
    for domain in seed.domains:
        planter.add_domain(organization.id, **domain.model_dump())
    for connection in seed.connections:
        planter.add_connection(organization.id, **connection.model_dump())
    directory = planter.add_directory(organization.id, **seed.directory.model_dump()) if seed.directory else None
    for name in seed.groups:
        planter.add_group(organization.id, name, directory=directory.id if directory else None)
    for person in seed.people:
        _plant_person(planter, organization.id, person, directory.id if directory else None)
    if seed.generated_people:
        planter.generate_people(organization.id, seed.generated_people)


def _plant_person(planter: _Planter, organization_id: str, seed: PersonSeed, directory_id: str | None) -> None:
    """One person with memberships."""
    fields = seed.model_dump(exclude={"directory"})
    planter.add_person(organization_id, directory=directory_id if seed.directory else None, **fields)
