"""The identity provider's side: its tile that starts a login without the application, and its sign-out page."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from sandbox import pages
from sandbox.access import TheWorld
from sandbox.logins import LoginControls

router = APIRouter(prefix="/idp")


@router.get("/{connection_id}/launch", response_class=Response)
async def launch(
    request: Request,
    world: TheWorld,
    connection_id: str,
    person: str = "",
    redirect_uri: str | None = None,
) -> Response:
    """Sign `person` (id or e-mail) in as a tile at the identity provider does; without one, a page to pick from."""
    connection = world.connection(connection_id)
    if not person:
        query = dict(request.query_params)
        return HTMLResponse(pages.pick(world, connection, world.people_of(connection), query, parameter="person"))
    return RedirectResponse(LoginControls(world).idp_initiated(connection.id, person, redirect_uri), 302)


@router.get("/{connection_id}/signed-out", response_class=Response)
async def signed_out(world: TheWorld, connection_id: str) -> Response:
    """Where a single logout ends."""
    name = world.connection(connection_id).name
    return HTMLResponse(pages.notice("Signed out", f"You are signed out of {name}."))
