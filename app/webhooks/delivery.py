"""Delivery: what must be known of an event before it is kept; everything else is read when it is applied."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

import msgspec

from app.kit.instants import lenient
from app.workos import fields
from app.workos.bodies import Unreadable, json_tolerant
from app.workos.fields import Mismatch

_LONGEST = 255


class _Envelope(msgspec.Struct):
    id: str
    event: str
    created_at: str | None = None
    data: msgspec.Raw = msgspec.Raw()


class _Home(msgspec.Struct):
    directory_id: str | None = None


_read = msgspec.json.Decoder(_Envelope).decode
_read_home = msgspec.json.Decoder(_Home).decode


@dataclass(frozen=True, slots=True, eq=False)
class Delivery:
    """An event as it came. `fault` says in words why it can never be applied, where that is certain already.

    `stream`: the directory whose people it tells of; events of one stream are applied together.
    """

    event_id: str
    event: str
    payload: bytes
    source: str
    occurred_at: datetime | None = None
    fault: str | None = None
    stream: str | None = None


def read(body: bytes, source: str) -> Delivery:
    """Return the delivery of a signed body; one that is no event is kept under its hash, with the fault that it has."""
    try:
        found = _envelope(body)
    except (Unreadable, Mismatch):
        return _unreadable(body, source, "It is not a JSON object with an `id` and an `event`.")
    if not 0 < len(found.id) <= _LONGEST or not 0 < len(found.event) <= _LONGEST or "\0" in found.id + found.event:
        return _unreadable(body, source, "Its `id` or `event` is empty, too long or holds a NUL character.")
    return Delivery(found.id, found.event, body, source, lenient(found.created_at), stream=_stream(found))


def _stream(found: _Envelope) -> str | None:
    if not found.event.startswith("dsync."):
        return None
    try:
        home = _read_home(found.data).directory_id
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None  # whoever reads it later says what is wrong with it; it is applied alone
    return home if home and len(home) <= _LONGEST and "\0" not in home else None


def _envelope(body: bytes) -> _Envelope:
    try:
        return _read(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        # Half an emoji in somebody's name, say: what it tells may be that they must go.
        told = json_tolerant(body)
    return _Envelope(fields.text(told, "id"), fields.text(told, "event"), fields.hint(told, "created_at"))


def _unreadable(body: bytes, source: str, fault: str) -> Delivery:
    # Answered with an error WorkOS would send it again and again; kept, it can be looked at.
    return Delivery(f"sha256:{hashlib.sha256(body).hexdigest()}", "unreadable", body, source, None, fault)
