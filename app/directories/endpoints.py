"""Doors of directories: the mirror as people read it."""

from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Security
from fastapi.responses import Response

from app.access.guard import BEARER, may
from app.access.principal import Principal
from app.access.roles import ADMINS
from app.connections.providers import DIRECTORIES
from app.directories.models import Directory, DirectoryGroup
from app.directories.reading_repository import PeopleFilter, Reading
from app.directories.schemas import DirectoryGroupShape, DirectoryShape, DirectoryUserShape
from app.http.answers import json_answer
from app.http.dependencies import RuntimeDep, UnitsDep
from app.http.handlers import to_response
from app.http.openapi import PROBLEMS
from app.http.pagination import PageDep, list_answer
from app.http.schemas import List
from app.http.wire import wire
from app.organizations import service as organizations
from app.problems import NotFound
from app.uow import UnitOfWork

router = APIRouter(prefix="/api/directories", tags=["directories"], dependencies=[Security(BEARER)])
READ = "directories:read"
Reader = Annotated[Principal, Depends(may(READ))]
DirectoryId = Annotated[str, Path(max_length=256, description="Directory id, ours or WorkOS's.")]
Search = Annotated[str | None, Query(max_length=256, description="Part of a name or an address.")]
State = Literal["linked", "validating", "invalid_credentials", "unlinked", "deleting", "deleted"]
PersonState = Literal["active", "inactive", "deleted", "unmanaged"]
_PROVIDERS = {provider["type"]: provider["id"] for provider in DIRECTORIES}
_FAULTS = PROBLEMS(401, 403, 404, 422, 503)


async def required(uow: UnitOfWork, reference: str) -> Directory:
    """Return the directory that a path names, as far as the unit sees; raises NotFound."""
    found = await Reading(uow).find(reference)
    if found is None:
        raise NotFound
    return found


@router.get("", operation_id="listDirectories", summary="Directories", response_model=List[DirectoryShape],
            responses=_FAULTS)  # fmt: skip
async def list_directories(  # noqa: PLR0913 -- each is a query parameter
    principal: Reader,
    units: UnitsDep,
    runtime: RuntimeDep,
    page: PageDep,
    organization: Annotated[str | None, Query(max_length=256, description="Organization id, ours or WorkOS's.")] = None,
    state: Annotated[State | None, Query(description="Only directories in this state.")] = None,
) -> Response:
    """List directories; deleted ones only where that state is asked for."""
    bound_to = f"directories|{principal.organization_id}"
    async with units.reading(principal, READ) as uow:
        owner = await organizations.require(uow, organization) if organization else None
        reading = Reading(uow)
        found = await reading.page(
            page.request(runtime.cursors, bound_to=bound_to), organization=owner and owner.id, state=state
        )
        counts = await reading.counts([row.id for row in found.rows])
    return to_response(
        list_answer(found, lambda row: shape(row, counts.get(row.id)), runtime.cursors, bound_to=bound_to)
    )


@router.get("/{directory_id}", operation_id="readDirectory", summary="A directory", response_model=DirectoryShape,
            responses=_FAULTS)  # fmt: skip
async def read_directory(directory_id: DirectoryId, principal: Reader, units: UnitsDep) -> Response:
    """Read one directory, by our id or WorkOS's."""
    async with units.reading(principal, READ) as uow:
        found = await required(uow, directory_id)
        counts = await Reading(uow).counts([found.id])
    return to_response(json_answer(shape(found, counts.get(found.id))))


@router.get("/{directory_id}/users", operation_id="listDirectoryUsers", summary="People of a directory",
            response_model=List[DirectoryUserShape], responses=_FAULTS)  # fmt: skip
async def list_people(  # noqa: PLR0913 -- each is a query parameter
    directory_id: DirectoryId,
    principal: Reader,
    units: UnitsDep,
    runtime: RuntimeDep,
    page: PageDep,
    state: Annotated[PersonState | None, Query(description="Only people in this state.")] = None,
    email: Annotated[str | None, Query(max_length=256, description="The whole address.")] = None,
    group: Annotated[str | None, Query(max_length=256, description="Group id, ours or WorkOS's.")] = None,
    search: Search = None,
) -> Response:
    """List the people of a directory; those who are gone only with `state=deleted`."""
    bound_to = f"directory_users|{principal.organization_id}|{directory_id}"
    async with units.reading(principal, READ) as uow:
        home = await required(uow, directory_id)
        reading = Reading(uow)
        wanted = PeopleFilter(state, email, group, search)
        found = await reading.people(home.id, page.request(runtime.cursors, bound_to=bound_to), wanted)
        texts = await reading.shown(found.rows)
    return to_response(
        list_answer(found, lambda row: _person(principal, texts[row.id]), runtime.cursors, bound_to=bound_to)
    )


@router.get("/{directory_id}/users/{user_id}", operation_id="readDirectoryUser", summary="A person of a directory",
            response_model=DirectoryUserShape, responses=_FAULTS)  # fmt: skip
async def read_person(
    directory_id: DirectoryId,
    user_id: Annotated[str, Path(max_length=256, description="Directory user id, ours or WorkOS's.")],
    principal: Reader,
    units: UnitsDep,
) -> Response:
    """Read one person of a directory."""
    async with units.reading(principal, READ) as uow:
        home = await required(uow, directory_id)
        found = await Reading(uow).person(home.id, user_id)
        if found is None:
            raise NotFound
        texts = await Reading(uow).shown([found])
    return to_response(json_answer(_person(principal, texts[found.id])))


@router.get("/{directory_id}/groups", operation_id="listDirectoryGroups", summary="Groups of a directory",
            response_model=List[DirectoryGroupShape], responses=_FAULTS)  # fmt: skip
async def list_groups(  # noqa: PLR0913 -- each is a query parameter
    directory_id: DirectoryId,
    principal: Reader,
    units: UnitsDep,
    runtime: RuntimeDep,
    page: PageDep,
    search: Search = None,
) -> Response:
    """List the groups of a directory."""
    bound_to = f"directory_groups|{principal.organization_id}|{directory_id}"
    async with units.reading(principal, READ) as uow:
        home = await required(uow, directory_id)
        reading = Reading(uow)
        found = await reading.groups(home.id, page.request(runtime.cursors, bound_to=bound_to), search)
        counts = await reading.members_counts([row.id for row in found.rows])
    return to_response(
        list_answer(found, lambda row: group_shape(row, counts.get(row.id, 0)), runtime.cursors, bound_to=bound_to)
    )


@router.get("/{directory_id}/groups/{group_id}/users", operation_id="listDirectoryGroupUsers",
            summary="Members of a group", response_model=List[DirectoryUserShape], responses=_FAULTS)  # fmt: skip
async def list_members(  # noqa: PLR0913 -- as above
    directory_id: DirectoryId,
    group_id: Annotated[str, Path(max_length=256, description="Group id, ours or WorkOS's.")],
    principal: Reader,
    units: UnitsDep,
    runtime: RuntimeDep,
    page: PageDep,
) -> Response:
    """List the members of a group."""
    bound_to = f"directory_members|{principal.organization_id}|{directory_id}|{group_id}"
    async with units.reading(principal, READ) as uow:
        home = await required(uow, directory_id)
        reading = Reading(uow)
        if await reading.group(home.id, group_id) is None:
            raise NotFound
        wanted = PeopleFilter(group=group_id)
        found = await reading.people(home.id, page.request(runtime.cursors, bound_to=bound_to), wanted)
        texts = await reading.shown(found.rows)
    return to_response(
        list_answer(found, lambda row: _person(principal, texts[row.id]), runtime.cursors, bound_to=bound_to)
    )


def shape(row: Directory, counts: tuple[int, int] | None) -> dict[str, Any]:
    """Return a directory's wire shape (contract.md)."""
    users, groups = counts or (0, 0)
    return {
        "object": "directory",
        "id": row.id,
        "workos_id": row.workos_id,
        "organization_id": row.organization_id,
        "name": row.name,
        "type": row.type,
        "provider": _PROVIDERS.get(row.type, "generic"),
        "state": row.state,
        "scim_endpoint": None,
        "users_count": users,
        "groups_count": groups,
        "last_synced_at": wire(row.last_synced_at),
        "created_at": wire(row.created_at),
        "updated_at": wire(row.updated_at),
    }


def group_shape(row: DirectoryGroup, members: int) -> dict[str, Any]:
    """Return a group's wire shape (contract.md)."""
    return {
        "object": "directory_group",
        "id": row.id,
        "workos_id": row.workos_id,
        "directory_id": row.directory_id,
        "organization_id": row.organization_id,
        "idp_id": row.idp_id,
        "name": row.name,
        "roles": [row.role] if row.role else [],
        "members_count": members,
        "updated_at": wire(row.updated_at),
    }


def _person(principal: Principal, text: str) -> Any:  # noqa: ANN401 -- JSON, ready or not
    """Return a person as this principal may see them: client users see no attributes (contract.md)."""
    if ADMINS.intersection(principal.roles):
        return msgspec.Raw(text.encode())
    told: dict[str, Any] = msgspec.json.decode(text)
    return {key: value for key, value in told.items() if key != "custom_attributes"}
