"""The fourteen errors a WorkOS callback may carry, each with the sentence WorkOS sends along."""

CALLBACK_ERRORS: dict[str, str] = {
    "access_denied": "The identity provider denied the user access to the application.",
    "ambiguous_connection_selector": "A connection could not be uniquely identified using the provided selector.",
    "connection_domain_invalid": "There is no connection for the provided domain.",
    "connection_invalid": "There is no connection for the provided ID.",
    "connection_strategy_invalid": "The provider has multiple strategies associated per environment.",
    "connection_unlinked": "The connection associated with the request is unlinked.",
    "domain_connection_selector_not_allowed": "The domain connection selector is not allowed for this project.",
    "idp_initiated_sso_disabled": "Identity provider-initiated SSO is disabled for this connection.",
    "invalid_connection_selector": "A connection selector must be provided: connection, organization or provider.",
    "oauth_failed": "An OAuth authorization request failed for the user.",
    "organization_invalid": "No connection associated with organization.",
    "profile_not_allowed_outside_organization": "The profile does not belong to the organization's domains.",
    "server_error": "The SSO authentication failed for the user.",
    "signin_consent_denied": "The user denied the sign-in consent prompt.",
}
