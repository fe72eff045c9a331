"""Verbs of the mirror: what events tell of people, groups and memberships of one directory, many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeVar
from uuid import UUID

from app.directories import told
from app.directories.late_repository import LateNews
from app.directories.mirror_repository import Mirror
from app.directories.models import Directory
from app.directories.rules_repository import GroupRules
from app.directories.settling import resolve, settle
from app.directories.told import GoneTold, GroupTold, Mapped, MembershipTold, PersonTold, Place, Put, Version
from app.uow import UnitOfWork
from app.users.attributes import DEFAULTS
from app.workos import payloads

T = TypeVar("T")
PeoplePayload = (
    payloads.UserChanged
    | payloads.UserRemoved
    | payloads.GroupChanged
    | payloads.GroupRemoved
    | payloads.MembershipChanged
)


@dataclass(frozen=True, slots=True)
class News:
    """What one event says, when it happened, and its id."""

    event_id: str
    at: datetime
    change: PeoplePayload


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a piece of news; `waits_for`: WorkOS's id of what must be known first."""

    outcome: Literal["applied", "older", "waits"]
    waits_for: str | None = None


@dataclass(slots=True)
class _Round:
    """News of which no two are about the same object; who goes is gone before anybody comes."""

    people: dict[str, tuple[News, PersonTold]] = field(default_factory=dict[str, tuple[News, PersonTold]])
    gone: dict[str, tuple[News, GoneTold]] = field(default_factory=dict[str, tuple[News, GoneTold]])
    groups: dict[str, tuple[News, GroupTold]] = field(default_factory=dict[str, tuple[News, GroupTold]])
    groups_gone: dict[str, tuple[News, GoneTold]] = field(default_factory=dict[str, tuple[News, GoneTold]])
    memberships: dict[str, tuple[News, MembershipTold]] = field(default_factory=dict[str, tuple[News, MembershipTold]])


async def follow(
    uow: UnitOfWork, directory: Directory, news: Sequence[News], *, platform: str | None, mapping: Mapped = DEFAULTS
) -> tuple[Mapping[str, Verdict], set[str]]:
    """Make the mirror of a directory follow events, and people follow the mirror.

    Returns what became of each event by its id, and WorkOS's ids of what is known here now: what waits for it is due.
    The unit is the tenant's and holds its mirror's lock. `platform`: as `settling.resolve`; `mapping`: the tenant's,
    which attribute feeds which field.
    """
    following = _Following(uow, directory.id, platform=platform)
    fresh = await following.sift(news, directory.listed_at)
    for one_round in _rounds(fresh, mapping):
        await (following.take_released(one_round) if directory.state == "deleted" else following.take(one_round))
    return following.verdicts, following.known


def _rounds(news: Sequence[News], mapping: Mapped) -> list[_Round]:
    """Return the news in rounds: of those about one object, each in a later round than the one before it.

    Who comes is in no earlier round than those who left before: somebody who comes back has another id at WorkOS, and
    would be a second person here while the first is still let in.
    """
    rounds: list[_Round] = []
    seen: dict[str, int] = {}
    left = 0
    for one in news:
        key = _key(one.change)
        number = seen.get(key, 0)
        if _lets_in(one.change):
            number = max(number, left)
        elif isinstance(one.change, payloads.UserChanged | payloads.UserRemoved):
            left = max(left, number)
        seen[key] = number + 1
        while number >= len(rounds):
            rounds.append(_Round())
        _place(rounds[number], key, one, mapping)
    return rounds


def _lets_in(change: PeoplePayload) -> bool:
    return isinstance(change, payloads.UserChanged) and change.user.active


def _key(change: PeoplePayload) -> str:
    match change:
        case payloads.UserChanged():
            return change.user.id
        case payloads.UserRemoved():
            return change.user_id
        case payloads.GroupChanged():
            return change.group.id
        case payloads.GroupRemoved():
            return change.group_id
        case payloads.MembershipChanged():
            return f"{change.group_id}|{change.user_id}"


def _place(into: _Round, key: str, one: News, mapping: Mapped) -> None:
    version = Version(one.at, one.event_id)
    match one.change:
        case payloads.UserChanged(user=user):
            into.people[key] = one, told.person(user, at=one.at, event_id=one.event_id, mapping=mapping)
        case payloads.UserRemoved() as removed:
            into.gone[key] = one, told.gone(removed, version, mapping)
        case payloads.GroupChanged(group=group):
            into.groups[key] = one, told.group(group, at=one.at, event_id=one.event_id)
        case payloads.GroupRemoved():
            into.groups_gone[key] = one, GoneTold(key, version)
        case payloads.MembershipChanged() as change:
            membership = MembershipTold(change.user_id, change.group_id, change.member, version)
            into.memberships[key] = one, membership


class _Following:
    """One unit's work on a directory: rounds of news, each settled before the next."""

    def __init__(self, uow: UnitOfWork, directory: UUID, *, platform: str | None) -> None:
        self.verdicts: dict[str, Verdict] = {}
        self.known: set[str] = set()
        self._uow = uow
        self._directory = directory
        self._platform = platform
        self._mirror = Mirror(uow)
        self._late = LateNews(uow)
        self._touched: dict[UUID, None] = {}
        self._removed = False

    async def sift(self, news: Sequence[News], listed_at: datetime | None) -> list[News]:
        """Return the news without what a whole listing knew better; that somebody left is news whenever it comes."""
        gone = payloads.UserRemoved | payloads.GroupRemoved
        late = [one for one in news if listed_at and one.at <= listed_at and not isinstance(one.change, gone)]
        held = await self._late.present([_key(one.change) for one in late]) if late else set[str]()
        for one in late:
            if _key(one.change) not in held:  # and no membership's key is among them
                self.verdicts[one.event_id] = Verdict("older")
        return [one for one in news if one.event_id not in self.verdicts]

    async def take_released(self, news: _Round) -> None:
        """Apply what is told late of the people of a deleted directory; its groups are gone, whatever is told."""
        told_ = {**news.people, **news.gone}
        put = await self._late.put_released(self._directory, [row for _, row in told_.values()])
        self._judge(told_, put)
        for kind in (news.groups, news.groups_gone, news.memberships):
            self._judge(kind, ())
        if put:
            await settle(self._uow, [one.id for one in put], removed=True)

    async def take(self, news: _Round) -> None:
        """Apply a round: groups before people before memberships, for these need those."""
        self._touched, self._removed = {}, False
        if news.groups:
            await self._groups(news)
        if news.groups_gone:
            gone, members = await self._mirror.remove_groups(self._directory, _rows(news.groups_gone))
            self._judge(news.groups_gone, gone)
            self._touch(members)
            await self._mirror.unshow(members)
        if news.gone:
            put, left = await self._mirror.remove_people(self._directory, _rows(news.gone))
            self._judge(news.gone, put)
            self._touch([one.id for one in put])
            self._touch(left)
            self._removed = True
        if news.people:
            put = await self._mirror.put_people(self._directory, _rows(news.people))
            self._judge(news.people, put)
            self._touch([one.id for one in put])
            self._removed = self._removed or any(row.state != "active" for _, row in news.people.values())
        if news.memberships:
            await self._memberships(news)
        if self._touched:
            await settle(self._uow, list(self._touched), removed=self._removed)

    async def _groups(self, news: _Round) -> None:
        put = await self._mirror.put_groups(self._directory, _rows(news.groups))
        self._judge(news.groups, put)
        await GroupRules(self._uow).name([one.id for one in put if one.created])
        changed = await resolve(self._uow, [one.id for one in put], platform=self._platform)
        members = await self._mirror.members([one.id for one in put if not one.created])
        await self._mirror.unshow(members)  # a group's name stands in its members' ready JSON
        if changed:
            self._touch(members)

    async def _memberships(self, news: _Round) -> None:
        entries = list(news.memberships.values())
        places = await self._mirror.find([row for _, row in entries])
        ready: list[tuple[News, Place, MembershipTold]] = []
        for (one, row), place in zip(entries, places, strict=True):
            verdict = _readiness(row, place)
            if verdict is None:
                ready.append((one, place, row))
            else:
                self.verdicts[one.event_id] = verdict
        written = await self._mirror.put_memberships([(place, row) for _, place, row in ready])
        for one, place, _ in ready:
            applied = (place.group, place.person) in written
            self.verdicts[one.event_id] = Verdict("applied" if applied else "older")
        touched = [person for _, person in written]
        self._touch(touched)
        await self._mirror.unshow(touched)

    def _judge(self, told_: Mapping[str, tuple[News, object]], put: Sequence[Put]) -> None:
        taken = {one.workos_id for one in put}
        for key, (one, _) in told_.items():
            self.verdicts[one.event_id] = Verdict("applied" if key in taken else "older")
        self.known |= taken

    def _touch(self, people: Sequence[UUID]) -> None:
        self._touched |= dict.fromkeys(people)


def _rows(entries: Mapping[str, tuple[News, T]]) -> list[T]:
    return [row for _, row in entries.values()]


def _readiness(row: MembershipTold, place: Place) -> Verdict | None:
    """Return why a membership cannot be written now; None when it can.

    Of somebody who is gone, or a group that is, only news of after that counts, and it waits for their return. Who is
    back is a member of nothing that was said before they were gone.
    """
    at = row.version.at
    for ident, state, since, workos_id in (
        (place.person, place.person_state, place.person_at, row.user),
        (place.group, place.group_state, place.group_at, row.group),
    ):
        if ident is None:
            return Verdict("waits", workos_id)
        if state == "deleted":
            return Verdict("waits", workos_id) if row.member and since is not None and at > since else Verdict("older")
    return Verdict("older") if place.gone_at is not None and at <= place.gone_at else None
