"""`GET /sso/authorize`: check the request, let a person be picked, send the browser back with a code or an error.

https://workos.com/docs/reference/sso/get-authorization-url
"""

import hmac

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from sandbox import login, pages
from sandbox.access import TheWorld
from sandbox.callback_errors import CALLBACK_ERRORS
from sandbox.records import Connection, Person
from sandbox.redirect_uris import is_registered
from sandbox.selection import NoConnection, select
from sandbox.state import World

router = APIRouter()
Query = dict[str, str]
S256_LENGTH = 43  # RFC 7636 4.2: base64url of a SHA-256 without padding


@router.get("/sso/authorize", response_class=Response)
async def authorize(request: Request, world: TheWorld) -> Response:
    """Answer with the page, the redirect, or (for what must not redirect) an error page of our own."""
    query: Query = dict(request.query_params)
    reason = _unsafe(world, query)
    if reason:
        return HTMLResponse(pages.error(reason), 400)
    try:
        connection = select(world, query)
    except NoConnection as no:
        error = login.ordered_error(world, no.connection) or no.error
        return _failed(query, error, no.connection)
    return _sign_in(world, query, connection)


def _unsafe(world: World, query: Query) -> str | None:
    """Why this request may not be answered by a redirect (RFC 6749 4.1.2.1), or None."""
    credentials = world.credentials
    if not hmac.compare_digest(query.get("client_id", "").encode(), credentials.client_id.encode()):
        return "The client_id is not known here."
    if not is_registered(credentials.redirect_uris, query.get("redirect_uri", "")):
        return "The redirect_uri is not one of the registered redirect URIs."
    if query.get("response_type") != "code":
        return "The response_type must be code."
    return _bad_challenge(query)


def _bad_challenge(query: Query) -> str | None:
    """Only S256 is taken: `plain` would hand the verifier to whoever reads the URL (RFC 7636 4.2)."""
    challenge, method = query.get("code_challenge"), query.get("code_challenge_method")
    if challenge is None:
        return "A code_challenge_method needs a code_challenge." if method else None
    if method != "S256":
        return "The code_challenge_method must be S256."
    return None if len(challenge) == S256_LENGTH else "The code_challenge is not a SHA-256 in base64url."


def _sign_in(world: World, query: Query, connection: Connection) -> Response:
    """Straight through for a known `login_hint` or a picked person; the page otherwise."""
    if query.get("sandbox_error") in CALLBACK_ERRORS:
        return _failed(query, query["sandbox_error"], connection)
    people = world.people_of(connection)
    person = _picked(query, people)
    if person is None:
        return HTMLResponse(pages.pick(world, connection, people, query))
    error = login.ordered_error(world, connection) or login.refusal_for(world, person, connection)
    if error:
        return _failed(query, error, connection)
    code = login.issue_code(world, person, connection, query.get("code_challenge"))
    return RedirectResponse(login.with_code(query["redirect_uri"], code, query.get("state")), 302)


def _picked(query: Query, people: list[Person]) -> Person | None:
    """The person clicked on, else the one the hint names."""
    wanted, hint = query.get("sandbox_person"), query.get("login_hint", "").lower()
    if wanted:
        return next((person for person in people if person.id == wanted), None)
    return next((person for person in people if hint and (person.email or "").lower() == hint), None)


def _failed(query: Query, error: str, connection: Connection | None) -> Response:
    return RedirectResponse(login.with_error(query["redirect_uri"], error, query.get("state"), connection), 302)
