"""Door of diagnoses: why can this person (not) sign in."""

from collections.abc import Sequence
from typing import Annotated, Any, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Security
from fastapi.responses import Response

from app.access.guard import BEARER, may
from app.access.principal import Principal
from app.http.answers import json_answer
from app.http.dependencies import RuntimeDep, Units, UnitsDep
from app.http.handlers import to_response
from app.http.openapi import PROBLEMS
from app.http.wire import wire
from app.kit.rows import Row
from app.organizations import service as organizations
from app.organizations.policy import domain_of
from app.problems import Invalid
from app.sso.diagnosis import Diagnosis, diagnose
from app.sso.diagnosis_checks import Check, checks
from app.sso.diagnosis_repository import Diagnosing
from app.sso.diagnosis_schemas import DiagnosisShape
from app.sso.remedies import titled
from app.sso.trace import read_details
from app.users.person import fold

router = APIRouter(prefix="/api/diagnostics", tags=["diagnostics"], dependencies=[Security(BEARER)])
_READ: Final = "diagnostics:read"
Reader = Annotated[Principal, Depends(may(_READ))]
_NOWHERE: Final = "No organization has verified this domain, and nobody has this address."
_SEVERAL: Final = "Several organizations may be meant: {}."


@router.get(
    "/sign-in",
    operation_id="diagnoseSignIn",
    summary="Why can this person (not) sign in?",
    response_model=DiagnosisShape,
    responses=PROBLEMS(401, 403, 404, 422, 503),
)
async def diagnose_sign_in(
    principal: Reader,
    units: UnitsDep,
    runtime: RuntimeDep,
    email: Annotated[str, Query(max_length=320, description="The person's address.", examples=["ada@acme.example"])],
    organization: Annotated[
        str | None, Query(max_length=256, description="Organization id, ours or WorkOS's; else by the address.")
    ] = None,
) -> Response:
    """Walk what a sign-in of theirs passes, up to the sign-in itself, which is rehearsed: nothing is changed.

    A client administrator is told of their own organization only, whatever the address.
    """
    domain = domain_of(email)
    if domain is None:
        raise Invalid("`email` is no e-mail address.")
    homes = await _homes(principal, units, organization, email, domain)
    if len(homes) != 1:
        return to_response(json_answer(_undecided(email, homes)))
    return to_response(json_answer(_shape(await diagnose(runtime, homes[0][0], email))))


async def _homes(
    principal: Principal, units: Units, organization: str | None, email: str, domain: str
) -> Sequence[tuple[UUID, str]]:
    """Return in which organizations to look: the one named, the caller's own, or those that the address tells."""
    async with units.reading(principal, _READ) as uow:
        if organization is not None:
            home = await organizations.require(uow, organization)
            return [(home.id, home.name)]
        if principal.reach(_READ) != "all":
            return [(principal.organization_id, "")]
        return await Diagnosing(uow).homes(fold(email), domain)


def _undecided(email: str, homes: Sequence[tuple[UUID, str]]) -> dict[str, Any]:
    said = _SEVERAL.format(", ".join(f"{name} ({home})" for home, name in homes)) if homes else _NOWHERE
    remedy = "Choose the organization and ask again." if homes else "Check the address, or choose the organization."
    return {
        "object": "sign_in_diagnosis",
        "email": email,
        "can_sign_in": False,
        "organization": None,
        "start": None,
        "checks": [Check("organization", "failed", said, remedy).shape()],
        "attempts": [],
    }


def _shape(found: Diagnosis) -> dict[str, Any]:
    home = found.evidence.home
    kind = "email" if found.by.kind == "domain" else "organization"
    return {
        "object": "sign_in_diagnosis",
        "email": found.email,
        "can_sign_in": found.can_sign_in,
        "organization": {name: home[name] for name in ("id", "workos_id", "name")},
        "start": "/auth/sso?" + urlencode({kind: found.email if kind == "email" else found.by.value}),
        "checks": [check.shape() for check in checks(found)],
        "attempts": [_attempt(row) for row in found.attempts],
    }


def _attempt(row: Row) -> dict[str, Any]:
    return {
        "at": wire(row["at"]),
        **{name: row[name] for name in ("outcome", "step", "problem", "connection_id", "request_id")},
        "title": titled(row["problem"]) if row["problem"] else None,
        "workos_error": read_details(row["details"]).get("error"),
    }
