"""WorkOS's fourteen callback errors, each in its own words (workos.com/docs/reference/sso, error codes)."""

from typing import Final

from app.problems import Problem


class LoginRefused(Problem):
    """An error that WorkOS invented after this was written; its own text is never shown (threats.md A15)."""

    status = 502
    code = "login_refused"
    title = "The sign-in could not be completed."
    remedy = "Try again. If it goes on, give your administrator the request id."


class AccessDenied(LoginRefused):
    status = 403
    code = "login_access_denied"
    title = "Your identity provider did not let you in."
    remedy = "Ask your administrator to assign the MemberPulse application to you, then try again."


class AmbiguousConnectionSelector(LoginRefused):
    code = "login_ambiguous_connection_selector"
    title = "Your organization has several ways to sign in and none is marked as the default."
    remedy = "Use the sign-in link of your identity provider, or let an administrator choose a default connection."


class ConnectionDomainInvalid(LoginRefused):
    status = 403
    code = "login_connection_domain_invalid"
    title = "The connection does not serve your e-mail's domain."
    remedy = "An administrator adds the domain to the connection in the WorkOS Dashboard."


class ConnectionInvalid(LoginRefused):
    status = 403
    code = "login_connection_invalid"
    title = "Invalid connection: WorkOS does not accept this SSO connection."
    remedy = (
        "An administrator checks in the WorkOS Dashboard that the connection is activated, that the organization has"
        " this connection id, and that the redirect URI matches exactly."
    )


class ConnectionStrategyInvalid(LoginRefused):
    status = 403
    code = "login_connection_strategy_invalid"
    title = "This kind of connection cannot be used in this environment."
    remedy = "An administrator checks the connection's type in the WorkOS Dashboard."


class ConnectionUnlinked(LoginRefused):
    status = 403
    code = "login_connection_unlinked"
    title = "The SSO connection is not set up completely."
    remedy = "An administrator finishes the connection by an Admin Portal link."


class DomainSelectorNotAllowed(LoginRefused):
    code = "login_domain_connection_selector_not_allowed"
    title = "WorkOS no longer takes a domain to choose a connection."
    remedy = "Sign in by your organization's link; tell MemberPulse support the request id."


class IdpInitiatedDisabled(LoginRefused):
    status = 403
    code = "login_idp_initiated_sso_disabled"
    title = "Sign-ins that begin at the identity provider are switched off for this connection."
    remedy = "Start from MemberPulse's sign-in page instead."


class InvalidConnectionSelector(LoginRefused):
    code = "login_invalid_connection_selector"
    title = "WorkOS did not understand which connection was meant."
    remedy = "Try again; if it goes on, an administrator checks the organization's link to WorkOS."


class OrganizationInvalid(LoginRefused):
    status = 403
    code = "login_organization_invalid"
    title = "WorkOS does not know this organization."
    remedy = "A MemberPulse operator checks that the tenant is linked to an organization of this WorkOS environment."


class OauthFailed(LoginRefused):
    code = "login_oauth_failed"
    title = "The identity provider's OAuth sign-in failed."
    remedy = "Try again; if it goes on, an administrator checks the client id and secret of the OIDC connection."


class ProfileNotAllowed(LoginRefused):
    status = 403
    code = "login_profile_not_allowed_outside_organization"
    title = "Your e-mail address is outside the domains of this organization."
    remedy = "Use your company address, or let an administrator verify your domain in WorkOS."


class UpstreamServerError(LoginRefused):
    code = "login_server_error"
    title = "WorkOS or the identity provider had an error of its own."
    remedy = "Try again in a minute; status.workos.com tells about outages."


class SigninConsentDenied(LoginRefused):
    status = 403
    code = "login_signin_consent_denied"
    title = "You did not agree to sign in."
    remedy = "Start again and confirm when WorkOS asks, if you want to sign in."


BY_CODE: Final[dict[str, type[LoginRefused]]] = {
    "access_denied": AccessDenied,
    "ambiguous_connection_selector": AmbiguousConnectionSelector,
    "connection_domain_invalid": ConnectionDomainInvalid,
    "connection_invalid": ConnectionInvalid,
    "connection_strategy_invalid": ConnectionStrategyInvalid,
    "connection_unlinked": ConnectionUnlinked,
    "domain_connection_selector_not_allowed": DomainSelectorNotAllowed,
    "idp_initiated_sso_disabled": IdpInitiatedDisabled,
    "invalid_connection_selector": InvalidConnectionSelector,
    "organization_invalid": OrganizationInvalid,
    "oauth_failed": OauthFailed,
    "profile_not_allowed_outside_organization": ProfileNotAllowed,
    "server_error": UpstreamServerError,
    "signin_consent_denied": SigninConsentDenied,
}


def refusal(code: str) -> LoginRefused:
    """Return the problem for WorkOS's error code; a plain one for a code nobody has told us of."""
    return BY_CODE.get(code, LoginRefused)()
