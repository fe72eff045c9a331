"""Problems of talking to WorkOS: away, nonsense, refused, unknown, code rejected."""

import math
from typing import ClassVar, Literal

from app.problems import Problem

Cause = Literal["timeout", "connection", "status", "rate_limited", "open", "crowded"]


class UpstreamUnavailable(Problem):
    """WorkOS is away, too slow, over its limits, or we have stopped asking for a moment (503 with Retry-After)."""

    status: ClassVar[int] = 503
    code: ClassVar[str] = "upstream_unavailable"
    title: ClassVar[str] = "WorkOS does not answer at the moment."
    remedy: ClassVar[str] = "Try again in a few seconds; status.workos.com tells about longer outages."

    def __init__(
        self, detail: str | None = None, *, cause: Cause = "connection", retry_after: float = 2.0, **extra: object
    ) -> None:
        """Take why, for the log, and `retry_after` in seconds, rounded up so that nobody comes back too early."""
        self.cause: Cause = cause
        self.retry_after = max(1, math.ceil(retry_after))
        self.reason: str | None = None
        """What kind of exception it was, for the log only (threats.md F14)."""
        super().__init__(detail, headers={"Retry-After": str(self.retry_after)}, **extra)


class UpstreamInvalidResponse(Problem):
    """WorkOS answered, but not in the shape it documents; nothing of the answer was used."""

    status = 502
    code = "upstream_invalid_response"
    title = "WorkOS's answer could not be understood, so nothing was done."
    remedy = "Try again. If it goes on, check WORKOS_BASE_URL and any proxy between the gateway and WorkOS."


class UpstreamRefused(Problem):
    """WorkOS understood the request and declined it; trying again changes nothing."""

    status = 502
    code = "upstream_refused"
    title = "WorkOS refused the gateway's request."
    remedy = (
        "An administrator should check that the WorkOS API key and client id are valid and of the same environment, "
        "then look the request id up in the WorkOS dashboard."
    )


class UpstreamNotFound(Problem):
    """WorkOS has no such object in the environment that our API key belongs to."""

    status = 404
    code = "workos_object_unknown"
    title = "WorkOS knows no object with this id."
    remedy = "Check the id, and that it belongs to the same WorkOS environment as the gateway's API key."


class ConnectionsApiClosed(Problem):
    """WorkOS keeps the part of its API that configures connections behind a flag, and this account has it not."""

    status = 502
    code = "workos_connections_api_closed"
    title = "WorkOS does not let this account configure connections by its API."
    remedy = "Configure the connection in the Admin Portal, or ask WorkOS's support to open the connections API."


class CodeRejected(Problem):
    """The authorization code was used before, is older than ten minutes, or belongs to another sign-in."""

    status = 400
    code = "login_code_rejected"
    title = "This sign-in is no longer valid."
    remedy = "Start the sign-in again."


class AuditEntryRefused(Problem):
    """WorkOS does not take this event. Usually its action has no schema there, or that of an earlier release."""

    status = 502
    code = "workos_audit_entry_refused"
    title = "WorkOS has no schema that describes this event of the audit record."
    remedy = "Run memberpulse-auth audit-schemas: it creates the schemas, and has the event sent again."


class EventsCursorRejected(Problem):
    """WorkOS does not know the event that the reading of events was to go on from; it keeps them for 90 days."""

    status = 502
    code = "workos_events_cursor_rejected"
    title = "WorkOS cannot go on from the last event that the gateway has read."
    remedy = "Nothing to do: the gateway starts again from an instant; a full sync of each directory closes any gap."
