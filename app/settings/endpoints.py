"""Doors of platform settings: /api/settings/workos."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Security
from fastapi.openapi.models import Example
from fastapi.responses import Response
from pydantic import SecretStr

from app.access.guard import BEARER, may
from app.access.principal import Principal
from app.http.answers import json_answer
from app.http.dependencies import RuntimeDep, UnitsDep, person
from app.http.handlers import to_response
from app.http.openapi import PROBLEMS
from app.http.versions import VersionsDep, etag
from app.http.wire import wire
from app.problems import Invalid
from app.runtime import Runtime
from app.settings import flow
from app.settings.flow import Changed, shown
from app.settings.planning import Wanted
from app.settings.schemas import (
    ChangedSettingsShape,
    ChangeSettings,
    RotateSecret,
    SettingsShape,
    VerificationShape,
)
from app.settings.shaping import shape
from app.settings.stored import Stored, in_force

router = APIRouter(prefix="/api/settings/workos", tags=["settings"], dependencies=[Security(BEARER)])
Reader = Annotated[Principal, Depends(may("settings:read"))]
Writer = Annotated[Principal, Depends(may("settings:write"))]
RecentWriter = Annotated[Principal, Depends(may("settings:write", recent=True))]
_CHANGING = PROBLEMS(400, 401, 403, 409, 412, 413, 415, 422, 502, 503)
_CHANGES: dict[str, Example] = {
    "first": Example(
        summary="From an empty installation",
        value={
            "api_key": "<sk_…, whole>",
            "client_id": "client_01ACME",
            "redirect_uri": "https://auth.memberpulse.example/auth/callback/workos",
            "webhook_secrets": ["<whole>"],
        },
    ),
    "default": Example(summary="The default connection", value={"default_connection": "conn_01ACME"}),
    "environment": Example(summary="Back to the environment's credentials", value={"api_key": None}),
}
_STEPS: dict[str, Example] = {
    "stage": Example(
        summary="A new API key beside the one in force",
        value={"secret": "api_key", "step": "stage", "value": "<sk_…, whole>"},
    ),
    "promote": Example(summary="The new one in its place", value={"secret": "api_key", "step": "promote"}),
    "rollback": Example(summary="Not the new one after all", value={"secret": "api_key", "step": "rollback"}),
}


@router.get("", operation_id="readWorkosSettings", summary="WorkOS settings", response_model=SettingsShape,
            responses=PROBLEMS(401, 403, 503))  # fmt: skip
async def read_settings(_principal: Reader, runtime: RuntimeDep) -> Response:
    """Read the settings in force, and for each whether it is the environment's or the platform's own.

    Secrets are never shown; `ETag` names the version.
    """
    stored = await flow.read(runtime)
    return to_response(json_answer(_shape(stored, runtime), headers=[etag(stored.version)]))


@router.patch("", operation_id="changeWorkosSettings", summary="Change WorkOS settings",
              response_model=ChangedSettingsShape, responses=_CHANGING)  # fmt: skip
async def change_settings(
    body: Annotated[ChangeSettings, Body(openapi_examples=_CHANGES)],
    principal: RecentWriter,
    units: UnitsDep,
    runtime: RuntimeDep,
    versions: VersionsDep,
) -> Response:
    """Change settings. Values are verified at WorkOS first; one that it refuses is not saved.

    They count in every process within five seconds. Another client id or redirect URI needs the API key in the same
    request.
    """
    wanted = _wanted(body)
    if not wanted.given:
        raise Invalid("Give at least one setting.")
    changed = await flow.change(runtime, wanted, versions=versions, actor=person(units.exchange, principal))
    return _changed(changed, runtime)


@router.post("/verify", operation_id="verifyWorkosSettings", summary="Verify WorkOS settings",
             response_model=VerificationShape, responses=PROBLEMS(400, 401, 403, 413, 415, 422, 503))  # fmt: skip
async def verify_settings(_principal: Writer, runtime: RuntimeDep, body: ChangeSettings | None = None) -> Response:
    """Ask WorkOS what it makes of the settings in force; with a body, of what they would be after that change.

    Nothing is saved. What cannot be found out over WorkOS's API is `skipped`.
    """
    checks = await flow.verify(runtime, _wanted(body) if body else Wanted(frozenset()))
    content = {
        "object": "settings_verification",
        "ok": all(check.result != "failed" for check in checks),
        "checked_at": wire(runtime.clock.now()),
        "checks": [shown(check) for check in checks],
    }
    return to_response(json_answer(content))


@router.post("/rotate", operation_id="rotateWorkosSecret", summary="Rotate a WorkOS secret",
             response_model=ChangedSettingsShape, responses=_CHANGING)  # fmt: skip
async def rotate_secret(
    body: Annotated[RotateSecret, Body(openapi_examples=_STEPS)],
    principal: RecentWriter,
    units: UnitsDep,
    runtime: RuntimeDep,
    versions: VersionsDep,
) -> Response:
    """Take one step of replacing the API key or the webhook secret: stage, promote, or roll back.

    While a second one is staged both count: a sign-in goes on with the new API key where WorkOS refuses the old one,
    and a delivery may be signed with either secret. An API key is tried at WorkOS when it is staged and before it is
    promoted. A step that was taken before changes nothing.
    """
    changed = await flow.rotate(
        runtime,
        body.secret,
        body.step,
        _plain(body.value),
        versions=versions,
        actor=person(units.exchange, principal),
    )
    return _changed(changed, runtime)


def _wanted(body: ChangeSettings) -> Wanted:
    secrets = body.webhook_secrets
    return Wanted(
        given=frozenset(body.model_fields_set),
        api_key=_plain(body.api_key),
        client_id=body.client_id,
        redirect_uri=body.redirect_uri,
        webhook_secrets=None if secrets is None else tuple(one.get_secret_value() for one in secrets),
        default_connection=body.default_connection,
    )


def _plain(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def _shape(stored: Stored, runtime: Runtime) -> dict[str, Any]:
    broken = in_force(runtime.config, stored, runtime.sealer).broken
    return shape(stored, runtime.config, broken=sorted(broken))


def _changed(changed: Changed, runtime: Runtime) -> Response:
    content = {**_shape(changed.stored, runtime), "checks": [shown(check) for check in changed.checks]}
    return to_response(json_answer(content, headers=[etag(changed.stored.version)]))
