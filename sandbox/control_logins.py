"""Control routes over logins: IdP-initiated, ordered errors, changed profiles, the clock."""

from typing import Any

from fastapi import APIRouter, Response
from pydantic import Field

from sandbox.callback_errors import CALLBACK_ERRORS
from sandbox.control_access import Body, TheControls

router = APIRouter(tags=["logins"])


class IdpInitiatedBody(Body):
    """Who clicks on which tile."""

    connection: str
    person: str
    redirect_uri: str | None = None


class LoginErrorBody(Body):
    """The callback error of coming logins; `times` null until removed."""

    code: str
    connection: str | None = None
    times: int | None = Field(default=1, ge=1)


class ProfileOverrideBody(Body):
    """How coming profiles differ; values may be of any type."""

    profile: dict[str, Any] = Field(default_factory=dict)
    remove: list[str] = Field(default_factory=list)
    replace: bool = False
    connection: str | None = None
    times: int | None = Field(default=1, ge=1)


class ClockBody(Body):
    """How far the clock moves."""

    seconds: float


@router.post("/idp-initiated")
async def idp_initiated(controls: TheControls, body: IdpInitiatedBody) -> dict[str, str]:
    """Start a login at the identity provider: the URL to send the browser to."""
    return {"url": controls.idp_initiated(body.connection, body.person, body.redirect_uri)}


@router.get("/login-errors")
async def list_login_errors(controls: TheControls) -> dict[str, Any]:
    """The errors ordered, and all there are with their sentences."""
    return {"ordered": [vars(order) for order in controls.world.login_errors], "known": CALLBACK_ERRORS}


@router.post("/login-errors", status_code=201)
async def fail_logins(controls: TheControls, body: LoginErrorBody) -> dict[str, Any]:
    """Let the next logins end in an error."""
    return vars(controls.fail_logins(body.code, connection=body.connection, times=body.times))


@router.delete("/login-errors", status_code=204)
async def clear_login_errors(controls: TheControls) -> Response:
    """Let logins succeed again."""
    controls.clear_login_errors()
    return Response(status_code=204)


@router.post("/profile-override", status_code=201)
async def override_profile(controls: TheControls, body: ProfileOverrideBody) -> dict[str, Any]:
    """Change the next profiles handed out at `/sso/token`."""
    return vars(controls.override_profile(**body.model_dump()))


@router.delete("/profile-override", status_code=204)
async def clear_profile_overrides(controls: TheControls) -> Response:
    """Hand out profiles as they are."""
    controls.clear_profile_overrides()
    return Response(status_code=204)


@router.post("/clock/advance")
async def advance_clock(controls: TheControls, body: ClockBody) -> dict[str, float]:
    """Move the twin's clock, so that codes and tokens age."""
    return {"now": controls.advance_clock(body.seconds)}
