"""Model: how people, groups and connections ought to be. It tells the twin what happens and keeps its own books.

The twin makes the events and answers the gateway's questions; what is right at the end is read here, so a fault of the
twin's shows as a difference and not as a silent agreement.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from bench.faults.sender import Delivery
from bench.faults.world import ROLE_GROUPS
from sandbox.event_book import Event
from sandbox.server import Sandbox
from sandbox.wire_events import event as envelope


@dataclass(slots=True)
class Person:
    """Somebody of a directory. `out`: was removed or switched off at some time since the sessions were planted."""

    id: str
    idp_id: str
    email: str
    first_name: str
    last_name: str
    active: bool = True
    out: bool = False


@dataclass(slots=True)
class Group:
    """A group; `members` are people's ids."""

    id: str
    name: str
    members: set[str] = field(default_factory=set[str])


@dataclass(slots=True)
class Tenant:
    """What one organization holds; who and what was removed is no more here."""

    id: str
    domain: str
    directory: str
    door: str
    side_door: str
    side_door_active: bool
    people: dict[str, Person]
    groups: dict[str, Group]
    gone: list[Person] = field(default_factory=list[Person])

    def role_of(self, person: Person) -> str:
        """Return the role that the default rules give."""
        names = {group.name for group in self.groups.values() if person.id in group.members}
        return next((role for name, role in ROLE_GROUPS.items() if name in names), "ROLE_MEMBER")


class Model:
    """Lets things happen, one seeded step after the other, and hands over the deliveries that tell of them."""

    def __init__(self, twin: Sandbox, rng: random.Random) -> None:
        self._twin = twin
        self._rng = rng
        self._seen: str | None = None
        self._hired = 0
        self.spared: set[str] = set()
        """Ids of people whom nothing happens to."""
        self.tenants = [_as_planted(twin, each) for each in twin.world.organizations]

    def steps(self, count: int) -> list[Delivery]:
        """Let so many steps happen; return the deliveries, in the order in which things happened (about 1.1 a step)."""
        return [delivery for _ in range(count) for delivery in self.step()]

    def step(self, tenant: Tenant | None = None) -> list[Delivery]:
        """Let one thing happen to a tenant (any); return the deliveries that tell of it."""
        chosen = tenant or self._rng.choice(self.tenants)
        self._rng.choices(_STEPS, _WEIGHTS)[0](self, chosen)
        return self.told()

    def hire(self, tenant: Tenant, again: Person | None = None) -> None:
        """Somebody joins the directory, with one or two groups; `again`: whom the company knows already."""
        self._hired += 1
        number = self._hired
        email = again.email if again else f"hired{number}@{tenant.domain}"
        groups = self._rng.sample(sorted(tenant.groups), min(len(tenant.groups), self._rng.randint(0, 2)))
        made = self._twin.add_person(
            tenant.id,
            directory=tenant.directory,
            groups=groups,
            email=email,
            idp_id=again.idp_id if again else None,
            first_name="Hired",
            last_name=f"No{number}",
        )
        out = again.out if again else False
        tenant.people[made.id] = Person(made.id, made.idp_id, email, "Hired", f"No{number}", out=out)
        for group in groups:
            tenant.groups[group].members.add(made.id)

    def rename(self, tenant: Tenant) -> None:
        """Somebody marries."""
        if person := self._somebody(tenant):
            person.last_name = f"Renamed{self._rng.randrange(10**6)}"
            self._twin.change_person(person.id, last_name=person.last_name)

    def switch(self, tenant: Tenant) -> None:
        """Somebody is suspended, or let in again."""
        if person := self._somebody(tenant):
            person.active = not person.active
            person.out = True
            self._twin.change_person(person.id, state="active" if person.active else "inactive")

    def dismiss(self, tenant: Tenant, person: Person | None = None) -> None:
        """Somebody (`person`, or anybody) leaves the directory, and all its groups."""
        if person := person or self._somebody(tenant):
            del tenant.people[person.id]
            for group in tenant.groups.values():
                group.members.discard(person.id)
            person.out = True
            tenant.gone.append(person)
            self._twin.remove_person(person.id)

    def rehire(self, tenant: Tenant) -> None:
        """Somebody who left comes back, under a new id of WorkOS's."""
        if tenant.gone:
            self.hire(tenant, again=tenant.gone.pop(self._rng.randrange(len(tenant.gone))))

    def join(self, tenant: Tenant) -> None:
        """Somebody joins a group."""
        if (person := self._somebody(tenant)) and (group := self._some_group(tenant)):
            group.members.add(person.id)
            self._twin.add_member(group.id, person.id)

    def leave(self, tenant: Tenant) -> None:
        """Somebody leaves a group."""
        group = self._some_group(tenant)
        if group and (some := sorted(group.members - self.spared)):
            person = self._rng.choice(some)
            group.members.discard(person)
            self._twin.remove_member(group.id, person)

    def found(self, tenant: Tenant) -> None:
        """A group is made, renamed or removed; never one that gives a role, for whose name came first decides there."""
        number = self._rng.randrange(10**6)
        free = [each for each in tenant.groups.values() if each.name not in ROLE_GROUPS]
        if len(free) < 3:
            made = self._twin.add_group(tenant.id, f"Club {number}", directory=tenant.directory)
            tenant.groups[made.id] = Group(made.id, made.name)
            return
        group = self._rng.choice(free)
        if self._rng.random() < 0.5:
            group.name = f"Club {number}"
            self._twin.change_group(group.id, name=group.name)
        else:
            del tenant.groups[group.id]
            self._twin.remove_group(group.id)

    def bolt(self, tenant: Tenant) -> None:
        """The side door's connection is switched off, or on."""
        tenant.side_door_active = not tenant.side_door_active
        self._twin.change_connection(tenant.side_door, state="active" if tenant.side_door_active else "inactive")

    def told(self) -> list[Delivery]:
        """Return the deliveries of what has happened since this was last asked."""
        found = list(self._twin.world.events.after(self._seen))
        if found:
            self._seen = found[-1].id
        return [delivery_of(event) for event in found]

    def sessions_planted(self) -> None:
        """From now on it counts who is out."""
        for tenant in self.tenants:
            for person in (*tenant.people.values(), *tenant.gone):
                person.out = not person.active or person in tenant.gone

    def _somebody(self, tenant: Tenant) -> Person | None:
        chosen = self._rng.choice(list(tenant.people)) if tenant.people else None
        return None if chosen is None or chosen in self.spared else tenant.people[chosen]

    def _some_group(self, tenant: Tenant) -> Group | None:
        return tenant.groups[self._rng.choice(list(tenant.groups))] if tenant.groups else None


def delivery_of(event: Event) -> Delivery:
    """Return the delivery of one of the twin's events."""
    return Delivery(event.id, json.dumps(envelope(event), separators=(",", ":")).encode())


_Step = Callable[[Model, Tenant], None]
_STEPS: tuple[_Step, ...] = (
    *(Model.hire, Model.rename, Model.switch, Model.dismiss, Model.rehire),
    *(Model.join, Model.leave, Model.found, Model.bolt),
)
_WEIGHTS = (16, 26, 14, 6, 4, 18, 10, 3, 3)


def _as_planted(twin: Sandbox, organization: str) -> Tenant:
    world = twin.world
    home = next(each for each in world.directories.values() if each.organization_id == organization)
    doors = [each for each in world.connections.values() if each.organization_id == organization]
    people = [each for each in world.people.values() if each.organization_id == organization]
    groups = [each for each in world.groups.values() if each.organization_id == organization]
    return Tenant(
        id=organization,
        domain=world.domains_of(organization)[0].domain,
        directory=home.id,
        door=doors[0].id,
        side_door=doors[1].id,
        side_door_active=True,
        people={
            each.id: Person(each.id, each.idp_id, each.email or "", each.first_name or "", each.last_name or "")
            for each in people
        },
        groups={each.id: Group(each.id, each.name, set(each.members)) for each in groups},
    )
