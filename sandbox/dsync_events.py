"""What directory sync tells of people and groups; somebody without a directory makes no event."""

from sandbox import wire_events
from sandbox.records import Group, Person
from sandbox.state import World
from sandbox.wire import Json
from sandbox.wire_people import directory_group


def record_user(world: World, before: Json | None, after: Json | None) -> None:
    """Record what became of a directory user, from its shapes before and after (None: not in a directory).

    A new id is somebody new: the old user is deleted and another one created, as WorkOS does for a rehire.
    """
    same = before is not None and after is not None and before["id"] == after["id"]
    if before and after and same:
        previous = wire_events.previous(before, after)
        if previous:
            world.record("dsync.user.updated", after["organization_id"], after | {"previous_attributes": previous})
        return
    if before:
        world.record("dsync.user.deleted", before["organization_id"], before)
    if after:
        world.record("dsync.user.created", after["organization_id"], after)


def record_membership(world: World, verb: str, group: Group, person: Person) -> None:
    """Record `user_added` or `user_removed`; only of a group in the person's own directory."""
    user = wire_events.user(world, person)
    if user is None or group.directory_id != person.directory_id:
        return
    data = {"directory_id": group.directory_id, "user": user, "group": directory_group(group)}
    world.record(f"dsync.group.{verb}", group.organization_id, data)


def record_group(world: World, verb: str, group: Group, previous: Json | None = None) -> None:
    """Record `created`, `updated` or `deleted` of a directory's group. The members of a deleted one get no event."""
    if group.directory_id is None:
        return
    data = directory_group(group) | ({"previous_attributes": previous} if previous else {})
    world.record(f"dsync.group.{verb}", group.organization_id, data)
