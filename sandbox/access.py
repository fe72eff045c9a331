"""Who may call the API routes: whoever knows one of the API keys."""

import hmac
from typing import Annotated, cast

from fastapi import Depends, Request

from sandbox.refusals import unauthorized
from sandbox.state import World


async def current_world(request: Request) -> World:
    """Return the twin's World."""
    return cast("World", request.app.state.world)


TheWorld = Annotated[World, Depends(current_world)]


async def require_api_key(request: Request, world: TheWorld) -> None:
    """Refuse with 401 unless the Bearer token is one of the API keys."""
    if not is_api_key(world, bearer(request)):
        raise unauthorized()


def bearer(request: Request) -> str:
    """Return the Bearer token of a request, empty without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def is_api_key(world: World, candidate: str) -> bool:
    """Tell whether this is one of the API keys."""
    return any(hmac.compare_digest(candidate.encode(), key.encode()) for key in world.credentials.api_keys)
