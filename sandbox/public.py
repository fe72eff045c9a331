"""The public application: every route of WorkOS that the twin has, and its error shapes."""

from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from sandbox import (
    audit_logs,
    authorize,
    connection_certificates,
    connections,
    directories,
    directory_groups,
    directory_users,
    domains,
    events,
    exchange,
    idp,
    idp_papers,
    logout,
    organizations,
    portal,
    webhook_endpoints,
)
from sandbox.refusals import Refusal, invalid
from sandbox.state import World

ROOMS = (
    authorize,
    exchange,
    logout,
    idp_papers,
    idp,
    organizations,
    domains,
    connections,
    connection_certificates,
    directories,
    directory_users,
    directory_groups,
    events,
    audit_logs,
    portal,
    webhook_endpoints,
)


def public_app(world: World) -> FastAPI:
    """Return the application behind the public port."""
    app = FastAPI(title="WorkOS sandbox", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.world = world
    app.router.routes.append(exchange.token_route)
    for room in ROOMS:
        app.include_router(room.router)
    speak_like_workos(app)
    return app


def speak_like_workos(app: FastAPI) -> None:
    """Answer every refusal in the shapes of `refusals.py` instead of FastAPI's."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _no_such_route)


async def _refused(_: Request, error: Exception) -> Response:
    refusal = cast("Refusal", error)
    return JSONResponse(refusal.body, refusal.status, refusal.headers)


async def _invalid(request: Request, error: Exception) -> Response:
    problems = cast("RequestValidationError", error).errors()
    fields = {str(cast("list[Any]", each["loc"])[-1]): str(each["type"]) for each in problems}
    return await _refused(request, invalid("Validation failed", **fields))


async def _no_such_route(_: Request, error: Exception) -> Response:
    status = cast("HTTPException", error).status_code
    return JSONResponse({"message": "Not Found" if status == 404 else "Method Not Allowed"}, status)  # noqa: PLR2004
