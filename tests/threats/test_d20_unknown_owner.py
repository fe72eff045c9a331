"""D20: an event of an organization that is not linked here waits; linking it applies what waited. No tenant appears."""

from typing import Any

import pytest

from app.onboarding import flow as onboarding
from app.uow import PLATFORM, SYSTEM
from app.webhooks import jobs
from app.webhooks.repository import Inbox as Rows
from app.webhooks.repository import Owner
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


def interrupted(inbox: Inbox, monkeypatch: pytest.MonkeyPatch, event: dict[str, Any]) -> None:
    """Let another worker apply an event just after the next look for a directory's owner."""
    owner = Rows.owner

    async def then_the_event(rows: Rows, kind: str, object_id: str, claimed: str | None) -> Owner | None:
        found = await owner(rows, kind, object_id, claimed)
        monkeypatch.undo()
        assert await inbox.applied(event) == ["done"]
        return found

    monkeypatch.setattr(Rows, "owner", then_the_event)


async def test_d20_people_of_a_directory_that_is_connected_this_very_moment_are_applied(
    inbox: Inbox, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tenant, "directory_01MOMENT")
    events = [home.group("Keepers", 1), home.user("eve", 1), home.joined("eve", "Keepers", 2)]
    interrupted(inbox, monkeypatch, home.activated())
    assert await inbox.applied(*events) == ["done", "done", "done"]
    assert (await home.entry("eve"))["state"] == "active"


async def test_d20_people_of_a_directory_that_is_deleted_before_it_was_known_are_skipped(
    inbox: Inbox, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tenant, "directory_01NEVER")
    event = home.user("eve", 1)
    interrupted(inbox, monkeypatch, home.gone())
    assert await inbox.applied(event) == ["skipped"]
    assert "never known here" in (await inbox.row(event["id"]))["last_error"]
    later = home.user("bob", 2)
    assert await inbox.applied(later) == ["skipped"]
    assert await tenant.stage.sql("select 1 from directory_users where organization_id = $1", tenant.id) == []
