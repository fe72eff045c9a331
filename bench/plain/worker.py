"""The plain project's worker: `python -m bench.plain.worker effects` or `full-sync`."""

import asyncio
import json
import sys
import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bench.plain.database import SessionLocal, engine
from bench.plain.mirror import (
    Directory,
    DirectoryGroup,
    DirectoryMembership,
    DirectorySyncRun,
    DirectoryUser,
    WebhookEvent,
)
from bench.plain.models import AuditEvent, User
from bench.plain.sync import run_sync

IDLE_S = 0.02
ROLES = {"MemberPulse Admins": "ROLE_CLIENT_ADMIN", "MemberPulse Staff": "ROLE_CLIENT_USER"}


async def apply_next_event() -> bool:
    """Apply the next event in a transaction of its own."""
    async with SessionLocal() as db:
        event = (
            await db.execute(
                select(WebhookEvent)
                .where(WebhookEvent.status == "pending", WebhookEvent.due_at <= datetime.now(UTC))
                .order_by(WebhookEvent.due_at, WebhookEvent.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
        ).scalar_one_or_none()
        if event is None or event.payload is None:
            return False
        await user_updated(db, event, json.loads(event.payload)["data"])
        event.status, event.done_at, event.due_at = "done", datetime.now(UTC), None
        event.attempts += 1
        await db.commit()
        return True


async def user_updated(db: AsyncSession, event: WebhookEvent, data: dict[str, Any]) -> None:
    """Bring the directory user and the person up to date."""
    directory = (await db.execute(select(Directory).where(Directory.workos_id == data["directory_id"]))).scalar_one()
    event.organization_id = directory.organization_id
    found = (
        await db.execute(
            select(DirectoryUser).where(
                DirectoryUser.organization_id == directory.organization_id,
                DirectoryUser.directory_id == directory.id,
                DirectoryUser.workos_id == data["id"],
            )
        )
    ).scalar_one()
    updated_at = datetime.fromisoformat(data["updated_at"])
    if found.updated_at > updated_at:
        return
    user = await db.get_one(User, found.user_id)
    for row in (found, user):
        row.email, row.email_lower = data["email"], data["email"].lower()
        row.first_name, row.last_name = data["first_name"], data["last_name"]
        row.department = data["custom_attributes"].get("department_name")
        row.job_title = data["custom_attributes"].get("job_title")
    found.custom_attributes, found.updated_at = data["custom_attributes"], updated_at
    groups = (
        await db.execute(
            select(DirectoryGroup.name)
            .join(DirectoryMembership, DirectoryMembership.group_id == DirectoryGroup.id)
            .where(DirectoryMembership.directory_user_id == found.id)
        )
    ).scalars()
    names = set(groups)
    user.mapped_role = next((role for name, role in ROLES.items() if name in names), "ROLE_MEMBER")
    user.updated_at = datetime.now(UTC)
    db.add(
        AuditEvent(
            organization_id=directory.organization_id,
            action="directory.user.changed",
            occurred_at=datetime.now(UTC),
            actor_id="directory",
            details={"user": str(user.id), "event": str(uuid.UUID(str(event.id)))},
        )
    )


async def sync_next() -> bool:
    """Do the next full sync that is asked for."""
    async with SessionLocal() as db:
        run = (
            await db.execute(select(DirectorySyncRun).where(DirectorySyncRun.status == "queued").limit(1))
        ).scalar_one_or_none()
        if run is None:
            return False
        await run_sync(db, run)
        return True


async def main(workload: str) -> None:
    """Work for ever."""
    step = apply_next_event if workload == "effects" else sync_next
    while True:
        if not await step():
            await asyncio.sleep(IDLE_S)


if __name__ == "__main__":
    try:
        asyncio.run(main(sys.argv[1]))
    finally:
        engine.sync_engine.dispose(close=False)
