"""Shapes: WorkOS's JSON -> records. Strict on what the gateway uses, indifferent to what it does not know."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeVar, cast

from app.workos.records import Connection, Directory, Domain, Organization, Page, Profile

T = TypeVar("T")
_WEB_ADDRESS = re.compile(r"https?://[!-~]+")
_LONGEST_KEY = 512
Object = Mapping[str, object]


class Mismatch(Exception):  # noqa: N818 -- named for what happened
    """A field is missing or of another type. `field` is our word for it; the value is never repeated."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def profile(answer: Object) -> Profile:
    """Return the person of a token answer (workos.com/docs/reference/sso/profile/get-profile-and-token)."""
    found = _object(answer, "profile")
    return Profile(
        id=_key(found, "id"),
        connection_id=_key(found, "connection_id"),
        connection_type=_text(found, "connection_type"),
        idp_id=_key(found, "idp_id"),
        organization_id=_text_or_none(found, "organization_id"),
        email=_text_or_none(found, "email"),
        first_name=_text_or_none(found, "first_name"),
        last_name=_text_or_none(found, "last_name"),
        groups=_texts(found, "groups"),
        username=_text_or_none(found, "username"),
        job_title=_text_or_none(found, "job_title"),
        emails=_emails(found),
        custom_attributes=_object_or_empty(found, "custom_attributes"),
        raw_attributes=_object_or_empty(found, "raw_attributes"),
        attributes=found,
    )


def connection(answer: Object) -> Connection:
    """Return a connection (workos.com/docs/reference/sso/connection)."""
    return Connection(
        id=_text(answer, "id"),
        type=_text(answer, "connection_type"),
        name=_text_or_none(answer, "name") or "",
        state=_text(answer, "state"),
        created_at=_instant(answer, "created_at"),
        updated_at=_instant(answer, "updated_at"),
        organization_id=_text_or_none(answer, "organization_id"),
        domains=tuple(_text(entry, "domain") for entry in _objects(answer, "domains")),
    )


def directory(answer: Object) -> Directory:
    """Return a directory (workos.com/docs/reference/directory-sync/directory)."""
    return Directory(
        id=_text(answer, "id"),
        organization_id=_text(answer, "organization_id"),
        type=_text(answer, "type"),
        name=_text_or_none(answer, "name") or "",
        state=_text(answer, "state"),
        created_at=_instant(answer, "created_at"),
        updated_at=_instant(answer, "updated_at"),
        external_key=_text_or_none(answer, "external_key"),
        domain=_text_or_none(answer, "domain"),
        active_users=_active_users(answer),
    )


def organization(answer: Object) -> Organization:
    """Return an organization; a domain without a state is unverified (workos.com/docs/reference/organization)."""
    return Organization(
        id=_text(answer, "id"),
        name=_text(answer, "name"),
        domains=tuple(
            Domain(_text(entry, "id"), _text(entry, "domain"), _text_or_none(entry, "state") or "unverified")
            for entry in _objects(answer, "domains")
        ),
        external_id=_text_or_none(answer, "external_id"),
    )


def logout_url(answer: Object) -> str:
    """Return the address that signs out (workos.com/docs/reference/sso/logout); a browser is sent there."""
    url = _text(answer, "logout_url")
    if not _WEB_ADDRESS.fullmatch(url):
        raise Mismatch("logout_url")
    return url


def page(answer: Object, item: Callable[[Object], T], *, after: str | None) -> Page[T]:
    """Return one page of a list asked for with the cursor `after`.

    A page must say that it is a list, hold one, and say whether there is more: whoever deletes what a listing does not
    show must not take a broken one for an empty company (threats.md E7). A cursor that stands still would never end.
    """
    if answer.get("object") != "list":
        raise Mismatch("object")
    if not isinstance(answer.get("data"), list):
        raise Mismatch("data")
    items = tuple(item(entry) for entry in _objects(answer, "data"))
    metadata = _object(answer, "list_metadata")
    if "after" not in metadata:
        raise Mismatch("list_metadata.after")
    following = _text_or_none(metadata, "after")
    if following is not None and (following == after or not items):
        raise Mismatch("list_metadata.after")
    return Page(items, following)


def _text(found: Object, field: str) -> str:
    value = found.get(field)
    if not isinstance(value, str) or not value:
        raise Mismatch(field)
    return value


def _key(found: Object, field: str) -> str:
    """Return what people are found by again. PostgreSQL's index refuses longer ones; cut, two would become one."""
    value = _text(found, field)
    if len(value) > _LONGEST_KEY:
        raise Mismatch(field)
    return value


def _text_or_none(found: Object, field: str) -> str | None:
    value = found.get(field)
    if value is None or value == "":
        return None
    return _text(found, field)


def _list(found: Object, field: str) -> list[object]:
    value = found.get(field)
    if value is None:
        return []
    if not isinstance(value, list):
        raise Mismatch(field)
    return cast("list[object]", value)


def _texts(found: Object, field: str) -> tuple[str, ...]:
    values = _list(found, field)
    if not all(isinstance(value, str) for value in values):
        raise Mismatch(field)
    return tuple(cast("list[str]", values))


def _object(found: Object, field: str) -> Object:
    value = found.get(field)
    if not isinstance(value, dict):
        raise Mismatch(field)
    return cast("Object", value)


def _object_or_empty(found: Object, field: str) -> Object:
    return {} if found.get(field) is None else _object(found, field)


def _objects(found: Object, field: str) -> list[Object]:
    values = _list(found, field)
    if not all(isinstance(value, dict) for value in values):
        raise Mismatch(field)
    return cast("list[Object]", values)


def _emails(found: Object) -> tuple[str, ...]:
    """Return the addresses of the deprecated `emails`: strings, or objects with a `value`; odd ones are skipped."""
    entries = _list(found, "emails")
    values = [cast("Object", entry).get("value") if isinstance(entry, dict) else entry for entry in entries]
    return tuple(value for value in values if isinstance(value, str) and value)


def _instant(found: Object, field: str) -> datetime:
    """Return an instant in UTC; WorkOS also writes it without T and Z (workos.md section 2)."""
    try:
        instant = datetime.fromisoformat(_text(found, field))
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):  # the year 1 in a time zone east of here has no UTC
        raise Mismatch(field) from None


def _active_users(found: Object) -> int | None:
    """Return `metadata.users.active`, where there is one: a sanity check that may be absent, so never a refusal."""
    users = _object_or_none(_object_or_none(found, "metadata"), "users")
    active = users.get("active")
    return active if isinstance(active, int) and not isinstance(active, bool) else None


def _object_or_none(found: Object, field: str) -> Object:
    value = found.get(field)
    return cast("Object", value) if isinstance(value, dict) else {}
