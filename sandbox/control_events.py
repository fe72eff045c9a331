"""Control routes over events and webhooks: what happened, where it goes, what goes wrong, how it was answered."""

from typing import Any

from fastapi import APIRouter, Response

from sandbox import wire, wire_events
from sandbox.control_access import Body, TheControls
from sandbox.webhook_faults import WebhookFaults

router = APIRouter(tags=["events and webhooks"])


class EventBody(Body):
    """An event to make up."""

    event: str
    data: dict[str, Any]
    organization_id: str | None = None
    context: dict[str, Any] | None = None


class EndpointBody(Body):
    """An endpoint to add; without `events` it gets all that the twin makes."""

    endpoint_url: str
    secret: str | None = None
    events: list[str] | None = None


class RenewalBody(Body):
    """A certificate that runs out."""

    days_until_expiry: int = 30
    certificate_type: str = "ResponseSigning"


class RenewedBody(Body):
    """A certificate that was renewed."""

    valid_days: int = 365
    certificate_type: str = "ResponseSigning"


class CertificateBody(Body):
    """A certificate to add."""

    valid_days: float = 365


@router.get("/events")
async def list_events(controls: TheControls, event: str | None = None) -> dict[str, Any]:
    """What happened, oldest first, whether `GET /events` shows it yet or not."""
    found = controls.events(event)
    return {"count": len(found), "data": [wire_events.event(each) for each in found]}


@router.post("/events", status_code=201)
async def record_event(controls: TheControls, body: EventBody) -> dict[str, Any]:
    """Make up an event: any name, any data."""
    return wire_events.event(controls.record_event(**body.model_dump()))


@router.post("/events/{event_id}/resend", status_code=204)
async def resend_event(controls: TheControls, event_id: str) -> Response:
    """Deliver an event again."""
    controls.resend_event(event_id)
    return Response(status_code=204)


@router.post("/connections/{connection}/certificates", status_code=201)
async def add_certificate(controls: TheControls, connection: str, body: CertificateBody) -> dict[str, Any]:
    """Give a SAML connection one more certificate."""
    made = controls.add_certificate(connection, valid_days=body.valid_days)
    return {"id": made.id, "not_after": wire.instant(made.not_after)}


@router.post("/connections/{connection}/certificate-renewal-required", status_code=204)
async def require_renewal(controls: TheControls, connection: str, body: RenewalBody) -> Response:
    """Warn that a SAML certificate runs out."""
    controls.require_certificate_renewal(connection, **body.model_dump())
    return Response(status_code=204)


@router.post("/connections/{connection}/certificate-renewed", status_code=204)
async def renewed(controls: TheControls, connection: str, body: RenewedBody) -> Response:
    """Tell that a SAML certificate was renewed."""
    controls.renew_certificate(connection, **body.model_dump())
    return Response(status_code=204)


@router.post("/webhook-endpoints", status_code=201)
async def add_endpoint(controls: TheControls, body: EndpointBody) -> dict[str, Any]:
    """Add an endpoint, with a secret of the caller's choice."""
    return wire.endpoint(controls.add_webhook_endpoint(body.endpoint_url, secret=body.secret, events=body.events))


@router.delete("/webhook-endpoints/{endpoint_id}", status_code=204)
async def remove_endpoint(controls: TheControls, endpoint_id: str) -> Response:
    """Remove an endpoint."""
    controls.remove_webhook_endpoint(endpoint_id)
    return Response(status_code=204)


@router.get("/webhook-faults")
async def show_faults(controls: TheControls) -> WebhookFaults:
    """The orders in force, with what is left of the counts."""
    return controls.webhook_faults


@router.patch("/webhook-faults")
async def set_faults(controls: TheControls, body: WebhookFaults) -> WebhookFaults:
    """Let webhooks go wrong; orders not named stay."""
    return controls.set_webhook_faults(**body.model_dump(exclude_unset=True))


@router.delete("/webhook-faults", status_code=204)
async def clear_faults(controls: TheControls) -> Response:
    """Let webhooks go as they should."""
    controls.clear_webhook_faults()
    return Response(status_code=204)


@router.get("/deliveries")
async def list_deliveries(controls: TheControls, event: str | None = None) -> dict[str, Any]:
    """The attempts and their answers, oldest first, of one event (id or name) when given."""
    found = controls.deliveries(event)
    return {"count": len(found), "data": [each.shape() for each in found]}


@router.delete("/deliveries", status_code=204)
async def clear_deliveries(controls: TheControls) -> Response:
    """Forget the attempts."""
    controls.clear_deliveries()
    return Response(status_code=204)


@router.post("/deliveries/release")
async def release(controls: TheControls) -> dict[str, int]:
    """Let go of the deliveries that `hold` collected."""
    return {"count": controls.release_deliveries()}
