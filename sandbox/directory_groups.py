"""`/directory_groups`: the groups of a directory or of a user."""

from typing import Any

from fastapi import APIRouter, Depends

from sandbox import wire_people
from sandbox.access import TheWorld, require_api_key
from sandbox.directories import require_directory
from sandbox.paging import AskedWindow, page
from sandbox.refusals import invalid, not_found

router = APIRouter(prefix="/directory_groups", dependencies=[Depends(require_api_key)])


@router.get("")
async def list_groups(
    world: TheWorld,
    asked: AskedWindow,
    directory: str | None = None,
    user: str | None = None,
) -> dict[str, Any]:
    """List directory groups; `directory` or `user` is needed."""
    if not directory and not user:
        raise invalid("Either directory or user must be given.", directory="required", user="required")
    found = [group for group in world.groups.values() if group.directory_id]
    if directory:
        home = require_directory(world, directory).id
        found = [group for group in found if group.directory_id == home]
    if user:
        person = world.people.get(user)
        if not person or not person.directory_id:
            raise not_found("Directory User", user)
        found = [g for g in found if user in g.members and g.directory_id == person.directory_id]
    return page(world, found, asked, wire_people.directory_group)


@router.get("/{group_id}")
async def get_group(world: TheWorld, group_id: str) -> dict[str, Any]:
    """Return one directory group."""
    group = world.groups.get(group_id)
    if not group or not group.directory_id:
        raise not_found("Directory Group", group_id)
    return wire_people.directory_group(group)
