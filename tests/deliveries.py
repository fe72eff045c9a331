"""Deliveries as WorkOS sends them: an event, its bytes, its signature."""

import hashlib
import hmac
import itertools
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx

from app.runtime import Runtime
from app.uow import Begin
from app.webhooks import flow, jobs
from tests.builders import Tenant
from tests.gateway import WEBHOOK_SECRET, Stage

_numbers = itertools.count(1)


def an_event(event: str = "test.event", data: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    """Return an event in WorkOS's envelope, with an id of its own."""
    number = next(_numbers)
    return {
        "object": "event",
        "id": f"event_01TEST{number:06d}",
        "event": event,
        "data": data or {},
        **fields,
    }


def moment(stage: Stage, seconds: float = 0) -> str:
    """Return the instant so many seconds from now, as WorkOS writes it."""
    return (stage.clock.now() + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def signature(body: bytes, at: datetime, secret: str = WEBHOOK_SECRET, *, separator: str = ", ") -> str:
    """Return the value of `WorkOS-Signature` for a body signed at an instant."""
    stamp = str(int(at.timestamp() * 1000))
    digest = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={stamp}{separator}v1={digest}"


@dataclass(frozen=True, slots=True)
class Inbox:
    """Sends deliveries to the gateway and works them off as a worker does."""

    stage: Stage
    begin: Begin
    worker: Runtime | None = None

    async def send(self, body: bytes, signed: str | bytes | None, **headers: str) -> httpx.Response:
        """Send bytes under a signature header, whatever it holds."""
        sent: dict[str, Any] = {"content-type": "application/json", **headers}
        if signed is not None:
            sent["workos-signature"] = signed
        return await self.stage.browser().http.post("/webhooks/workos", content=body, headers=sent)

    async def deliver(self, event: dict[str, Any] | bytes, **changes: Any) -> httpx.Response:  # noqa: ANN401 -- of `signature`
        """Send an event (or the very bytes), signed now unless `changes` say otherwise."""
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        changes.setdefault("at", self.stage.clock.now())
        return await self.send(body, signature(body, **changes))

    async def work_off(self) -> int:
        """Apply what is due; return how many steps that took."""
        steps = 0
        while await jobs.apply_next(self.begin, self.stage.config.platform_organization):
            steps += 1
        return steps

    async def catch_up(self) -> int | None:
        """Read WorkOS's list as a worker does; return how many events were new, None when it was not due or failed."""
        assert self.worker is not None
        return await flow.catch_up(self.worker, self.begin)

    async def applied(self, *events: dict[str, Any]) -> list[str]:
        """Deliver events one after the other, work them off, and return what became of each."""
        for event in events:
            answer = await self.deliver(event)
            assert answer.status_code == 200, answer.text
        await self.work_off()
        return [(await self.row(event["id"]))["status"] for event in events]

    async def row(self, event_id: str) -> dict[str, Any]:
        """Return the inbox's row of an event."""
        (row,) = await self.stage.sql("select * from webhook_events where event_id = $1", event_id)
        return dict(row)

    async def count(self, event_id: str) -> int:
        """Return how many rows an event has."""
        return len(await self.stage.sql("select 1 from webhook_events where event_id = $1", event_id))


def connection_event(
    tenant: Tenant,
    event: str,
    *,
    at: str | None = None,
    **data: Any,  # noqa: ANN401 -- JSON
) -> dict[str, Any]:
    """Return `connection.activated`, `.deactivated` or `.deleted` of the tenant's connection, of now or `at`."""
    at = at or moment(tenant.stage)
    state = {"connection.activated": "active", "connection.deactivated": "inactive", "connection.deleted": "inactive"}
    told: dict[str, Any] = {
        "object": "connection",
        "id": tenant.connection_workos_id,
        "organization_id": tenant.workos_id,
        "connection_type": "OktaSAML",
        "name": "Okta",
        "state": state[event],
        "domains": [],
        "created_at": "2026-11-01T00:00:00.000Z",
        "updated_at": at,
        **data,
    }
    return an_event(event, told, created_at=at)
