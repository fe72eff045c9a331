"""D20: an event of an organization that is not linked here waits; linking it applies what waited. No tenant appears."""

from typing import Any

from app.onboarding import flow as onboarding
from app.uow import PLATFORM, SYSTEM
from app.webhooks import jobs
from tests.builders import Tenant
from tests.deliveries import Inbox, an_event
from tests.directory_events import Home


async def test_d20_it_waits_and_is_applied_once_linked(inbox: Inbox) -> None:
    stage = inbox.stage
    organization = stage.twin.add_organization("Later Inc")
    tenants = await stage.count("organizations")
    told: dict[str, Any] = {
        "object": "connection", "id": "conn_01LATER", "organization_id": organization.id, "name": "Okta",
        "connection_type": "OktaSAML", "state": "active", "domains": [],
        "created_at": "2026-11-01T00:00:00.000Z", "updated_at": "2026-11-25T00:00:00.000Z",
    }  # fmt: skip
    event = an_event("connection.activated", told)
    assert await inbox.applied(event) == ["parked"]
    row = await inbox.row(event["id"])
    assert (row["waits_for"], row["attempts"], row["organization_id"]) == (organization.id, 0, None)
    assert await stage.count("organizations") == tenants

    tenant = await onboarding.create(stage.assembly.runtime, name="Later Inc", workos_id=organization.id, actor=SYSTEM)
    assert await inbox.work_off() == 1
    assert (await inbox.row(event["id"]))["status"] == "done"
    (connection,) = await stage.sql("select workos_id, state from connections where organization_id = $1", tenant)
    assert tuple(connection) == ("conn_01LATER", "active")


async def test_d20_people_of_an_unknown_directory_wait_for_it_and_are_left_alone(inbox: Inbox, tenant: Tenant) -> None:
    home = Home(tenant, "directory_01UNKNOWN")
    event = home.user("eve", 1)
    assert await inbox.applied(event) == ["parked"]
    row = await inbox.row(event["id"])
    # Its tenant's, for whom it waits in view; whether the directory is theirs is asked anew once it is known (D19).
    assert (row["waits_for"], row["attempts"], row["organization_id"]) == (home.id, 0, tenant.id)
    async with inbox.begin(PLATFORM) as uow:
        await jobs.tidy(uow)
    assert await inbox.work_off() == 0, "its organization is here, but that changes nothing"
    assert await inbox.applied(home.activated(2)) == ["done"]
    assert (await inbox.row(event["id"]))["status"] == "done"
    assert (await home.entry("eve"))["state"] == "active"
