"""Unsolicited: sign-ins that an identity provider began by itself, started again from our side or asked about first."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import msgspec

from app import uow as units
from app.organizations.attribute_repository import AttributeMappings
from app.organizations.errors import OrganizationUnknown
from app.problems import Problem
from app.runtime import Runtime
from app.sso import admission, callback_errors, flow, login, recording
from app.sso.errors import CallbackMalformed, ConnectionMismatch
from app.sso.selector import Selector, Target
from app.sso.trace import Trace
from app.uow import Actor
from app.users.person import Person
from app.workos.records import Profile


@dataclass(frozen=True, slots=True)
class Asking:
    """A sign-in that its identity provider started; a person must say yes before it counts (ASVS 7.6.2)."""

    ticket: str
    cookie: str
    email: str
    organization: str


async def restart(
    runtime: Runtime, query: Mapping[str, str], *, cookie: str | None, actor: Actor
) -> flow.Started | Asking:
    """Answer a callback that nobody here started: an identity provider began the sign-in by itself.

    Its code alone never makes a session (login CSRF, threats.md A4): the sign-in is started again from our
    side, for the same connection; or, where the policy allows it, a person is asked first. A callback that names its
    connection is always started again: anybody can write such an address, so it must not cost a call to WorkOS.

    Raises:
        OrganizationUnknown, ConnectionInactive, ...: the connection is not one that may sign in.
        CodeRejected, UpstreamUnavailable, UpstreamInvalidResponse: WorkOS had to be asked and did not tell.
    """
    named = query.get("connection_id") or query.get("connection")
    if named:
        target = await flow.find_target(runtime, Selector("connection", named))
        return await flow.begin_at(runtime, target, runtime.landing, cookie=cookie)
    if "error" in query:
        raise callback_errors.refusal(query["error"])
    code = query.get("code", "")
    if not code or len(code) > flow.LONGEST_CODE:
        raise CallbackMalformed
    profile = await runtime.workos.exchange_code(code=code, code_verifier=None)
    return await _ask_or_restart(runtime, profile, cookie=cookie, actor=actor)


async def _ask_or_restart(
    runtime: Runtime, profile: Profile, *, cookie: str | None, actor: Actor
) -> flow.Started | Asking:
    try:
        target = await flow.find_target(runtime, Selector("connection", profile.connection_id))
    except OrganizationUnknown:
        raise ConnectionMismatch from None
    if target.organization_workos_id != profile.organization_id:
        raise ConnectionMismatch
    if not target.allow_idp_initiated:
        return await flow.begin_at(runtime, target, runtime.landing, cookie=cookie)
    person = await _asked(runtime, await _with_mapping(runtime, target), profile, actor=actor)
    ticket, cookie = runtime.ids.token(), runtime.ids.token()
    await flow.store(runtime, target, "confirm", ticket, cookie, _freeze(profile), runtime.landing)
    return Asking(ticket, cookie, person.email, str(target.organization_id))


async def _with_mapping(runtime: Runtime, target: Target) -> Target:
    """Return the target with its tenant's attribute mapping, which a sign-in of ours has with its flow."""
    async with units.beginner(runtime)(target.organization_id) as uow:
        return replace(target, mapping=await AttributeMappings(uow).written())


async def _asked(runtime: Runtime, target: Target, profile: Profile, *, actor: Actor) -> Person:
    """Return the person who may be asked whether to sign in; writes nothing but a failure."""
    trace = Trace(idp_initiated=True)
    try:
        return login.described(target, profile, trace)
    except Problem as problem:
        await recording.failed(runtime, target, problem, trace, actor=actor)
        raise


async def confirm(
    runtime: Runtime, ticket: str, *, cookie: str, actor: Actor, old_session: str | None
) -> flow.Finished:
    """Finish a sign-in that an identity provider started, after a person said yes.

    Raises:
        LoginStateMismatch, LoginExpired: the ticket is unknown, used, of another browser or too old.
        IdpInitiatedDisabled, ConnectionInactive: switched off since the question was asked.
        and what `admission.admit` raises.
    """
    taken = await flow.take(runtime, ticket, cookie, "confirm")
    with flow.restartable(taken):
        profile = _thaw(flow.unseal(runtime, ticket, taken))
        trace = Trace(began_at=taken.began_at, idp_initiated=True)
        try:
            await _require_still_allowed(runtime, profile)
            token = await admission.admit(
                runtime, taken.target, profile, actor=actor, old_session=old_session, trace=trace
            )
        except Problem as problem:
            await recording.failed(runtime, taken.target, problem, trace, actor=actor)
            raise
    return flow.Finished(taken.return_to, token)


async def _require_still_allowed(runtime: Runtime, profile: Profile) -> None:
    if not (await flow.find_target(runtime, Selector("connection", profile.connection_id))).allow_idp_initiated:
        raise callback_errors.IdpInitiatedDisabled


def _freeze(profile: Profile) -> bytes:
    return msgspec.json.encode(profile)


def _thaw(data: bytes) -> Profile:
    return msgspec.json.decode(data, type=Profile)
