"""Guards: FastAPI dependencies that find the principal and refuse who may not."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import cast

from fastapi import Request
from fastapi.requests import HTTPConnection
from fastapi.security import HTTPBasic, HTTPBearer

from app.access.errors import NotPermitted, ReauthenticationRequired
from app.access.permissions import MATRIX
from app.access.principal import Principal
from app.rates import rules
from app.runtime import Runtime
from app.tokens.errors import NotAuthenticated, TokenInvalid
from app.tokens.live import LiveSession

RECENT = timedelta(minutes=15)

BEARER = HTTPBearer(
    scheme_name="access_token",
    bearerFormat="JWT",
    auto_error=False,
    description="An access token of POST /auth/token (RFC 6750).",
)


class _ServiceClient(HTTPBasic):
    """HTTP Basic for the document only: FastAPI would answer credentials that do not parse in words of its own."""

    async def __call__(self, request: HTTPConnection) -> None:
        """Let the request pass; `clients.Credentials` judges it."""


SERVICE_CLIENT = _ServiceClient(
    scheme_name="service_client", auto_error=False, description="Credentials of a backend service (RFC 7617)."
)


async def live_session(runtime: Runtime, authorization: str | None) -> LiveSession:
    """Return the live session behind an Authorization header (RFC 6750 section 2.1).

    The session's own rights count, not the token's: a lowered role takes effect at once in this service.

    Raises:
        NotAuthenticated: there is no token.
        TokenInvalid: it does not verify, or its session has ended.
    """
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        raise NotAuthenticated
    claims = runtime.verified.verify(token, runtime.clock.now())
    session = await runtime.live.find(claims.sid)
    if session is None or session.user_id != claims.sub:
        raise TokenInvalid("the session has ended")
    return session


async def authenticate(runtime: Runtime, authorization: str | None) -> Principal:
    """Return the person behind an Authorization header; raises as `live_session`."""
    session = await live_session(runtime, authorization)
    return Principal(
        user_id=session.user_id,
        organization_id=session.organization_id,
        home_organization_id=session.home_organization_id,
        session_id=session.sid,
        roles=session.roles,
        auth_time=session.auth_time,
    )


def may(permission: str, *, recent: bool = False) -> Callable[[Request], Awaitable[Principal]]:
    """Return a dependency that yields the principal if it holds the permission.

    Args:
        permission: a name of the matrix.
        recent: also require `auth_time` within 15 minutes, for sensitive acts (threats.md C11).
    """
    if permission not in MATRIX:
        raise LookupError(f"{permission} is not in the capability matrix")

    async def guard(request: Request) -> Principal:
        runtime = cast("Runtime", request.app.state.runtime)
        values = request.headers.getlist("authorization")
        if len(values) > 1:
            raise TokenInvalid("two Authorization headers")
        principal = await authenticate(runtime, values[0] if values else None)
        if principal.reach(permission) is None:
            raise NotPermitted
        await runtime.rates.require(rules.READS if request.method == "GET" else rules.WRITES, str(principal.user_id))
        if recent and runtime.clock.now() - principal.auth_time > RECENT:
            raise ReauthenticationRequired
        return principal

    guard.__name__ = f"may_{permission.replace(':', '_')}"
    return guard
