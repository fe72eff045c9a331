"""Audit Logs: `POST /audit_logs/events`, and the schemas of actions (https://workos.com/docs/reference/audit-logs).

An event of an action without a schema is refused (422), as one with targets or metadata that the schema does not know.
The same `Idempotency-Key` is answered as the first time, and keeps nothing twice.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header
from pydantic import BaseModel, Field

from sandbox.access import TheWorld, require_api_key
from sandbox.records import AuditEvent, AuditSchema
from sandbox.refusals import Refusal, invalid, not_found
from sandbox.state import World
from sandbox.wire import instant

router = APIRouter(prefix="/audit_logs", dependencies=[Depends(require_api_key)])
_MOST_KEYS, _LONGEST_KEY, _LONGEST_VALUE = 50, 40, 500
Json = dict[str, Any]


class Party(BaseModel):
    """Who did it, or what it was done to."""

    id: str = Field(min_length=1)
    type: str = Field(min_length=1)
    name: str | None = None
    metadata: dict[str, str | int | float | bool] = Field(default_factory=dict)


class Context(BaseModel):
    """From where."""

    location: str
    user_agent: str | None = None


class EventBody(BaseModel):
    """An event as it is sent."""

    action: str
    occurred_at: str
    actor: Party
    targets: list[Party]
    context: Context
    version: int | None = None
    metadata: dict[str, str | int | float | bool] = Field(default_factory=dict)


class CreateEvent(BaseModel):
    """The body of `POST /audit_logs/events`."""

    organization_id: str
    event: EventBody


class TargetSchema(BaseModel):
    """A kind of target that events of an action may have."""

    type: str = Field(min_length=1)
    metadata: Json | None = None


class CreateSchema(BaseModel):
    """The body of `POST /audit_logs/actions/{action}/schemas`."""

    targets: list[TargetSchema]
    actor: Json | None = None
    metadata: Json | None = None


@router.post("/events", status_code=201)
async def create_event(
    world: TheWorld, body: CreateEvent, idempotency_key: Annotated[str | None, Header()] = None
) -> dict[str, bool]:
    """Keep an event; 404 for an unknown organization, 422 for one that no schema describes."""
    if body.organization_id not in world.organizations:
        raise not_found("Organization", body.organization_id)
    _require_described(world, body.event)
    known = {kept.idempotency_key for kept in world.audit_events}
    if idempotency_key is None or idempotency_key not in known:
        told = body.event.model_dump(exclude_none=True)
        world.audit_events.append(AuditEvent(body.organization_id, told, idempotency_key))
    return {"success": True}


@router.post("/actions/{action}/schemas", status_code=201)
async def create_schema(world: TheWorld, action: str, body: CreateSchema) -> Json:
    """Give an action a schema; the same again is the version that is there."""
    told = body.model_dump(exclude_none=True)
    versions = world.audit_schemas.setdefault(action, [])
    if not versions or versions[-1].told != told:
        versions.append(AuditSchema(len(versions) + 1, told, world.now()))
    return _schema(versions[-1])


@router.get("/actions")
async def list_actions(world: TheWorld) -> Json:
    """List the actions that have a schema."""
    found = [
        {
            "object": "audit_log_action",
            "name": name,
            "schema": _schema(versions[-1]),
            "created_at": instant(versions[0].created_at),
            "updated_at": instant(versions[-1].created_at),
        }
        for name, versions in world.audit_schemas.items()
    ]
    return {"object": "list", "data": found, "list_metadata": {"before": None, "after": None}}


def _schema(schema: AuditSchema) -> Json:
    return {
        "object": "audit_log_schema",
        "version": schema.version,
        "created_at": instant(schema.created_at),
        **schema.told,
    }


def _require_described(world: World, event: EventBody) -> None:
    versions = world.audit_schemas.get(event.action)
    if not versions:
        raise _incorrect(f"There is no schema for the action '{event.action}'.")
    told = versions[-1].told
    kinds = {target["type"] for target in told["targets"]}
    if not event.targets or not {target.type for target in event.targets} <= kinds:
        raise _incorrect("The targets are not those of the schema.")
    described: Json = told.get("metadata") or {}
    properties: Json = described.get("properties") or {}
    if not set(event.metadata) <= set(properties):
        raise _incorrect("The metadata is not that of the schema.")
    long = [key for key, value in event.metadata.items()
            if len(key) > _LONGEST_KEY or len(str(value)) > _LONGEST_VALUE]  # fmt: skip
    if long or len(event.metadata) > _MOST_KEYS:
        raise invalid("The metadata is too large.", metadata="too_large")


def _incorrect(why: str) -> Refusal:
    message = "Audit Log could not be processed due to missing or incorrect data."
    return Refusal(422, {"code": "invalid_audit_log", "message": message, "errors": [why]})
