"""The rows of directories in a target's tables: what is there before a list is read or an event is applied."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from bench.floors.ids import uuid7
from bench.people import SINCE, Directory
from bench.workload import Connection
from bench.world import Row

Table = tuple[str, tuple[str, ...], list[Row]]


def directory_rows(directory: Directory, *, synced: bool) -> Iterator[Table]:
    """Yield the directory itself, and a run of just now: without it the gateway's worker would read it by itself."""
    now = datetime.now(UTC)
    yield (
        "directories",
        ("id", "organization_id", "workos_id", "type", "name", "state", "last_synced_at", "created_at", "updated_at"),
        [
            (
                *(directory.id, directory.tenant.id, directory.workos_id, "okta scim v2.0", "Okta", "linked"),
                *(now if synced else None, now, now),
            )
        ],
    )
    yield (
        "directory_sync_runs",
        (
            *("id", "organization_id", "directory_id", "mode", "status", "requested_by"),
            *("created_at", "started_at", "finished_at"),
        ),
        [(uuid7(), directory.tenant.id, directory.id, "apply", "completed", "bench", now, now, now)],
    )


def mirror(directory: Directory) -> Iterator[Table]:
    """Yield the directory with all its people (and who they are here), groups and memberships."""
    tenant, everybody = directory.tenant.id, directory.members()
    yield from directory_rows(directory, synced=True)
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
        (
            *("id", "organization_id", "directory_id", "workos_id", "idp_id", "name", "state", "role"),
            *("rule_position", "at", "touched_at", "created_at", "updated_at"),
        ),
        [
            (
                *(g.id, tenant, directory.id, g.workos_id, f"idp-group-{g.number}", g.name, "active", g.role),
                *(g.number if g.role else None, SINCE, SINCE, SINCE, SINCE),
            )
            for g in directory.all_groups()
        ],
    )
    attributes = json.dumps({"department_name": "Sales", "job_title": "Clerk"})
    yield (
        "directory_users",
        (
            *("id", "organization_id", "directory_id", "workos_id", "user_id", "idp_id", "email", "email_lower"),
            *("first_name", "last_name", "department", "job_title", "state", "custom_attributes", "shown"),
            *("at", "touched_at", "created_at", "updated_at"),
        ),
        [
            (
                *(m.id, tenant, directory.id, m.workos_id, m.user_id, f"idp-member-{m.number}", m.email, m.email),
                *(f"First{m.number}", f"Last{m.number}", "Sales", "Clerk", "active", attributes, m.shown()),
                *(SINCE, SINCE, SINCE, SINCE),
            )
            for m in everybody
        ],
    )
    yield (
        "directory_memberships",
        ("organization_id", "group_id", "directory_user_id", "member", "at", "touched_at"),
        [(tenant, group.id, m.id, True, SINCE, SINCE) for m in everybody for group in m.groups()],
    )


async def request_sync(connection: Connection, directory: Directory) -> None:
    """Ask for a full sync of the directory: a row, as every target's own API would write it down."""
    await connection.execute(
        "insert into directory_sync_runs"
        " (id, organization_id, directory_id, mode, status, requested_by, created_at)"
        " values ($1, $2, $3, 'apply', 'queued', 'bench', $4)",
        uuid7(),
        directory.tenant.id,
        directory.id,
        datetime.now(UTC),
    )
