"""Trial: the test of a connection, a sign-in by the real flow that makes no session, no person and no identity.

It is bound to the session of who began it: only the browser that holds that session's cookie can bring the callback.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from app import log
from app import uow as units
from app.access.permissions import reach
from app.access.principal import Principal
from app.audit import service as audit
from app.connections.errors import ConnectionInactive
from app.connections.models import Connection
from app.connections.repository import Connections
from app.kit.rows import Row
from app.problems import InternalError, Problem
from app.runtime import Runtime
from app.sessions import service as sessions
from app.sso import flow
from app.sso.errors import LoginStateMismatch, SsoDisabled
from app.sso.flow import Taken
from app.sso.login import is_by_default, look
from app.sso.rehearsal import rehearse
from app.sso.repository import open_in
from app.sso.selector import Target
from app.sso.trace import Trace
from app.sso.trial_repository import Finished, Trials
from app.sso.trial_steps import Outcome, result
from app.tokens.errors import NotAuthenticated
from app.uow import Actor, UnitOfWork
from app.users.attributes import mapping_of
from app.users.person import fold

STATE: Final = "test."
"""What the state of a test begins with: a callback is told by it which journey it is of."""
_CONFIGURE: Final = "sso:configure"
_KIND: Final = "test"
_logger = log.get("sso")


@dataclass(frozen=True, slots=True)
class Started:
    """A test that began: where to send the browser, and which one it is."""

    authorization_url: str
    test_id: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Ended:
    """A test that came to an end, as it is kept, and where its browser may return to."""

    test: Row
    return_to: str


async def start(  # noqa: PLR0913 -- what, who, and where to
    runtime: Runtime, connection: Connection, principal: Principal, *, destination: str, hint: str | None, actor: Actor
) -> Started:
    """Begin a test of a connection that the principal may configure, whether or not it is active yet.

    `destination` is an address of ours that the last page links to; `hint` an address to prefill.

    Raises:
        ConnectionInactive: it is deleted.
        NotAuthenticated: the principal's session has ended.
        SettingsIncomplete: WorkOS's client id is not set.
    """
    if connection.state == "deleted":
        raise ConnectionInactive
    async with units.beginner(runtime)(principal.home_organization_id) as uow:
        binding = await sessions.binding_of(uow, principal.session_id)
    if binding is None:
        raise NotAuthenticated
    state, verifier, test = STATE + runtime.ids.token(), runtime.ids.token(), runtime.ids.uuid()
    url = runtime.workos.authorization_url(
        redirect_uri=runtime.in_force.now.redirect_uri,
        state=state,
        code_challenge=flow.challenge(verifier),
        connection=connection.workos_id,
        login_hint=hint,
    )
    target = Target(connection.organization_id, None, connection.id, connection.workos_id)
    secret = f"{verifier}.{test}.{principal.session_id}".encode("ascii")
    begun = flow.a_flow(runtime, target, _KIND, state, binding, secret, destination)
    async with units.beginner(runtime, actor=actor)(connection.organization_id) as uow:
        await Trials(uow).insert(test, connection.id, by=principal.user_id, expires_at=begun.expires_at)
        await open_in(uow, begun)
        await audit.record(uow, "sso.test.started", targets=[("connection", connection.id)], test=str(test))
    return Started(url, test, begun.expires_at)


async def finish(runtime: Runtime, query: Mapping[str, str], *, session: str | None, actor: Actor) -> Ended:
    """Run a test whose callback has come, and keep what it showed. `session`: the browser's session cookie.

    Raises:
        LoginStateMismatch, LoginExpired: the state is unknown, used, too old, or of another browser's session.
        NotAuthenticated: the session that began it has ended, or may not configure the connection any more.
    """
    if session is None:
        raise LoginStateMismatch
    state = query["state"]
    taken = await _take(runtime, state, session)
    verifier, test, began_by = flow.unseal(runtime, state, taken).decode("ascii").split(".")
    await _require_still_allowed(runtime, UUID(began_by), taken)
    begin = units.beginner(runtime, actor=actor)
    async with begin(taken.target.organization_id) as uow:
        connection = await Trials(uow).claim(UUID(test))
    if connection is None:
        raise LoginStateMismatch
    outcome = await _run(runtime, query, verifier, taken)
    async with begin(taken.target.organization_id) as uow:
        return Ended(await _keep(uow, UUID(test), connection, outcome), taken.return_to)


async def _take(runtime: Runtime, state: str, session: str) -> Taken:
    try:
        return await flow.take(runtime, state, session, _KIND)
    except Problem as problem:
        problem.extra.pop("restart", None)  # it would start a sign-in
        raise


async def _require_still_allowed(runtime: Runtime, began_by: UUID, taken: Taken) -> None:
    live = await runtime.live.find(began_by)
    far = None if live is None else reach(_CONFIGURE, live.roles)
    if live is None or far is None or (far == "own" and live.organization_id != taken.target.organization_id):
        raise NotAuthenticated


async def _run(runtime: Runtime, query: Mapping[str, str], verifier: str, taken: Taken) -> Outcome:
    """Take the steps of a sign-in, as far as they lead."""
    trace, mapping = Trace(began_at=taken.began_at), mapping_of(taken.target.mapping)
    try:
        profile = await flow.redeem(runtime, query, verifier, trace)
        login = await look(runtime, taken.target, profile, trace)
        # A connection is tested before it is switched on: that it is off yet says nothing against it.
        rehearsed = await rehearse(runtime, login, tolerating=(SsoDisabled, ConnectionInactive))
    except Problem as problem:
        return Outcome(trace, problem, mapping)
    except Exception:
        _logger.exception("sso.test.crashed")
        return Outcome(trace, InternalError(), mapping)
    problem = next(iter(rehearsed.hindrances), None)
    return Outcome(trace, problem, mapping, rehearsed, login.role, is_by_default(login))


async def _keep(uow: UnitOfWork, test: UUID, connection: UUID, outcome: Outcome) -> Row:
    trace, status = outcome.trace, "failed" if outcome.problem else "passed"
    known = outcome.rehearsed.signed_in if outcome.rehearsed else None
    user = trace.user or (known.user_id if known and not known.created else None)
    email = fold(trace.email) if trace.email else None
    told = msgspec.json.encode(result(outcome)).decode()
    await Trials(uow).finish(test, Finished(status, user, email, told))
    await Connections(uow, uow.tenant).note_test(connection, test, status)
    await audit.record(uow, "sso.test.finished", targets=[("connection", connection)], test=str(test), status=status)
    found = await Trials(uow).find(test)
    assert found is not None  # noqa: S101 -- it was claimed by this very callback
    return found
