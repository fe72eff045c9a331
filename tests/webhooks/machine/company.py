"""The company: what is true at WorkOS, kept apart from the twin's and the gateway's own bookkeeping."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.event_book import Event
from sandbox.server import Sandbox
from tests.builders import Tenant

ROLES = {
    "MemberPulse Admins": "ROLE_CLIENT_ADMIN",
    "MemberPulse Staff": "ROLE_CLIENT_USER",
    "MemberPulse Members": "ROLE_MEMBER",
}


@dataclass(slots=True)
class Group:
    """A group; `gives` is the role that its first name gives, which a later name neither gives nor takes."""

    name: str
    gives: str | None
    members: set[str] = field(default_factory=set[str])


@dataclass(slots=True)
class Human:
    """Somebody of flesh and blood: every directory user that they are or were, by id, with its state of now.

    `present`: the one that they are in the directory of now. `touched`: the last change of their access or groups.
    `was_out`: they were removed or suspended at some time.
    """

    name: str
    last_name: str
    entries: dict[str, str] = field(default_factory=dict[str, str])
    present: str | None = None
    touched: int = 0
    was_out: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """What an event says of somebody's access: whose, by which directory user of which directory, and in or out."""

    event: str
    home: str
    human: str
    entry: str
    lets_in: bool
    number: int


class Company:
    """Lets things happen at WorkOS and remembers what is true. Humans are chosen by number, so that a run repeats."""

    def __init__(self, twin: Sandbox, tenant: Tenant, humans: int) -> None:
        self.tenant = tenant
        self.directory: str | None = None
        self.homes: list[str] = []
        self.groups: dict[str, Group] = {}
        self.humans = [Human(f"h{number}", f"No{number}") for number in range(humans)]
        self.count = 0
        self._twin = twin
        self._seen = twin.events()[-1].id
        for human in self.humans:
            self._twin.add_person(tenant.workos_id, idp_id=self.idp_id(human), **self._names(human))

    def email(self, human: Human) -> str:
        """Return the address of somebody."""
        return f"{human.name}@{self.tenant.domain}"

    def idp_id(self, human: Human) -> str:
        """Return what the identity provider calls somebody."""
        return f"idp-{human.name}-{self.tenant.domain}"

    def role(self, human: Human) -> str:
        """Return the role that the rules give somebody now."""
        given = {group.gives for group in self.groups.values() if human.present in group.members}
        return next((role for role in ROLES.values() if role in given), "ROLE_MEMBER")

    def told(self) -> list[Event]:
        """Return the events of what has happened since this was last asked."""
        found = [
            each for each in self._twin.world.events.after(self._seen) if each.organization_id == self.tenant.workos_id
        ]
        if found:
            self._seen = found[-1].id
        mine = [each for each in found if each.organization_id == self.tenant.workos_id]
        return [each for each in mine if each.event.startswith("dsync.")]

    def connect(self) -> None:
        """The company connects a directory, with the groups that give roles."""
        if self.directory is None:
            self.directory = self._twin.add_directory(self.tenant.workos_id, f"Directory {self.count}").id
            self.homes.append(self.directory)
            for name in ROLES:
                self.found(name)

    def disconnect(self) -> None:
        """The directory is deleted; whom it let in stays without it."""
        if self.directory is None:
            return
        self._twin.remove_directory(self.directory)
        self.directory = None
        self.groups.clear()
        for human in self.humans:
            self._unmanage(human)

    def _unmanage(self, human: Human) -> None:
        if human.present is not None:
            if human.entries[human.present] == "active":
                human.entries[human.present] = "unmanaged"
            # At the twin they are still somebody, but in no directory any more.
            self._twin.remove_person(human.present)
            human.present = None
            human.touched = self.count

    def hire(self, human: Human, *, anew: bool, groups: list[str]) -> None:
        """Somebody joins the directory, `anew` under a new id; else under the last one that they had in it."""
        if self.directory is None or human.present is not None:
            return
        old = next((entry for entry in reversed(human.entries) if human.entries[entry] == "deleted"), None)
        chosen = None if anew else old
        made = self._twin.add_person(
            self.tenant.workos_id, id=chosen, directory=self.directory, groups=groups, sso=False,
            idp_id=self.idp_id(human), **self._names(human),
        )  # fmt: skip
        human.present = made.id
        human.entries[made.id] = "active"
        for group in groups:
            self.groups[group].members.add(made.id)
        self._settle(human)

    def change(self, human: Human) -> None:
        """Somebody has another name."""
        if human.present is not None:
            human.last_name = f"Named{self.count}"
            self._twin.change_person(human.present, last_name=human.last_name)

    def switch(self, human: Human) -> None:
        """Somebody is suspended, or let in again."""
        if human.present is not None:
            state = "inactive" if human.entries[human.present] == "active" else "active"
            human.entries[human.present] = state
            self._twin.change_person(human.present, state=state)
            self._settle(human)

    def dismiss(self, human: Human) -> None:
        """Somebody leaves the directory, and with it all its groups."""
        if human.present is not None:
            gone, human.present = human.present, None
            human.entries[gone] = "deleted"
            for group in self.groups.values():
                group.members.discard(gone)
            self._twin.remove_person(gone)
            self._settle(human)

    def move(self, human: Human, group: str) -> None:
        """Somebody joins a group, or leaves it."""
        if human.present is None or group not in self.groups:
            return
        members = self.groups[group].members
        if human.present in members:
            members.discard(human.present)
            self._twin.remove_member(group, human.present)
        else:
            members.add(human.present)
            self._twin.add_member(group, human.present)
        human.touched = self.count

    def found(self, name: str | None = None) -> None:
        """A group is made; one with a name that gives a role only together with its directory."""
        if self.directory is not None:
            called = name or f"Club {self.count}"
            made = self._twin.add_group(self.tenant.workos_id, called, directory=self.directory)
            self.groups[made.id] = Group(called, ROLES.get(called))

    def rename(self, group: str) -> None:
        """A group has another name, which gives nothing and takes nothing."""
        self.groups[group].name = f"Renamed {self.count}"
        self._twin.change_group(group, name=self.groups[group].name)

    def dissolve(self, group: str) -> None:
        """A group is removed; its members get no event."""
        for human in self.humans:
            if human.present in self.groups[group].members:
                human.touched = self.count
        del self.groups[group]
        self._twin.remove_group(group)

    def _settle(self, human: Human) -> None:
        human.touched = self.count
        human.was_out = human.was_out or not self.is_in(human)
        # The directory that has somebody now decides; one that was deleted never takes part again.
        if human.present is not None:
            for entry in human.entries:
                if entry != human.present and human.entries[entry] == "unmanaged":
                    human.entries[entry] = "taken over"

    def is_in(self, human: Human) -> bool:
        """Return whether somebody may be let in now."""
        return any(state in {"active", "unmanaged"} for state in human.entries.values())

    def _names(self, human: Human) -> dict[str, Any]:
        return {"email": self.email(human), "first_name": human.name.title(), "last_name": human.last_name}
