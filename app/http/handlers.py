"""Handlers: any exception becomes a Problem, a Problem becomes its answer."""

import re
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from app import log
from app.access.permissions import ROUTES
from app.db.engine import is_unavailable
from app.http.answers import Answer, length_of, problem_answer, problem_page
from app.http.exchange import ClientGone, Exchange
from app.problems import (
    BadRequest,
    DatabaseUnavailable,
    InternalError,
    Invalid,
    MethodNotAllowed,
    NotFound,
    Problem,
    TooLarge,
    UnsupportedBody,
)

_logger = log.get("http")
DEEDS = frozenset({"/auth/sso", "/auth/callback/workos", "/api/audit/events/export"})
"""GETs that change something, or read for minutes: a look (HEAD) must not use them up."""
_PATTERNS = [(method, re.compile(re.sub(r"\{\w+\}", "[^/]+", path))) for method, path in ROUTES]
_BY_STATUS: dict[int, type[Problem]] = {
    400: BadRequest,
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
    415: UnsupportedBody,
}


def to_problem(error: Exception) -> Problem:
    """Return the problem that stands for this exception, logging what a person must not read."""
    match error:
        case Problem():
            problem = error
        case RequestValidationError():
            problem = _invalid(error)
        case HTTPException():
            problem = _BY_STATUS.get(error.status_code, BadRequest)(headers=error.headers)
        case _ if is_unavailable(error):
            _logger.warning("http.database.unavailable", reason=repr(error)[:300])
            problem = DatabaseUnavailable(headers={"Retry-After": "2"})
        case _:
            _logger.error("http.request.crashed", exc_info=error)
            return InternalError()
    reason = getattr(problem, "reason", None)
    _logger.info("http.request.refused", problem=problem.code, status=problem.status, reason=reason)
    return problem


def _invalid(error: RequestValidationError) -> Problem:
    errors = [
        {"field": ".".join(str(part) for part in item["loc"][1:]) or str(item["loc"][0]), "message": item["msg"]}
        for item in error.errors()
    ]
    if any(item["type"] == "json_invalid" for item in error.errors()):
        return BadRequest("The body is not JSON.")
    return Invalid("; ".join(f"{item['field']}: {item['message']}" for item in errors)[:500], errors=errors)


def exchange_of(request: Request) -> Exchange:
    """Return the exchange that the edge made for this request."""
    return cast("Exchange", request.scope["exchange"])


def to_response(answer: Answer) -> Response:
    """Return the answer as Starlette's response, bytes untouched."""
    response = Response(answer.body, status_code=answer.status)
    response.raw_headers = [*answer.headers, *length_of(answer)]
    return response


async def _handle(request: Request, error: Exception) -> Response:
    if _has_left(error) or _has_left(error.__cause__):
        raise ClientGone
    exchange = exchange_of(request)
    if isinstance(error, HTTPException) and error.status_code == MethodNotAllowed.status:
        error.headers = {"Allow": ", ".join(_methods_of(exchange.path))}  # FastAPI names those of one route only
    return to_response(problem_answer(to_problem(error), request_id=exchange.request_id, instance=exchange.path))


def refused(exchange: Exchange, error: Exception, *, again: str) -> tuple[Problem, Answer]:
    """Return the problem that stands for an exception, and its answer: a page for a browser, else JSON.

    `again` is the page's "try again" link, unless the problem knows a better one (`restart`).
    Raises ClientGone as it came: nobody is left to answer.
    """
    if isinstance(error, ClientGone):
        raise error
    problem = to_problem(error)
    if exchange.wants_html:
        link = str(problem.extra.get("restart") or again)
        return problem, problem_page(problem, request_id=exchange.request_id, again=link)
    return problem, problem_answer(problem, request_id=exchange.request_id, instance=exchange.path)


def _methods_of(path: str) -> list[str]:
    known = {method for method, pattern in _PATTERNS if pattern.fullmatch(path)}
    return sorted(known | ({"HEAD"} if "GET" in known and path not in DEEDS else set()))


def _has_left(error: BaseException | None) -> bool:
    """Whether the client went away while its body was read; FastAPI wraps that into a 400 for nobody (G11)."""
    return isinstance(error, (ClientGone, ClientDisconnect))


def install(app: FastAPI) -> None:
    """Route every exception of FastAPI's own layers through `to_problem`."""
    handlers: dict[Any, Any] = {
        Problem: _handle,
        RequestValidationError: _handle,
        HTTPException: _handle,
        ClientDisconnect: _handle,
        Exception: _handle,
    }
    app.exception_handlers.update(handlers)
