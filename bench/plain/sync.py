"""The full sync of the plain project: page by page, ORM per row, a commit per page."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bench.plain.mirror import Directory, DirectoryGroup, DirectoryMembership, DirectorySyncRun, DirectoryUser
from bench.plain.models import User

WORKOS_URL = os.environ.get("PLAIN_WORKOS_URL", "https://api.workos.com")
ROLES = {"MemberPulse Admins": "ROLE_CLIENT_ADMIN", "MemberPulse Staff": "ROLE_CLIENT_USER"}
client = httpx.AsyncClient(base_url=WORKOS_URL, timeout=10)


async def pages(path: str, **asked: str) -> AsyncIterator[list[dict[str, Any]]]:
    """Yield every page of a list."""
    after: str | None = ""
    while after is not None:
        response = await client.get(path, params={**asked, "limit": "100", **({"after": after} if after else {})})
        response.raise_for_status()
        page = response.json()
        yield page["data"]
        after = page["list_metadata"]["after"]


async def run_sync(db: AsyncSession, run: DirectorySyncRun) -> None:
    """Make the directory what WorkOS lists."""
    run.status, run.started_at = "running", datetime.now(UTC)
    await db.commit()
    directory = await db.get_one(Directory, run.directory_id)
    seen: set[UUID] = set()
    async for page in pages("/directory_users", directory=directory.workos_id):
        for data in page:
            seen.add((await save_user(db, directory, data)).id)
        await db.commit()
        db.expunge_all()
    async for page in pages("/directory_groups", directory=directory.workos_id):
        for data in page:
            await save_group(db, directory, data)
        await db.commit()
    groups = (await db.execute(select(DirectoryGroup).where(DirectoryGroup.directory_id == directory.id))).scalars()
    for group in list(groups):
        await save_members(db, directory, group)
    known = (await db.execute(select(DirectoryUser.id).where(DirectoryUser.directory_id == directory.id))).scalars()
    if gone := set(known) - seen:
        await db.execute(delete(DirectoryMembership).where(DirectoryMembership.directory_user_id.in_(gone)))
        await db.execute(delete(DirectoryUser).where(DirectoryUser.id.in_(gone)))
    run = await db.get_one(DirectorySyncRun, run.id)
    run.status, run.finished_at = "completed", datetime.now(UTC)
    await db.commit()


async def find_user(db: AsyncSession, directory: Directory, workos_id: str) -> DirectoryUser | None:
    """Return a directory user by WorkOS's id."""
    query = select(DirectoryUser).where(
        DirectoryUser.organization_id == directory.organization_id,
        DirectoryUser.directory_id == directory.id,
        DirectoryUser.workos_id == workos_id,
    )
    return (await db.execute(query)).scalar_one_or_none()


async def save_user(db: AsyncSession, directory: Directory, data: dict[str, Any]) -> DirectoryUser:
    """Create or update one directory user and the person behind it."""
    now = datetime.now(UTC)
    found = await find_user(db, directory, data["id"])
    if found is None:
        user = User(
            id=uuid4(),
            organization_id=directory.organization_id,
            mapped_role="ROLE_MEMBER",
            state="active",
            created_at=now,
            updated_at=now,
        )
        db.add(user)
        found = DirectoryUser(
            id=uuid4(),
            organization_id=directory.organization_id,
            directory_id=directory.id,
            workos_id=data["id"],
            user_id=user.id,
            created_at=datetime.fromisoformat(data["created_at"]),
        )
        await db.flush()
        db.add(found)
    else:
        user = await db.get_one(User, found.user_id)
    for row in (found, user):
        row.email, row.email_lower = data["email"], data["email"].lower()
        row.first_name, row.last_name = data["first_name"], data["last_name"]
        row.department = data["custom_attributes"].get("department_name")
        row.job_title = data["custom_attributes"].get("job_title")
    found.idp_id, found.state = data["idp_id"], data["state"]
    found.custom_attributes, found.updated_at = data["custom_attributes"], datetime.fromisoformat(data["updated_at"])
    return found


async def save_group(db: AsyncSession, directory: Directory, data: dict[str, Any]) -> None:
    """Create or update one group."""
    query = select(DirectoryGroup).where(
        DirectoryGroup.directory_id == directory.id, DirectoryGroup.workos_id == data["id"]
    )
    found = (await db.execute(query)).scalar_one_or_none()
    if found is None:
        found = DirectoryGroup(
            organization_id=directory.organization_id,
            directory_id=directory.id,
            workos_id=data["id"],
            created_at=datetime.fromisoformat(data["created_at"]),
        )
        db.add(found)
    found.idp_id, found.name = data["idp_id"], data["name"]
    found.updated_at = datetime.fromisoformat(data["updated_at"])


async def save_members(db: AsyncSession, directory: Directory, group: DirectoryGroup) -> None:
    """Make a group's members what WorkOS lists."""
    group_id, role = group.id, ROLES.get(group.name)
    members: set[UUID] = set()
    async for page in pages("/directory_users", group=group.workos_id):
        for data in page:
            user = await find_user(db, directory, data["id"])
            if user is None:
                continue
            members.add(user.id)
            key = (directory.organization_id, group_id, user.id)
            if await db.get(DirectoryMembership, key) is None:
                db.add(DirectoryMembership(organization_id=key[0], group_id=key[1], directory_user_id=key[2]))
            if role:
                (await db.get_one(User, user.user_id)).mapped_role = role
        await db.commit()
    known = (await db.execute(select(DirectoryMembership).where(DirectoryMembership.group_id == group_id))).scalars()
    for membership in known:
        if membership.directory_user_id not in members:
            await db.delete(membership)
    await db.commit()
