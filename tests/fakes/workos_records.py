"""One of each WorkOS record, to be changed field by field: Ada, her connection, directory and group."""

from datetime import UTC, datetime
from typing import Any

from app.workos.records import Connection, Directory, DirectoryGroup, DirectoryUser, Event, Profile

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def a_profile(**changes: Any) -> Profile:  # noqa: ANN401 -- any field of Profile
    """Return a profile of Ada at connection conn_1 of organization org_1; `attributes` follows the other fields."""
    values: dict[str, Any] = {
        "id": "prof_1",
        "connection_id": "conn_1",
        "connection_type": "OktaSAML",
        "organization_id": "org_1",
        "idp_id": "00u1",
        "email": "ada@acme.test",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "groups": ("Engineering",),
        **changes,
    }
    whole = {**values, "groups": list(values["groups"]), "object": "profile"}
    values.setdefault("attributes", whole)
    return Profile(**values)


def a_connection(**changes: Any) -> Connection:  # noqa: ANN401 -- any field of Connection
    """Return the active Okta SAML connection conn_1 of organization org_1."""
    values: dict[str, Any] = {
        "id": "conn_1",
        "organization_id": "org_1",
        "type": "OktaSAML",
        "name": "Acme Okta",
        "state": "active",
        "created_at": LONG_AGO,
        "updated_at": LONG_AGO,
        **changes,
    }
    return Connection(**values)


def a_directory(**changes: Any) -> Directory:  # noqa: ANN401 -- any field of Directory
    """Return the linked Okta directory directory_1 of organization org_1."""
    values: dict[str, Any] = {
        "id": "directory_1",
        "organization_id": "org_1",
        "type": "okta scim v2.0",
        "name": "Acme Okta",
        "state": "linked",
        "created_at": LONG_AGO,
        "updated_at": LONG_AGO,
        **changes,
    }
    return Directory(**values)


def a_directory_user(**changes: Any) -> DirectoryUser:  # noqa: ANN401 -- any field of DirectoryUser, any attribute
    """Return Ada, active in directory directory_1 of organization org_1; all of it is among her attributes."""
    values: dict[str, Any] = {
        "id": "directory_user_1",
        "directory_id": "directory_1",
        "organization_id": "org_1",
        "idp_id": "00u1",
        "email": "ada@acme.test",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "state": "active",
        "custom_attributes": {"department_name": "Research", "job_title": "Analyst"},
        "updated_at": LONG_AGO,
        **changes,
    }
    values.setdefault("attributes", {**values, "object": "directory_user"})
    return DirectoryUser(**{name: values[name] for name in DirectoryUser._fields})


def a_directory_group(**changes: Any) -> DirectoryGroup:  # noqa: ANN401 -- any field of DirectoryGroup
    """Return the group MemberPulse Admins of directory directory_1 of organization org_1."""
    values: dict[str, Any] = {
        "id": "directory_group_1",
        "directory_id": "directory_1",
        "organization_id": "org_1",
        "idp_id": "00g1",
        "name": "MemberPulse Admins",
        "created_at": LONG_AGO,
        "updated_at": LONG_AGO,
        **changes,
    }
    return DirectoryGroup(**values)


def an_event(**changes: Any) -> Event:  # noqa: ANN401 -- any field of Event
    """Return an event that tells of a person who is gone; `raw` follows the other fields."""
    values: dict[str, Any] = {
        "id": "event_1",
        "event": "dsync.user.deleted",
        "data": {"id": "directory_user_1", "directory_id": "directory_1", "organization_id": "org_1"},
        "created_at": LONG_AGO,
        "organization_id": "org_1",
        **changes,
    }
    if "raw" not in values:
        told = {name: values[name] for name in ("id", "event", "data")}
        values["raw"] = {"object": "event", **told, "created_at": values["created_at"].isoformat()}
    return Event(**values)
