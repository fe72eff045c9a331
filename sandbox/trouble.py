"""Trouble: what people try first, each a button of the control page that can be undone; other faults are orders."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.controls import Controls
from sandbox.refusals import not_found

Undo = Callable[[], object]
NOT_READ = "its provider refuses the credentials"
SWITCHED_OFF = "switched off"
NEW_KEY = "sk_test_memberpulse_sandbox_new"


@dataclass(frozen=True)
class Trouble:
    """Something that breaks: what the button says, what is seen of it, and what does it and returns what undoes it."""

    label: str
    seen: str
    begin: Callable[[Controls], Undo]


def _faulty(route: str, kind: str, **order: Any) -> Callable[[Controls], Undo]:  # noqa: ANN401 -- a Fault's fields
    def begin(controls: Controls) -> Undo:
        fault = controls.add_fault(route, kind, **order)
        return lambda: controls.remove_fault(fault.id)

    return begin


def _revoke_key(controls: Controls) -> Undo:
    keys = controls.world.credentials.api_keys
    before = list(keys)
    keys[:] = [NEW_KEY]

    # The new one stays good: by now it may be what the application was given.
    def undo() -> None:
        keys[:] = dict.fromkeys([*before, NEW_KEY])

    return undo


def _lose_webhooks(controls: Controls) -> Undo:
    controls.set_webhook_faults(drop=1)
    return lambda: controls.set_webhook_faults(drop=0)


TROUBLES = {
    "down": Trouble(
        "WorkOS is down",
        "Every call answers 503. Who is signed in stays so; nobody can sign in anew.",
        _faulty("* *", "status", status=503),
    ),
    "slow": Trouble(
        "WorkOS is slow",
        "Every answer takes 20 seconds: nobody waits for it so long.",
        _faulty("* *", "latency", delay_ms=20_000),
    ),
    "api-key": Trouble(
        "WorkOS revokes the API key",
        f"Calls answer 401 until {NEW_KEY} is in the settings.",
        _revoke_key,
    ),
    "sign-ins": Trouble(
        "Sign-ins break off",
        "Whoever tries comes back to an error; after three of them Health says so.",
        _faulty("POST /sso/token", "status", status=500),
    ),
    "webhooks": Trouble(
        "Webhooks are lost",
        "Changes arrive a minute late, by the list of events; Health says so five minutes after the first.",
        _lose_webhooks,
    ),
}

FAULTS = frozenset({"down", "slow", "sign-ins"})
"""Those that are orders for one or all routes."""


def begin(controls: Controls, name: str) -> None:
    """Begin one of `TROUBLES`, anew where it is there already. Raises 404 for a name that is none."""
    if name not in TROUBLES:
        raise not_found("Trouble", name)
    if name in controls.broken:
        controls.broken.pop(name)[1]()
    controls.broken[name] = TROUBLES[name].label, TROUBLES[name].begin(controls)


def break_one(controls: Controls, record_id: str) -> None:
    """Let WorkOS no longer read a directory, or switch a connection off. Raises 404 for an id that is neither."""
    if record_id in controls.world.directories:
        record, change, state = controls.world.directories[record_id], controls.change_directory, "invalid_credentials"
        label = f"{record.name}: {NOT_READ}"
    else:
        record, change, state = controls.world.connection(record_id), controls.change_connection, "inactive"
        label = f"{record.name}: {SWITCHED_OFF}"
    before = record.state
    if before == state:
        return
    change(record.id, state=state)
    controls.broken[record_id] = label, lambda: _restore(controls, record_id, state, before)


def clear_faults(controls: Controls) -> None:
    """Remove all faults of calls, with the troubles that were made of them."""
    controls.clear_faults()
    for name in FAULTS & controls.broken.keys():
        del controls.broken[name]


def undo_all(controls: Controls) -> None:
    """Undo every trouble, the newest first, and remove all faults of calls and webhooks."""
    while controls.broken:
        _, (_, undo) = controls.broken.popitem()
        undo()
    controls.clear_faults()
    controls.clear_webhook_faults()


def _restore(controls: Controls, record_id: str, broken: str, before: str) -> None:
    """Give back the state it had, where it is still there and nobody has given it another one since."""
    directory, connection = controls.world.directories.get(record_id), controls.world.connections.get(record_id)
    if directory and directory.state == broken:
        controls.change_directory(record_id, state=before)
    elif connection and connection.state == broken:
        controls.change_connection(record_id, state=before)
