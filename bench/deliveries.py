"""Deliveries: events about people of a directory as WorkOS sends them, each with an id of its own, signed now."""

import hmac
import itertools
import json
import time
from datetime import UTC, datetime

from bench.people import CHANGING, Member, instant
from bench.workload import Request
from bench.world import WEBHOOK_KEY, a_uuid

PATH = "/webhooks/workos"
_serial = itertools.count(time.time_ns() // 1_000_000)
Row = tuple[object, ...]

COLUMNS = (
    *("id", "event_id", "event", "payload", "source", "status", "stream", "due_at", "occurred_at", "received_at"),
)


def event(member: Member, at: datetime) -> tuple[str, str]:
    """Return (id, JSON) of a new `dsync.user.updated`: the person has another first name since `at`."""
    serial = next(_serial)
    identifier = f"event_bench{serial}"
    data = member.told(f"First{serial}", at) | {"previous_attributes": {"first_name": "First"}}
    told = {"object": "event", "id": identifier, "event": "dsync.user.updated", "data": data, "context": {}}
    return identifier, json.dumps(told | {"created_at": instant(at)}, separators=(",", ":"))


def signature(body: str, at: datetime) -> str:
    """Return the value of `WorkOS-Signature`."""
    stamp = str(int(at.timestamp() * 1000))
    return f"t={stamp}, v1={hmac.digest(WEBHOOK_KEY.encode(), f'{stamp}.{body}'.encode(), 'sha256').hex()}"


def signed(count: int) -> list[Request]:
    """Return so many deliveries of distinct events, signed now: good for 180 s, and each for one acceptance."""
    now = datetime.now(UTC)
    bodies = (event(Member(CHANGING, number % CHANGING.people), now)[1] for number in range(count))
    return [
        Request("POST", PATH, {"Content-Type": "application/json", "WorkOS-Signature": signature(body, now)}, body)
        for body in bodies
    ]


def pending(count: int) -> list[Row]:
    """Return so many rows of the inbox (`COLUMNS`) that a worker has to apply, each about another person."""
    now, home = datetime.now(UTC), CHANGING.workos_id
    told = [event(Member(CHANGING, number), now) for number in range(count)]
    return [
        (a_uuid("event", number), name, "dsync.user.updated", body.encode(), "webhook", "pending", home, now, now, now)
        for number, (name, body) in enumerate(told)
    ]
