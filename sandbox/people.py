"""Controls over people: persons, groups and who is in which."""

from typing import Any

from sandbox import wire_events
from sandbox.dsync_events import record_group, record_membership, record_user
from sandbox.records import Group, Person
from sandbox.refusals import invalid
from sandbox.state import World

PERSON_STATES = frozenset({"active", "inactive", "suspended"})
PLAIN_FIELDS = frozenset({"email", "first_name", "last_name", "idp_id", "role", "sso", "state"})
ATTRIBUTE_FIELDS = ("department_name", "job_title")


class PeopleControls:
    """Hire, change, move and dismiss people; each verb returns the record it made or changed."""

    def __init__(self, world: World) -> None:
        self.world = world

    def add_group(
        self,
        organization: str,
        name: str,
        *,
        directory: str | None = None,
        idp_id: str | None = None,
    ) -> Group:
        """Make a group; without a directory it shows in logins only."""
        owner = self.world.organization(organization)
        fields = self.world.birth("directory_group")
        home = self.world.directory(directory).id if directory else None
        kept = Group(
            organization_id=owner.id,
            directory_id=home,
            idp_id=idp_id or self.world.ids.token("idp_group")[:20].lower(),
            name=name,
            **fields,
        )
        self.world.groups[kept.id] = kept
        record_group(self.world, "created", kept)
        return kept

    def change_group(self, group: str, *, name: str) -> Group:
        """Rename a group."""
        found = self.world.group(group)
        if found.name != name:
            previous = {"name": found.name}
            found.name = name
            self.world.touch(found)
            record_group(self.world, "updated", found, previous)
        return found

    def remove_group(self, group: str) -> None:
        """Remove a group; nobody is in it any more."""
        found = self.world.group(group)
        del self.world.groups[found.id]
        record_group(self.world, "deleted", found)

    def add_member(self, group: str, person: str) -> None:
        """Put a person into a group. `updated_at` stays, as WorkOS leaves it (a known flaw of the real service)."""
        self._join(self.world.group(group), self.world.person(person))

    def remove_member(self, group: str, person: str) -> None:
        """Take a person out of a group."""
        self._leave(self.world.group(group), self.world.person(person))

    def add_person(
        self,
        organization: str,
        *,
        directory: str | None = None,
        groups: list[str] | None = None,
        id: str | None = None,  # noqa: A002
        **fields: Any,  # noqa: ANN401
    ) -> Person:
        """Hire somebody: names, email, idp_id, department_name, job_title, custom_attributes, state, role, sso.

        `groups` are names or ids; a group that is named and not there is made. Without
        `directory` the person is known to logins only.
        """
        owner = self.world.organization(organization)
        home = self.world.directory(directory).id if directory else None
        known = {name: fields.pop(name) for name in PLAIN_FIELDS & fields.keys()}
        known["idp_id"] = known.get("idp_id") or "00u" + self.world.ids.token("idp_user")[2:19].lower()
        birth = self.world.birth("directory_user", id)
        blank = {"email": None, "first_name": None, "last_name": None}
        person = Person(organization_id=owner.id, directory_id=home, **{**blank, **known}, **birth)
        self._set_attributes(person, fields)
        _require_state(person.state)
        self.world.people[person.id] = person
        record_user(self.world, None, wire_events.user(self.world, person))
        self.set_groups(person.id, groups or [])
        return person

    def change_person(self, person: str, **changes: Any) -> Person:  # noqa: ANN401
        """Change any field of `add_person`.

        `directory=None` removes from the directory; a directory again is a rehire, under a new directory user id, as
        WorkOS gives one.
        """
        found = self.world.person(person)
        _require_state(changes.get("state", "active"))
        groups = changes.pop("groups", None)
        told, facts, old_id = wire_events.user(self.world, found), _facts(found), found.id
        if "directory" in changes:
            found = self._move(found, changes.pop("directory"))
        for name in PLAIN_FIELDS & changes.keys():
            setattr(found, name, changes.pop(name))
        self._set_attributes(found, changes)
        # Not for groups alone, nor for what only the twin knows: `updated_at` would move and no event say so.
        if _facts(found) != facts:
            self.world.touch(found)
        record_user(self.world, told, wire_events.user(self.world, found))
        if found.id != old_id:
            for group in self.world.groups_of(found):
                record_membership(self.world, "user_added", group, found)
        if groups is not None:
            self.set_groups(found.id, groups)
        return found

    def remove_person(self, person: str) -> None:
        """Dismiss somebody: no directory user, no memberships, no login."""
        found = self.world.person(person)
        told = wire_events.user(self.world, found)
        for group in self.world.groups.values():
            group.members.discard(found.id)
        del self.world.people[found.id]
        record_user(self.world, told, None)

    def set_groups(self, person: str, groups: list[str]) -> None:
        """Make these (names or ids) exactly the groups of a person."""
        found = self.world.person(person)
        wanted = {self._group_for(found, name).id for name in groups}
        for group in self.world.groups.values():
            if group.organization_id != found.organization_id:
                continue
            if group.id in wanted:
                self._join(group, found)
            else:
                self._leave(group, found)

    def generate_people(self, organization: str, count: int, directory: str | None = None) -> list[Person]:
        """Hire many made-up people at once (for large syncs), dealt round-robin to the organization's groups.

        Without `directory` they go to the organization's first one.
        """
        owner = self.world.organization(organization)
        homes = [d.id for d in self.world.directories.values() if d.organization_id == owner.id]
        home = self.world.directory(directory).id if directory else next(iter(homes), None)
        groups = [g for g in self.world.groups.values() if g.organization_id == owner.id and g.directory_id == home]
        domain = next((d.domain for d in self.world.domains_of(owner.id)), "people.example")
        return [self._generate_one(owner.id, home, groups, domain) for _ in range(count)]

    def _generate_one(self, organization_id: str, home: str | None, groups: list[Group], domain: str) -> Person:
        birth = self.world.birth("directory_user")
        number = int(birth["serial"])
        person = Person(
            organization_id=organization_id,
            directory_id=home,
            idp_id=f"00u{number:017d}",
            email=f"person{number}@{domain}",
            first_name="Person",
            last_name=f"No{number}",
            custom_attributes={"department_name": "Generated", "job_title": "Employee"},
            **birth,
        )
        self.world.people[person.id] = person
        record_user(self.world, None, wire_events.user(self.world, person))
        if groups:
            self._join(groups[number % len(groups)], person)
        return person

    def _join(self, group: Group, person: Person) -> None:
        if person.id not in group.members:
            group.members.add(person.id)
            record_membership(self.world, "user_added", group, person)

    def _leave(self, group: Group, person: Person) -> None:
        if person.id in group.members:
            group.members.discard(person.id)
            record_membership(self.world, "user_removed", group, person)

    def _move(self, person: Person, directory: str | None) -> Person:
        """Leave the directory, or join one under a new id."""
        if directory is None:
            person.directory_id = None
            return person
        home = self.world.directory(directory).id
        if person.directory_id == home:
            return person
        old_id = person.id
        fresh = self.world.birth("directory_user")
        person.id, person.serial, person.created_at = fresh["id"], fresh["serial"], fresh["created_at"]
        person.directory_id = home
        del self.world.people[old_id]
        self.world.people[person.id] = person
        for group in self.world.groups.values():
            if old_id in group.members:
                group.members.discard(old_id)
                group.members.add(person.id)
        return person

    def _group_for(self, person: Person, name: str) -> Group:
        """The group of the person's organization by id, or by name (the person's own directory first)."""
        found = [g for g in self.world.groups.values() if g.organization_id == person.organization_id]
        named = [g for g in found if name in (g.id, g.name)]
        at_home = [g for g in named if g.directory_id == person.directory_id]
        chosen = next(iter(at_home or named), None)
        return chosen or self.add_group(person.organization_id, name, directory=person.directory_id)

    def _set_attributes(self, person: Person, fields: dict[str, Any]) -> None:
        """`custom_attributes` replaces them all; department_name and job_title are set beside the others."""
        replaced = fields.pop("custom_attributes", None)
        person.custom_attributes = dict(person.custom_attributes if replaced is None else replaced)
        for name in ATTRIBUTE_FIELDS:
            value = fields.pop(name, None)
            if value is not None:
                person.custom_attributes[name] = value
        if fields:
            raise invalid("Unknown fields.", **dict.fromkeys(fields, "unknown"))


def _facts(person: Person) -> tuple[object, ...]:
    """What a directory tells of a person."""
    plain = tuple(getattr(person, name) for name in sorted(PLAIN_FIELDS - {"sso"}))
    return (*plain, person.directory_id, person.custom_attributes)


def _require_state(state: str) -> None:
    if state not in PERSON_STATES:
        raise invalid(f"'{state}' is not one of {', '.join(sorted(PERSON_STATES))}.", state="invalid")
