"""FastAPI: who is calling, as a dependency."""

import os
from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from memberpulse_keys import Keys, KeysUnavailable
from memberpulse_pyjwt import verify  # or memberpulse_jose
from memberpulse_token import Principal, TokenInvalid

ISSUER = os.environ["MEMBERPULSE_ISSUER"]  # the gateway's PUBLIC_URL, letter for letter
AUDIENCE = os.environ.get("MEMBERPULSE_AUDIENCE", "memberpulse-api")

keys = Keys(f"{ISSUER}/.well-known/jwks.json")
bearer = HTTPBearer(auto_error=False)  # it would answer without the challenge that RFC 6750 asks for


# `def`, not `async def`: asking for the keys blocks, and FastAPI runs a `def` dependency in a thread.
def current_principal(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> Principal:
    """Return who is calling; answers 401 when that is unknown, 503 when it cannot be found out."""
    if credentials is None:
        raise HTTPException(401, "Not authenticated", {"WWW-Authenticate": "Bearer"})
    try:
        return verify(credentials.credentials, keys, issuer=ISSUER, audience=AUDIENCE)
    except TokenInvalid as refused:
        challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        raise HTTPException(401, "Invalid token", challenge) from refused
    except KeysUnavailable as away:
        raise HTTPException(503, "Cannot verify tokens now", {"Retry-After": "5"}) from away


CurrentPrincipal = Annotated[Principal, Depends(current_principal)]


def require_role(*allowed: str) -> Callable[[Principal], Principal]:
    """Return a dependency that answers 403 unless the caller has one of these roles."""

    def check(principal: CurrentPrincipal) -> Principal:
        if not set(allowed) & set(principal.roles):
            raise HTTPException(403, "Not permitted")
        return principal

    return check


app = FastAPI()


@app.get("/me")
def me(principal: CurrentPrincipal) -> Principal:
    """Answer who is calling."""
    return principal


@app.get("/reports", dependencies=[Depends(require_role("ROLE_CLIENT_ADMIN", "ROLE_PLATFORM_ADMIN"))])
def reports(principal: CurrentPrincipal) -> dict[str, str]:
    """Answer for the caller's own organization, never for one that the request names."""
    return {"organization": principal.org_id}
