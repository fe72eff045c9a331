"""D19: an event about A's connection that names B is nobody's: dead, and nothing changes in either."""

from tests.builders import Tenant, a_tenant
from tests.deliveries import Inbox, connection_event
from tests.directory_events import a_directory

STATE = "select state, name, updated_at from connections where organization_id = $1"


async def test_d19_the_event_must_agree_with_our_tables(inbox: Inbox, tenant: Tenant) -> None:
    other = await a_tenant(inbox.stage)
    before = [await inbox.stage.sql(STATE, each.id) for each in (tenant, other)]
    event = connection_event(tenant, "connection.deactivated", organization_id=other.workos_id)
    assert await inbox.applied(event) == ["dead"]
    row = await inbox.row(event["id"])
    assert row["last_error"].startswith("org_mismatch")
    assert row["organization_id"] is None
    assert [await inbox.stage.sql(STATE, each.id) for each in (tenant, other)] == before


async def test_d19_an_event_that_names_none_agrees(inbox: Inbox, tenant: Tenant) -> None:
    event = connection_event(tenant, "connection.deactivated")
    del event["data"]["organization_id"]
    assert await inbox.applied(event) == ["done"]
    assert (await inbox.row(event["id"]))["organization_id"] == tenant.id


async def test_d19_a_connection_that_moved_is_its_present_owners(inbox: Inbox, tenant: Tenant) -> None:
    """Two tenants hold the id, because WorkOS moved the connection: each event is the one's that it names."""
    other = await a_tenant(inbox.stage)
    await inbox.stage.sql(
        "update connections set workos_id = $2 where id = $1", other.connection_id, tenant.connection_workos_id
    )
    event = connection_event(tenant, "connection.deactivated", organization_id=other.workos_id)
    assert await inbox.applied(event) == ["done"]
    states = [(await inbox.stage.sql(STATE, each.id))[0]["state"] for each in (tenant, other)]
    assert states == ["active", "inactive"]


async def test_d19_people_of_as_directory_under_bs_name_are_nobodys(inbox: Inbox, tenant: Tenant) -> None:
    home, other = await a_directory(inbox, tenant), await a_tenant(inbox.stage)
    await inbox.applied(home.user("eve", 1))
    before = await inbox.stage.sql("select * from users order by id")
    told = [
        home.user("mal", 2, organization_id=other.workos_id),
        home.user("eve", 2, "deleted", organization_id=other.workos_id),
        home.user("ok", 2),
    ]
    assert await inbox.applied(*told) == ["dead", "dead", "done"]
    for event in told[:2]:
        row = await inbox.row(event["id"])
        assert row["last_error"].startswith("org_mismatch")
        assert row["organization_id"] is None
    after = await inbox.stage.sql("select * from users where id <> $1 order by id", (await home.somebody("ok"))["id"])
    assert after == before
