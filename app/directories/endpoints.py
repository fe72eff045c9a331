"""Doors of the mirror: directories, their people and groups, to be read."""

import json
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Security
from fastapi.responses import Response

from app.access.guard import BEARER, may
from app.access.principal import Principal
from app.access.roles import ADMINS
from app.connections.providers import provider_of
from app.db.repository import Slice
from app.directories.reading_repository import READ, PeopleFilter, people_listing, readable
from app.directories.schemas import (
    DirectoryGroupShape,
    DirectoryShape,
    DirectoryState,
    DirectoryUserShape,
    PersonState,
)
from app.http.answers import JSON, NO_STORE, Answer, json_answer
from app.http.dependencies import RuntimeDep, UnitsDep
from app.http.handlers import to_response
from app.http.openapi import PROBLEMS
from app.http.pagination import PageDep, list_answer, ready_list_answer
from app.http.schemas import List
from app.http.wire import wire
from app.kit.cursors import Cursors
from app.kit.rows import Row
from app.organizations import service as organizations
from app.problems import NotFound
from app.uow import UnitOfWork

router = APIRouter(prefix="/api/directories", tags=["directories"], dependencies=[Security(BEARER)])
Reader = Annotated[Principal, Depends(may(READ))]
Reference = Annotated[str, Path(description="Directory id, ours or WorkOS's.")]
UserReference = Annotated[str, Path(description="Directory user id, ours or WorkOS's.")]
GroupReference = Annotated[str, Path(description="Directory group id, ours or WorkOS's.")]
Search = Annotated[str | None, Query(max_length=256, description="Part of a name or address, in any case.")]
StateOfPeople = Annotated[PersonState | None, Query(description="Only people in this state; else all but deleted.")]
Email = Annotated[str | None, Query(max_length=320, description="The whole address, A to Z in any case.")]


@router.get(
    "",
    operation_id="listDirectories",
    summary="Directories",
    response_model=List[DirectoryShape],
    responses=PROBLEMS(401, 403, 404, 422, 503),
)
async def list_directories(  # noqa: PLR0913 -- each is a query parameter
    principal: Reader,
    units: UnitsDep,
    runtime: RuntimeDep,
    page: PageDep,
    organization: Annotated[str | None, Query(max_length=256, description="Organization id, ours or WorkOS's.")] = None,
    state: Annotated[
        DirectoryState | None, Query(description="Only directories in this state; else all but deleted.")
    ] = None,
) -> Response:
    """List directories, the newest first."""
    bound_to = f"directories|{principal.organization_id}"
    async with units.reading(principal, READ) as uow:
        owner = await organizations.require(uow, organization) if organization else None
        request = page.request(runtime.cursors, bound_to=bound_to)
        found = await readable(uow).page(request, organization=owner and owner.id, state=state)
        counts = await readable(uow).counts([line.row for line in found.rows])
    return to_response(list_answer(found, lambda line: shape(line.row, counts), runtime.cursors, bound_to=bound_to))


@router.get(
    "/{directory_id}",
    operation_id="readDirectory",
    summary="A directory",
    response_model=DirectoryShape,
    responses=PROBLEMS(401, 403, 404, 422, 503),
)
async def read_directory(directory_id: Reference, principal: Reader, units: UnitsDep) -> Response:
    """Read one directory, a deleted one too."""
    async with units.reading(principal, READ) as uow:
        found = await require(uow, directory_id)
        counts = await readable(uow).counts([found])
    return to_response(json_answer(shape(found, counts)))


@router.get(
    "/{directory_id}/users",
    operation_id="listDirectoryUsers",
    summary="People of a directory",
    response_model=List[DirectoryUserShape],
    responses=PROBLEMS(401, 403, 404, 422, 503),
)
async def list_users(  # noqa: PLR0913 -- each is a parameter of the path or the query
    directory_id: Reference,
    principal: Reader,
    units: UnitsDep,
    runtime: RuntimeDep,
    page: PageDep,
    state: StateOfPeople = None,
    email: Email = None,
    group: Annotated[str | None, Query(max_length=256, description="Directory group id, ours or WorkOS's.")] = None,
    search: Search = None,
) -> Response:
    """List the people of a directory."""
    async with units.reading(principal, READ) as uow:
        directory = await require(uow, directory_id)
        bound_to = people_listing(principal.organization_id, directory["id"])
        members_of = await _group(uow, directory, group) if group else None
        wanted = PeopleFilter(state=state, email=email, group=members_of, search=search)
        request = page.request(runtime.cursors, bound_to=bound_to)
        found = await readable(uow).people(directory, request, wanted)
    return _people(principal, found, runtime.cursors, bound_to)


@router.get(
    "/{directory_id}/groups",
    operation_id="listDirectoryGroups",
    summary="Groups of a directory",
    response_model=List[DirectoryGroupShape],
    responses=PROBLEMS(401, 403, 404, 422, 503),
)
async def list_groups(  # noqa: PLR0913 -- each is a parameter of the path or the query
    directory_id: Reference,
    principal: Reader,
    units: UnitsDep,
    runtime: RuntimeDep,
    page: PageDep,
    search: Search = None,
) -> Response:
    """List the groups of a directory, with the roles that they give."""
    async with units.reading(principal, READ) as uow:
        directory = await require(uow, directory_id)
        bound_to = f"directory_groups|{principal.organization_id}|{directory['id']}"
        request = page.request(runtime.cursors, bound_to=bound_to)
        found = await readable(uow).groups(directory, request, search=search)
    return to_response(list_answer(found, lambda line: group_shape(line.row), runtime.cursors, bound_to=bound_to))


@router.get(
    "/{directory_id}/users/{user_id}",
    operation_id="readDirectoryUser",
    summary="A person of a directory",
    response_model=DirectoryUserShape,
    responses=PROBLEMS(401, 403, 404, 422, 503),
)
async def read_user(directory_id: Reference, user_id: UserReference, principal: Reader, units: UnitsDep) -> Response:
    """Read one person of a directory, one who is gone too."""
    async with units.reading(principal, READ) as uow:
        found = await readable(uow).person(await require(uow, directory_id), user_id)
    if found is None:
        raise NotFound
    return to_response(Answer(200, _seen_by(principal, found).encode(), (JSON, NO_STORE)))


@router.get(
    "/{directory_id}/groups/{group_id}/users",
    operation_id="listDirectoryGroupUsers",
    summary="Members of a group of a directory",
    response_model=List[DirectoryUserShape],
    responses=PROBLEMS(401, 403, 404, 422, 503),
)
async def list_members(  # noqa: PLR0913 -- each is a parameter of the path or the query
    directory_id: Reference,
    group_id: GroupReference,
    principal: Reader,
    units: UnitsDep,
    runtime: RuntimeDep,
    page: PageDep,
) -> Response:
    """List the members of a group."""
    async with units.reading(principal, READ) as uow:
        directory = await require(uow, directory_id)
        group = await _group(uow, directory, group_id)
        bound_to = f"directory_members|{principal.organization_id}|{directory['id']}|{group}"
        request = page.request(runtime.cursors, bound_to=bound_to)
        found = await readable(uow).people(directory, request, PeopleFilter(group=group))
    return _people(principal, found, runtime.cursors, bound_to)


async def require(uow: UnitOfWork, reference: str) -> Row:
    """Return the directory that a path names, as far as the unit sees; raises NotFound."""
    found = await readable(uow).find(reference)
    if found is None:
        raise NotFound
    return found


async def _group(uow: UnitOfWork, directory: Row, reference: str) -> UUID:
    found = await readable(uow).group(directory, reference)
    if found is None:
        raise NotFound
    return found


def _people(principal: Principal, found: Slice[Row], cursors: Cursors, bound_to: str) -> Response:
    return to_response(ready_list_answer(found, cursors, bound_to=bound_to, seen=partial(_seen_by, principal)))


def _seen_by(principal: Principal, shown: str) -> str:
    """Return a person's JSON as this reader may see it: a client user sees no attributes (contract.md)."""
    if ADMINS.intersection(principal.roles):
        return shown
    # Not msgspec: attributes may hold a lone surrogate, which it refuses.
    return json.dumps({name: value for name, value in json.loads(shown).items() if name != "custom_attributes"})


def shape(row: Row, counts: dict[tuple[str, UUID], int]) -> dict[str, Any]:
    """Return a directory's wire shape (contract.md)."""
    return {
        "object": "directory",
        **{name: row[name] for name in ("id", "workos_id", "organization_id", "name", "type", "state")},
        "provider": provider_of(row["type"]),
        # WorkOS shows it in its own portal, beside the bearer token.
        "scim_endpoint": None,
        "users_count": counts.get(("users", row["id"]), 0),
        "groups_count": counts.get(("groups", row["id"]), 0),
        **{name: wire(row[name]) for name in ("last_synced_at", "created_at", "updated_at")},
    }


def group_shape(row: Row) -> dict[str, Any]:
    """Return a directory group's wire shape (contract.md)."""
    plain = ("id", "workos_id", "directory_id", "organization_id", "idp_id", "name", "members_count")
    return {
        "object": "directory_group",
        **{name: row[name] for name in plain},
        "roles": [row["role"]] if row["role"] else [],
        **{name: wire(row[name]) for name in ("created_at", "updated_at")},
    }
