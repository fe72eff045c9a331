"""Control routes over people and groups."""

from typing import Any

from fastapi import APIRouter, Response

from sandbox.control_access import Body, TheControls
from sandbox.controls import Controls
from sandbox.records import Person
from sandbox.wire import instant
from sandbox.wire_people import directory_group

router = APIRouter(tags=["people"])


class PersonBody(Body):
    """Fields of a person; `directory` is an id, a name, or null for none; `groups` are names or ids."""

    organization: str = ""
    directory: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    idp_id: str | None = None
    department_name: str | None = None
    job_title: str | None = None
    custom_attributes: dict[str, Any] | None = None
    groups: list[str] | None = None
    state: str = "active"
    role: str = "member"
    sso: bool = True


class ManyBody(Body):
    """How many people to make up."""

    organization: str
    count: int
    directory: str | None = None


class GroupBody(Body):
    """A group to add."""

    organization: str
    name: str
    directory: str | None = None


class RenameBody(Body):
    """A group's new name."""

    name: str


@router.get("/people")
async def list_people(controls: TheControls, organization: str | None = None) -> list[dict[str, Any]]:
    """List people, of one organization when given."""
    home = controls.world.organization(organization).id if organization else None
    return [person_shape(controls, p) for p in controls.world.people.values() if home in (None, p.organization_id)]


@router.post("/people", status_code=201)
async def add_person(controls: TheControls, body: PersonBody) -> dict[str, Any]:
    """Hire somebody."""
    return person_shape(controls, controls.add_person(**body.model_dump()))


@router.post("/people/generate", status_code=201)
async def generate_people(controls: TheControls, body: ManyBody) -> dict[str, int]:
    """Hire many made-up people at once."""
    return {"count": len(controls.generate_people(body.organization, body.count, body.directory))}


@router.patch("/people/{person}")
async def change_person(controls: TheControls, person: str, body: PersonBody) -> dict[str, Any]:
    """Change somebody (id or e-mail). A null `directory` removes from it; one again is a rehire, with a new id."""
    changes = body.model_dump(exclude_unset=True, exclude={"organization"})
    return person_shape(controls, controls.change_person(person, **changes))


@router.delete("/people/{person}", status_code=204)
async def remove_person(controls: TheControls, person: str) -> Response:
    """Dismiss somebody altogether."""
    controls.remove_person(person)
    return Response(status_code=204)


@router.post("/groups", status_code=201)
async def add_group(controls: TheControls, body: GroupBody) -> dict[str, Any]:
    """Add a group."""
    return directory_group(controls.add_group(**body.model_dump()))


@router.patch("/groups/{group}")
async def change_group(controls: TheControls, group: str, body: RenameBody) -> dict[str, Any]:
    """Rename a group."""
    return directory_group(controls.change_group(group, name=body.name))


@router.delete("/groups/{group}", status_code=204)
async def remove_group(controls: TheControls, group: str) -> Response:
    """Remove a group."""
    controls.remove_group(group)
    return Response(status_code=204)


@router.put("/groups/{group}/members/{person}", status_code=204)
async def add_member(controls: TheControls, group: str, person: str) -> Response:
    """Put somebody into a group."""
    controls.add_member(group, person)
    return Response(status_code=204)


@router.delete("/groups/{group}/members/{person}", status_code=204)
async def remove_member(controls: TheControls, group: str, person: str) -> Response:
    """Take somebody out of a group."""
    controls.remove_member(group, person)
    return Response(status_code=204)


def person_shape(controls: Controls, person: Person) -> dict[str, Any]:
    """Return a person with everything the twin knows of them."""
    return {
        "id": person.id,
        "organization_id": person.organization_id,
        "directory_id": person.directory_id,
        "idp_id": person.idp_id,
        "email": person.email,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "state": person.state,
        "sso": person.sso,
        "role": person.role,
        "custom_attributes": person.custom_attributes,
        "groups": [group.name for group in controls.world.groups_of(person)],
        "profile_ids": person.profile_ids,
        "updated_at": instant(person.updated_at),
    }
