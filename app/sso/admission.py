"""Admission: a profile enters its organization; one statement with others, or one unit, decides and writes."""

from typing import Final

from app import uow as units
from app.audit import service as audit
from app.connections.repository import Connections
from app.organizations.policy import domain_of
from app.portal import service as portal
from app.runtime import Runtime
from app.sessions import service as sessions
from app.sessions.flow import end_replaced
from app.sso.login import Login, hindrances, look, sign_in, unchanged
from app.sso.login_repository import Repeat, repeat
from app.sso.selector import Target
from app.sso.trace import Trace
from app.sso.trace_repository import Traces
from app.uow import Actor
from app.workos.records import Profile

_COMPLETED: Final = "sso.login.completed"


async def admit(  # noqa: PLR0913 -- who, where, and what comes of it
    runtime: Runtime, target: Target, profile: Profile, *, actor: Actor, old_session: str | None, trace: Trace
) -> str:
    """Let the person of a profile in, or say precisely why not; return the new session's cookie value.

    `trace` is told each step before it is taken, and is kept with the session that it led to.

    Raises:
        ConnectionMismatch: the profile is of another organization or connection than the sign-in.
        AttributeMissing: a required attribute is missing.
        OrganizationSuspended, SsoDisabled, ConnectionInactive: switched off in the meantime.
        DomainNotAllowed, UserDeactivated, UserNotProvisioned, IdentityConflict: the person may not enter.
    """
    token = None
    login = await _examine(runtime, target, profile, trace)
    if roles := unchanged(login):
        token = await _repeat(runtime, login, roles, actor=actor)
        if token is None:  # something has changed since: what was known is not to be trusted again
            login = await _examine(runtime, target, profile, trace)
    token = token or await _enter(runtime, login, actor=actor)
    if old_session is not None:
        await end_replaced(runtime, old_session, actor=actor)
    return token


async def _examine(runtime: Runtime, target: Target, profile: Profile, trace: Trace) -> Login:
    """Return what there is to know of a login in whose way nothing stands; raises what does."""
    login = await look(runtime, target, profile, trace)
    for problem in hindrances(login.known):
        raise problem
    return login


async def _repeat(runtime: Runtime, login: Login, roles: tuple[str, ...], *, actor: Actor) -> str | None:
    """Begin another session of somebody of whom nothing is new, together with others (speed.md).

    Returns the new session's cookie value; None when what is known of the login is no longer so.
    """
    known = login.known
    assert known.identified is not None  # noqa: S101 -- of nobody else `unchanged` says anything
    ids, now, user = runtime.ids, runtime.clock.now(), known.identified.id
    session, token = login.session(ids, now, user, roles)
    event = audit.prepare(
        ids, now, _COMPLETED, actor=("user", user), targets=login.targets(session.id), metadata={"created": False}
    )
    again = Repeat(
        login.organization,
        domain_of(login.person.email),
        login.person.idp_id,
        known.rights_version,
        session,
        event,
        actor,
        login.trace.began_at,
        login.trace.details(),
    )
    return token if await repeat(runtime.lane, again) else None


async def _enter(runtime: Runtime, login: Login, *, actor: Actor) -> str:
    """Match, refresh or create the person and begin a session, in one unit; return its cookie value."""
    async with units.hot_beginner(runtime, actor=actor)(login.organization) as uow:
        signed_in = await sign_in(uow, login)
        if signed_in.rights_changed:
            # Before this session begins: its own tokens have the roles of now.
            lowered = signed_in.lowered
            await sessions.rights_changed(uow, signed_in.user_id, signed_in.roles, lowered=lowered)
            if lowered:  # an operator who is a client admin now had links into other organizations
                await portal.revoke(uow, [signed_in.user_id])
        session, token = login.session(uow.ids, uow.now, signed_in.user_id, signed_in.roles)
        await sessions.issue(uow, session)
        if login.known.stamp_due and login.connection:
            await Connections(uow, uow.tenant).note_login(login.connection)
        await audit.record(
            uow,
            _COMPLETED,
            actor=("user", signed_in.user_id),
            targets=login.targets(session.id),
            created=signed_in.created,
            # Whose first sign-in makes them an administrator is told: no other event says so.
            **({"roles": signed_in.roles} if signed_in.created else {}),
        )
        await Traces(uow).append(login.kept(signed_in.user_id))
    return token
