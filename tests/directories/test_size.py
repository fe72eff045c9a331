"""Size: what a full sync costs grows with the directory, and not with its square."""

import time
from datetime import UTC, datetime

from app.directories import applying
from app.directories.staging_repository import Pages, groups_page, members_page, people_page
from app.directories.sync_repository import SyncRuns
from app.directories.told import GroupTold, PersonTold, Version
from tests.syncs import Directory

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


async def test_five_times_the_people_do_not_take_much_more_than_five_times_as_long(directory: Directory) -> None:
    few_s, few = await applied(directory, FEW)
    many_s, many = await applied(directory, MANY)
    again_s, again = await applied(directory, MANY)
    assert (few["created"], many["created"], many["updated"]) == (FEW, MANY - FEW, 0)
    assert (again["created"], again["updated"]) == (0, 0)
    assert many_s < STEEPEST * few_s
    assert again_s < STEEPEST * few_s
