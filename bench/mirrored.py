"""The rows of directories in a target's tables: what is there before a list is read or an event is applied."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from bench.people import SINCE, Directory
from bench.world import Row

Table = tuple[str, tuple[str, ...], list[Row]]


def directory_row(directory: Directory) -> Table:
    """Return the directory itself, linked and synced once."""
    now = datetime.now(UTC)
    columns = ("id", "organization_id", "workos_id", "type", "name", "state", "created_at", "updated_at")
    row = (directory.id, directory.tenant.id, directory.workos_id, "okta scim v2.0", "Okta", "linked", now, now)
    return "directories", columns, [row]


def mirror(directory: Directory) -> Iterator[Table]:
    """Yield the directory with all its people (and who they are here), groups and memberships."""
    tenant, everybody = directory.tenant.id, directory.members()
    yield directory_row(directory)
    yield (
        "users",
        (
            *("id", "organization_id", "email", "email_lower", "first_name", "last_name", "department", "job_title"),
            *("mapped_role", "created_at", "updated_at"),
        ),
        [
            (
                *(m.user_id, tenant, m.email, m.email, f"First{m.number}", f"Last{m.number}", "Sales", "Clerk"),
                *(m.role, SINCE, SINCE),
            )
            for m in everybody
        ],
    )
    yield (
        "directory_groups",
        ("id", "organization_id", "directory_id", "workos_id", "idp_id", "name", "created_at", "updated_at"),
        [
            (g.id, tenant, directory.id, g.workos_id, f"idp-group-{g.number}", g.name, SINCE, SINCE)
            for g in directory.all_groups()
        ],
    )
    attributes = json.dumps({"department_name": "Sales", "job_title": "Clerk"})
    yield (
        "directory_users",
        (
            *("id", "organization_id", "directory_id", "workos_id", "user_id", "idp_id", "email", "email_lower"),
            *("first_name", "last_name", "department", "job_title", "state", "custom_attributes", "wire"),
            *("created_at", "updated_at"),
        ),
        [
            (
                *(m.id, tenant, directory.id, m.workos_id, m.user_id, f"idp-member-{m.number}", m.email, m.email),
                *(f"First{m.number}", f"Last{m.number}", "Sales", "Clerk", "active", attributes, m.wire()),
                *(SINCE, SINCE),
            )
            for m in everybody
        ],
    )
    yield (
        "directory_memberships",
        ("organization_id", "group_id", "directory_user_id"),
        [(tenant, group.id, m.id) for m in everybody for group in m.groups()],
    )
