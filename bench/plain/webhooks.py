"""Webhooks of the plain project: verify, look whether it is new, store."""

import hashlib
import hmac
import json
import time
import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Request
from sqlalchemy import select

from bench.plain.mirror import WebhookEvent
from bench.plain.schemas import Received
from bench.plain.security import Db
from bench.world import WEBHOOK_KEY

TOLERANCE_MS = 180_000

router = APIRouter()


@router.post("/webhooks/workos", response_model=Received)  # noqa: FAST001 -- as is usual
async def receive(request: Request, db: Db, workos_signature: Annotated[str, Header()]) -> Received:
    """Store a delivery once."""
    body = await request.body()
    verify(workos_signature, body)
    event = json.loads(body)
    known = (await db.execute(select(WebhookEvent).where(WebhookEvent.event_id == event["id"]))).scalar_one_or_none()
    if known is None:
        now = datetime.now(UTC)
        db.add(
            WebhookEvent(
                id=uuid.uuid4(),
                event_id=event["id"],
                event=event["event"],
                payload=body,
                source="webhook",
                status="pending",
                due_at=now,
                occurred_at=datetime.fromisoformat(event["created_at"]),
                received_at=now,
            )
        )
    # As in login.py: the yield dependency would commit after the answer.
    await db.commit()
    return Received(received=True)


def verify(header: str, body: bytes) -> None:
    """Check the signature and its age."""
    stamp, _, mark = header.removeprefix("t=").partition(", v1=")
    expected = hmac.new(WEBHOOK_KEY.encode(), f"{stamp}.{body.decode()}".encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, mark):
        raise HTTPException(status_code=401, detail="Invalid signature")
    if abs(time.time() * 1000 - int(stamp)) > TOLERANCE_MS:
        raise HTTPException(status_code=401, detail="Stale timestamp")
