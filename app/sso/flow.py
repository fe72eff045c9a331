"""Start and finish of a sign-in: a journey that alternates database and network."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

import msgspec

from app.kit.ids import fingerprint
from app.kit.sealing import SealBroken
from app.organizations.errors import OrganizationUnknown
from app.problems import BadRequest, Problem
from app.rates import rules
from app.runtime import Runtime
from app.settings import service as settings
from app.sso import admission, callback_errors, return_to, selector
from app.sso.errors import CallbackMalformed, ConnectionMismatch, LoginExpired, LoginStateMismatch
from app.sso.repository import LoginFlows, NewFlow
from app.sso.selector import Selector, Target
from app.uow import Actor
from app.workos.records import Profile

FLOW_MINUTES: Final = 10
_PLACE: Final = "login_flows|verifier|"
_TOKEN_CHARACTERS: Final = 43
_LONGEST_CODE: Final = 2048
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
class Asking:
    """A sign-in that its identity provider started; a person must say yes before it counts (ASVS 7.6.2)."""

    ticket: str
    cookie: str
    email: str
    organization: str


@dataclass(frozen=True, slots=True)
class _Taken:
    """A consumed flow."""

    target: Target
    sealed: bytes
    return_to: str


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
        query.get("return_to"), app=config.app, landing=config.landing, origins=config.origins
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
        redirect_uri=runtime.config.redirect_uri,
        state=state,
        code_challenge=challenge(verifier),
        connection=target.connection_workos_id,
        organization=None if target.connection_workos_id else target.organization_workos_id,
        login_hint=hint,
    )
    await _store(runtime, target, "login", state, cookie, verifier.encode(), destination)
    return Started(location, cookie)


def challenge(verifier: str) -> str:
    """Return the S256 challenge of a PKCE verifier (RFC 7636 section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode("ascii")


async def _store(  # noqa: PLR0913, PLR0917 -- each is a column
    runtime: Runtime, target: Target, kind: str, state: str, cookie: str, secret: bytes, destination: str
) -> None:
    now = runtime.clock.now()
    state_hash = fingerprint(state)
    await LoginFlows(runtime.lane).open(
        NewFlow(
            state_hash=state_hash,
            cookie_hash=fingerprint(cookie),
            kind=kind,
            organization_id=target.organization_id,
            connection_id=target.connection_id,
            # Bound to its row: a verifier copied from another flow's row does not open (threats.md A17).
            sealed=runtime.sealer.seal(secret, aad=_PLACE + state_hash.hex()),
            return_to=destination,
            created_at=now,
            expires_at=now + timedelta(minutes=FLOW_MINUTES),
        )
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
    taken = await _take(runtime, state, cookie, "login")
    with _restartable(taken):
        return await _complete(runtime, query, state, taken, actor=actor, old_session=old_session)


async def _complete(  # noqa: PLR0913 -- one step of finish, split for reading
    runtime: Runtime, query: Mapping[str, str], state: str, taken: _Taken, *, actor: Actor, old_session: str | None
) -> Finished:
    try:
        if "error" in query:
            raise callback_errors.refusal(query["error"])
        code = query.get("code", "")
        if not code or len(code) > _LONGEST_CODE:
            raise CallbackMalformed
        verifier = _unseal(runtime, state, taken)
        profile = await runtime.workos.exchange_code(code=code, code_verifier=verifier.decode("ascii"))
        token = await admission.admit(runtime, taken.target, profile, actor=actor, old_session=old_session)
    except Problem as problem:
        await admission.record_failure(runtime, taken.target, problem, actor=actor)
        raise
    return Finished(taken.return_to, token)


def _unseal(runtime: Runtime, state: str, taken: _Taken) -> bytes:
    try:
        return runtime.sealer.open(taken.sealed, aad=_PLACE + fingerprint(state).hex())
    except SealBroken:
        raise LoginStateMismatch from None


async def _take(runtime: Runtime, state: str, cookie: str, kind: str) -> _Taken:
    row = await LoginFlows(runtime.lane).take(fingerprint(state), fingerprint(cookie), kind, runtime.clock.now())
    if row is None or not row["ours"]:
        raise LoginStateMismatch
    taken = _Taken(
        Target(
            row["organization_id"],
            row["organization_workos_id"],
            row["connection_id"],
            row["connection_workos_id"],
            mapping=row["mapping"],
        ),
        row["verifier"],
        row["return_to"],
    )
    if not row["taken"]:
        with _restartable(taken):
            raise LoginExpired if row["expired"] else LoginStateMismatch
    return taken


class _restartable:  # noqa: N801 -- reads as a statement
    """Adds the link that starts the same sign-in again to whatever problem passes through."""

    def __init__(self, taken: _Taken) -> None:
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


async def restart_unsolicited(
    runtime: Runtime, query: Mapping[str, str], *, cookie: str | None, actor: Actor
) -> Started | Asking:
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
        target = await find_target(runtime, Selector("connection", named))
        return await begin_at(runtime, target, runtime.config.landing, cookie=cookie)
    if "error" in query:
        raise callback_errors.refusal(query["error"])
    code = query.get("code", "")
    if not code or len(code) > _LONGEST_CODE:
        raise CallbackMalformed
    profile = await runtime.workos.exchange_code(code=code, code_verifier=None)
    return await _ask_or_restart(runtime, profile, cookie=cookie, actor=actor)


async def _ask_or_restart(runtime: Runtime, profile: Profile, *, cookie: str | None, actor: Actor) -> Started | Asking:
    try:
        target = await find_target(runtime, Selector("connection", profile.connection_id))
    except OrganizationUnknown:
        raise ConnectionMismatch from None
    if target.organization_workos_id != profile.organization_id:
        raise ConnectionMismatch
    if not target.allow_idp_initiated:
        return await begin_at(runtime, target, runtime.config.landing, cookie=cookie)
    person = await admission.preview(runtime, target, profile, actor=actor)
    ticket, cookie = runtime.ids.token(), runtime.ids.token()
    await _store(runtime, target, "confirm", ticket, cookie, _freeze(profile), runtime.config.landing)
    return Asking(ticket, cookie, person.email, str(target.organization_id))


async def confirm(runtime: Runtime, ticket: str, *, cookie: str, actor: Actor, old_session: str | None) -> Finished:
    """Finish a sign-in that an identity provider started, after a person said yes.

    Raises:
        LoginStateMismatch, LoginExpired: the ticket is unknown, used, of another browser or too old.
        IdpInitiatedDisabled, ConnectionInactive: switched off since the question was asked.
        and what `admission.admit` raises.
    """
    taken = await _take(runtime, ticket, cookie, "confirm")
    with _restartable(taken):
        profile = _thaw(_unseal(runtime, ticket, taken))
        try:
            await _require_still_allowed(runtime, profile)
            token = await admission.admit(runtime, taken.target, profile, actor=actor, old_session=old_session)
        except Problem as problem:
            await admission.record_failure(runtime, taken.target, problem, actor=actor)
            raise
    return Finished(taken.return_to, token)


async def _require_still_allowed(runtime: Runtime, profile: Profile) -> None:
    if not (await find_target(runtime, Selector("connection", profile.connection_id))).allow_idp_initiated:
        raise callback_errors.IdpInitiatedDisabled


def _freeze(profile: Profile) -> bytes:
    return msgspec.json.encode(profile)


def _thaw(data: bytes) -> Profile:
    return msgspec.json.decode(data, type=Profile)
