"""Problems of access: may you; who you are is `app/tokens/errors.py`."""

from app.problems import Problem


class NotPermitted(Problem):
    status = 403
    code = "not_permitted"
    title = "Your role does not allow this."
    remedy = "Ask an administrator of your organization for the role that may."


class RoleNotGrantable(Problem):
    status = 403
    code = "role_not_grantable"
    title = "You cannot grant or take away this role here."
    remedy = "Use roles up to your own; only the platform's own organization may have platform administrators."


class ReauthenticationRequired(Problem):
    status = 401
    code = "reauthentication_required"
    title = "This needs a recent sign-in."
    remedy = "Sign in again and repeat the request within 15 minutes."


class ForeignOrigin(Problem):
    status = 403
    code = "origin_not_allowed"
    title = "A request that carries a session cookie must come from MemberPulse itself."
    remedy = "Send it from an allowed origin (APP_URL, APP_ORIGINS), with an Origin header and an empty or JSON body."
