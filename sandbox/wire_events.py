"""The shapes of events on the wire. They differ from the API's: other states, other fields, no groups in a user."""

from typing import Any

from sandbox import wire, wire_people
from sandbox.event_book import Event
from sandbox.records import Connection, Directory, Person
from sandbox.state import World
from sandbox.wire import Json, instant

DIRECTORY_STATES = {"linked": "active", "unlinked": "inactive"}
NESTED = ("custom_attributes", "raw_attributes", "metadata")


def event(record: Event) -> Json:
    """Return the envelope, the same in a webhook and in `GET /events`."""
    return {
        "object": "event",
        "id": record.id,
        "event": record.event,
        "data": record.data,
        "created_at": instant(record.created_at),
        "context": record.context,
    }


def previous(before: Json, after: Json) -> Json:
    """Return what fields that changed had been: shallow, one level deeper for attributes; null for what was not."""
    changed: Json = {}
    for name, value in after.items():
        old = before.get(name)
        if name == "updated_at" or old == value:
            continue
        changed[name] = _previous_of(old or {}, value or {}) if name in NESTED else old
    return changed


def _previous_of(before: dict[str, Any], after: dict[str, Any]) -> Json:
    names = [*before, *(name for name in after if name not in before)]
    return {name: before.get(name) for name in names if before.get(name) != after.get(name)}


def user(world: World, person: Person) -> Json | None:
    """Return the DirectoryUser of a person as events carry it, None for somebody without a directory."""
    home = world.directories.get(person.directory_id or "")
    if home is None:
        return None
    shape = wire_people.directory_user(world, person, home)
    del shape["groups"]
    return shape


def directory(world: World, record: Directory) -> Json:
    """Return the Directory of `dsync.activated`."""
    domains = [
        {"object": "organization_domain", "id": each.id, "domain": each.domain}
        for each in world.domains_of(record.organization_id)
    ]
    return directory_gone(record) | {"external_key": record.external_key, "domains": domains}


def directory_gone(record: Directory) -> Json:
    """Return the Directory of `dsync.deleted`: its state is the last one, `domain` and `external_key` are left out."""
    return {
        "object": "directory",
        "id": record.id,
        "organization_id": record.organization_id,
        "type": record.type,
        "state": DIRECTORY_STATES.get(record.state, record.state),
        "name": record.name,
        "created_at": instant(record.created_at),
        "updated_at": instant(record.updated_at),
    }


def connection(world: World, record: Connection) -> Json:
    """Return the Connection of `connection.activated` and `.deactivated`."""
    external_key = world.ids.derived("external_key", record.id)[-16:]
    return wire.connection(world, record) | {"state": _connection_state(record), "external_key": external_key}


def connection_gone(world: World, record: Connection) -> Json:
    """Return the Connection of `connection.deleted`: `status`, `domains` and `external_key` are left out."""
    shape = wire.connection(world, record) | {"state": _connection_state(record)}
    return {name: value for name, value in shape.items() if name not in {"status", "domains"}}


def _connection_state(record: Connection) -> str:
    return "draft" if record.state == "requires_type" else record.state
