"""Doors of a person's sessions, for who administrates them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Security
from fastapi.responses import Response

from app.access.guard import BEARER, may
from app.access.principal import Principal
from app.http.answers import Answer, json_answer
from app.http.dependencies import RuntimeDep, UnitsDep
from app.http.handlers import to_response
from app.http.openapi import PROBLEMS
from app.http.schemas import List
from app.people import service
from app.people.endpoints import PersonId, Reader, change_of, find
from app.sessions import service as sessions
from app.sessions.listing import listed
from app.sessions.schemas import Ended, ListedSession

router = APIRouter(prefix="/api/users/{person_id}/sessions", tags=["users"], dependencies=[Security(BEARER)])
# No recent sign-in is asked for: who sees a stolen session must be able to end it at once.
Manager = Annotated[Principal, Depends(may("users:manage"))]
SessionId = Annotated[UUID, Path(description="As the list of sessions names it.")]


@router.get(
    "",
    operation_id="listUserSessions",
    summary="A person's sessions",
    response_model=List[ListedSession],
    responses=PROBLEMS(401, 403, 404, 422, 503),
)
async def list_sessions(person_id: PersonId, principal: Reader, units: UnitsDep) -> Response:
    """List a person's live sessions, the most recently seen first."""
    found = await find(units, principal, person_id)
    async with units.acting(principal, found["organization_id"]) as uow:
        rows = await sessions.list_own(uow, found["id"])
    return to_response(json_answer(listed(rows, current=principal.session_id)))


@router.delete(
    "",
    operation_id="endUserSessions",
    summary="End all sessions of a person",
    response_model=Ended,
    responses=PROBLEMS(401, 403, 404, 422, 503),
)
async def end_sessions(person_id: PersonId, principal: Manager, units: UnitsDep, runtime: RuntimeDep) -> Response:
    """End them everywhere within a second. The person may sign in again: to shut them out, make them inactive."""
    found = await find(units, principal, person_id)
    async with units.acting(principal, found["organization_id"]) as uow:
        ended = await service.end_sessions(uow, change_of(found, principal, runtime))
    return to_response(json_answer({"ended": ended}))


@router.delete(
    "/{session_id}",
    operation_id="endUserSession",
    summary="End a session of a person",
    status_code=204,
    responses=PROBLEMS(401, 403, 404, 422, 503),
)
async def end_session(
    person_id: PersonId, session_id: SessionId, principal: Manager, units: UnitsDep, runtime: RuntimeDep
) -> Response:
    """End it everywhere within a second."""
    found = await find(units, principal, person_id)
    async with units.acting(principal, found["organization_id"]) as uow:
        await service.end_sessions(uow, change_of(found, principal, runtime), session_id)
    return to_response(Answer(204))
