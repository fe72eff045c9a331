"""`/webhook_endpoints`: list, create, update, delete. The secret stands in every answer, as at WorkOS.

https://workos.com/docs/reference/webhooks
"""

from typing import Any, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from sandbox import wire
from sandbox.access import TheWorld, require_api_key
from sandbox.endpoints import add_endpoint, change_endpoint
from sandbox.paging import AskedWindow, page
from sandbox.refusals import invalid, not_found

router = APIRouter(prefix="/webhook_endpoints", dependencies=[Depends(require_api_key)])


class NewEndpoint(BaseModel):
    """The body of create; unknown fields are ignored, as WorkOS does."""

    endpoint_url: str
    events: list[str]


class EndpointChanges(BaseModel):
    """The body of update; what is not sent stays."""

    endpoint_url: str | None = None
    status: Literal["enabled", "disabled"] | None = None
    events: list[str] | None = None


@router.get("")
async def list_endpoints(world: TheWorld, asked: AskedWindow) -> dict[str, Any]:
    """List endpoints."""
    return page(world, world.endpoints.values(), asked, wire.endpoint)


@router.post("", status_code=201)
async def create_endpoint(world: TheWorld, body: NewEndpoint) -> dict[str, Any]:
    """Create an endpoint with a secret of its own. Raises 409 for a URL that is one already."""
    if not body.events:
        raise invalid("Validation failed", events="required")
    return wire.endpoint(add_endpoint(world, body.endpoint_url, events=body.events))


@router.patch("/{endpoint_id}")
async def update_endpoint(world: TheWorld, endpoint_id: str, body: EndpointChanges) -> dict[str, Any]:
    """Change URL, events or status of an endpoint."""
    return wire.endpoint(change_endpoint(world, endpoint_id, **body.model_dump(exclude_none=True)))


@router.delete("/{endpoint_id}")
async def delete_endpoint(world: TheWorld, endpoint_id: str) -> Response:
    """Delete an endpoint; what still waits for it is not sent."""
    if world.endpoints.pop(endpoint_id, None) is None:
        raise not_found("Webhook Endpoint", endpoint_id)
    return Response(status_code=204)
