"""Fields: one field of WorkOS's JSON at a time, as the type it must have; whatever else it is, a Mismatch."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final, Self, cast

from app.kit.instants import lenient

Object = Mapping[str, object]

LONGEST_KEY: Final = 512
"""Characters of what something is found by again: an id, an e-mail address, a group's name."""
LONGEST_NAME: Final = 256
"""Characters of what is only shown: a person's name or title."""

REPLACED: Final = "\ufffd"
"""What is shown in place of what no database keeps."""

_ADDRESSES: Final = ("email", "username")
_SHOWN: Final = ("first_name", "last_name", "job_title")
_WORD = re.compile(r"[!-~]{1,128}")


class Mismatch(Exception):  # noqa: N818 -- named for what happened
    """A field is missing or of another type. `field` is our word for it; the value is never repeated."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class Odd(str):
    """A value that no database keeps (NUL, half an emoji, a number beyond all), as it is shown; nothing is found by it.

    `told` is the value as it came. A key's reader refuses it: two ids that differ in what is replaced would become one.
    """

    __slots__ = ("told",)
    told: str | float

    @classmethod
    def of(cls, shown: str, told: str | float) -> Self:
        """Return what stands for an odd value."""
        odd = cls(shown)
        odd.told = told
        return odd


class Cleaned(dict[object, object]):
    """An object of a body in which some value is odd: only in these is `Odd` looked for, not in every page's people."""


def absent(found: Object, field: str) -> bool:
    """Return whether a field is missing, null or an empty text: WorkOS uses all three for "none"."""
    value = found.get(field)
    return value is None or value == ""


def text(found: Object, field: str) -> str:
    """Return a text that must be there and not empty. Raises `Mismatch`, as every reader here does."""
    value = found.get(field)
    if type(value) is not str or not value:  # an odd one is of another type
        raise Mismatch(field)
    return value


def text_or_none(found: Object, field: str) -> str | None:
    """Return a text, or `None` where there is none or an empty one."""
    return None if absent(found, field) else text(found, field)


def key(found: Object, field: str) -> str:
    """Return what something is found by again. PostgreSQL's index refuses longer ones; cut, two would become one."""
    value = found.get(field)
    if type(value) is not str or not 0 < len(value) <= LONGEST_KEY:
        raise Mismatch(field)
    return value


def key_or_none(found: Object, field: str) -> str | None:
    """Return a key, or `None` where there is none or an empty one."""
    return None if absent(found, field) else key(found, field)


def name_or_none(found: Object, field: str) -> str | None:
    """Return a text that is only shown, cut to `LONGEST_NAME` (threats.md E14); nothing is ever found by it."""
    value = found.get(field)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise Mismatch(field)
    return str(value[:LONGEST_NAME])


def prove_described(found: Object) -> None:
    """Prove the fields that say who a person is to be of their types; `app/users/attributes.py` reads them by path.

    There a field of another type says nothing, and a garbled page would take everybody's name (threats.md E7).
    """
    for field in _ADDRESSES:
        key_or_none(found, field)
    for field in _SHOWN:
        value = found.get(field)
        if value is not None and not isinstance(value, str):
            raise Mismatch(field)
    items(found, "emails")


def word(found: Object, field: str) -> str:
    """Return an id or a type of WorkOS's own: up to 128 printable ASCII characters, so that a log line may hold it."""
    value = text(found, field)
    if not _WORD.fullmatch(value):
        raise Mismatch(field)
    return value


def word_or_empty(found: Object, field: str) -> str:
    """Return a word, or "" for anything else: for what is told of an object that could not be read."""
    value = found.get(field)
    return value if isinstance(value, str) and _WORD.fullmatch(value) else ""  # never an odd one: it is beyond ASCII


def hint(found: Object, field: str) -> str | None:
    """Return a short text, or `None` for anything else: for what is told along and decides nothing."""
    value = found.get(field)
    if not isinstance(value, str) or isinstance(value, Odd):
        return None
    return value if 0 < len(value) <= LONGEST_KEY else None


def whole_number_or_none(found: Object, field: str) -> int | None:
    """Return a whole number, or `None` for anything else: for what is told along and decides nothing."""
    value = found.get(field)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def items(found: Object, field: str) -> list[object]:
    """Return a list; an empty one where there is none."""
    value = found.get(field)
    if value is None:
        return []
    if not isinstance(value, list):
        raise Mismatch(field)
    return cast("list[object]", value)


def texts(found: Object, field: str) -> tuple[str, ...]:
    """Return a list of texts; an empty one where there is none."""
    values = items(found, field)
    if not all(isinstance(value, str) and not isinstance(value, Odd) for value in values):
        raise Mismatch(field)
    return tuple(cast("list[str]", values))


def objects(found: Object, field: str) -> list[Object]:
    """Return a list of objects; an empty one where there is none."""
    values = items(found, field)
    if not all(isinstance(value, dict) for value in values):
        raise Mismatch(field)
    return cast("list[Object]", values)


def one(found: Object, field: str) -> Object:
    """Return an object that must be there."""
    value = found.get(field)
    if not isinstance(value, dict):
        raise Mismatch(field)
    return cast("Object", value)


def one_or_empty(found: Object, field: str) -> Object:
    """Return an object; an empty one where there is none."""
    return {} if found.get(field) is None else one(found, field)


def free(found: Object) -> Object:
    """Return an object of which nothing is read but what rules and people look at, its odd values as plain text.

    Left as they are they would stop every encoder that knows `str` alone.
    """
    return cast("Object", _plain(found)) if isinstance(found, Cleaned) and _holds_odd(found) else found


def inside_of(directory: str, found: Object) -> Object:
    """Return an object of a directory as one that names it: WorkOS leaves that out inside of another object."""
    # Of the same class: a plain one would pass for one in which nothing is odd.
    return cast("Object", type(found)({**found, "directory_id": directory}))  # type: ignore[call-arg]


def _holds_odd(value: object) -> bool:
    """Return whether there is an odd value inside; not by recursion, for others on the page may be nested deeply."""
    pending = [value]
    while pending:
        told = pending.pop()
        if isinstance(told, Odd):
            return True
        if isinstance(told, dict):
            items = cast("dict[str, object]", told)
            pending += [*items, *items.values()]
        elif isinstance(told, list):
            pending += cast("list[object]", told)
    return False


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {_plain(name): _plain(told) for name, told in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [_plain(entry) for entry in cast("list[object]", value)]
    return str(value) if isinstance(value, Odd) else value


def inside(found: Object, field: str) -> Object:
    """Return an object, or an empty one for anything else: for what is told along and decides nothing."""
    value = found.get(field)
    return cast("Object", value) if isinstance(value, dict) else {}


def addresses(found: Object) -> tuple[str, ...]:
    """Return the addresses of the deprecated `emails`, primary ones first.

    They come as strings, or as objects with a `value`; odd ones are skipped, and so are those too long to be found by.
    """
    first: list[str] = []
    others: list[str] = []
    for entry in items(found, "emails"):
        told = cast("Object", entry) if isinstance(entry, dict) else {"value": entry}
        address = hint(told, "value")
        if address is not None:
            (first if told.get("primary") is True else others).append(address)
    return (*first, *others)


def instant(found: Object, field: str) -> datetime:
    """Return an instant in UTC; WorkOS also writes it without T and Z (workos.md section 2)."""
    told = lenient(text(found, field))
    if told is None:
        raise Mismatch(field)
    return told


def instant_or_none(found: Object, field: str) -> datetime | None:
    """Return an instant in UTC, or `None` where there is none."""
    return None if absent(found, field) else instant(found, field)
