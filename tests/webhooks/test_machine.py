"""Whatever order, loss, repetition and death WorkOS's news meets, the mirror ends as the company is (X-10 … X-15).

`MACHINE_EXAMPLES=500` looks longer, with other examples each time; `MACHINE_SHRINK=1` shortens a failure, in minutes.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Any, ClassVar
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.db.engine import DriverConnection, connect_arguments
from app.workos.pace import Pace
from tests.deliveries import Inbox
from tests.webhooks.machine import checks
from tests.webhooks.machine.world import World

BY_DEFAULT = 12
EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", BY_DEFAULT))  # noqa: TID251 -- how long to look, and nothing else
HUMANS = 4
WHO = st.integers(0, HUMANS - 1)
WHICH = st.integers(0, 99)
DEATH = st.none() | st.integers(0, 40)

DEEDS = ("dismiss", "switch", "hire", "move")


class Machine(RuleBasedStateMachine):
    """Rules let things happen at the company, on the way, and to the worker."""

    inbox: ClassVar[Inbox]
    loop: ClassVar[asyncio.AbstractEventLoop]
    owner: ClassVar[DriverConnection]
    bystander: ClassVar[UUID]

    def run_(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Let a coroutine come to its end in the loop in which the gateway lives."""
        self.loop.run_until_complete(coroutine)

    @initialize(skew=st.sampled_from([0.0, 45.0, -45.0]))
    def begin(self, skew: float) -> None:
        """A company connects its directory, which is read whole."""
        begun = World.begun(self.inbox, self.owner, self.bystander, humans=HUMANS, skew=skew)
        self.world = self.loop.run_until_complete(begun)
        self.before = self.loop.run_until_complete(checks.bystanders(self.world))
        assert len(self.before) == checks.BYSTANDING

    def happens(self, deed: Callable[[], None]) -> None:
        """Let a deed happen at the company, and put what is told of it on its way."""
        self.world.tick()
        deed()
        self.world.listen()

    def group(self, which: int) -> str | None:
        """Return a group's id, by number."""
        groups = sorted(self.world.company.groups)
        return groups[which % len(groups)] if groups else None

    @rule(who=WHO, anew=st.booleans(), groups=st.sets(WHICH, max_size=2))
    def hire(self, who: int, anew: bool, groups: set[int]) -> None:  # noqa: FBT001 -- drawn
        company = self.world.company
        chosen = sorted({found for number in groups if (found := self.group(number))})
        self.happens(lambda: company.hire(company.humans[who], anew=anew, groups=chosen))

    @rule(who=WHO)
    def dismiss(self, who: int) -> None:
        self.happens(lambda: self.world.company.dismiss(self.world.company.humans[who]))

    @rule(who=WHO)
    def switch(self, who: int) -> None:
        self.happens(lambda: self.world.company.switch(self.world.company.humans[who]))

    @rule(who=WHO)
    def change(self, who: int) -> None:
        self.happens(lambda: self.world.company.change(self.world.company.humans[who]))

    @rule(who=WHO, which=WHICH)
    def move(self, who: int, which: int) -> None:
        if group := self.group(which):
            self.happens(lambda: self.world.company.move(self.world.company.humans[who], group))

    @rule()
    def found(self) -> None:
        self.happens(self.world.company.found)

    @rule(which=WHICH)
    def rename(self, which: int) -> None:
        if group := self.group(which):
            self.happens(lambda: self.world.company.rename(group))

    @rule(which=WHICH)
    def dissolve(self, which: int) -> None:
        if group := self.group(which):
            self.happens(lambda: self.world.company.dissolve(group))

    @rule(sure=st.integers(0, 3))
    def disconnect(self, sure: int) -> None:
        if sure == 0:
            self.happens(self.world.company.disconnect)

    @precondition(lambda self: self.world.company.directory is None)
    @rule()
    def connect(self) -> None:
        self.happens(self.world.company.connect)

    @precondition(lambda self: self.world.sent)
    @rule(which=WHICH, again=st.booleans(), worked=st.booleans())
    def deliver(self, which: int, again: bool, worked: bool) -> None:  # noqa: FBT001 -- drawn
        """A webhook comes, whichever; `again`: it will come once more; `worked`: a worker is there at once."""
        sent = self.world.sent
        event = sent[which % len(sent)]
        if not again:
            sent.remove(event)
        self.run_(self.world.deliver(event))
        if worked:
            self.work(None)

    @precondition(lambda self: self.world.sent)
    @rule(which=WHICH)
    def drop(self, which: int) -> None:
        """A webhook never comes."""
        self.world.sent.pop(which % len(self.world.sent))

    @rule(statements=DEATH)
    def work(self, statements: int | None) -> None:
        self.run_(self.world.work(statements))

    @rule(statements=DEATH)
    def catch_up(self, statements: int | None) -> None:
        self.run_(self.world.catch_up(statements))

    @rule(mode=st.sampled_from(["apply", "plan"]), statements=st.none() | st.integers(0, 120))
    def sync(self, mode: str, statements: int | None) -> None:
        self.run_(self.world.synced(mode, statements=statements))

    @rule(
        unit=st.integers(1, 12),
        who=WHO,
        deed=st.sampled_from(["dismiss", "switch", "hire", "move"]),
        told=st.booleans(),
    )
    def sync_meanwhile(self, unit: int, who: int, deed: str, told: bool) -> None:  # noqa: FBT001 -- drawn
        """Something happens while the directory is read; `told`: its webhook is applied before the reading ends."""

        async def meanwhile() -> None:
            before = len(self.world.sent)
            match deed:
                case "dismiss":
                    self.dismiss(who)
                case "switch":
                    self.switch(who)
                case "hire":
                    self.hire(who, anew=True, groups={who})
                case _:
                    self.move(who, who)
            if told:
                for event in self.world.sent[before:]:
                    await self.world.deliver(event)
                del self.world.sent[before:]
                await self.world.work()

        self.run_(self.world.synced("apply", unit=unit, happens=meanwhile))

    @rule(who=WHO)
    def sign_in(self, who: int) -> None:
        """Somebody who is let in gets a session."""
        self.run_(self.world.plant(self.world.company.humans[who]))

    @rule(who=WHO)
    def try_to_sign_in(self, who: int) -> None:
        """Somebody who is removed knocks at the door."""
        self.run_(checks.cannot_sign_in(self.world, self.world.company.humans[who]))

    @rule(minutes=st.integers(1, 9))
    def wait(self, minutes: int) -> None:
        self.world.tick(60 * minutes)

    @invariant()
    def nobody_removed_is_in(self) -> None:
        if hasattr(self, "world"):
            self.run_(checks.nobody_removed_is_in(self.world))

    def teardown(self) -> None:
        """Let everything come to its end and compare; then a full sync must have nothing to do."""
        if not hasattr(self, "world"):
            return
        self.run_(self.world.heal())
        self.run_(checks.everything_is_told(self.world))
        self.run_(self.compare())
        self.run_(self.world.synced("apply"))
        self.run_(self.compare())

    async def compare(self) -> None:
        """Compare the gateway with the company, and other tenants with what they were."""
        await checks.as_the_company(self.world)
        await checks.people_as_the_company(self.world)
        assert await checks.bystanders(self.world) == self.before


def at_once(_pace: Pace, _key: str, _now: float) -> float:
    """Wait for nothing: the pace is another test's."""
    return 0.0


@pytest.fixture
async def machine(alone: Inbox, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[type[Machine]]:
    """The machine, with a gateway and a twin of its own, which is read as fast as it answers."""
    monkeypatch.setattr(Pace, "wait", at_once)
    # The first reading ever begins at its own instant: what happens next is news.
    await alone.catch_up()
    Machine.bystander = await checks.a_bystander(alone)
    Machine.inbox, Machine.loop = alone, asyncio.get_running_loop()
    Machine.owner = await asyncpg.connect(**connect_arguments(alone.stage.database))
    yield Machine
    await Machine.owner.close()


def test_in_every_order_the_mirror_ends_as_the_company(machine: type[Machine]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=40,
            derandomize=BY_DEFAULT == EXAMPLES,
            deadline=None,
            database=None,
            print_blob=False,
            report_multiple_bugs=False,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
            phases=[Phase.generate, *([Phase.shrink] if "MACHINE_SHRINK" in os.environ else [])],  # noqa: TID251 -- as above
        ),
    )
