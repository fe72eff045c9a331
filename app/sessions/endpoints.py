"""Doors of sessions, tokens and keys."""

from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Path, Request, Security
from fastapi.responses import Response
from fastapi.security import APIKeyCookie

from app import uow as units
from app.access.guard import BEARER, SERVICE_CLIENT, may
from app.access.principal import Principal
from app.http.answers import JSON, NO_STORE, Answer, json_answer
from app.http.dependencies import RuntimeDep, UnitsDep, anonymous, service_actor
from app.http.exchange import FORM, Exchange, single_fields
from app.http.handlers import exchange_of, refused, to_response
from app.http.openapi import PROBLEMS, REDIRECT
from app.http.schemas import List
from app.organizations.repository import NIL
from app.problems import BadRequest, Invalid, NotFound, Problem
from app.rates import rules
from app.runtime import Runtime
from app.sessions import pages, service
from app.sessions.cookies import (
    clear_session,
    require_json_or_nothing,
    require_own_origin,
    session_token,
    set_session,
)
from app.sessions.doors import SessionDoors, token_field
from app.sessions.flow import end_replaced
from app.sessions.listing import listed
from app.sessions.schemas import BreakGlass, Ended, Introspection, ListedSession, LoggedOut, Session, TokenAnswer
from app.tokens.errors import NotAuthenticated, TokenInvalid

router = APIRouter(tags=["sessions"])
SessionId = Annotated[UUID, Path(description="As the list of sessions names it.")]
_COOKIE = APIKeyCookie(name="__Host-mp_session", scheme_name="session_cookie", auto_error=False)

_TOKEN_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            FORM: {
                "schema": {
                    "type": "object",
                    "required": ["token"],
                    "properties": {
                        "token": {"type": "string", "maxLength": 16000},
                        "token_type_hint": {"type": "string"},
                    },
                }
            }
        },
    }
}
Own = Annotated[Principal, Depends(may("session:own"))]


def _doors(request: Request) -> SessionDoors:
    doors: SessionDoors = request.app.state.session_doors
    return doors


@router.post(
    "/auth/token",
    operation_id="mintToken",
    summary="Session cookie -> access token",
    response_model=TokenAnswer,
    responses=PROBLEMS(400, 401, 403, 503),
    dependencies=[Security(_COOKIE)],
)
async def mint_token(request: Request) -> Response:
    """Send the session cookie from an allowed origin, with an empty body. Counts as activity of the session."""
    return to_response(await _doors(request).token(exchange_of(request)))


@router.get(
    "/auth/session",
    operation_id="readSession",
    summary="Who am I",
    response_model=Session,
    responses=PROBLEMS(400, 401, 503),
    dependencies=[Security(BEARER), Depends(may("session:own"))],
)
async def read_session(request: Request) -> Response:
    """Return the user, organization, roles, permissions and session times behind a token."""
    return to_response(await _doors(request).session(exchange_of(request)))


@router.get(
    "/auth/sessions",
    operation_id="listSessions",
    summary="My sessions",
    response_model=List[ListedSession],
    responses=PROBLEMS(401, 503),
    dependencies=[Security(BEARER)],
)
async def list_sessions(principal: Own, units_: UnitsDep) -> Response:
    """List the caller's live sessions, the most recently seen first."""
    async with units_.own(principal) as uow:
        rows = await service.list_own(uow, principal.user_id)
    return to_response(json_answer(listed(rows, current=principal.session_id)))


@router.delete(
    "/auth/sessions/{session_id}",
    operation_id="endSession",
    summary="End one of my sessions",
    status_code=204,
    responses=PROBLEMS(401, 404, 422, 503),
    dependencies=[Security(BEARER)],
)
async def end_session(session_id: SessionId, principal: Own, units_: UnitsDep) -> Response:
    """End it everywhere within a second."""
    async with units_.own(principal) as uow:
        if not await service.end_own(uow, principal.user_id, session_id, "ended_by_user"):
            raise NotFound
    return to_response(Answer(204))


@router.delete(
    "/auth/sessions",
    operation_id="endSessions",
    summary="Sign out everywhere",
    response_model=Ended,
    responses=PROBLEMS(401, 503),
    dependencies=[Security(BEARER)],
)
async def end_sessions(principal: Own, units_: UnitsDep) -> Response:
    """End every session of the caller, this one too."""
    async with units_.own(principal) as uow:
        ended = await service.end_all(uow, principal.user_id, "signed_out_everywhere")
    return to_response(json_answer({"ended": ended}))


@router.post(
    "/auth/logout",
    operation_id="signOut",
    summary="Sign out",
    response_model=LoggedOut,
    responses=PROBLEMS(400, 401, 403, 503),
    dependencies=[Security(_COOKIE)],
)
async def sign_out(request: Request, runtime: RuntimeDep) -> Response:
    """End the session of the cookie. `logout_url` signs out of the identity provider too, where WorkOS offers it."""
    exchange = exchange_of(request)
    require_own_origin(exchange, runtime.config)
    require_json_or_nothing(exchange)
    try:
        state = await _doors(request).session_of_cookie(exchange)
    except NotAuthenticated as nobody:
        name, value = clear_session(runtime.config)  # what is left of a session that ended elsewhere goes too
        nobody.headers[name.decode()] = value.decode()
        raise
    begin = units.beginner(runtime, actor=replace(anonymous(exchange), type="user", id=str(state.user_id)))
    async with begin(state.home_organization_id) as uow:
        ended = await service.end(uow, [state.sid], "signed_out")
    profile = ended[0].profile_id if ended else None
    answer = json_answer({"logout_url": await _logout_url(runtime, profile)}, headers=[clear_session(runtime.config)])
    return to_response(answer)


async def _logout_url(runtime: Runtime, profile: str | None) -> str | None:
    if profile is None:
        return None
    try:
        return await runtime.workos.logout_url(profile_id=profile)
    except Problem:
        return None  # local sign-out has happened; the identity provider's is a courtesy


@router.post(
    "/auth/introspect",
    operation_id="introspectToken",
    summary="Is this token good right now? (RFC 7662)",
    response_model=Introspection,
    response_model_exclude_unset=True,
    openapi_extra=_TOKEN_FORM,
    responses=PROBLEMS(400, 401, 403, 413, 415, 503),
    dependencies=[Security(SERVICE_CLIENT)],
)
async def introspect_token(request: Request) -> Response:
    """For backend services. An unknown, expired, revoked or foreign token is just `{"active": false}`."""
    return to_response(await _doors(request).introspect(exchange_of(request)))


@router.post(
    "/auth/revoke",
    operation_id="revokeToken",
    summary="Revoke a token's session (RFC 7009)",
    openapi_extra=_TOKEN_FORM,
    responses={
        200: {"description": "Done, or there was nothing to do.", "content": {}},
        **PROBLEMS(400, 401, 403, 413, 415, 503),
    },
    dependencies=[Security(SERVICE_CLIENT)],
    response_class=Response,
)
async def revoke_token(request: Request, runtime: RuntimeDep) -> Response:
    """End the session behind a token. An unknown or dead token is answered with 200 too."""
    exchange = exchange_of(request)
    credentials = _doors(request).credentials
    client = await credentials.authenticate(exchange.header(b"authorization"), scope="tokens:introspect")
    await runtime.rates.require(rules.INTROSPECTIONS, client.client_id)
    token = await token_field(exchange)
    try:
        claims = runtime.verified.verify(token, runtime.clock.now())
    except TokenInvalid:
        return to_response(Answer(200))
    state = await _doors(request).live.ask(claims.sid)
    if state is not None and state.user_id == claims.sub:  # as introspection: a token that is dead ends nothing
        begin = units.beginner(runtime, actor=service_actor(exchange, client.client_id))
        async with begin(state.home_organization_id) as uow:
            await service.end(uow, [claims.sid], "revoked")
    return to_response(Answer(200))


@router.get("/auth/break-glass", include_in_schema=False)
async def break_glass_page(request: Request) -> Response:
    """The page behind an admin link; the token is used by its button, not by opening the page."""
    return to_response(pages.break_glass(exchange_of(request).query().get("token", "")))


@router.post(
    "/auth/break-glass",
    operation_id="breakGlass",
    summary="One-use token -> platform-administrator session",
    response_model=Session,
    responses={303: REDIRECT, **PROBLEMS(400, 401, 403, 413, 415, 422, 503)},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                kind: {"schema": {"type": "object", "required": ["token"], "properties": {"token": {"type": "string"}}}}
                for kind in ("application/json", FORM)
            },
        }
    },
)
async def break_glass(request: Request, runtime: RuntimeDep) -> Response:
    """Use a token of `memberpulse-auth admin-link`. A form is answered with a redirect, JSON with the session."""
    exchange = exchange_of(request)
    try:
        return to_response(await _break_glass(exchange, runtime, _doors(request)))
    except Exception as error:  # noqa: BLE001 -- a browser gets every problem as a page
        return to_response(refused(exchange, error, again=runtime.landing)[1])


async def _break_glass(exchange: Exchange, runtime: Runtime, doors: SessionDoors) -> Answer:
    is_form = exchange.media_type == FORM
    if is_form or exchange.header(b"origin") is not None:
        # A form that another site sends would sign this browser in as somebody else's administrator.
        require_own_origin(exchange, runtime.config)
    token = await _break_glass_token(exchange, is_form=is_form)
    acting, actor = await doors.platform_organization(), anonymous(exchange)
    old_session = session_token(exchange, runtime.config)
    async with units.beginner(runtime, actor=actor)(NIL) as uow:
        session, cookie = await service.break_glass(uow, token, acting_for=acting)
    if old_session is not None:
        await end_replaced(runtime, old_session, actor=actor)
    header = set_session(runtime.config, cookie)
    if is_form:
        landing = (b"location", f"{runtime.in_force.now.home}/auth/signed-in".encode("ascii"))
        return Answer(303, headers=(landing, header, NO_STORE))
    state = await doors.live.ask(session)
    if state is None:
        raise NotAuthenticated
    return Answer(200, state.document, (JSON, NO_STORE, header))


async def _break_glass_token(exchange: Exchange, *, is_form: bool) -> str:
    body = await exchange.body(4096)
    if is_form:
        return single_fields(body).get("token", "")
    try:
        return msgspec.json.decode(body, type=BreakGlass).token
    except msgspec.ValidationError:
        errors = [{"field": "token", "message": "must be there, as text, and nothing else"}]
        raise Invalid('Send {"token": "..."} and nothing else.', errors=errors) from None
    except (ValueError, RecursionError):  # msgspec's errors are ValueErrors
        raise BadRequest('Send {"token": "..."} as JSON.') from None


@router.get(
    "/.well-known/jwks.json",
    operation_id="readKeys",
    summary="Public keys of access tokens (RFC 7517)",
    tags=["well-known"],
    responses={
        304: {"description": "Not changed.", "content": {}},
        200: {"content": {"application/jwk-set+json": {"schema": {"type": "object"}}}},
    },
)
async def read_keys(request: Request) -> Response:
    """Cache for 300 s; ask again at an unknown `kid`, at most once in 30 s."""
    return to_response(await _doors(request).jwks(exchange_of(request)))


@router.get(
    "/.well-known/oauth-authorization-server",
    operation_id="readMetadata",
    tags=["well-known"],
    summary="Metadata of the token issuer (RFC 8414)",
    response_model=dict[str, Any],
)
async def read_metadata(request: Request) -> Response:
    """Where to find the keys, introspection and revocation."""
    return to_response(await _doors(request).metadata(exchange_of(request)))
