"""Doors of role mappings: read the rules, see what others would change, make others count."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Security
from fastapi.responses import Response

from app.access.guard import BEARER, may
from app.access.principal import Principal
from app.access.roles import CLIENT_ADMIN, RANK
from app.directories import mappings
from app.directories.mapping_schemas import ConsequencesShape, MappingsRequest, MappingsShape
from app.directories.mappings import Consequences, Mappings, Wanted
from app.directories.rules import Rule
from app.directories.settling_repository import Changed
from app.http.answers import json_answer
from app.http.dependencies import RuntimeDep, UnitsDep
from app.http.handlers import to_response
from app.http.openapi import PROBLEMS
from app.http.versions import VersionsDep, etag
from app.kit.rows import Row
from app.organizations import service as organizations
from app.runtime import Runtime
from app.uow import UnitOfWork, undone

router = APIRouter(prefix="/api/organizations", tags=["role mappings"], dependencies=[Security(BEARER)])
Mapper = Annotated[Principal, Depends(may("roles:map"))]
RecentMapper = Annotated[Principal, Depends(may("roles:map", recent=True))]
Reference = Annotated[str, Path(description="Organization id, ours or WorkOS's.")]
_MAP: Final = "roles:map"


@router.get("/{organization_id}/role-mappings", operation_id="readRoleMappings", summary="Role mappings",
            response_model=MappingsShape, responses=PROBLEMS(401, 403, 404, 422, 503))  # fmt: skip
async def read_mappings(
    organization_id: Reference, principal: Mapper, units: UnitsDep, runtime: RuntimeDep
) -> Response:
    """Read the rules group → role that count, in order, and the groups whose role each decides."""
    home = await _home(organization_id, principal, units)
    async with units.acting(principal, home) as uow:
        return await _answer(uow, runtime)


@router.post("/{organization_id}/role-mappings/preview", operation_id="previewRoleMappings",
             summary="Preview role mappings", response_model=ConsequencesShape,
             responses=PROBLEMS(400, 401, 403, 404, 413, 415, 422, 503))  # fmt: skip
async def preview_mappings(
    organization_id: Reference, wanted: MappingsRequest, principal: Mapper, units: UnitsDep, runtime: RuntimeDep
) -> Response:
    """See who would gain and lose what by other rules. Nothing changes: they are tried and taken back."""
    home = await _home(organization_id, principal, units)
    async with units.acting(principal, home) as uow, undone(uow):
        found = await _replace(uow, wanted, principal, runtime, None)
    return to_response(json_answer(_consequences_shape(home, found, principal)))


@router.put("/{organization_id}/role-mappings", operation_id="replaceRoleMappings", summary="Replace role mappings",
            response_model=MappingsShape, responses=PROBLEMS(400, 401, 403, 404, 412, 413, 415, 422, 503))  # fmt: skip
async def replace_mappings(  # noqa: PLR0913, PLR0917 -- path, body and four dependencies
    organization_id: Reference,
    wanted: MappingsRequest,
    principal: RecentMapper,
    units: UnitsDep,
    runtime: RuntimeDep,
    versions: VersionsDep,
) -> Response:
    """Make these the tenant's rules, in this order, for everybody at once. No rule may name a role above yours."""
    home = await _home(organization_id, principal, units)
    async with units.acting(principal, home) as uow:
        await _replace(uow, wanted, principal, runtime, versions)
        return await _answer(uow, runtime)


async def _replace(
    uow: UnitOfWork, wanted: MappingsRequest, principal: Principal, runtime: Runtime, versions: list[int] | None
) -> Consequences:
    platform = runtime.config.platform_organization
    return await mappings.replace(uow, _wanted(wanted), own=principal.roles, platform=platform, versions=versions)


async def _home(reference: str, principal: Principal, units: UnitsDep) -> UUID:
    async with units.reading(principal, _MAP) as uow:
        return (await organizations.require(uow, reference)).id


async def _answer(uow: UnitOfWork, runtime: Runtime) -> Response:
    read = await mappings.read(uow, platform=runtime.config.platform_organization)
    return to_response(json_answer(_shape(uow.tenant, read), headers=[etag(read.in_force.version)]))


def _wanted(body: MappingsRequest) -> list[Wanted]:
    return [Wanted(one.role, one.group_name, one.group_id, one.directory_id) for one in body.rules]


def _shape(home: UUID, read: Mappings) -> dict[str, Any]:
    return {
        "object": "role_mappings",
        "organization_id": home,
        "version": read.in_force.version,
        "source": "organization" if read.in_force.version else "default",
        "default_role": read.in_force.default_role,
        "rules": [_rule_shape(rule, read.groups.get(rule.position, [])) for rule in read.in_force.rules],
    }


def _rule_shape(rule: Rule, groups: list[Row]) -> dict[str, Any]:
    shown = ("id", "workos_id", "directory_id", "name", "members_count")
    return {
        "position": rule.position,
        "role": rule.role,
        "match": "id" if rule.group is None else "name",
        "group_id": rule.group_id,
        "group_name": rule.group,
        "directory_id": rule.directory_id,
        "groups": [{name: group[name] for name in shown} for group in groups],
    }


def _consequences_shape(home: UUID, found: Consequences, principal: Principal) -> dict[str, Any]:
    gained = sum(1 for one in found.changed if RANK[one.role] > RANK[one.role_before])
    return {
        "object": "role_mappings_preview",
        "organization_id": home,
        "gained": gained,
        "lost": len(found.changed) - gained,
        "people": [
            _change_shape(one, found.called[one.user_id]) for one in found.changed if one.user_id in found.called
        ],
        "warnings": _warnings(found, principal),
    }


def _change_shape(one: Changed, called: Row) -> dict[str, Any]:
    names = ("email", "first_name", "last_name")
    return {
        "user_id": one.user_id,
        **{name: called[name] for name in names},
        "before": one.role_before,
        "after": one.role,
    }


def _warnings(found: Consequences, principal: Principal) -> list[dict[str, str]]:
    warnings: list[dict[str, str]] = []
    if found.last_admin:
        warnings.append(_warning("last_admin", f"Nobody would be {CLIENT_ADMIN} any more."))
    if any(one.user_id == principal.user_id and RANK[one.role] < RANK[one.role_before] for one in found.changed):
        warnings.append(_warning("own_access", "You would lose your own role."))
    if (hidden := len(found.changed) - len(found.called)) > 0:
        warnings.append(_warning("people_not_shown", f"{hidden} more people would change."))
    return warnings


def _warning(code: str, detail: str) -> dict[str, str]:
    return {"code": code, "detail": detail}
