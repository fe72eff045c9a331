"""Attribute mapping, pure: what an identity provider or a directory sent -> our fields (contract.md)."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, cast

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
    "groups": ("groups",),
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
_IN_NO_ADDRESS: Final = frozenset(' <>"')
FIELDS: Final = ("email", "first_name", "last_name", "department", "job_title")


def described(source: Mapping[str, Any], mapping: Mapping[str, Sequence[str]] = DEFAULTS) -> dict[str, str | None]:
    """Return what an object of WorkOS says of each of `FIELDS`; the first non-empty attribute wins."""
    return {field: _first(source, mapping.get(field, ()), field) for field in FIELDS}


def groups(source: Mapping[str, Any], mapping: Mapping[str, Sequence[str]] = DEFAULTS) -> tuple[str, ...]:
    """Return the names of the groups that an object of WorkOS tells."""
    for path in mapping.get("groups", ()):
        value = _at(source, path)
        if isinstance(value, list):
            return tuple(name for name in map(_group_name, cast("list[object]", value)) if name)
    return ()


def _first(source: Mapping[str, Any], paths: Sequence[str], field: str) -> str | None:
    for path in paths:
        text = _text(_at(source, path) if "." in path else source.get(path))
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
    return tuple(path.split("."))


def _text(value: object) -> str | None:
    match value:
        case str():
            return value.strip() or None
        case list():
            return _primary(cast("list[object]", value))
        case _:
            return None


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
