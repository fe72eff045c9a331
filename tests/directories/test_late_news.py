"""News that comes after what happened later: nobody regains what they lost, and nobody keeps it."""

import pytest

from tests.builders import Tenant
from tests.deliveries import Inbox
from tests.directory_events import Home, a_directory
from tests.syncs import Directory

ADMINS = "MemberPulse Admins"


@pytest.fixture
async def home(inbox: Inbox, tenant: Tenant) -> Home:
    """A synced directory of the tenant, with a group that gives a role."""
    found = await a_directory(inbox, tenant)
    assert await inbox.applied(found.group(ADMINS, 1)) == ["done"]
    return found


async def test_who_came_back_is_in_no_group_that_they_joined_before_they_left(inbox: Inbox, home: Home) -> None:
    await inbox.applied(home.user("eve", 11), home.user("eve", 15, "deleted"), home.user("eve", 17))
    assert await home.role("eve") == "ROLE_MEMBER"
    assert await inbox.applied(home.joined("eve", ADMINS, 12)) == ["skipped"]
    assert await home.role("eve") == "ROLE_MEMBER"
    assert await inbox.applied(home.joined("eve", ADMINS, 18)) == ["done"], "what they join after it counts"
    assert await home.role("eve") == "ROLE_CLIENT_ADMIN"


async def test_what_is_told_of_a_removal_after_the_return_still_empties_the_groups(inbox: Inbox, home: Home) -> None:
    await inbox.applied(home.user("eve", 11), home.joined("eve", ADMINS, 12))
    assert await home.role("eve") == "ROLE_CLIENT_ADMIN"
    assert await inbox.applied(home.user("eve", 17)) == ["done"]
    assert await inbox.applied(home.user("eve", 15, "deleted")) == ["done"], "it changed something, and says so"
    assert (await home.somebody("eve"))["state"] == "active"
    assert await home.role("eve") == "ROLE_MEMBER"
    await inbox.applied(home.joined("eve", ADMINS, 13))
    assert await home.role("eve") == "ROLE_MEMBER"


@pytest.mark.parametrize("last", ["deleted", "inactive"])
async def test_who_was_removed_before_the_directory_was_is_removed_whenever_that_is_told(
    inbox: Inbox, home: Home, last: str
) -> None:
    await inbox.applied(home.user("eve", 11), home.user("bob", 11))
    assert await inbox.applied(home.gone(18)) == ["done"]
    gone = home.user("eve", 16, "deleted") if last == "deleted" else home.user("eve", 16, "updated", state="inactive")
    await inbox.applied(gone)
    assert (await home.somebody("eve"))["state"] == "deactivated"
    assert (await home.somebody("bob"))["state"] == "active"
    await inbox.applied(home.user("bob", 10, "updated", state="inactive"))
    assert (await home.somebody("bob"))["state"] == "active", "older than what was known of him"


async def test_whom_the_next_directory_took_over_and_removed_is_out(inbox: Inbox, home: Home) -> None:
    tenant = home.tenant
    await inbox.applied(home.user("ada", 11), home.gone(12))
    other = await a_directory(inbox, tenant, 13)
    await inbox.applied(other.user("ada", 14))
    browser = await tenant.signed_in("ada")
    assert (await browser.token()).status_code == 200
    assert await inbox.applied(other.user("ada", 17, "deleted")) == ["done"]
    assert (await other.somebody("ada"))["state"] == "deactivated"
    rows = await tenant.stage.sql("select ended_at from sessions where organization_id = $1", tenant.id)
    assert all(row["ended_at"] is not None for row in rows)


@pytest.mark.parametrize("known", [True, False])
async def test_news_of_before_a_listing_lets_in_nobody_whom_it_did_not_hold(
    inbox: Inbox,
    directory: Directory,
    known: bool,  # noqa: FBT001 -- a parameter of the test
) -> None:
    home, clock = Home(directory.tenant, directory.workos_id), inbox.stage.clock
    await directory.work_off()
    created, changed = home.user("eve", 1), home.user("eve", 2, "updated")
    if known:
        assert await inbox.applied(created) == ["done"]
    clock.advance(minutes=10)
    run = await directory.synced()
    assert run["status"] == "completed"
    await inbox.applied(created, changed)
    assert await active(home, "eve") == []
    clock.advance(minutes=1)
    await inbox.applied(home.user("eve", 0, "updated"))
    assert await active(home, "eve") == ["active"], "what happened after it counts"


async def active(home: Home, name: str) -> list[str]:
    """Return the state of a person of this name, if they are let in."""
    rows = await home.tenant.stage.sql(
        "select state from users where organization_id = $1 and email_lower = $2 and state = 'active'",
        home.tenant.id,
        f"{name}@{home.tenant.domain}",
    )
    return [row["state"] for row in rows]
