"""Recording: a sign-in that failed is written down: audit, the connection's last failure, the attempt's trace."""

from datetime import datetime
from typing import Literal

from app import log
from app import uow as units
from app.audit import service as audit
from app.connections.repository import Connections
from app.problems import Problem
from app.runtime import Runtime
from app.sso.callback_errors import refusal
from app.sso.errors import LoginTimedOut
from app.sso.selector import Target
from app.sso.trace import Trace
from app.sso.trace_repository import NewTrace, Traces
from app.uow import Actor, UnitOfWork
from app.users.person import fold

_logger = log.get("sso")


async def failed(runtime: Runtime, target: Target, problem: Problem, trace: Trace, *, actor: Actor) -> None:
    """Write the failed sign-in down, in a unit of its own: the one that failed was rolled back."""
    _logger.info("sso.login.failed", problem=problem.code, organization_id=str(target.organization_id))
    try:
        async with units.beginner(runtime, actor=actor)(target.organization_id) as uow:
            targets = [("connection", target.connection_id)] if target.connection_id else []
            await audit.record(uow, "sso.login.failed", targets=targets, problem=problem.code)
            if target.connection_id:
                await Connections(uow, uow.tenant).record_failure(target.connection_id, problem.code)
            await Traces(uow).append(
                NewTrace(
                    "failed",
                    trace.step,
                    problem.code,
                    target.connection_id,
                    trace.user,
                    fold(trace.email) if trace.email else None,
                    trace.began_at,
                    trace.details(),
                )
            )
    except Exception:
        # The person must hear why the sign-in failed, not that we failed to note it.
        _logger.exception("sso.login.failure_unrecorded")


async def told(  # noqa: PLR0913 -- each is said by the event
    uow: UnitOfWork,
    connection: str,
    *,
    outcome: Literal["failed", "timed_out"],
    code: str | None,
    email: str | None,
    at: datetime,
) -> None:
    """Write down that WorkOS tells of a sign-in that failed there; `connection` is its id, `code` its word for it."""
    problem = LoginTimedOut.code if outcome == "timed_out" else refusal(code or "").code
    details = Trace(error=code).details()
    folded = fold(email) if email else None
    await Traces(uow).tell(problem=problem, connection=connection, email=folded, at=at, details=details)
