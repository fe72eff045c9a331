"""Doors of a tenant's people: /api/users."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Security
from fastapi.responses import Response

from app.access.guard import BEARER, may
from app.access.principal import Principal
from app.directories.reading_repository import readable as directories
from app.http.answers import Answer, json_answer
from app.http.dependencies import RuntimeDep, Units, UnitsDep
from app.http.handlers import to_response
from app.http.openapi import PROBLEMS
from app.http.pagination import PageDep, list_answer
from app.http.schemas import List
from app.http.versions import VersionsDep, etag
from app.kit.rows import Row
from app.organizations import service as organizations
from app.people import service
from app.people.explanation import explain
from app.people.reading_repository import PeopleFilter, readable
from app.people.schemas import ChangeUser, ManualRoles, Role, RoleExplanation, State, UserShape
from app.people.service import Change
from app.people.shaping import shape
from app.people.standing import STORED
from app.problems import NotFound
from app.runtime import Runtime
from app.uow import UnitOfWork

router = APIRouter(prefix="/api/users", tags=["users"], dependencies=[Security(BEARER)])
Reader = Annotated[Principal, Depends(may("users:read"))]
RecentManager = Annotated[Principal, Depends(may("users:manage", recent=True))]
PersonId = Annotated[str, Path(max_length=256, description="User id: the `sub` of their tokens.")]
READ = "users:read"


@router.get(
    "",
    operation_id="listUsers",
    summary="People",
    response_model=List[UserShape],
    responses=PROBLEMS(401, 403, 404, 422, 503),
)
async def list_users(  # noqa: PLR0913 -- each is a query parameter
    principal: Reader,
    units: UnitsDep,
    runtime: RuntimeDep,
    page: PageDep,
    organization: Annotated[str | None, Query(max_length=256, description="Organization id, ours or WorkOS's.")] = None,
    state: Annotated[State | None, Query(description="Only people in this state.")] = None,
    email: Annotated[str | None, Query(max_length=320, description="The whole address, A to Z in any case.")] = None,
    role: Annotated[Role | None, Query(description="Only people with this role, mapped or manual.")] = None,
    search: Annotated[
        str | None, Query(max_length=256, description="Part of an address or a whole name, in any case.")
    ] = None,
    directory: Annotated[
        str | None, Query(max_length=256, description="Directory id, ours or WorkOS's: only whom it tells of.")
    ] = None,
) -> Response:
    """List the people of every tenant (platform admins) or of the caller's own, the newest first."""
    bound_to = f"users|{principal.organization_id}"
    async with units.reading(principal, READ) as uow:
        wanted = PeopleFilter(
            organization=(await organizations.require(uow, organization)).id if organization else None,
            state=STORED[state] if state else None,
            email=email,
            role=role,
            search=search,
            directory=await _directory(uow, directory) if directory else None,
        )
        found = await readable(uow).page(page.request(runtime.cursors, bound_to=bound_to), wanted)
    platform = runtime.config.platform_organization
    return to_response(
        list_answer(found, lambda line: shape(line.row, platform=platform), runtime.cursors, bound_to=bound_to)
    )


@router.get(
    "/{person_id}",
    operation_id="readUser",
    summary="A person",
    response_model=UserShape,
    responses=PROBLEMS(401, 403, 404, 422, 503),
)
async def read_user(person_id: PersonId, principal: Reader, units: UnitsDep, runtime: RuntimeDep) -> Response:
    """Read a person. `ETag` names the version of their state and roles."""
    return to_response(_shaped(await find(units, principal, person_id), runtime))


@router.get(
    "/{person_id}/roles/explain",
    operation_id="explainRoles",
    summary="Why a person has their roles",
    response_model=RoleExplanation,
    responses=PROBLEMS(401, 403, 404, 422, 503),
)
async def explain_roles(person_id: PersonId, principal: Reader, units: UnitsDep, runtime: RuntimeDep) -> Response:
    """Which directory, group and rule gave the mapped role, what lost and why, and who gave the manual ones."""
    found = await find(units, principal, person_id)
    platform = runtime.config.platform_organization
    async with units.acting(principal, found["organization_id"]) as uow:
        evidence, told = await service.evidence_of(uow, found["id"], platform=platform)
    return to_response(json_answer(explain(evidence, told, user=found["id"], platform=platform)))


@router.patch(
    "/{person_id}",
    operation_id="changeUser",
    summary="Shut a person out or let them in again",
    response_model=UserShape,
    responses=PROBLEMS(400, 401, 403, 404, 409, 412, 413, 415, 422, 503),
)
async def change_user(  # noqa: PLR0913 -- path, body, header and three dependencies
    person_id: PersonId,
    body: ChangeUser,
    principal: RecentManager,
    units: UnitsDep,
    runtime: RuntimeDep,
    wanted: VersionsDep,
) -> Response:
    """Who is made inactive loses every session, and neither a directory nor a sign-in brings them back."""
    found = await find(units, principal, person_id)
    verb = service.reactivate if body.state == "active" else service.deactivate
    change = change_of(found, principal, runtime, versions=wanted, confirmed=body.confirm)
    async with units.acting(principal, found["organization_id"]) as uow:
        await verb(uow, change)
        changed = await _require(uow, change.person)
    return to_response(_shaped(changed, runtime))


@router.put(
    "/{person_id}/roles",
    operation_id="setManualRoles",
    summary="Give a person manual roles",
    response_model=UserShape,
    responses=PROBLEMS(400, 401, 403, 404, 409, 412, 413, 415, 422, 503),
)
async def set_manual_roles(  # noqa: PLR0913 -- path, body, header and three dependencies
    person_id: PersonId,
    body: ManualRoles,
    principal: RecentManager,
    units: UnitsDep,
    runtime: RuntimeDep,
    wanted: VersionsDep,
) -> Response:
    """They are added to the mapped role, which stays as groups and rules make it. Nothing above the caller's own."""
    found = await find(units, principal, person_id)
    change = change_of(found, principal, runtime, versions=wanted, confirmed=body.confirm)
    async with units.acting(principal, found["organization_id"]) as uow:
        await service.set_manual_roles(uow, body.roles, change)
        changed = await _require(uow, change.person)
    return to_response(_shaped(changed, runtime))


async def find(units: Units, principal: Principal, reference: str) -> Row:
    """Return the person whom a path names, as far as the principal sees; raises NotFound."""
    try:
        identifier = UUID(reference)
    except ValueError:
        raise NotFound from None
    async with units.reading(principal, READ) as uow:
        return await _require(uow, identifier)


def change_of(
    found: Row, principal: Principal, runtime: Runtime, *, versions: list[int] | None = None, confirmed: bool = False
) -> Change:
    """Return who changes whom, and from which version on."""
    return Change(found["id"], principal, runtime.config.platform_organization, versions, confirmed)


async def _require(uow: UnitOfWork, identifier: UUID) -> Row:
    found = await readable(uow).find(identifier)
    if found is None:
        raise NotFound
    return found


async def _directory(uow: UnitOfWork, reference: str) -> UUID:
    found = await directories(uow).find(reference)
    if found is None:
        raise NotFound
    identifier: UUID = found["id"]
    return identifier


def _shaped(found: Row, runtime: Runtime) -> Answer:
    shaped = shape(found, platform=runtime.config.platform_organization)
    return json_answer(shaped, headers=[etag(found["rights_version"])])
