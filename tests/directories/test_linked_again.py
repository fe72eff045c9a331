"""A directory that was away and is linked again is read whole, and its people are what they were."""

from app import uow as units
from app.directories import jobs
from app.directories import service as directories
from app.onboarding import flow as onboarding
from tests.builders import Tenant
from tests.deliveries import Inbox
from tests.directory_events import a_directory
from tests.syncs import Directory, hired

MEMBERS = "MemberPulse Members"


async def test_a_directory_that_one_listing_lacked_has_its_people_again(directory: Directory) -> None:
    await hired(directory, 5)
    await directory.work_off()
    tenant, before = directory.tenant, await directory.people()
    tenant.stage.clock.advance(seconds=10)
    async with directory.begin(tenant.id) as uow:
        await directories.remove(uow, directory.workos_id, at=uow.now)
    assert {told for _, told, _ in (await directory.people()).values()} == {"unmanaged"}
    tenant.stage.clock.advance(seconds=10)
    await onboarding.refresh(tenant.stage.assembly.runtime, tenant.id, tenant.workos_id, actor=units.SYSTEM)
    async with directory.begin(units.PLATFORM) as uow:
        await jobs.queue_due(uow)
    await directory.work_off()
    assert await directory.people() == before


async def test_what_sign_ins_said_meanwhile_gives_no_role_afterwards(directory: Directory) -> None:
    tenant = directory.tenant
    await hired(directory, 1)  # another administrator: the guard looks after the last one
    directory.twin.add_person(
        tenant.workos_id, directory=directory.workos_id, email=tenant.people["ada"], first_name="Ada",
        last_name="Test", groups=[MEMBERS],
    )  # fmt: skip
    await directory.work_off()
    roles = {email: role for email, (_, _, role) in (await directory.people()).items()}
    assert roles[tenant.people["ada"]] == "ROLE_MEMBER"
    state = "update directories set state = $2 where workos_id = $1"
    await tenant.stage.sql(state, directory.workos_id, "unlinked")
    await tenant.signed_in("ada")
    roles = {email: role for email, (_, _, role) in (await directory.people()).items()}
    assert roles[tenant.people["ada"]] == "ROLE_CLIENT_ADMIN", "no directory decides: the sign-in's groups count"
    tenant.stage.clock.advance(seconds=10)
    await onboarding.refresh(tenant.stage.assembly.runtime, tenant.id, tenant.workos_id, actor=units.SYSTEM)
    async with directory.begin(units.PLATFORM) as uow:
        await jobs.queue_due(uow)
    await directory.work_off()
    roles = {email: role for email, (_, _, role) in (await directory.people()).items()}
    assert roles[tenant.people["ada"]] == "ROLE_MEMBER"


async def test_an_event_that_links_it_again_asks_for_a_sync(inbox: Inbox, tenant: Tenant) -> None:
    home = await a_directory(inbox, tenant)
    asked = "select last_synced_at, sync_wanted_at from directories where workos_id = $1"
    (row,) = await tenant.stage.sql(asked, home.id)
    assert row["last_synced_at"] is not None
    assert await inbox.applied(home.activated(5)) == ["done"]
    (row,) = await tenant.stage.sql(asked, home.id)
    assert (row["last_synced_at"] is not None, row["sync_wanted_at"]) == (True, None), "it was not away"
    assert await inbox.applied(home.activated(6, "inactive"), home.activated(7)) == ["done", "done"]
    (row,) = await tenant.stage.sql(asked, home.id)
    assert (row["last_synced_at"], row["sync_wanted_at"] is not None) == (None, True)
