"""D13: who was deleted stays deleted for whatever was said before; a newer word revives, with nothing of old."""

import itertools

import pytest

from tests.builders import Tenant
from tests.deliveries import Inbox
from tests.directory_events import a_directory

ADMINS = "MemberPulse Admins"


async def test_d13_late_news_revives_nobody(inbox: Inbox, tenant: Tenant) -> None:
    home = await a_directory(inbox, tenant)
    assert await inbox.applied(home.user("eve", 1), home.user("eve", 10, "deleted")) == ["done", "done"]
    late = [home.user("eve", 9), home.user("eve", 9.5, "updated"), home.user("bob", 8)]
    assert await inbox.applied(home.user("bob", 10, "deleted"), *late) == ["done", "skipped", "skipped", "skipped"]
    assert (await home.entry("eve"))["state"] == (await home.entry("bob"))["state"] == "deleted"
    assert (await home.somebody("eve"))["state"] == "deactivated"


async def test_d13_an_inactive_word_of_after_it_revives_nobody_either(inbox: Inbox, tenant: Tenant) -> None:
    home = await a_directory(inbox, tenant)
    told = [home.user("eve", 1), home.user("eve", 10, "deleted"), home.user("eve", 11, "updated", state="inactive")]
    assert await inbox.applied(*told) == ["done"] * 3
    assert (await home.entry("eve"))["state"] == "deleted"


async def test_d13_who_comes_back_has_no_old_roles_and_no_old_sessions(inbox: Inbox, tenant: Tenant) -> None:
    home = await a_directory(inbox, tenant)
    told = [home.group(ADMINS, 1), home.user("ada", 1), home.joined("ada", ADMINS, 2)]
    await inbox.applied(*told)
    browser = await tenant.signed_in()
    assert await home.role("ada") == "ROLE_CLIENT_ADMIN"
    before = await home.somebody("ada")
    await inbox.applied(home.user("ada", 10, "deleted"))
    assert await inbox.applied(home.user("ada", 11)) == ["done"]
    after = await home.somebody("ada")
    assert (after["id"], after["state"], after["mapped_role"]) == (before["id"], "active", "ROLE_MEMBER")
    assert (await browser.token()).status_code == 401
    late = home.joined("ada", ADMINS, 9)
    await inbox.applied(late)
    assert await home.role("ada") == "ROLE_MEMBER", "a membership of before the removal"


@pytest.mark.parametrize("whose", ["person", "group"])
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_d13_memberships_of_before_are_over_in_every_order(
    inbox: Inbox, tenant: Tenant, whose: str, order: tuple[int, ...]
) -> None:
    """They joined, were gone and came back, and the news of that comes in any order."""
    home = await a_directory(inbox, tenant)
    await inbox.applied(home.group(ADMINS, 1), home.user("eve", 1))
    gone, back = (
        (home.user("eve", 10, "deleted"), home.user("eve", 11))
        if whose == "person"
        else (home.group(ADMINS, 10, "deleted"), home.group(ADMINS, 11))
    )
    news = [home.joined("eve", ADMINS, 9), gone, back]
    for number in order:
        await inbox.applied(news[number])
    assert await home.role("eve") == "ROLE_MEMBER"
    assert await inbox.applied(home.joined("eve", ADMINS, 12)) == ["done"]
    assert await home.role("eve") == "ROLE_CLIENT_ADMIN"


async def test_d13_a_sign_in_that_met_the_removal_leaves_no_session(inbox: Inbox, tenant: Tenant) -> None:
    home = await a_directory(inbox, tenant)
    await inbox.applied(home.user("ada", 1))
    browser = await tenant.signed_in()
    await inbox.applied(home.user("ada", 10, "deleted"))
    # As it is where the sign-in commits after the removal that did not see its session.
    await inbox.stage.sql("update sessions set ended_at = null where organization_id = $1", tenant.id)
    assert (await browser.token()).status_code == 401
    await inbox.applied(home.user("ada", 11))
    assert (await home.somebody("ada"))["state"] == "active"
    assert (await browser.token()).status_code == 401
