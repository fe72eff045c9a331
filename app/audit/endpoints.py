"""Doors of the record: /api/audit/events, its export, whether it is intact, and alerts that were looked at."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Security
from fastapi.responses import Response, StreamingResponse

from app import log
from app import uow as units_of_work
from app.access.guard import BEARER, may
from app.access.permissions import reach
from app.access.principal import Principal
from app.audit import chain, flow, service, watching
from app.audit.flow import Format, ReaderGone
from app.audit.reading_repository import EXPORT, READ, EventFilter, readable
from app.audit.schemas import AlertSeen, AlertShape, AuditEventShape, AuditVerification
from app.audit.shaping import alert_shape, ids_of, shape, verdict_shape
from app.db.query import Line
from app.http.answers import json_answer
from app.http.dependencies import RuntimeDep, UnitsDep
from app.http.exchange import ClientGone
from app.http.handlers import to_response
from app.http.openapi import PROBLEMS
from app.http.pagination import PageDep, list_answer
from app.http.schemas import Instant, List
from app.http.wire import wire
from app.problems import NotFound
from app.rates import rules
from app.uow import UnitOfWork

router = APIRouter(prefix="/api/audit", tags=["audit"], dependencies=[Security(BEARER)])
Reader = Annotated[Principal, Depends(may(READ))]
Exporter = Annotated[Principal, Depends(may(EXPORT))]
ACKNOWLEDGE = "alerts:acknowledge"
Acknowledger = Annotated[Principal, Depends(may(ACKNOWLEDGE))]
_MEDIA: dict[Format, str] = {"csv": "text/csv; charset=utf-8; header=present", "ndjson": "application/x-ndjson"}
_logger = log.get("audit")


class FilterQuery:
    """The query that says which events are wanted."""

    def __init__(  # noqa: PLR0913 -- each is a query parameter
        self,
        organization: Annotated[
            str | None, Query(max_length=256, description="Organization id, ours or WorkOS's.")
        ] = None,
        action: Annotated[
            str | None, Query(max_length=256, description="Only this action.", examples=["sso.login.failed"])
        ] = None,
        actor: Annotated[str | None, Query(max_length=256, description="Id of who did it.")] = None,
        target: Annotated[str | None, Query(max_length=256, description="Id of what it was done to.")] = None,
        since: Annotated[Instant | None, Query(description="Only what happened then or later.")] = None,
        until: Annotated[Instant | None, Query(description="Only what happened before.")] = None,
    ) -> None:
        self._organization = organization
        self._rest = EventFilter(None, action, actor, target, since, until)

    async def wanted(self, uow: UnitOfWork) -> EventFilter:
        """Return the filter; raises NotFound for an organization that the unit does not see."""
        if self._organization is None:
            return self._rest
        found = await readable(uow).organization(self._organization)
        if found is None:
            raise NotFound
        return replace(self._rest, organization=found)


FilterDep = Annotated[FilterQuery, Depends(FilterQuery)]


@router.get(
    "/events",
    operation_id="listAuditEvents",
    summary="What was done, by whom",
    response_model=List[AuditEventShape],
    responses=PROBLEMS(401, 403, 404, 422, 503),
)
async def list_events(
    principal: Reader, units: UnitsDep, runtime: RuntimeDep, page: PageDep, query: FilterDep
) -> Response:
    """List privileged acts and sign-ins by when they happened, the newest first."""
    bound_to = f"audit_events|{principal.organization_id}"
    async with units.reading(principal, READ) as uow:
        wanted = await query.wanted(uow)
        found = await readable(uow).page(page.timed(runtime.cursors, bound_to=bound_to), wanted)
        rows = [line.row for line in found.rows]
        named = await readable(uow).names(rows, ids_of(rows))

    def shown(line: Line) -> dict[str, Any]:
        return shape(line.row, named)

    return to_response(list_answer(found, shown, runtime.cursors, bound_to=bound_to, key=_key))


def _key(line: Line) -> tuple[datetime, UUID]:
    return line.row["occurred_at"], line.id


@router.get(
    "/events/export",
    operation_id="exportAuditEvents",
    summary="The record as a file",
    response_class=Response,
    responses={
        200: {
            "description": "The events, whole: a file that was cut off ends without the last chunk.",
            "content": {media.partition(";")[0]: {"schema": {"type": "string"}} for media in _MEDIA.values()},
            "headers": {
                "Content-Disposition": {
                    "schema": {"type": "string", "examples": ['attachment; filename="audit-2026-11-28.csv"']},
                    "description": "A name for the file.",
                }
            },
        },
        **PROBLEMS(401, 403, 404, 422, 503),
    },
)
async def export_events(  # noqa: PLR0913 -- each is a query parameter
    principal: Exporter,
    units: UnitsDep,
    runtime: RuntimeDep,
    query: FilterDep,
    form: Annotated[Format, Query(alias="format", description="CSV for people, NDJSON for programs.")] = "csv",
    order: Annotated[Literal["asc", "desc"], Query(description="By when it happened.")] = "asc",
) -> Response:
    """Send every event that is wanted, up to now, as one file; that it was asked for is an event of its own.

    Names are those of today, as in the list. A cell that a spreadsheet would take for a formula begins with `'`.
    """
    async with units.reading(principal, EXPORT) as uow:
        wanted = await query.wanted(uow)
    owner = wanted.organization or (
        units_of_work.PLATFORM if principal.reach(EXPORT) == "all" else principal.organization_id
    )
    async with units.acting(principal, owner) as uow:
        await service.record(uow, "audit.exported", targets=[("organization", owner)], format=form, **_told(wanted))
        wanted, name = replace(wanted, up_to=uow.now), f"audit-{uow.now:%Y-%m-%d}.{form}"

    async def still_may() -> bool:
        live = await runtime.live.find(principal.session_id)
        return live is not None and reach(EXPORT, live.roles) == principal.reach(EXPORT)

    sent = flow.export(lambda: units.reading(principal, EXPORT), wanted, form, order=order, still_may=still_may)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(_unless_gone(sent), media_type=_MEDIA[form], headers=headers)


@router.get(
    "/verify",
    operation_id="verifyAuditRecord",
    summary="Is the record intact?",
    response_model=AuditVerification,
    responses=PROBLEMS(401, 403, 404, 422, 503),
)
async def verify_record(
    principal: Reader,
    units: UnitsDep,
    runtime: RuntimeDep,
    organization: Annotated[str | None, Query(max_length=256, description="Organization id, ours or WorkOS's.")] = None,
) -> Response:
    """Check every sealed event against its organization's hash chain, and name the first that does not fit.

    A client admin's own organization; every one for a platform admin, unless one is named. 200,000 events take seven to
    ten seconds on two busy cores, so that ten in a minute are what one person may ask for.
    """
    await runtime.rates.require(rules.VERIFICATIONS, str(principal.user_id))
    owner = None
    if organization is not None:
        async with units.reading(principal, READ) as uow:
            owner = await readable(uow).organization(organization)
        if owner is None:
            raise NotFound
    elif principal.reach(READ) != "all":
        owner = principal.organization_id
    verdict = await chain.verify(lambda: units.reading(principal, READ), owner)
    return to_response(json_answer(verdict_shape(verdict, owner)))


@router.post(
    "/alerts/{alert_id}/acknowledge",
    operation_id="acknowledgeAlert",
    summary="I have looked at this alert",
    response_model=AlertShape,
    responses=PROBLEMS(401, 403, 404, 409, 422, 503),
)
async def acknowledge_alert(
    alert_id: Annotated[UUID, Path(description="Id of the alert, as integration health has it.")],
    seen: AlertSeen,
    principal: Acknowledger,
    units: UnitsDep,
) -> Response:
    """Put an alert away: it counts no more until it happens again. One that somebody has looked at stays as it is.

    Nobody puts away what is about themselves, or more of it than they have seen.
    """
    async with units.reading(principal, ACKNOWLEDGE) as uow:
        owner = (await watching.find(uow, alert_id)).organization_id
    async with units.acting(principal, owner) as uow:
        await watching.acknowledge(uow, alert_id, principal.user_id, count=seen.count)
    async with units.reading(principal, ACKNOWLEDGE) as uow:
        found = await watching.find(uow, alert_id)
    return to_response(json_answer(alert_shape(found)))


def _told(wanted: EventFilter) -> dict[str, Any]:
    """Return the filters of an export as its own event tells them: what was typed into them may be a name."""
    named = [name for name in ("action", "actor", "target") if getattr(wanted, name) is not None]
    instants = {name: getattr(wanted, name) for name in ("since", "until")}
    return {"filters": named} | {name: wire(instant) for name, instant in instants.items() if instant}


async def _unless_gone(sent: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """Break the answer off where its reader may read no more: half a file must not look like a whole one."""
    try:
        async for part in sent:
            yield part
    except ReaderGone:
        _logger.warning("audit.export.cut_off")
        raise ClientGone from None
