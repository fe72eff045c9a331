"""The shapes of people on the wire: profile, directory user, directory group.

Since April 2026 WorkOS leaves the deprecated fields empty; a connection or directory whose `wire` is `legacy` still
fills them, as older accounts' do.
"""

from typing import Any

from sandbox.records import Connection, Directory, Group, Person
from sandbox.state import World
from sandbox.wire import Json, instant


def profile(world: World, person: Person, connection: Connection) -> Json:
    """Return the Profile that a login of this person at this connection yields."""
    # WorkOS keys profiles by the identity provider's id: hired again, somebody has the profile they had.
    person.profile_ids[connection.id] = world.ids.derived("prof", f"{connection.id}:{person.idp_id}")
    shape: Json = {
        "object": "profile",
        "id": person.profile_ids[connection.id],
        "organization_id": connection.organization_id,
        "connection_id": connection.id,
        "connection_type": connection.type,
        "idp_id": person.idp_id,
        "email": person.email,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "name": person.name,
        "role": {"slug": person.role},
        "roles": [{"slug": person.role}],
        "custom_attributes": person.custom_attributes,
        "raw_attributes": _raw_attributes(person) if connection.wire == "legacy" else {},
    }
    if connection.sends_groups:
        shape["groups"] = [group.name for group in world.groups_of(person)]
    return shape


def directory_user(world: World, person: Person, directory: Directory) -> Json:
    """Return a DirectoryUser object."""
    return {
        "object": "directory_user",
        "id": person.id,
        "directory_id": directory.id,
        "organization_id": person.organization_id,
        "idp_id": person.idp_id,
        "email": person.email,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "name": person.name,
        "state": person.state,
        "custom_attributes": person.custom_attributes,
        "role": {"slug": person.role},
        "roles": [{"slug": person.role}],
        "created_at": instant(person.created_at),
        "updated_at": instant(person.updated_at),
        **_deprecated(world, person, directory),
    }


def directory_group(group: Group) -> Json:
    """Return a DirectoryGroup object."""
    return {
        "object": "directory_group",
        "id": group.id,
        "idp_id": group.idp_id,
        "directory_id": group.directory_id,
        "organization_id": group.organization_id,
        "name": group.name,
        "raw_attributes": {},
        "created_at": instant(group.created_at),
        "updated_at": instant(group.updated_at),
    }


def _deprecated(world: World, person: Person, directory: Directory) -> Json:
    """The fields WorkOS keeps for old clients."""
    if directory.wire == "current":
        return {"emails": [], "job_title": None, "username": None, "raw_attributes": {}, "groups": []}
    return {
        "emails": [{"primary": True, "type": "work", "value": person.email}] if person.email else [],
        "job_title": person.custom_attributes.get("job_title"),
        "username": person.email,
        "raw_attributes": _raw_attributes(person),
        "groups": [directory_group(g) for g in world.groups_of(person) if g.directory_id == directory.id],
    }


def _raw_attributes(person: Person) -> dict[str, Any]:
    """What the identity provider is said to have sent, under its own names."""
    names = {"email": person.email, "given_name": person.first_name, "family_name": person.last_name}
    return {**names, **person.custom_attributes}
