"""Attribute mapping, pure: what an identity provider or a directory sent -> our fields (contract.md)."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, cast

import msgspec

LONGEST: Final = 256

# Which attribute feeds which field, in order of preference: the seed's names and WorkOS's of today.
DEFAULTS: Final[Mapping[str, Sequence[str]]] = {
    "email": ("email", "emails", "username"),
    "first_name": (
        "first_name",
        "custom_attributes.given_name",
        "custom_attributes.firstName",
        "raw_attributes.given_name",
        "raw_attributes.firstName",
    ),
    "last_name": (
        "last_name",
        "custom_attributes.family_name",
        "custom_attributes.lastName",
        "raw_attributes.family_name",
        "raw_attributes.lastName",
    ),
    "roles": ("groups",),
    "department": (
        "custom_attributes.department_name",
        "custom_attributes.department",
        "department_name",
        "department",
        "raw_attributes.department_name",
        "raw_attributes.department",
    ),
    "job_title": (
        "job_title",
        "custom_attributes.job_title",
        "custom_attributes.title",
        "title",
        "raw_attributes.job_title",
        "raw_attributes.title",
    ),
}
_IN_NO_ADDRESS: Final = frozenset(' <>"\ufffd')
"""The last one stands where something was that no database keeps: two addresses that differ in it would become one."""
FIELDS: Final = ("email", "first_name", "last_name", "department", "job_title")
REQUIRED: Final = ("email", "first_name", "last_name")
# A plain name, then more of them behind dots, or in brackets and quotes: `raw_attributes["urn:…:2.0:User"].department`.
_PLAIN: Final = r'[^.\[\]"\s](?:[^.\[\]"]*[^.\[\]"\s])?'
_STEP: Final = re.compile(rf'\.?({_PLAIN})|\["([^"]+)"\]')
_written: Final = msgspec.json.Decoder(dict[str, tuple[str, ...]]).decode


class PathMalformed(ValueError):  # noqa: N818 -- named for what happened
    """A path that names no attribute."""


@lru_cache(maxsize=1024)
def mapping_of(written: str | None) -> Mapping[str, Sequence[str]]:
    """Return the mapping that a tenant has written down (JSON); a field that it leaves out is as in `DEFAULTS`."""
    return DEFAULTS if written is None else {**DEFAULTS, **_written(written)}


def normalised(path: str) -> str:
    """Return a path in its one spelling: brackets only around a name that needs them.

    Raises:
        PathMalformed: it is none, or one that no reader of it could show.
    """
    parts = _parts(path)
    if not parts or not path.isprintable() or path.startswith((".", "[")):
        raise PathMalformed
    return parts[0] + "".join(f".{part}" if re.fullmatch(_PLAIN, part) else f'["{part}"]' for part in parts[1:])


def depth(path: str) -> int:
    """Return through how many names a path leads."""
    return len(_parts(path))


def described(source: Mapping[str, Any], mapping: Mapping[str, Sequence[str]] = DEFAULTS) -> dict[str, str | None]:
    """Return what an object of WorkOS says of each of `FIELDS`; the first non-empty attribute wins."""
    return {field: _first(source, mapping.get(field, ()), field) for field in FIELDS}


def field_of(source: Mapping[str, Any], mapping: Mapping[str, Sequence[str]], field: str) -> str | None:
    """Return what an object of WorkOS says of one of `FIELDS`."""
    return _first(source, mapping.get(field, ()), field)


def groups(source: Mapping[str, Any], mapping: Mapping[str, Sequence[str]] = DEFAULTS) -> tuple[str, ...]:
    """Return the names of the groups that an object of WorkOS tells."""
    for path in mapping.get("roles", ()):
        value = _at(source, path)
        # WorkOS's own `groups` is a list, or is not what it documents; an attribute of the tenant's may be one name.
        told = [value] if isinstance(value, str) and path != "groups" else value
        if isinstance(told, list):
            names = tuple(name for name in map(_group_name, cast("list[object]", told)) if name)
            if names:
                return names
    return ()


def _first(source: Mapping[str, Any], paths: Sequence[str], field: str) -> str | None:
    for path in paths:
        text = _text(_at(source, path) if "." in path or "[" in path else source.get(path))
        if text and field != "email":
            # A limit on what a directory may write into our tables and pages (threats.md E14).
            return text[:LONGEST]
        if text and _is_address(text):
            return text
    return None


def _at(source: Mapping[str, Any], path: str) -> object:
    value: object = source
    for part in _parts(path):
        # `dict` first: the other question costs ten times as much, and a full sync asks it two million times.
        if not isinstance(value, dict) and not isinstance(value, Mapping):
            return None
        value = cast("Mapping[str, object]", value).get(part)
    return value


@lru_cache(maxsize=1024)
def _parts(path: str) -> tuple[str, ...]:
    """Return the names that a path leads through; none for what is no path."""
    parts: list[str] = []
    at = 0
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None or (parts and path[at] not in ".["):
            return ()
        parts.append(step[1] or step[2])
        at = step.end()
    return tuple(parts)


def _text(value: object) -> str | None:
    # In the order of how often; `match` takes three times as long, and a full sync asks a million times.
    if value is None:
        return None
    if isinstance(value, str):
        return value.strip() or None
    return _primary(cast("list[object]", value)) if isinstance(value, list) else None


def _primary(values: list[object]) -> str | None:
    """Return the primary of SCIM's `emails[]`, else its first."""
    entries = [cast("Mapping[str, object]", entry) for entry in values if isinstance(entry, Mapping)]
    chosen = next((entry for entry in entries if entry.get("primary") is True), entries[0] if entries else None)
    if chosen is not None:
        return _text(chosen.get("value"))
    return next((_text(value) for value in values if isinstance(value, str)), None)


def _is_address(text: str) -> bool:
    """Whether the text is an e-mail address. A long one is none: cut short, it would end in another domain."""
    if len(text) > LONGEST:
        return False
    local, at, domain = text.rpartition("@")
    # Invisible characters and those that turn the writing round would show an address that is not this one.
    return bool(at and local and "." in domain) and text.isprintable() and _IN_NO_ADDRESS.isdisjoint(text)


def _group_name(value: object) -> str | None:
    """Return a group's name: WorkOS sends strings, SCIM `{value, display}`.

    The name as it is: trimmed or cut, a group that anybody may found would pass for the one that a rule trusts.
    """
    if isinstance(value, Mapping):
        value = cast("Mapping[str, object]", value).get("display")
    return value if isinstance(value, str) and len(value) <= LONGEST else None
