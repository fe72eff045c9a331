"""`/directory_users`: the people of a directory or of a group."""

from typing import Any

from fastapi import APIRouter, Depends

from sandbox import wire_people
from sandbox.access import TheWorld, require_api_key
from sandbox.directories import require_directory
from sandbox.paging import AskedWindow, page
from sandbox.records import Person
from sandbox.refusals import Refusal, invalid, not_found
from sandbox.state import World

router = APIRouter(prefix="/directory_users", dependencies=[Depends(require_api_key)])


@router.get("")
async def list_users(  # noqa: PLR0913, PLR0917 - one argument per query parameter of WorkOS
    world: TheWorld,
    asked: AskedWindow,
    directory: str | None = None,
    group: str | None = None,
    idp_id: str | None = None,
    email: str | None = None,
) -> dict[str, Any]:
    """List directory users; `directory` or `group` is needed, `idp_id` and `email` need `directory`."""
    if not directory and not group:
        raise invalid("Either directory or group must be given.", directory="required", group="required")
    if (idp_id or email) and not directory:
        raise invalid("idp_id and email need directory.", directory="required")
    people = _of_group(world, group) if group else list(world.people.values())
    if directory:
        home = require_directory(world, directory).id
        _spend(world, home)
        people = [p for p in people if p.directory_id == home]
    found = [
        p for p in people if idp_id in (None, p.idp_id) and (not email or (p.email or "").lower() == email.lower())
    ]
    return page(world, found, asked, lambda person: _shape(world, person))


@router.get("/{user_id}")
async def get_user(world: TheWorld, user_id: str) -> dict[str, Any]:
    """Return one directory user."""
    person = world.people.get(user_id)
    if not person or not person.directory_id:
        raise not_found("Directory User", user_id)
    return _shape(world, person)


def _shape(world: World, person: Person) -> dict[str, Any]:
    return wire_people.directory_user(world, person, world.directories[str(person.directory_id)])


def _of_group(world: World, group_id: str) -> list[Person]:
    """The members of a directory's group."""
    group = world.groups.get(group_id)
    if not group or not group.directory_id:
        raise not_found("Directory Group", group_id)
    members = (world.people[member] for member in group.members if member in world.people)
    return [person for person in members if person.directory_id == group.directory_id]


def _spend(world: World, directory_id: str) -> None:
    """WorkOS allows 4 requests per second and directory, and answers the fifth with a bare JSON string."""
    if not world.switches.rate_limits:
        return
    now = world.now()
    recent = [at for at in world.directory_reads.get(directory_id, []) if now - at < 1.0]
    if len(recent) >= 4:  # noqa: PLR2004 - WorkOS's figure, named above
        raise Refusal(429, "Ratelimited", {"Retry-After": "1"})
    world.directory_reads[directory_id] = [*recent, now]
