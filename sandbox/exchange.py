"""`POST /sso/token` and `GET /sso/profile`: the code's exchange and what the token opens.

https://workos.com/docs/reference/sso/profile. The token route is a bare Starlette one: it is on the measured path
of every login, and FastAPI's parameter machinery would cost more than the answer.
"""

import base64
import hashlib
import hmac
import json
from typing import Any, cast
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.routing import Route

from sandbox.access import TheWorld, bearer, is_api_key
from sandbox.overrides import take_override
from sandbox.records import Code, Token
from sandbox.refusals import Refusal, invalid, oauth, unauthorized
from sandbox.state import World

router = APIRouter()


async def exchange(request: Request) -> Response:
    """Answer a code with an access token and the profile. Body is JSON (the SDK) or a form (the OAuth way)."""
    world = cast("World", request.app.state.world)
    try:
        form = _read_form(await request.body(), request.headers.get("content-type", ""))
        code = _redeem(world, form)
        profile = take_override(world.overrides, code.connection_id, code.profile)
    except Refusal as refusal:
        return JSONResponse(refusal.body, refusal.status, refusal.headers)
    answer = {
        "token_type": "Bearer",
        "access_token": _issue_token(world, profile),
        "expires_in": world.switches.token_seconds,
        "profile": profile,
    }
    return Response(json.dumps(answer).encode(), media_type="application/json")


token_route = Route("/sso/token", exchange, methods=["POST"])


@router.get("/sso/profile")
async def get_profile(request: Request, world: TheWorld) -> dict[str, Any]:
    """Return the profile an access token opens; 401 for an unknown or expired one."""
    token = world.tokens.get(bearer(request))
    if token is None or token.expires_at <= world.now():
        raise unauthorized()
    return token.profile


def _read_form(body: bytes, content_type: str) -> dict[str, str]:
    """The strings of a JSON object or of a form."""
    if not content_type.startswith("application/json"):
        return dict(parse_qsl(body.decode("utf-8", "replace")))
    try:
        parsed: Any = json.loads(body)
    except ValueError as error:
        raise Refusal(400, {"message": "The body is not JSON."}) from error
    if not isinstance(parsed, dict):
        raise Refusal(400, {"message": "The body is not an object."})
    return {key: value for key, value in cast("dict[str, Any]", parsed).items() if isinstance(value, str)}


def _redeem(world: World, form: dict[str, str]) -> Code:
    """Take the code out of the world (single use) after every check. Raises the OAuth error."""
    _check_client(world, form)
    if form.get("grant_type") != "authorization_code":
        raise oauth("unsupported_grant_type", "The grant type must be authorization_code.")
    if not form.get("code"):
        raise invalid("Validation failed", code="required")
    # Popped before it is looked at: a code tried with a wrong verifier has been seen by somebody else.
    code = world.codes.pop(form["code"], None)
    if code is None or code.expires_at <= world.now():
        raise oauth("invalid_grant", f"The code '{form['code']}' has expired or is invalid.")
    _check_verifier(code.challenge, form.get("code_verifier"))
    return code


def _check_client(world: World, form: dict[str, str]) -> None:
    """Client id always; API key unless a public client proves itself by PKCE."""
    if not hmac.compare_digest(form.get("client_id", "").encode(), world.credentials.client_id.encode()):
        raise oauth("invalid_client", "Invalid client ID.")
    secret = form.get("client_secret")
    if secret is None and form.get("code_verifier"):
        return
    if not is_api_key(world, secret or ""):
        raise oauth("invalid_client", "Invalid client secret.")


def _check_verifier(challenge: str | None, verifier: str | None) -> None:
    """RFC 7636 4.6; a verifier without a challenge is a downgrade (RFC 9700 2.1.1)."""
    if challenge is None and verifier is None:
        return
    if challenge is None or verifier is None:
        raise oauth("invalid_grant", "The code_verifier does not belong to the authorization request.")
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    if not hmac.compare_digest(digest, challenge.encode()):
        raise oauth("invalid_grant", "The code_verifier does not match the code_challenge.")


def _issue_token(world: World, profile: dict[str, Any]) -> str:
    value = world.ids.token("access")
    world.tokens[value] = Token(profile=profile, expires_at=world.now() + world.switches.token_seconds)
    if len(world.tokens) > 10_000:  # noqa: PLR2004 - a bound on memory: the oldest goes
        del world.tokens[next(iter(world.tokens))]
    return value
