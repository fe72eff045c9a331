"""Rotation: what the steps of replacing a secret make of the stored settings. Pure."""

from dataclasses import replace
from typing import Final, Literal

from app.problems import Invalid
from app.settings.errors import RotationNotStaged, RotationUnderWay, SettingUnreadable
from app.settings.judging import require_secret
from app.settings.planning import Edit, Situation, turned
from app.settings.stored import Rotation, RotationState, Secret, SecretName, Stored
from app.workos.in_force import Values

Step = Literal["stage", "promote", "rollback"]
ACTIONS: Final[dict[Step, str]] = {
    "stage": "settings.rotation.staged",
    "promote": "settings.rotation.promoted",
    "rollback": "settings.rotation.rolled_back",
}
"""How the audit record calls a step that was taken."""


def taken(situation: Situation, name: SecretName, step: Step, value: str | None) -> Edit | None:
    """Return what a step makes of the settings; None where it was taken before, because an answer was lost.

    Args:
        situation: what is stored and what counts.
        name: which secret.
        step: `stage` puts a second secret beside the first: both count. `promote` puts it in the first one's place,
            `rollback` drops it again.
        value: the secret to stage; with the other steps there is none.

    Raises:
        SecretMasked, Invalid: the value is none, is in force already, is missing or too much; or nothing is in force.
        RotationNotStaged: there is no second secret.
        RotationUnderWay: the environment holds two webhook secrets.
        SettingUnreadable: one of the two cannot be opened.
    """
    if (value is not None) != (step == "stage"):
        raise Invalid("`value` is the secret to stage: it belongs to that step, and to no other.")
    if step != "rollback" and name in situation.now.broken:
        raise SettingUnreadable
    if value is not None:
        return _staged(situation, name, value)
    following = _following(situation.stored, name, "promoted" if step == "promote" else "rolled_back")
    if following is None:
        return None
    return _promoted(situation, following) if step == "promote" else _rolled_back(situation, following)


def known(values: Values, name: SecretName) -> tuple[str, ...]:
    """Return the secrets of one kind that count: the first, and the one that is to take its place."""
    return values.api_keys if name == "api_key" else values.webhook_secrets


def _staged(situation: Situation, name: SecretName, value: str) -> Edit | None:
    value = require_secret(name, "value", value, situation.config)
    secrets, following = known(situation.now, name), situation.stored.secret(name, "next")
    if following is not None and value in secrets[1:]:
        return None
    if not secrets:
        raise Invalid(f"No {name} is in force: set one first (PATCH /api/settings/workos).")
    if value in secrets:  # the first; what is staged was asked about above
        raise Invalid("value: is in force already.")
    if following is None and len(secrets) > 1:
        raise RotationUnderWay
    return Edit(
        turned(situation.stored, name, Rotation("staged", situation.at)),
        _with(situation.now, name, (*secrets[:1], value)),
        dropped=(following.id,) if following else (),
        added=((name, "next", value),),
    )


def _promoted(situation: Situation, following: Secret) -> Edit:
    name, now = following.name, situation.now
    current = situation.stored.secret(name, "current")
    row = turned(situation.stored, name, Rotation("promoted", situation.at))
    if name == "api_key":
        row = replace(row, client_id=now.client_id)  # kept with the key that it was verified with
    after = _with(now, name, known(now, name)[-1:])
    return Edit(row, after, dropped=(current.id,) if current else (), promoted=following.id)


def _rolled_back(situation: Situation, following: Secret) -> Edit:
    name, now = following.name, situation.now
    row = turned(situation.stored, name, Rotation("rolled_back", situation.at))
    return Edit(row, _with(now, name, known(now, name)[:1]), dropped=(following.id,))


def _following(stored: Stored, name: SecretName, done: RotationState) -> Secret | None:
    following, rotation = stored.secret(name, "next"), stored.rotation(name)
    if following is None and (rotation is None or rotation.state != done):
        raise RotationNotStaged
    return following


def _with(now: Values, name: SecretName, secrets: tuple[str, ...]) -> Values:
    return replace(now, api_keys=secrets) if name == "api_key" else replace(now, webhook_secrets=secrets)
