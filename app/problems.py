"""Problem: an error that a person can act on (RFC 9457), raised as an exception."""

from collections.abc import Mapping
from typing import ClassVar


class Problem(Exception):  # noqa: N818 -- named for what happened, not ...Error (house.md)
    """An outcome with a status, a stable code, a sentence and a remedy.

    The class is the document: subclasses fill in the four class attributes once. What differs from case
    to case goes into `detail` (one sentence), `headers` and `extra` (members added to the JSON).
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Something went wrong on our side."
    remedy: ClassVar[str] = "Try again. If it goes on, tell support the request id."

    def __init__(self, detail: str | None = None, *, headers: Mapping[str, str] | None = None, **extra: object) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.headers = dict(headers or {})
        self.extra = extra


class InternalError(Problem):
    """An exception nobody foresaw; its text stays in the log (threats.md F14)."""


class BadRequest(Problem):
    status = 400
    code = "bad_request"
    title = "The request is malformed."
    remedy = "Correct the request as the detail says."


class NotFound(Problem):
    """Absent, or not of this tenant: the two must look alike (threats.md E1)."""

    status = 404
    code = "not_found"
    title = "There is no such thing here."
    remedy = "Check the address and the id; an object of another organization is not shown."


class MethodNotAllowed(Problem):
    status = 405
    code = "method_not_allowed"
    title = "This address does not answer that method."
    remedy = "Use one of the methods named in the Allow header."


class Conflict(Problem):
    status = 409
    code = "conflict"
    title = "The request conflicts with the present state."
    remedy = "Read the object again and repeat the change if it is still wanted."


class Invalid(Problem):
    status = 422
    code = "invalid_request"
    title = "The request was understood but a value is not acceptable."
    remedy = "Correct the fields that are named, and send it again."


class TooLarge(Problem):
    status = 413
    code = "body_too_large"
    title = "The request's body is too large."
    remedy = "Send less at once."


class UnsupportedBody(Problem):
    status = 415
    code = "unsupported_media_type"
    title = "The body has a type or an encoding that this address does not take."
    remedy = "Send uncompressed JSON with Content-Type: application/json."


class RateLimited(Problem):
    status = 429
    code = "rate_limited"
    title = "Too many requests."
    remedy = "Wait as long as the Retry-After header says."


class DatabaseUnavailable(Problem):
    status = 503
    code = "database_unavailable"
    title = "The database does not answer at the moment."
    remedy = "Try again in a few seconds."


class SettingsIncomplete(Problem):
    status = 503
    code = "settings_incomplete"
    title = "The WorkOS settings are not complete, so this cannot work yet."
    remedy = (
        "A platform administrator sets what is missing (PATCH /api/settings/workos), or whoever operates the gateway"
        " sets it in the environment and starts it again."
    )
