"""Single logout: `POST /sso/logout/authorize` and `GET /sso/logout`; GenericOIDC connections only, as at WorkOS."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from sandbox import pages
from sandbox.access import TheWorld, require_api_key
from sandbox.refusals import bad_request, invalid, not_found
from sandbox.state import World

router = APIRouter()
LOGOUT_SECONDS = 300


@router.post("/sso/logout/authorize", dependencies=[Depends(require_api_key)])
async def authorize_logout(
    request: Request,
    world: TheWorld,
    body: Annotated[dict[str, Any], Body()],
) -> dict[str, str]:
    """Return a logout URL for a profile; 400 `connection_invalid` unless its connection is GenericOIDC."""
    profile_id = body.get("profile_id")
    if not isinstance(profile_id, str) or not profile_id:
        raise invalid("Validation failed", profile_id="required")
    connection_id = _connection_of(world, profile_id)
    if world.connection(connection_id).type != "GenericOIDC":
        raise bad_request("connection_invalid", "Logout is for generic OIDC connections.")
    token = world.ids.token("logout")
    world.logout_tokens[token] = (connection_id, world.now() + LOGOUT_SECONDS)
    return {"logout_url": f"{str(request.base_url).rstrip('/')}/sso/logout?token={token}", "logout_token": token}


@router.get("/sso/logout", response_class=Response)
async def logout(world: TheWorld, token: str = "") -> Response:
    """Send the browser to the identity provider's sign-out page; a token works once, for five minutes."""
    connection_id, expires_at = world.logout_tokens.pop(token, ("", 0.0))
    if expires_at <= world.now():
        return HTMLResponse(pages.error("The logout link has been used or has expired."), 404)
    return RedirectResponse(f"/idp/{connection_id}/signed-out", 302)


def _connection_of(world: World, profile_id: str) -> str:
    for person in world.people.values():
        for connection_id, known in person.profile_ids.items():
            if known == profile_id and connection_id in world.connections:
                return connection_id
    raise not_found("Profile", profile_id)
