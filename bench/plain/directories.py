"""Directories of the plain project: people of a directory, page by page."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Query
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from bench.plain.mirror import Directory, DirectoryUser
from bench.plain.models import UserSession
from bench.plain.schemas import DirectoryUsers
from bench.plain.security import Db, get_current_session

READERS = {"ROLE_CLIENT_ADMIN", "ROLE_CLIENT_USER"}

router = APIRouter()


@router.get("/api/directories/{directory_id}/users", response_model=DirectoryUsers)
async def list_users(
    directory_id: UUID,
    db: Db,
    session: Annotated[UserSession, Depends(get_current_session)],
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
    after: UUID | None = None,
) -> dict[str, object]:
    """Return one page, newest first."""
    if session.user.mapped_role not in READERS:
        raise HTTPException(status_code=403, detail="Not permitted")
    directory = await db.get(Directory, directory_id)
    if directory is None or directory.organization_id != session.organization_id:
        raise HTTPException(status_code=404, detail="Unknown directory")
    query = (
        select(DirectoryUser)
        .where(DirectoryUser.organization_id == session.organization_id, DirectoryUser.directory_id == directory_id)
        .options(joinedload(DirectoryUser.user), selectinload(DirectoryUser.groups))
        .order_by(DirectoryUser.id.desc())
        .limit(limit + 1)
    )
    if after:
        query = query.where(DirectoryUser.id < after)
    found = list((await db.execute(query)).scalars())
    page = found[:limit]
    return {
        "data": page,
        "list_metadata": {
            "before": page[0].id if page and after else None,
            "after": page[-1].id if len(found) > limit else None,
        },
    }
