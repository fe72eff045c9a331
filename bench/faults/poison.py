"""Poison: deliveries that are well signed and can never be applied; each must end `dead` and hold up nothing."""

import hashlib
import json
import random
from collections.abc import Callable, Iterable

from bench.faults.sender import Delivery


def poisonous(rng: random.Random, count: int) -> list[Delivery]:
    """Return so many deliveries, of different kinds as far as there are. WorkOS's list does not have them."""
    first = rng.randrange(len(_KINDS))
    return [
        _KINDS[(first + number) % len(_KINDS)](f"event_POISON{rng.randrange(10**12):012d}") for number in range(count)
    ]


def kept_as(poison: Iterable[Delivery]) -> dict[str, str]:
    """Return, by the id under which the inbox keeps what it cannot read at all (the hash of its bytes), its own id."""
    return {f"sha256:{hashlib.sha256(each.body).hexdigest()}": each.event_id for each in poison}


def _body(event_id: str, data: dict[str, object]) -> str:
    event = {"object": "event", "id": event_id, "event": "dsync.user.updated", "data": data}
    return json.dumps(event | {"created_at": "2026-11-01T00:00:00.000Z", "context": {}}, separators=(",", ":"))


def _deep(event_id: str) -> Delivery:
    """Nested 10,000 deep: PostgreSQL's jsonb takes it, readers that recurse do not."""
    body = _body(event_id, {"id": "directory_user_deep", "custom_attributes": "DEEP"})
    return Delivery(event_id, body.replace('"DEEP"', "[" * 10_000 + "]" * 10_000).encode())


def _nul(event_id: str) -> Delivery:
    r"""A \u0000 in an id: jsonb and text refuse it (22P05)."""
    return Delivery(event_id, _body(event_id, {"id": "directory_user_\0", "directory_id": "directory_\0"}).encode())


def _surrogate(event_id: str) -> Delivery:
    """Half a character: JSON allows its escape, UTF-8 and PostgreSQL do not."""
    body = _body(event_id, {"id": "directory_user_HALF"})
    return Delivery(event_id, body.replace("HALF", "\\ud800").encode())


def _not_a_number(event_id: str) -> Delivery:
    """NaN is no JSON, though many writers write it."""
    return Delivery(event_id, _body(event_id, {"id": "HERE"}).replace('"HERE"', "NaN").encode())


def _missing(event_id: str) -> Delivery:
    """Nothing says whom it is about."""
    return Delivery(event_id, _body(event_id, {}).encode())


_KINDS: tuple[Callable[[str], Delivery], ...] = (_deep, _nul, _surrogate, _not_a_number, _missing)
