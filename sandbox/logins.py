"""Controls over logins: IdP-initiated ones, ordered errors, changed profiles."""

from typing import Any

from sandbox import login
from sandbox.callback_errors import CALLBACK_ERRORS
from sandbox.overrides import LoginError, ProfileOverride
from sandbox.redirect_uris import is_registered
from sandbox.refusals import bad_request, invalid
from sandbox.state import World


class LoginControls:
    """What a test or an operator of the twin may order for logins."""

    def __init__(self, world: World) -> None:
        self.world = world

    def idp_initiated(self, connection: str, person: str, redirect_uri: str | None = None) -> str:
        """Return the callback URL of a login begun at the identity provider: a code and an empty `state`.

        It goes to the default redirect URI, or to another registered one (RelayState). A connection with
        `idp_initiated: false` earns `idp_initiated_sso_disabled`. Raises 400 for anything but SAML.
        """
        found = self.world.connection(connection)
        if not found.type.endswith("SAML"):
            raise bad_request("connection_invalid", "Only SAML connections can be started at the identity provider.")
        target = redirect_uri or self.world.credentials.default_redirect_uri
        if redirect_uri and not is_registered(self.world.credentials.redirect_uris, redirect_uri):
            raise bad_request("invalid_redirect_uri", "The redirect URI is not registered.")
        someone = self.world.person(person)
        if not someone.sso or someone.organization_id != found.organization_id:
            raise invalid("This person does not sign in at this connection.", person="invalid")
        error = self._idp_error(found.id) or login.refusal_for(self.world, someone, found)
        if error:
            return login.with_error(target, error, "", found)
        return login.with_code(target, login.issue_code(self.world, someone, found), "")

    def _idp_error(self, connection_id: str) -> str | None:
        found = self.world.connections[connection_id]
        if not found.idp_initiated:
            return "idp_initiated_sso_disabled"
        if found.state not in ("active", "validating"):
            return "connection_unlinked"
        return login.ordered_error(self.world, found)

    def fail_logins(self, code: str, *, connection: str | None = None, times: int | None = 1) -> LoginError:
        """Let the next logins end in one of the fourteen callback errors. `times=None`: until cleared."""
        if code not in CALLBACK_ERRORS:
            raise invalid(f"'{code}' is not a callback error.", code="invalid")
        where = self.world.connection(connection).id if connection else None
        order = LoginError(code=code, connection_id=where, times=times)
        self.world.login_errors.append(order)
        return order

    def clear_login_errors(self) -> None:
        """Let logins succeed again (a connection's own `fail_with` stays)."""
        self.world.login_errors.clear()

    def override_profile(
        self,
        profile: dict[str, Any] | None = None,
        *,
        remove: list[str] | None = None,
        replace: bool = False,
        connection: str | None = None,
        times: int | None = 1,
    ) -> ProfileOverride:
        """Change the next profiles at `/sso/token`: keys set and removed, or all replaced; any value goes."""
        where = self.world.connection(connection).id if connection else None
        order = ProfileOverride(
            profile=profile or {}, remove=remove or [], replace=replace, connection_id=where, times=times
        )
        self.world.overrides.append(order)
        return order

    def clear_profile_overrides(self) -> None:
        """Hand out profiles as they are again."""
        self.world.overrides.clear()

    def advance_clock(self, seconds: float) -> float:
        """Move the twin's clock (codes and tokens age); returns its time in epoch seconds."""
        self.world.clock_offset += seconds
        return self.world.now()
