"""What ends at the application's callback: a code for a person, or an error; and the redirect that carries it."""

from typing import Any
from urllib.parse import urlencode

from sandbox import wire_people
from sandbox.callback_errors import CALLBACK_ERRORS
from sandbox.overrides import take_error
from sandbox.records import VERIFIED, Code, Connection, Person
from sandbox.state import World


def issue_code(world: World, person: Person, connection: Connection, challenge: str | None = None) -> str:
    """Return a new authorization code: single use, ten minutes, bound to the PKCE challenge when there is one."""
    code = world.ids.token("code")
    profile = wire_people.profile(world, person, connection)
    expires_at = world.now() + world.switches.code_seconds
    _forget_expired(world)
    world.codes[code] = Code(profile=profile, connection_id=connection.id, challenge=challenge, expires_at=expires_at)
    return code


def refusal_for(world: World, person: Person, connection: Connection) -> str | None:
    """Return the callback error that keeps this person out of this connection, or None."""
    if person.state != "active":
        return "access_denied"
    owner = world.organizations.get(connection.organization_id or "")
    if owner is None or owner.allow_profiles_outside_organization:
        return None
    verified = {d.domain for d in world.domains_of(owner.id) if d.state in VERIFIED}
    domain = (person.email or "").rpartition("@")[2].lower()
    # WorkOS pins people to the organization's domains; an organization without any has nothing to be pinned to.
    return "profile_not_allowed_outside_organization" if verified and domain not in verified else None


def ordered_error(world: World, connection: Connection | None) -> str | None:
    """Return the error that a test ordered for this login (one-shot first, then the connection's own), or None."""
    ordered = take_error(world.login_errors, connection.id if connection else None)
    return ordered or (connection.fail_with if connection else None)


def with_code(redirect_uri: str, code: str, state: str | None) -> str:
    """Return the callback URL of a success. An empty `state` is sent as `state=`, as IdP-initiated logins have it."""
    return _with_query(redirect_uri, {"code": code, "state": state})


def with_error(redirect_uri: str, error: str, state: str | None, connection: Connection | None = None) -> str:
    """Return the callback URL of a failure."""
    query: dict[str, str | None] = {"error": error, "error_description": CALLBACK_ERRORS[error], "state": state}
    if error == "idp_initiated_sso_disabled" and connection:
        query |= {"connection_id": connection.id, "organization_id": connection.organization_id}
    return _with_query(redirect_uri, query)


def _with_query(url: str, query: dict[str, Any]) -> str:
    separator = "&" if "?" in url else "?"
    return url + separator + urlencode({key: value for key, value in query.items() if value is not None})


def _forget_expired(world: World) -> None:
    """Codes nobody fetched go when there are many, so that a long benchmark does not grow without bound."""
    if len(world.codes) < 10_000:  # noqa: PLR2004 - a bound on memory, any large number does
        return
    now = world.now()
    for value in [value for value, code in world.codes.items() if code.expires_at < now]:
        del world.codes[value]
