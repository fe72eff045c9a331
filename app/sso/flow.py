"""Start and finish of a sign-in: a journey that alternates database and network."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from app.kit.ids import fingerprint
from app.kit.sealing import SealBroken
from app.problems import BadRequest, Problem
from app.rates import rules
from app.runtime import Runtime
from app.settings import service as settings
from app.sso import admission, callback_errors, recording, return_to, selector
from app.sso.errors import CallbackMalformed, LoginExpired, LoginStateMismatch
from app.sso.repository import LoginFlows, NewFlow
from app.sso.selector import Selector, Target
from app.sso.trace import Trace
from app.uow import Actor
from app.workos.noticed import RETURNED
from app.workos.records import Profile

FLOW_MINUTES: Final = 10
_TOKEN_CHARACTERS: Final = 43
LONGEST_CODE: Final = 2048
_LONGEST_HINT: Final = 2048


@dataclass(frozen=True, slots=True)
class Started:
    """A sign-in that began: where to send the browser, and the cookie that binds it."""

    location: str
    cookie: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A sign-in that succeeded: where to send the browser, and its session's cookie."""

    location: str
    session: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A consumed flow."""

    target: Target
    sealed: bytes
    return_to: str
    began_at: datetime


async def start(runtime: Runtime, query: Mapping[str, str], *, cookie: str | None) -> Started:
    """Begin a sign-in for the selector in `query`.

    Args:
        runtime: the process's tools.
        query: `organization`, `connection`, `domain` or `email`; `return_to`; `login_hint`.
        cookie: the browser's sign-in cookie, kept when it has one, so that two tabs do not undo each other.

    Raises:
        SelectorRequired, OrganizationUnknown, OrganizationSuspended, SsoDisabled, ConnectionInactive,
        ReturnAddressRefused, SettingsIncomplete; BadRequest: the hint is too long; RateLimited: the organization has
        too many sign-ins that began just now.
    """
    config = runtime.config
    if len(query.get("login_hint", "")) > _LONGEST_HINT:
        raise BadRequest("login_hint is longer than 2048 characters.")
    destination = return_to.resolve(
        query.get("return_to"), app=config.app, landing=runtime.landing, origins=config.origins
    )
    has_selector = any(query.get(name) for name in selector.NAMES)
    default = None if has_selector else await settings.default_connection(runtime.lane)
    wanted = selector.parse(query, default)
    target = await find_target(runtime, wanted)
    await runtime.rates.require(rules.LOGINS_OF_ORGANIZATION, str(target.organization_id))
    return await begin_at(runtime, target, destination, cookie=cookie, hint=query.get("login_hint") or wanted.hint)


async def find_target(runtime: Runtime, wanted: Selector) -> Target:
    """Return where the selector leads; raises what `selector.choose` raises."""
    rows = await LoginFlows(runtime.lane).targets(wanted.kind, wanted.value)
    return selector.choose(rows, pinned=wanted.kind == "connection")


async def begin_at(
    runtime: Runtime, target: Target, destination: str, *, cookie: str | None, hint: str | None = None
) -> Started:
    """Store a flow for `target` and return the authorization URL that carries its state and PKCE challenge."""
    state, verifier = runtime.ids.token(), runtime.ids.token()
    cookie = cookie if cookie and len(cookie) == _TOKEN_CHARACTERS else runtime.ids.token()
    location = runtime.workos.authorization_url(
        redirect_uri=runtime.in_force.now.redirect_uri,
        state=state,
        code_challenge=challenge(verifier),
        connection=target.connection_workos_id,
        organization=None if target.connection_workos_id else target.organization_workos_id,
        login_hint=hint,
    )
    await store(runtime, target, "login", state, cookie, verifier.encode(), destination)
    return Started(location, cookie)


def challenge(verifier: str) -> str:
    """Return the S256 challenge of a PKCE verifier (RFC 7636 section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode("ascii")


def place(state_hash: bytes) -> str:
    """Return what a verifier is bound to: copied from another flow's row it does not open (threats.md A17)."""
    return f"login_flows|verifier|{state_hash.hex()}"


async def store(  # noqa: PLR0913, PLR0917 -- each is a column
    runtime: Runtime, target: Target, kind: str, state: str, cookie: str, secret: bytes, destination: str
) -> None:
    """Store a flow of this kind, committed when this returns; `secret` is sealed and bound to its row."""
    flow = a_flow(runtime, target, kind, state, fingerprint(cookie), secret, destination)
    await LoginFlows(runtime.lane).open(flow)


def a_flow(  # noqa: PLR0913, PLR0917 -- as above
    runtime: Runtime, target: Target, kind: str, state: str, cookie_hash: bytes, secret: bytes, destination: str
) -> NewFlow:
    """Return a flow of this kind, which begins now."""
    now = runtime.clock.now()
    state_hash = fingerprint(state)
    return NewFlow(
        state_hash=state_hash,
        cookie_hash=cookie_hash,
        kind=kind,
        organization_id=target.organization_id,
        connection_id=target.connection_id,
        sealed=runtime.sealer.seal(secret, aad=place(state_hash)),
        return_to=destination,
        created_at=now,
        expires_at=now + timedelta(minutes=FLOW_MINUTES),
    )


async def finish(
    runtime: Runtime, query: Mapping[str, str], *, cookie: str, actor: Actor, old_session: str | None
) -> Finished:
    """Finish a sign-in whose callback carries a state.

    Raises:
        LoginStateMismatch, LoginExpired: the state is unknown, used, foreign or too old; WorkOS was not asked.
        LoginRefused: WorkOS sent an error instead of a code.
        CodeRejected, UpstreamUnavailable, UpstreamInvalidResponse: the exchange failed.
        and what `admission.admit` raises.
    """
    state = query["state"]
    taken = await take(runtime, state, cookie, "login")
    runtime.sightings.well(RETURNED)
    with restartable(taken):
        return await _complete(runtime, query, state, taken, actor=actor, old_session=old_session)


async def _complete(  # noqa: PLR0913 -- one step of finish, split for reading
    runtime: Runtime, query: Mapping[str, str], state: str, taken: Taken, *, actor: Actor, old_session: str | None
) -> Finished:
    trace = Trace(began_at=taken.began_at)
    try:
        verifier = unseal(runtime, state, taken).decode("ascii")
        profile = await redeem(runtime, query, verifier, trace)
        token = await admission.admit(runtime, taken.target, profile, actor=actor, old_session=old_session, trace=trace)
    except Problem as problem:
        await recording.failed(runtime, taken.target, problem, trace, actor=actor)
        raise
    return Finished(taken.return_to, token)


async def redeem(runtime: Runtime, query: Mapping[str, str], verifier: str, trace: Trace) -> Profile:
    """Return who signed in, for the code that a callback brought.

    Raises:
        LoginRefused: WorkOS sent an error instead of a code.
        CallbackMalformed: it sent neither.
        CodeRejected, UpstreamUnavailable, UpstreamInvalidResponse: the exchange failed.
    """
    if "error" in query:
        trace.error = query["error"]
        raise callback_errors.refusal(query["error"])
    code = query.get("code", "")
    if not code or len(code) > LONGEST_CODE:
        raise CallbackMalformed
    trace.step = "code"
    return await runtime.workos.exchange_code(code=code, code_verifier=verifier)


def unseal(runtime: Runtime, state: str, taken: Taken) -> bytes:
    """Return what a flow has kept sealed; raises LoginStateMismatch where it was not sealed for this one."""
    try:
        return runtime.sealer.open(taken.sealed, aad=place(fingerprint(state)))
    except SealBroken:
        raise LoginStateMismatch from None


async def take(runtime: Runtime, state: str, cookie: str, kind: str) -> Taken:
    """Consume a flow of this kind; raises as `finish` for one that is not there, or not this browser's."""
    row = await LoginFlows(runtime.lane).take(fingerprint(state), fingerprint(cookie), kind, runtime.clock.now())
    if row is None or not row["ours"]:
        raise LoginStateMismatch
    taken = Taken(
        Target(
            row["organization_id"],
            row["organization_workos_id"],
            row["connection_id"],
            row["connection_workos_id"],
            mapping=row["mapping"],
        ),
        row["verifier"],
        row["return_to"],
        row["began_at"],
    )
    if not row["taken"]:
        with restartable(taken):
            raise LoginExpired if row["expired"] else LoginStateMismatch
    return taken


class restartable:  # noqa: N801 -- reads as a statement
    """Adds the link that starts the same sign-in again to whatever problem passes through."""

    def __init__(self, taken: Taken) -> None:
        self._taken = taken

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, problem: BaseException | None, _trace: object) -> None:
        if isinstance(problem, Problem):
            problem.extra.setdefault("restart", restart_path(self._taken.target, self._taken.return_to))


def restart_path(target: Target, destination: str) -> str:
    """Return the path that starts the same sign-in again."""
    kind, value = (
        ("connection", target.connection_id) if target.connection_id else ("organization", target.organization_id)
    )
    return "/auth/sso?" + urlencode({kind: str(value), "return_to": destination})
