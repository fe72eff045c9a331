"""Doors of the inbox: WorkOS's deliveries, and /api/webhooks/events."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Security
from fastapi.responses import Response

from app import uow as units_of_work
from app.access.guard import BEARER, may
from app.access.principal import Principal
from app.http.answers import json_answer
from app.http.dependencies import RuntimeDep, UnitsDep
from app.http.handlers import exchange_of, to_response
from app.http.openapi import PROBLEMS
from app.http.pagination import PageDep, list_answer
from app.http.schemas import List
from app.http.wire import wire
from app.problems import NotFound
from app.webhooks import completeness_repository, service
from app.webhooks.completeness import Figures, completeness
from app.webhooks.doors import WebhookDoor
from app.webhooks.models import WebhookEvent
from app.webhooks.repository import readable
from app.webhooks.schemas import Received, StatusWord, WebhookCompleteness, WebhookEventShape

router = APIRouter(tags=["webhooks"])
Reader = Annotated[Principal, Depends(may("webhooks:read"))]
Replayer = Annotated[Principal, Depends(may("webhooks:replay"))]
EventId = Annotated[UUID, Path(description="Our id of the event.")]
_READ = "webhooks:read"
_SIGNED: dict[str, Any] = {
    "parameters": [
        {
            "name": "WorkOS-Signature",
            "in": "header",
            "required": True,
            "schema": {"type": "string", "maxLength": 256},
            "description": 'Milliseconds since 1970, and the HMAC-SHA256 of "{t}.{body}": `t=…, v1=…`.',
        }
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["id", "event"],
                    "properties": {
                        "id": {"type": "string", "examples": ["event_01HYGBDMQ"]},
                        "event": {"type": "string", "examples": ["connection.activated"]},
                        "data": {"type": "object"},
                        "created_at": {"type": "string", "format": "date-time"},
                    },
                }
            }
        },
    },
}


@router.post(
    "/webhooks/workos",
    operation_id="receiveWebhook",
    summary="WorkOS's deliveries",
    response_model=Received,
    responses=PROBLEMS(401, 413, 415, 503),
    openapi_extra=_SIGNED,
)
async def receive_webhook(request: Request) -> Response:
    """Keep a signed delivery; answered once it is committed. The same event again changes nothing."""
    door: WebhookDoor = request.app.state.webhooks
    return to_response(await door.receive(exchange_of(request)))


@router.get(
    "/api/webhooks/events",
    operation_id="listWebhookEvents",
    summary="Events of WorkOS and what became of them",
    response_model=List[WebhookEventShape],
    responses=PROBLEMS(401, 403, 422, 503),
    dependencies=[Security(BEARER)],
)
async def list_events(  # noqa: PLR0913 -- each is a query parameter
    principal: Reader,
    units: UnitsDep,
    runtime: RuntimeDep,
    page: PageDep,
    status: Annotated[StatusWord | None, Query(description="Only events in this status.")] = None,
    event: Annotated[
        str | None, Query(max_length=255, description="Only events of this type.", examples=["dsync.user.created"])
    ] = None,
) -> Response:
    """List events, the newest first. A client admin sees those about their own organization's objects."""
    bound_to = f"webhook_events|{principal.organization_id}"
    async with units.reading(principal, _READ) as uow:
        found = await readable(uow).page(page.request(runtime.cursors, bound_to=bound_to), status=status, event=event)
    return to_response(list_answer(found, shape, runtime.cursors, bound_to=bound_to))


@router.get(
    "/api/webhooks/events/{event_id}",
    operation_id="readWebhookEvent",
    summary="An event of WorkOS",
    response_model=WebhookEventShape,
    responses=PROBLEMS(401, 403, 404, 422, 503),
    dependencies=[Security(BEARER)],
)
async def read_event(event_id: EventId, principal: Reader, units: UnitsDep) -> Response:
    """Read one event; its payload, which holds people's data, is not shown."""
    async with units.reading(principal, _READ) as uow:
        found = await readable(uow).find(event_id)
    if found is None:
        raise NotFound
    return to_response(json_answer(shape(found)))


@router.post(
    "/api/webhooks/events/{event_id}/replay",
    operation_id="replayWebhookEvent",
    summary="Apply an event once more",
    status_code=202,
    response_model=WebhookEventShape,
    responses=PROBLEMS(401, 403, 404, 409, 422, 503),
    dependencies=[Security(BEARER)],
)
async def replay_event(event_id: EventId, principal: Replayer, units: UnitsDep) -> Response:
    """Give a dead, parked or skipped event another eight attempts. One that was applied changes nothing twice."""
    async with units.reading(principal, _READ) as uow:
        known = await readable(uow).find(event_id)
    if known is None:
        raise NotFound
    async with units.acting(principal, known.organization_id or units_of_work.PLATFORM) as uow:
        await service.replay(uow, event_id)
    async with units.reading(principal, _READ) as uow:
        found = await readable(uow).find(event_id)
    if found is None:
        raise NotFound
    return to_response(json_answer(shape(found), status=202))


@router.get(
    "/api/webhooks/completeness",
    operation_id="readWebhookCompleteness",
    summary="Up to when everything that WorkOS tells has been applied",
    response_model=WebhookCompleteness,
    responses=PROBLEMS(401, 403, 503),
    dependencies=[Security(BEARER)],
)
async def read_completeness(principal: Reader, units: UnitsDep, runtime: RuntimeDep) -> Response:
    """Say up to when every event of WorkOS's list is applied, what waits, and which gaps the list has healed.

    A client admin is told of their own organization: its events, and its directories. The list is read for all at once,
    so that it is read up to the same instant for everybody; and an event that no worker has looked at yet may be
    anybody's, so that it holds everybody back, though only a platform admin sees it.
    """
    async with units.reading(principal, _READ) as uow:
        readable_lists = completeness_repository.lists(uow)
        waiting, healed = await readable_lists.waiting(), await readable_lists.healed()
        tenant = uow.organization
    async with units_of_work.hot_beginner(runtime)(tenant) as uow:
        figures, now = await completeness_repository.figures(uow), uow.now
    return to_response(json_answer(completeness_shape(figures, waiting, healed, now)))


def completeness_shape(
    figures: Figures, waiting: Sequence[WebhookEvent], healed: Sequence[WebhookEvent], now: datetime
) -> dict[str, Any]:
    """Return the wire shape of how complete the inbox is."""
    found = completeness(figures)
    return {
        "object": "webhook_completeness",
        "complete_through": wire(found.through),
        "reason": found.reason,
        "lag_seconds": None if found.through is None else round((now - found.through).total_seconds(), 3),
        "checked_at": wire(now),
        "waiting": [
            {
                "event_id": row.event_id,
                "event": row.event,
                "status": row.status,
                "occurred_at": wire(row.occurred_at),
                "reason": row.last_error or "No worker has applied it yet.",
            }
            for row in waiting
        ],
        "waiting_count": figures.waiting,
        "healed": [
            {
                "event_id": row.event_id,
                "event": row.event,
                "occurred_at": wire(row.occurred_at),
                "received_at": wire(row.received_at),
            }
            for row in healed
        ],
        "healed_count": figures.healed,
    }


def shape(row: WebhookEvent) -> dict[str, Any]:
    """Return an event's wire shape (contract.md)."""
    return {
        "object": "webhook_event",
        "id": row.id,
        "event_id": row.event_id,
        "event": row.event,
        "status": row.status,
        "source": row.source,
        "attempts": row.attempts,
        "last_error": row.last_error,
        "organization_id": row.organization_id,
        "occurred_at": wire(row.occurred_at),
        "received_at": wire(row.received_at),
        "done_at": wire(row.done_at),
    }
