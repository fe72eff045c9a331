"""Doors of connection tests: begin one, see what it showed."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Path, Security
from fastapi.responses import Response

from app.access.guard import BEARER, may
from app.access.principal import Principal
from app.connections.repository import readable
from app.http.answers import json_answer
from app.http.dependencies import RuntimeDep, UnitsDep, person
from app.http.handlers import to_response
from app.http.openapi import PROBLEMS
from app.http.wire import wire
from app.problems import NotFound
from app.sso import return_to, trial
from app.sso.trial_repository import Trials
from app.sso.trial_schemas import ConnectionTestShape, StartedTest, StartTest
from app.sso.trial_steps import shape

router = APIRouter(prefix="/api/auth/sso", tags=["sign-in settings"], dependencies=[Security(BEARER)])
_CONFIGURE: Final = "sso:configure"
Configurer = Annotated[Principal, Depends(may(_CONFIGURE))]
Reference = Annotated[str, Path(description="Connection id, ours or WorkOS's.")]
TestId = Annotated[UUID, Path(description="As the beginning of the test named it.")]


@router.post(
    "/connections/{connection_id}/test",
    operation_id="testConnection",
    summary="Test a connection",
    response_model=StartedTest,
    responses=PROBLEMS(400, 401, 403, 404, 413, 415, 422, 503),
)
async def begin_test(
    connection_id: Reference,
    principal: Configurer,
    units: UnitsDep,
    runtime: RuntimeDep,
    wanted: Annotated[StartTest | None, Body()] = None,
) -> Response:
    """Begin a sign-in that shows every step and makes no session, person or identity.

    It need not be active yet, as far as WorkOS lets it answer. Only the browser whose session began it can finish it.
    """
    asked, config = wanted or StartTest(), runtime.config
    destination = return_to.resolve(asked.return_to, app=config.app, landing=runtime.landing, origins=config.origins)
    async with units.reading(principal, _CONFIGURE) as uow:
        connection = await readable(uow).find(connection_id)
    if connection is None:
        raise NotFound
    begun = await trial.start(
        runtime,
        connection,
        principal,
        destination=destination,
        hint=asked.login_hint,
        actor=person(units.exchange, principal),
    )
    told = {
        "authorization_url": begun.authorization_url,
        "test_id": begun.test_id,
        "expires_at": wire(begun.expires_at),
    }
    return to_response(json_answer(told))


@router.get(
    "/tests/{test_id}",
    operation_id="readConnectionTest",
    summary="A test of a connection",
    response_model=ConnectionTestShape,
    responses=PROBLEMS(401, 403, 404, 422, 503),
)
async def read_test(test_id: TestId, principal: Configurer, units: UnitsDep, runtime: RuntimeDep) -> Response:
    """Read a test step by step: what the identity provider sent, what feeds which field, which role that gives."""
    async with units.reading(principal, _CONFIGURE) as uow:
        found = await Trials(uow).find(test_id)
    if found is None:
        raise NotFound
    return to_response(json_answer(shape(found, runtime.clock.now())))
