"""Problems of sessions and of their tokens."""

from app.problems import Problem


class SessionTossed(Problem):
    status = 400
    code = "session_cookie_repeated"
    title = "The browser sent more than one session cookie."
    remedy = "Clear the cookies of this site and sign in again."


class RevocationsForgotten(Problem):
    status = 410
    code = "revocations_forgotten"
    title = "Revocations that you have not read are not kept any more."
    remedy = "Read again without `after`: what comes then is complete for every token that may still be alive."


class TokenUnknown(Problem):
    status = 400
    code = "break_glass_token_invalid"
    title = "This one-time token is unknown, used or expired."
    remedy = "Make a new one with `memberpulse-auth admin-link`; it works once, for ten minutes."


class UnknownKeyError(Exception):
    """The key that `memberpulse-auth keys retire` names is not in the table."""
