"""POST /webhooks/workos: the signature proven, the delivery inserted and committed; then the answer."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from hmac import compare_digest, digest
from typing import NamedTuple
from uuid import UUID

import msgspec

from bench.deliveries import PATH, signed
from bench.floors.batch import Batch
from bench.floors.ground import Ground
from bench.floors.ids import uuid7
from bench.floors.lanes import prepared
from bench.floors.wire import JSON, Door, Receive, Scope, Send, answer, body_of, header, refuse
from bench.workload import Request, Visitor, Workload
from bench.world import WEBHOOK_KEY

TOLERANCE_MS = 180_000
MOST_PER_SECOND = 24_000
"""More than any target has accepted on the machines we know; the load says when it ran out."""


def _requests(visitor: Visitor) -> list[Request]:
    return signed(int(visitor.seconds * MOST_PER_SECOND))


WORKLOAD = Workload(
    "ingest",
    "webhook accepted and durable",
    _requests,
    script="once.lua",
    variants=("one statement",),
    once=True,
    clears=("webhook_events",),
    kept="select count(*) from webhook_events",
)

_KEEP = """
insert into webhook_events (id, event_id, event, payload, source, status, due_at, occurred_at, stream, received_at)
select a.id, a.event_id, a.event, a.payload, 'webhook', 'pending', $7, a.occurred_at, a.stream, $7
  from unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::timestamptz[], $6::text[])
       as a(id, event_id, event, payload, occurred_at, stream)
 order by a.event_id
on conflict (event_id) do nothing
"""
_RECEIVED = b'{"received":true}'
_KEY = WEBHOOK_KEY.encode()


class _Data(msgspec.Struct):
    directory_id: str


class _Envelope(msgspec.Struct):
    id: str
    event: str
    created_at: datetime
    data: _Data


class _Delivery(NamedTuple):
    id: UUID
    event_id: str
    event: str
    payload: bytes
    occurred_at: datetime
    stream: str


_read = msgspec.json.Decoder(_Envelope).decode


async def open_doors(ground: Ground) -> dict[str, Door]:
    """Return the door, its statement prepared."""
    statements = await prepared(ground.database, _KEEP, 6)

    async def keep(lane: int, deliveries: Sequence[_Delivery]) -> Sequence[_Delivery]:
        columns = zip(*deliveries, strict=True)
        await statements[lane].fetch(*map(list, columns), datetime.now(UTC))
        return deliveries  # stored, or here already: both are answered alike

    batch = Batch(keep, lanes=6, most=1) if ground.variant == "one statement" else Batch(keep, lanes=2)

    async def receive(scope: Scope, receive: Receive, send: Send) -> None:
        body = await body_of(receive)
        told = header(scope, b"workos-signature")
        stamp, _, mark = told.removeprefix(b"t=").partition(b", v1=")
        if not compare_digest(digest(_KEY, b"%s.%s" % (stamp, body), "sha256").hex().encode(), mark):
            await refuse(send, 401, b"webhook_signature_invalid")
            return
        if abs(time.time() * 1000 - int(stamp)) > TOLERANCE_MS:
            await refuse(send, 401, b"webhook_timestamp_stale")
            return
        envelope = _read(body)
        stream = envelope.data.directory_id
        await batch.ask(_Delivery(uuid7(), envelope.id, envelope.event, body, envelope.created_at, stream))
        await answer(send, 200, JSON, _RECEIVED)

    return {PATH: receive}
