"""Problems of the sign-in journey."""

from app.problems import Problem


class SelectorRequired(Problem):
    status = 400
    code = "sso_selector_required"
    title = "It is not said which organization to sign in to."
    remedy = "Give exactly one of organization, connection, domain or email, or set a Default Connection."


class ReturnAddressRefused(Problem):
    status = 400
    code = "return_to_not_allowed"
    title = "The address to return to after the sign-in is not ours."
    remedy = "Use a path that begins with one slash, or a URL on APP_URL or APP_ORIGINS."


class SsoDisabled(Problem):
    status = 403
    code = "sso_disabled"
    title = "Single sign-on is switched off for this organization."
    remedy = "An administrator switches it on in the organization's authentication settings."


class LoginExpired(Problem):
    status = 400
    code = "login_expired"
    title = "This sign-in took longer than ten minutes."
    remedy = "Start the sign-in again."


class LoginStateMismatch(Problem):
    status = 400
    code = "login_state_mismatch"
    title = "This sign-in was started in another browser, or was used already."
    remedy = "Start the sign-in again, in this browser, and finish it here."


class ConnectionMismatch(Problem):
    status = 403
    code = "connection_mismatch"
    title = "The identity provider that answered is not the one this sign-in was started for."
    remedy = "Start again with your own organization's sign-in link; tell your administrator if it happens again."


class AttributeMissing(Problem):
    status = 422
    code = "attribute_missing"
    title = "Your identity provider did not send something we need."
    remedy = "An administrator maps the missing attribute in the identity provider's MemberPulse application."


class CallbackMalformed(Problem):
    status = 400
    code = "login_callback_malformed"
    title = "The answer from the identity provider is incomplete."
    remedy = "Start the sign-in again."


class SsoLockout(Problem):
    status = 409
    code = "sso_would_lock_out"
    title = "Single sign-on would be the only way in, and not everybody has been seen to get in by it."
    remedy = (
        "Mend what keeps those in `locked_out` out and let those in `not_seen_yet` sign in by single sign-on once, or"
        " repeat the request with `confirm: true`."
    )


class LoginTimedOut(Problem):
    """Told by WorkOS alone: whoever is meant has not come back to us."""

    status = 400
    code = "login_timed_out"
    title = "Nobody came back from the identity provider in time."
    remedy = "Start the sign-in again and finish it within ten minutes."


class ConfigurationRefused(Problem):
    status = 422
    code = "sso_configuration_refused"
    title = "WorkOS does not take this configuration."
    remedy = "Correct the fields that are named, as the identity provider shows them."


class ConfigurationConflict(Problem):
    status = 409
    code = "sso_configuration_conflict"
    title = "WorkOS is deleting or making this connection at this moment."
    remedy = "Wait a minute, read the list of connections, and send the configuration again."
