"""Doors of the record: /api/audit/events."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Query, Security
from fastapi.responses import Response

from app.access.guard import BEARER, may
from app.access.principal import Principal
from app.audit.reading_repository import READ, EventFilter, Named, readable
from app.audit.schemas import AuditEventShape
from app.db.query import Line
from app.http.dependencies import RuntimeDep, UnitsDep
from app.http.handlers import to_response
from app.http.openapi import PROBLEMS
from app.http.pagination import PageDep, list_answer
from app.http.schemas import Instant, List
from app.http.wire import wire
from app.kit.rows import Row
from app.problems import NotFound
from app.uow import UnitOfWork

router = APIRouter(prefix="/api/audit", tags=["audit"], dependencies=[Security(BEARER)])
Reader = Annotated[Principal, Depends(may(READ))]
_parse = msgspec.json.decode


@router.get(
    "/events",
    operation_id="listAuditEvents",
    summary="What was done, by whom",
    response_model=List[AuditEventShape],
    responses=PROBLEMS(401, 403, 404, 422, 503),
)
async def list_events(  # noqa: PLR0913 -- each is a query parameter
    principal: Reader,
    units: UnitsDep,
    runtime: RuntimeDep,
    page: PageDep,
    organization: Annotated[str | None, Query(max_length=256, description="Organization id, ours or WorkOS's.")] = None,
    action: Annotated[
        str | None, Query(max_length=256, description="Only this action.", examples=["sso.login.failed"])
    ] = None,
    actor: Annotated[str | None, Query(max_length=256, description="Id of who did it.")] = None,
    target: Annotated[str | None, Query(max_length=256, description="Id of what it was done to.")] = None,
    since: Annotated[Instant | None, Query(description="Only what happened then or later.")] = None,
    until: Annotated[Instant | None, Query(description="Only what happened before.")] = None,
) -> Response:
    """List privileged acts and sign-ins by when they happened, the newest first."""
    bound_to = f"audit_events|{principal.organization_id}"
    async with units.reading(principal, READ) as uow:
        owner = await _organization(uow, organization) if organization else None
        wanted = EventFilter(owner, action, actor, target, since, until)
        found = await readable(uow).page(page.timed(runtime.cursors, bound_to=bound_to), wanted)
        rows = [line.row for line in found.rows]
        targets = {row["id"]: _parse(row["targets"]) for row in rows}
        named = await readable(uow).names(rows, _ids(rows, targets.values()))

    def shape(line: Line) -> dict[str, Any]:
        return _shape(line.row, targets[line.id], named)

    return to_response(list_answer(found, shape, runtime.cursors, bound_to=bound_to, key=_key))


def _key(line: Line) -> tuple[datetime, UUID]:
    return line.row["occurred_at"], line.id


async def _organization(uow: UnitOfWork, reference: str) -> UUID:
    found = await readable(uow).organization(reference)
    if found is None:
        raise NotFound
    return found


def _ids(rows: Sequence[Row], targets: Any) -> set[str]:  # noqa: ANN401 -- lists of JSON objects
    return {row["actor_id"] for row in rows} | {target["id"] for some in targets for target in some}


def _shape(row: Row, targets: Sequence[dict[str, str]], named: Named) -> dict[str, Any]:
    """Return an event's wire shape (contract.md)."""

    def party(kind: str, identifier: str) -> dict[str, str | None]:
        return {"type": kind, "id": identifier, "name": named.get((kind, identifier))}

    return {
        "object": "audit_event",
        "id": row["id"],
        "organization_id": row["organization_id"],
        "action": row["action"],
        "occurred_at": wire(row["occurred_at"]),
        "actor": party(row["actor_type"], row["actor_id"]),
        "targets": [party(target["type"], target["id"]) for target in targets],
        "context": {name: row[name] for name in ("ip", "user_agent", "request_id")},
        "metadata": _parse(row["metadata"]),
    }
