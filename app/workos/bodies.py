"""Bodies: bytes -> JSON object, for WorkOS's answers and webhooks alike; nothing that the database could not hold."""

import json
import math
import re
from collections.abc import Callable
from typing import Final, cast

import msgspec

from app.workos.fields import Object

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class Unreadable(Exception):  # noqa: N818 -- named for what happened
    """The body is no JSON object that may be used; `why` completes a sentence, and quotes nothing of it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def json_object(body: bytes) -> Object:
    """Return the JSON object of a body.

    Raises `Unreadable` for anything else: invalid UTF-8, lone surrogates, NaN, deep nesting, and NUL in a string, which
    PostgreSQL's text cannot hold and which must not be cleaned away: two ids that differ in it would become one.
    """
    value = _decoded(body)
    if _may_hold_nul(body) and _is_odd(value):
        raise Unreadable("holds a NUL character")
    return value


def json_events(body: bytes) -> Object:
    """Return the JSON object of a page of events, as `json_object` does.

    Of an event that holds what the database could not (NUL, half an emoji, a number beyond all) only id and type are
    kept, and of an entry that is no object nothing, so that it is broken alone (`shapes.event_or_broken`): one tenant's
    odd name would otherwise stop everybody's events for ever.
    """
    try:
        value, odd = _decoded(body), _may_hold_nul(body)
    except Unreadable:
        value, odd = _decoded(body, json.loads), True  # takes what the strict decoder refuses for one odd value
    entries = value.get("data")
    if isinstance(entries, list):
        value = {**value, "data": [_event(entry, odd=odd) for entry in cast("list[object]", entries)]}
    if odd and _is_odd(value):
        raise Unreadable("holds what no database keeps")
    return value


def _decoded(body: bytes, decode: Callable[[bytes], object] = msgspec.json.decode) -> Object:
    try:
        value = decode(body)
    except (ValueError, RecursionError):
        raise Unreadable("is not JSON") from None
    if not isinstance(value, dict):
        raise Unreadable("is not a JSON object")
    return cast("Object", value)


def _may_hold_nul(body: bytes) -> bool:
    return b"\\u0000" in body


def _is_odd(value: object) -> bool:
    """Return whether a value holds NUL, a lone surrogate or a number that is none, at any depth."""
    pending = [value]
    while pending:
        found = pending.pop()
        if isinstance(found, str):
            if "\0" in found or _SURROGATE.search(found):
                return True
        elif isinstance(found, float):
            if not math.isfinite(found):
                return True
        elif isinstance(found, dict):
            items = cast("dict[str, object]", found)
            pending += [*items, *items.values()]
        elif isinstance(found, list):
            pending += cast("list[object]", found)
    return False


def _event(entry: object, *, odd: bool) -> Object:
    if not isinstance(entry, dict):
        return {}
    told = cast("Object", entry)
    if odd and _is_odd(told):
        return {name: told[name] for name in ("id", "event") if name in told and not _is_odd(told[name])}
    return told
