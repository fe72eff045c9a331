"""Changing settings: read what is stored, ask WorkOS about what would count, save it if nothing moved meanwhile."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from app import uow as units
from app.organizations.errors import VersionOutdated
from app.runtime import Runtime
from app.settings import rotation, service
from app.settings.errors import RotationNotProven, SettingsBusy, SettingsRefused
from app.settings.planning import Edit, Situation, Wanted, changed
from app.settings.rotation import Step, known
from app.settings.stored import SecretName, Stored, in_force
from app.settings.verification import Check, Tried, check_all, endpoints
from app.uow import Actor
from app.workos.in_force import Values
from app.workos.probe import WorkOSProbe

_TRIES: Final = 3
_SPEAKING: Final = {
    "api_key": ("credentials", "client_id"),
    "client_id": ("client_id", "redirect_uri"),
    "redirect_uri": ("redirect_uri",),
    "webhook_secrets": ("webhook_endpoint",),
    "default_connection": ("default_connection",),
}
"""Which checks speak about which field."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The settings as they are now stored, and what WorkOS said to what was new."""

    stored: Stored
    checks: Sequence[Check]


@dataclass(frozen=True, slots=True)
class _Deed:
    """An edit that WorkOS has nothing against, and what the audit record says of it. No edit: it was done before."""

    edit: Edit | None
    checks: Sequence[Check]
    action: str
    told: dict[str, Any]


async def read(runtime: Runtime) -> Stored:
    """Return what the platform has set."""
    async with units.beginner(runtime)(units.PLATFORM) as uow:
        return await service.read(uow)


async def change(runtime: Runtime, wanted: Wanted, *, versions: Collection[int] | None, actor: Actor) -> Changed:
    """Verify a change at WorkOS and save it.

    Args:
        runtime: the process's tools.
        wanted: what is to change.
        versions: only where the settings are of one of these versions; None for any.
        actor: who wants it.

    Raises:
        VersionOutdated: the settings are of another version.
        SettingsRefused: WorkOS does not accept a value; nothing is saved.
        UpstreamUnavailable, UpstreamInvalidResponse: WorkOS could not be asked; nothing is saved.
        SettingsBusy: others change the settings all the time.
        DefaultConnectionNotUsable, and what `planning.changed` raises.
    """

    async def plan(situation: Situation) -> _Deed:
        edit = await _with_default(runtime, changed(situation, wanted), wanted)
        checks = await _checked(runtime, edit, wanted.given)
        _require_accepted(checks, wanted.given)
        return _Deed(edit, checks, "settings.changed", _told(edit, wanted))

    return await _saved(runtime, plan, versions, actor)


async def rotate(  # noqa: PLR0913 -- the step, and the terms of a change
    runtime: Runtime,
    name: SecretName,
    step: Step,
    value: str | None,
    *,
    versions: Collection[int] | None,
    actor: Actor,
) -> Changed:
    """Take one step of a secret's rotation; taken again it changes nothing. Arguments and more as `change`.

    A staged API key is tried at WorkOS when it is staged and once more before it is promoted. A webhook secret is not
    promoted while WorkOS tells that it signs with the old one and with no endpoint's new one.

    Raises:
        RotationNotProven: that.
        and what `change` and `rotation.taken` raise.
    """

    async def plan(situation: Situation) -> _Deed:
        edit = rotation.taken(situation, name, step, value)
        checks = await _probed(runtime, situation, edit, name, step) if edit and step != "rollback" else ()
        return _Deed(edit, checks, rotation.ACTIONS[step], {"secret": name})

    return await _saved(runtime, plan, versions, actor)


async def verify(runtime: Runtime, wanted: Wanted) -> list[Check]:
    """Return what WorkOS says to the settings as they would be after a change; to those in force without one.

    Raises what `planning.changed` raises: a secret is not sent where a change would not send it.
    """
    situation = await _situation(runtime, await read(runtime))
    edit = await _with_default(runtime, changed(situation, wanted), wanted)
    return await _checked(runtime, edit, frozenset(_SPEAKING))


async def _saved(
    runtime: Runtime,
    plan: Callable[[Situation], Awaitable[_Deed]],
    versions: Collection[int] | None,
    actor: Actor,
) -> Changed:
    for _ in range(_TRIES):
        before = await read(runtime)
        if versions is not None and before.version not in versions:
            raise VersionOutdated
        deed = await plan(await _situation(runtime, before))
        if deed.edit is None:
            return Changed(before, deed.checks)
        async with units.beginner(runtime, actor=actor)(units.PLATFORM) as uow:
            saved = await service.save(
                uow, runtime.sealer, deed.edit, over=before.version, action=deed.action, told=deed.told
            )
            now = await service.read(uow)
        if saved:
            await runtime.settings_changed()
            return Changed(now, deed.checks)
    if versions is not None:
        raise VersionOutdated
    raise SettingsBusy


async def _situation(runtime: Runtime, stored: Stored) -> Situation:
    return Situation(stored, in_force(runtime.config, stored, runtime.sealer), runtime.config, runtime.clock.now())


async def _with_default(runtime: Runtime, edit: Edit, wanted: Wanted) -> Edit:
    """Return the edit with the connection that the wanted default names."""
    if "default_connection" not in wanted.given:
        return edit
    identifier = None
    if wanted.default_connection is not None:
        async with units.beginner(runtime, unscoped=True)() as uow:
            identifier = (await service.usable_connection(uow, wanted.default_connection))[0].id
    return replace(edit, row=replace(edit.row, default_connection_id=identifier))


async def _checked(runtime: Runtime, edit: Edit, given: Collection[str]) -> list[Check]:
    """Return what WorkOS says to what the edit makes of the settings."""
    names = {name for field in given for name in _SPEAKING[field]}
    return await check_all(_probe(runtime, edit.after), await _tried(runtime, edit), names)


async def _tried(runtime: Runtime, edit: Edit) -> Tried:
    connection, chosen = None, edit.row.default_connection_id
    if chosen is not None:
        async with units.beginner(runtime, unscoped=True)() as uow:
            connection = await service.connection_of(uow, chosen) or (str(chosen), None)
    after = edit.after
    return Tried(
        redirect_uri=after.redirect_uri,
        origins=runtime.config.redirect_origins,
        api_key=after.api_keys[0] if after.api_keys else None,
        client_id=after.client_id,
        webhook_secrets=after.webhook_secrets,
        connection=connection,
        broken=after.broken,
    )


def _probe(runtime: Runtime, values: Values) -> WorkOSProbe | None:
    return runtime.probe(values.api_keys[0], values.client_id or "-") if values.api_keys else None


def _require_accepted(checks: Sequence[Check], given: Collection[str]) -> None:
    """Raise for what WorkOS does not accept, or cannot be asked about, of the fields that were sent.

    Not for webhook secrets: WorkOS refuses none, it only says which it signs with.
    """
    failed = [
        (field, check)
        for field in sorted({*given} - {"webhook_secrets"})
        for check in checks
        if check.name in _SPEAKING[field] and check.result == "failed"
    ]
    for _, check in failed:
        if check.away is not None:
            raise check.away
    if failed:
        errors = [{"field": field, "message": check.evidence} for field, check in failed]
        said = " ".join(f"{field}: {check.evidence} {check.remedy or ''}".strip() for field, check in failed)
        raise SettingsRefused(said, errors=errors, checks=[shown(check) for _, check in failed])


async def _probed(runtime: Runtime, situation: Situation, edit: Edit, name: SecretName, step: Step) -> Sequence[Check]:
    """Return what WorkOS says to the secret that is to count; raises where it speaks against it."""
    secret = known(edit.after, name)[-1]
    if name == "api_key":
        # Alone: the one in force has nothing to prove, and must not be what is tried.
        alone = replace(edit, after=replace(edit.after, api_keys=(secret,)))
        checks = await _checked(runtime, alone, {"api_key"})
        _require_accepted(checks, {"api_key"})
        return checks
    checks = await _checked(runtime, edit, {"webhook_secrets"})
    if step == "promote":
        await _require_in_use(runtime, situation.now, secret)
    return checks


async def _require_in_use(runtime: Runtime, now: Values, secret: str) -> None:
    probe = _probe(runtime, now)
    told = await endpoints(probe, runtime.config.redirect_origins) if probe else None
    used = {one.secret for one in told or () if one.enabled}
    if secret not in used and used & {*now.webhook_secrets}:
        raise RotationNotProven


def shown(check: Check) -> dict[str, Any]:
    """Return a check as it goes over the wire."""
    return {"name": check.name, "result": check.result, "evidence": check.evidence, "remedy": check.remedy}


def _told(edit: Edit, wanted: Wanted) -> dict[str, Any]:
    """Return what the audit record says of a change: which fields, and the new value of what is no secret."""
    told: dict[str, Any] = {"changed": sorted(wanted.given)}
    if "client_id" in wanted.given:
        told["client_id"] = edit.row.client_id
    if "redirect_uri" in wanted.given:
        told["redirect_uri"] = edit.row.redirect_uri
    if "default_connection" in wanted.given:
        chosen = edit.row.default_connection_id
        told["default_connection"] = str(chosen) if chosen else None
    return told
