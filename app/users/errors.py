"""Problems of people."""

from app.problems import Problem


class UserDeactivated(Problem):
    status = 403
    code = "user_deactivated"
    title = "Your access to this organization was removed."
    remedy = "If that is a mistake, ask your administrator to add you again in your company's directory."


class UserNotProvisioned(Problem):
    status = 403
    code = "user_not_provisioned"
    title = "Nobody has given you access to MemberPulse yet."
    remedy = "Ask your administrator to assign MemberPulse to you in your company's directory, then sign in again."


class IdentityConflict(Problem):
    status = 403
    code = "identity_conflict"
    title = "Several people of your organization share this e-mail address, so we cannot tell who you are."
    remedy = "Ask your administrator to merge or remove the duplicate accounts, then sign in again."


class DomainNotAllowed(Problem):
    status = 403
    code = "domain_not_allowed"
    title = "Your e-mail address is not in a domain that this organization has verified."
    remedy = "Sign in with your company address, or ask your administrator to verify the domain or allow guests."
