"""Bodies: bytes -> JSON object, for WorkOS's answers and webhooks alike; nothing that the database could not hold."""

import json
import math
import re
from collections.abc import Callable
from typing import Any, Final, TypedDict, cast

import msgspec

from app.workos.fields import REPLACED, Cleaned, Object, Odd

_ODD: Final = re.compile("[\0\ud800-\udfff]")
_LONGEST_NUMBER: Final = 300
"""Digits; longer ones take Python seconds to read, and no field of ours holds them."""
_fast = msgspec.json.Encoder().encode


class _Member(TypedDict, total=False):
    id: Any
    directory_id: Any


class _MembersPage(TypedDict, total=False):
    object: Any
    data: list[_Member]
    list_metadata: Any


_members = msgspec.json.Decoder(_MembersPage).decode


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
    if _may_hold_nul(body) and _has_nul(value):
        raise Unreadable("holds a NUL character")
    return value


def json_tolerant(body: bytes) -> Object:
    """Return the JSON object of a body in which values may be odd: half an emoji, NUL, a number beyond all.

    They are read as `Odd`, which is shown and finds nothing: whoever is taken away must not stay because of a name.
    Raises `Unreadable` for what is no JSON object, or nested too deeply.
    """
    value, odd = _read(body)
    if not odd:
        return value
    try:
        return cast("Object", _cleaned(value))
    except RecursionError:
        raise Unreadable("is nested too deeply") from None


def json_members(body: bytes) -> Object:
    """Return the JSON object of a page of people of whom only who they are is wanted (`shapes.member`).

    The rest of them is skipped, not built: a full sync reads as many as there are memberships. What is odd or of
    another shape is read as `json_tolerant` does.
    """
    if not _may_hold_nul(body):
        try:
            return cast("Object", _members(body))
        except (ValueError, RecursionError):
            pass
    return json_tolerant(body)


def json_events(body: bytes) -> Object:
    """Return the JSON object of a page of events, as `json_tolerant` does.

    An entry that is no object, or nested too deeply, is read as an empty one, so that it is broken alone
    (`shapes.event_or_broken`): one tenant's odd event would otherwise stop everybody's events for ever.
    """
    value, odd = _read(body)
    entries = value.get("data")
    if not isinstance(entries, list):
        return cast("Object", _cleaned(value)) if odd else value
    rest = {name: told for name, told in value.items() if name != "data"}
    try:
        rest = cast("dict[str, object]", _cleaned(rest)) if odd else rest
    except RecursionError:
        raise Unreadable("is nested too deeply") from None
    return {**rest, "data": [_event(entry, odd=odd) for entry in cast("list[object]", entries)]}


def encode(told: Object) -> bytes:
    """Return the JSON of what was read, its odd values as they came; of what is too deep id and type alone."""
    try:
        return _fast(told)
    except RecursionError:
        return _fast({name: told[name] for name in ("id", "event") if type(told.get(name)) is str})
    except TypeError:  # the encoder knows no `Odd`
        return json.dumps(told_of(told)).encode()


def told_of(value: object) -> object:
    """Return a value with what WorkOS told in place of everything that was odd."""
    return _mapped(value, lambda leaf: leaf.told if isinstance(leaf, Odd) else leaf, dict)


def _read(body: bytes) -> tuple[Object, bool]:
    """Return a body's JSON object, and whether it may hold odd values."""
    try:
        return _decoded(body), _may_hold_nul(body)
    except Unreadable:
        return _decoded(body, _loads), True  # takes what the strict decoder refuses for one odd value


def _decoded(body: bytes, decode: Callable[[bytes], object] = msgspec.json.decode) -> Object:
    try:
        value = decode(body)
    except (ValueError, RecursionError):
        raise Unreadable("is not JSON") from None
    if not isinstance(value, dict):
        raise Unreadable("is not a JSON object")
    return cast("Object", value)


def _loads(body: bytes) -> object:
    # Decoded here: `json` would also take UTF-16. Half an emoji may come unescaped too.
    return json.loads(body.decode("utf-8", "surrogatepass"), parse_int=_whole)


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else math.inf


def _may_hold_nul(body: bytes) -> bool:
    # The backslash first: one byte is looked for ten times as fast as six, and few bodies have any.
    return b"\\" in body and b"\\u0000" in body


def _has_nul(value: object) -> bool:
    pending = [value]
    while pending:
        found = pending.pop()
        if isinstance(found, str):
            if "\0" in found:
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
    try:
        return cast("Object", _cleaned(cast("Object", entry)) if odd else entry)
    except RecursionError:
        return {}


def _cleaned(value: object) -> object:
    return _mapped(value, _leaf, Cleaned)


def _leaf(value: object) -> object:
    if isinstance(value, str):
        return Odd.of(_ODD.sub(REPLACED, value), value) if _ODD.search(value) else value
    if isinstance(value, float) and not math.isfinite(value):
        return Odd.of(REPLACED, value)
    return value


def _mapped(value: object, leaf: Callable[[object], object], empty: Callable[[], dict[object, object]]) -> object:
    """Return a value with `leaf` of every name and of everything that holds nothing itself."""
    if isinstance(value, dict):
        made = empty()
        for name, told in cast("dict[object, object]", value).items():
            made[leaf(name)] = _mapped(told, leaf, empty)
        return made
    if isinstance(value, list):
        entries: list[object] = []
        for entry in cast("list[object]", value):
            entries.append(_mapped(entry, leaf, empty))  # noqa: PERF401 -- a comprehension is a frame more for each level
        return entries
    return leaf(value)
