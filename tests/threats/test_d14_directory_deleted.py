"""D14: one `dsync.deleted` takes a directory's groups, memberships, roles and sessions along."""

from tests.builders import Tenant
from tests.deliveries import Inbox
from tests.directory_events import a_directory

ADMINS = "MemberPulse Admins"
COUNTS = """
select (select count(*) from directory_users where organization_id = $1 and state = 'unmanaged') as unmanaged,
       (select count(*) from directory_users where organization_id = $1 and state = 'deleted') as deleted,
       (select count(*) from directory_groups where organization_id = $1 and state = 'active') as groups,
       (select count(*) from directory_memberships where organization_id = $1 and member) as members,
       (select count(*) from users where organization_id = $1 and mapped_role <> 'ROLE_MEMBER') as roles,
       (select count(*) from users where organization_id = $1 and state = 'deactivated') as deactivated,
       (select count(*) from sessions where organization_id = $1 and ended_at is null) as sessions
"""


async def test_d14_three_hundred_people_of_a_deleted_directory(inbox: Inbox, tenant: Tenant) -> None:
    home = await a_directory(inbox, tenant)
    names = ["ada", *(f"p{number}" for number in range(299))]
    told = [home.group(ADMINS, 1), *(home.user(name, 1) for name in names)]
    for event in [*told, *(home.joined(name, ADMINS, 2) for name in names), home.user("p0", 3, "deleted")]:
        await inbox.deliver(event)
    await inbox.work_off()
    before = (await inbox.stage.sql(COUNTS, tenant.id))[0]
    assert (before["members"], before["roles"], before["deleted"]) == (299, 299, 1)
    browsers = [await tenant.signed_in() for _ in range(2)]
    assert await inbox.applied(home.gone(4)) == ["done"]
    assert dict((await inbox.stage.sql(COUNTS, tenant.id))[0]) == {
        "unmanaged": 299, "deleted": 1, "groups": 0, "members": 0, "roles": 0, "deactivated": 1, "sessions": 0,
    }  # fmt: skip
    assert [(await browser.token()).status_code for browser in browsers] == [401, 401]
    assert await inbox.applied(home.user("p1", 5, "updated"), home.joined("p1", ADMINS, 5)) == ["skipped", "skipped"]
