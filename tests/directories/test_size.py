"""Size: what a full sync costs grows with the directory, and not with its square."""

import time
from datetime import UTC, datetime

from app.directories import applying
from app.directories.staging_repository import Pages
from app.directories.sync_repository import SyncRuns
from app.directories.told import GroupTold, PersonTold, Version
from tests.syncs import Directory

PEOPLE, GROUPS = 5_000, 50
LONGEST_S = 12.0
"""About two seconds on a quiet machine; half a minute and more where anything compares everybody with everybody."""
BORN = Version(datetime(2026, 1, 1, tzinfo=UTC))


def a_person(number: int, domain: str) -> PersonTold:
    email = f"u{number}@{domain}"
    return PersonTold(f"u{number}", "active", BORN, f"i{number}", email, email, "U", str(number), None, None, "{}")


async def staged(run: Pages, domain: str) -> None:
    """Stage the people, the groups, and three hundred members of each group."""
    await run.groups(1, [GroupTold(f"g{number}", f"G{number}", None, BORN) for number in range(GROUPS)])
    for page in range(PEOPLE // 100):
        await run.people(2 + page, [a_person(page * 100 + number, domain) for number in range(100)])
    for group in range(GROUPS):
        members = [f"u{(group * 100 + number * 7) % PEOPLE}" for number in range(300)]
        await run.members(1_000 + group, f"g{group}", members)


async def test_five_thousand_people_are_applied_in_seconds_and_again_without_a_row(directory: Directory) -> None:
    tenant = directory.tenant
    for turn in range(2):
        async with directory.begin(tenant.id) as uow:
            (home,) = await tenant.stage.sql("select id from directories where workos_id = $1", directory.workos_id)
            await tenant.stage.sql("delete from directory_sync_runs where organization_id = $1", tenant.id)
            run = await SyncRuns(uow).queue_once(home["id"], mode="apply", requested_by="test")
            assert run is not None
            await staged(Pages(uow, run), tenant.domain)
        tenant.stage.clock.advance(seconds=1)
        began = time.monotonic()
        async with directory.begin(tenant.id) as uow:
            found = await SyncRuns(uow).find(run)
            assert found is not None
            result = await applying.apply(uow, found, platform=None)
        assert time.monotonic() - began < LONGEST_S
        users = result.changes["users"]
        assert (users["created"], users["updated"]) == ((PEOPLE, 0) if turn == 0 else (0, 0))
        assert result.changes["memberships"] == {"added": 15_000 if turn == 0 else 0, "removed": 0}
