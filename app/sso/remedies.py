"""Words for what goes wrong with sign-ins, pure: problems by their code, and what the seed's document says to check."""

from collections.abc import Mapping
from typing import Final

from app.connections import errors as connections
from app.organizations import errors as organizations
from app.problems import Problem, SettingsIncomplete
from app.sso import callback_errors, errors
from app.users import errors as users
from app.workos import errors as workos

INVALID_CONNECTION: Final = (
    "Verify that the SSO connection is activated in the WorkOS Dashboard; check that the organization has the correct"
    " connection ID; ensure that the redirect URIs match exactly."
)
"""SSO login fails with 'Invalid connection'."""
USERS_NOT_SYNCING: Final = (
    "Verify the SCIM endpoint and bearer token in the identity provider; check the WorkOS Dashboard for sync errors;"
    " ensure that users are assigned to the correct groups in the identity provider; check the attribute mapping."
)
"""Users not syncing from directory."""

_KNOWN: Final[tuple[type[Problem], ...]] = (
    *callback_errors.BY_CODE.values(),
    callback_errors.LoginRefused,
    errors.AttributeMissing,
    errors.CallbackMalformed,
    errors.ConnectionMismatch,
    errors.LoginStateMismatch,
    errors.LoginTimedOut,
    errors.SsoDisabled,
    connections.ConnectionInactive,
    organizations.OrganizationSuspended,
    organizations.OrganizationUnknown,
    SettingsIncomplete,
    users.DomainNotAllowed,
    users.IdentityConflict,
    users.UserDeactivated,
    users.UserNotProvisioned,
    workos.CodeRejected,
    workos.UpstreamInvalidResponse,
    workos.UpstreamRefused,
    workos.UpstreamUnavailable,
)
_BY_CODE: Final[Mapping[str, type[Problem]]] = {problem.code: problem for problem in _KNOWN}
_INVALID: Final = frozenset({"login_connection_invalid", "login_connection_unlinked", "connection_inactive"})


def titled(code: str | None) -> str:
    """Return a problem's sentence, a plain one for a code of another release."""
    return _BY_CODE.get(code or "", callback_errors.LoginRefused).title


def remedy_of(code: str | None) -> str:
    """Return what to do about a problem, for an administrator."""
    if code in _INVALID:
        return INVALID_CONNECTION
    return _BY_CODE.get(code or "", callback_errors.LoginRefused).remedy
