"""Size: what a full sync costs grows with the directory, and not with its square."""

import time
from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import pytest

from app.directories import applying
from app.directories.settling import settle
from app.directories.staging_repository import Pages, groups_page, members_page, people_page
from app.directories.sync_repository import SyncRuns
from app.directories.told import GroupTold, PersonTold, Version
from tests.builders import a_tenant
from tests.gateway import Stage
from tests.syncs import Directory, a_linked_directory

FEW, MANY, GROUPS = 2_000, 10_000, 50
STEEPEST = 7.0
"""Five times the people took four times as long; nine times where a step compares all with all."""
BORN = Version(datetime(2026, 1, 1, tzinfo=UTC))


def a_person(number: int, domain: str) -> PersonTold:
    email = f"u{number}@{domain}"
    return PersonTold(f"u{number}", "active", BORN, f"i{number}", email, email, "U", str(number), None, None, "{}")


async def staged(run: Pages, domain: str, people: int) -> None:
    """Stage the people, the groups, and as many memberships as three for every person."""
    pages = [groups_page([GroupTold(f"g{number}", f"G{number}", None, BORN) for number in range(GROUPS)])]
    pages += [
        people_page([a_person(page * 100 + number, domain) for number in range(100)]) for page in range(people // 100)
    ]
    each = 3 * people // GROUPS
    for group in range(GROUPS):
        members = [f"u{(group * 100 + number * 7) % people}" for number in range(each)]
        pages.append(members_page(f"g{group}", members))
    await run.stage(0, pages)


async def applied(directory: Directory, people: int) -> tuple[float, dict[str, int]]:
    """Apply a listing of so many people; return how many seconds that took, and what became of them."""
    tenant = directory.tenant
    await tenant.stage.sql("delete from directory_sync_runs where organization_id = $1", tenant.id)
    async with directory.begin(tenant.id) as uow:
        (home,) = await tenant.stage.sql("select id from directories where workos_id = $1", directory.workos_id)
        run = await SyncRuns(uow).queue_once(home["id"], mode="apply", requested_by="test")
        assert run is not None
        await staged(Pages(uow, run), tenant.domain, people)
    tenant.stage.clock.advance(seconds=1)
    began = time.monotonic()
    async with directory.begin(tenant.id) as uow:
        found = await SyncRuns(uow).find(run)
        assert found is not None
        result = await applying.apply(uow, found, platform=None)
    return time.monotonic() - began, result.changes["users"]


async def measured_before_it_came(directory: Directory, other: Directory) -> None:
    """Have the planner know of another tenant, and nothing of this one: as every second customer comes in.

    By such figures each index that begins with the tenant finds one row, be it of a person or of the whole company.
    """
    await applied(other, MANY)
    await directory.tenant.stage.sql("analyze")


@pytest.fixture
async def other(stage: Stage) -> AsyncGenerator[Directory]:
    """A directory of another tenant."""
    async with a_linked_directory(await a_tenant(stage)) as found:
        yield found


async def test_many_people_are_settled_at_once_by_whatever_the_statistics_say(
    directory: Directory, other: Directory
) -> None:
    """As the end of a group of ten thousand does; one by one it would be cut off by the limit on statements."""
    await measured_before_it_came(directory, other)
    await applied(directory, MANY)
    tenant = directory.tenant
    people = await tenant.stage.sql("select id from directory_users where organization_id = $1", tenant.id)
    began = time.monotonic()
    async with directory.begin(tenant.id) as uow:
        await settle(uow, [row["id"] for row in people], removed=True)
    assert (len(people), time.monotonic() - began < 3) == (MANY, True)


@pytest.mark.parametrize("second", [False, True])
async def test_five_times_the_people_do_not_take_much_more_than_five_times_as_long(
    directory: Directory, other: Directory, *, second: bool
) -> None:
    if second:
        await measured_before_it_came(directory, other)
    few_s, few = await applied(directory, FEW)
    many_s, many = await applied(directory, MANY)
    again_s, again = await applied(directory, MANY)
    assert (few["created"], many["created"], many["updated"]) == (FEW, MANY - FEW, 0)
    assert (again["created"], again["updated"]) == (0, 0)
    assert many_s < STEEPEST * few_s
    assert again_s < STEEPEST * few_s
    assert again_s < many_s / 2, "what is there already is not compared with everybody"
