"""Each thing of the guide's Troubleshooting, broken on purpose: the indicator says so, since when, and what to do."""

from datetime import datetime, timedelta
from typing import Any

from app.onboarding import flow as onboarding
from app.status import remedies
from app.uow import SYSTEM
from tests.builders import Tenant
from tests.deliveries import an_event, connection_event, moment
from tests.status.conftest import Integration
from tests.syncs import Directory

HOOK = "http://localhost:8000/webhooks/workos"


def when(found: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(found["since"])


async def well(integration: Integration, name: str, tenant: Tenant | None = None) -> None:
    """Make sure that an indicator is well before it is broken."""
    await integration.pass_time(minutes=6)
    found = await integration.indicator(name, tenant)
    assert (found["status"], found["remedy"]) == ("ok", None), found


# SSO login fails with 'Invalid connection'


async def test_a_connection_that_is_not_activated(integration: Integration, home: Tenant) -> None:
    await well(integration, "connection_states", home)
    integration.stage.clock.advance(hours=1)
    broken = integration.stage.clock.now()
    assert await integration.inbox.applied(connection_event(home, "connection.deactivated")) == ["done"]
    await integration.pass_time(minutes=30)
    for tenant in (home, None):
        found = await integration.indicator("connection_states", tenant)
        assert (found["status"], found["remedy"]) == ("failing", remedies.CONNECTION_INACTIVE)
        assert "is activated in the WorkOS Dashboard" in found["remedy"]
        assert "it is inactive, nobody can sign in over it" in found["evidence"]
        assert abs((when(found) - broken).total_seconds()) < 1
        assert found["objects"][0]["workos_id"] == home.connection_workos_id
    await integration.inbox.applied(connection_event(home, "connection.activated"))
    mended = integration.stage.clock.now()
    await integration.pass_time(seconds=16)
    await integration.pass_time(minutes=30)
    found = await integration.indicator("connection_states", home)
    assert (found["status"], found["remedy"]) == ("ok", None)
    assert 0 <= (when(found) - mended).total_seconds() < 20, "as exact as the periodic job"


async def test_two_connections_of_which_none_is_the_default(integration: Integration, home: Tenant) -> None:
    await well(integration, "connection_states", home)
    stage = integration.stage
    stage.twin.add_connection(home.workos_id, "Second")
    await onboarding.refresh(stage.assembly.runtime, home.id, home.workos_id, actor=SYSTEM)
    found = await integration.indicator("connection_states", home)
    assert (found["status"], found["remedy"]) == ("warning", remedies.CONNECTION_UNDECIDED)
    assert [one["status"] for one in found["objects"]] == ["warning", "warning"]
    await home.policy(default_connection_id=home.connection_id)
    assert (await integration.indicator("connection_states", home))["status"] == "ok"
    await stage.sql("update connections set state = 'inactive' where id = $1", home.connection_id)
    found = await integration.indicator("connection_states", home)
    assert [one["status"] for one in found["objects"]] == ["warning", "ok"], (
        "the default, but people have the other one"
    )


async def test_sign_ins_that_fail_at_the_connection(integration: Integration, home: Tenant) -> None:
    await well(integration, "connection_states", home)
    integration.stage.clock.advance(hours=1)
    browser, callback = await home.at_callback()
    refused = await browser.visit(f"{callback.partition('?')[0]}?error=connection_invalid&{callback.partition('&')[2]}")
    assert refused.status_code >= 400
    found = await integration.indicator("connection_states", home)
    assert (found["status"], found["remedy"]) == ("warning", remedies.CONNECTION_FAILED)
    assert "the organization has the correct connection ID" in found["remedy"]
    assert "the latest try failed 0 seconds ago: login_connection_invalid." in found["evidence"]
    integration.stage.clock.advance(minutes=1)
    await home.signed_in()
    assert (await integration.indicator("connection_states", home))["status"] == "ok"


async def test_a_redirect_uri_that_workos_does_not_know(integration: Integration) -> None:
    await well(integration, "redirect_uri")
    uris = integration.stage.twin.world.credentials.redirect_uris
    kept, uris[:] = list(uris), ["https://elsewhere.example/auth/callback/workos"]
    await integration.pass_time(minutes=5)
    broken = integration.stage.clock.now()
    await integration.pass_time(hours=1)
    found = await integration.indicator("redirect_uri")
    assert found["status"] == "failing"
    assert found["remedy"].startswith(
        "Ensure redirect URIs match exactly: register http://localhost:8000/auth/callback"
    )
    assert abs((when(found) - broken).total_seconds()) < 1
    uris[:] = kept
    await well(integration, "redirect_uri")


# Users not syncing from directory


async def a_directory(integration: Integration, home: Tenant) -> Directory:
    """Return a directory that was read once, when it was linked."""
    found = integration.stage.twin.add_directory(home.workos_id, "Okta")
    await onboarding.refresh(integration.stage.assembly.runtime, home.id, home.workos_id, actor=SYSTEM)
    directory = Directory(home, integration.worker, found.id)
    await directory.work_off()
    return directory


async def test_a_directory_whose_credentials_the_provider_refuses(integration: Integration, home: Tenant) -> None:
    directory = await a_directory(integration, home)
    await well(integration, "last_sync", home)
    integration.stage.twin.world.directories[directory.workos_id].state = "invalid_credentials"
    await onboarding.refresh(integration.stage.assembly.runtime, home.id, home.workos_id, actor=SYSTEM)
    found = await integration.indicator("last_sync", home)
    assert (found["status"], found["remedy"]) == ("failing", remedies.DIRECTORY_CREDENTIALS)
    assert "Verify the SCIM endpoint and the bearer token in the identity provider" in found["remedy"]


async def test_a_directory_that_cannot_be_read(integration: Integration, home: Tenant) -> None:
    directory = await a_directory(integration, home)
    await well(integration, "last_sync", home)
    order = integration.stage.twin.add_fault("GET /directory_users", "html", times=50)
    first = await directory.synced()
    integration.stage.clock.advance(minutes=30)
    await directory.synced()
    found = await integration.indicator("last_sync", home)
    assert (found["status"], found["remedy"]) == ("failing", remedies.DIRECTORY_SYNC_FAILED)
    for words in (
        "Check the WorkOS Dashboard for sync errors",
        "verify the SCIM endpoint and the bearer token",
        "users are assigned to the correct groups",
        "the attribute mapping configuration",
    ):
        assert words in found["remedy"]
    assert first["error"] in found["evidence"]
    assert abs((when(found) - first["finished_at"]).total_seconds()) < 1, "since the first that failed"
    integration.stage.twin.remove_fault(order.id)
    await directory.synced()
    await well(integration, "last_sync", home)


async def test_a_directory_that_nobody_has_read_for_a_day(integration: Integration, home: Tenant) -> None:
    await a_directory(integration, home)
    synced = integration.stage.clock.now()
    await integration.pass_time(hours=26)
    found = await integration.indicator("last_sync", home)
    assert (found["status"], found["remedy"]) == ("warning", remedies.DIRECTORY_STALE)
    assert "last synced 26 hours ago" in found["evidence"]
    assert abs((when(found) - synced).total_seconds() - 24 * 3600) < 5


# Webhook events not received


async def test_webhooks_that_never_arrive(integration: Integration, home: Tenant) -> None:
    """A firewall, an address that is not on the internet: WorkOS's list has what nobody delivered."""
    await integration.inbox.deliver(an_event(created_at=moment(integration.stage)))
    await integration.inbox.work_off()
    await well(integration, "last_webhook")
    begun = integration.stage.clock.now()
    await integration.stage.sql(
        "insert into webhook_events (id, event_id, event, source, status, organization_id, received_at)"
        " select gen_random_uuid(), 'event_healed_' || n, 'dsync.user.created', 'events_api', 'done', $1,"
        " $2::timestamptz + n * interval '1 minute' from generate_series(1, 3) as n",
        home.id,
        begun,
    )
    await integration.pass_time(minutes=9)
    for tenant in (home, None):
        found = await integration.indicator("last_webhook", tenant)
        assert (found["status"], found["remedy"]) == ("failing", remedies.WEBHOOKS_NOT_RECEIVED)
        assert "3 events" in found["evidence"]
        assert abs((when(found) - begun).total_seconds() - 60) < 1, "since the first that nobody brought"
    for words in ("accessible from the internet", "webhook secret", "webhook logs in the WorkOS Dashboard", "firewall"):
        assert words in found["remedy"]
    await integration.inbox.deliver(an_event(created_at=moment(integration.stage)))
    await integration.pass_time(seconds=15)
    found = await integration.indicator("last_webhook")
    assert (found["status"], found["remedy"]) == ("warning", remedies.WEBHOOKS_LATE), "they come again; three were late"
    await well_after_a_day(integration)


async def well_after_a_day(integration: Integration) -> None:
    integration.stage.clock.advance(hours=24)
    await integration.inbox.deliver(an_event(created_at=moment(integration.stage)))
    await well(integration, "last_webhook")


async def test_a_webhook_secret_that_is_not_the_endpoints(integration: Integration) -> None:
    await integration.inbox.deliver(an_event())
    await well(integration, "webhook_secret")
    broken = integration.stage.clock.now()
    for _ in range(3):
        assert (await integration.inbox.deliver(an_event(), secret="another-secret-of-16")).status_code == 401
    await integration.pass_time(minutes=10)
    found = await integration.indicator("webhook_secret")
    assert (found["status"], found["remedy"]) == ("warning", remedies.SIGNATURES_WRONG)
    assert found["evidence"].startswith("3 deliveries with a signature that fits none of 1 secret")
    assert abs((when(found) - broken).total_seconds()) < 1
    await integration.stage.sql(
        "insert into webhook_events (id, event_id, event, source, status, received_at) values"
        " (gen_random_uuid(), 'event_missed', 'dsync.user.created', 'events_api', 'done', $1)",
        broken,
    )
    found = await integration.indicator("webhook_secret")
    assert found["status"] == "failing", "WorkOS's own events go missing with it"
    await integration.inbox.deliver(an_event())
    await well(integration, "webhook_secret")


async def test_deliveries_that_are_signed_too_long_ago(integration: Integration) -> None:
    await integration.inbox.deliver(an_event())
    await well(integration, "last_webhook")
    at = integration.stage.clock.now()
    integration.stage.clock.advance(minutes=5)
    assert (await integration.inbox.deliver(an_event(), at=at)).json()["code"] == "webhook_timestamp_stale"
    await integration.told()
    found = await integration.indicator("last_webhook")
    assert (found["status"], found["remedy"]) == ("warning", remedies.WEBHOOK_CLOCK)
    await integration.inbox.deliver(an_event())
    await well(integration, "last_webhook")


async def test_a_webhook_endpoint_that_is_switched_off_or_gone(integration: Integration) -> None:
    await well(integration, "webhook_endpoint")
    endpoints = integration.stage.twin.world.endpoints
    (ours,) = [one for one in endpoints.values() if one.endpoint_url == HOOK]
    ours.status = "disabled"
    await integration.pass_time(minutes=5)
    found = await integration.indicator("webhook_endpoint")
    assert (found["status"], found["remedy"]) == ("failing", remedies.WEBHOOK_ENDPOINT.format(HOOK))
    assert "is disabled at WorkOS" in found["evidence"]
    del endpoints[ours.id]
    await integration.pass_time(minutes=5)
    found = await integration.indicator("webhook_endpoint")
    assert "is unknown to WorkOS" in found["evidence"]


async def test_the_endpoint_that_a_rotation_leaves_has_a_query(integration: Integration) -> None:
    endpoints = integration.stage.twin.world.endpoints
    (ours,) = [one for one in endpoints.values() if one.endpoint_url == HOOK]
    ours.endpoint_url = f"{HOOK}?2"
    await well(integration, "webhook_endpoint")


# What else the integration lives on


async def test_an_api_key_that_workos_takes_no_more(integration: Integration) -> None:
    await well(integration, "credentials")
    keys = integration.stage.twin.world.credentials.api_keys
    kept, keys[:] = list(keys), []
    await integration.pass_time(seconds=31)
    broken = integration.stage.clock.now()
    await integration.pass_time(minutes=20)
    found = await integration.indicator("credentials")
    assert (found["status"], found["remedy"]) == ("failing", remedies.CREDENTIALS_REFUSED)
    assert "WorkOS refuses the API key: WorkOS answered 401." in found["evidence"]
    assert abs((when(found) - broken).total_seconds()) < 1
    keys[:] = kept
    await integration.pass_time(seconds=31)
    mended = integration.stage.clock.now()
    for _ in range(20):
        await integration.pass_time(seconds=31)
    found = await integration.indicator("credentials")
    assert found["status"] == "ok"
    assert abs((when(found) - mended).total_seconds()) < 2


async def test_workos_that_does_not_answer_and_does_again(integration: Integration) -> None:
    await well(integration, "api_reachable")
    await integration.stage.twin.refuse_connections()
    broken = integration.stage.clock.now()
    for _ in range(3):
        await integration.pass_time(seconds=31)
    found = await integration.indicator("api_reachable")
    assert (found["status"], found["remedy"]) == ("failing", remedies.UNREACHABLE)
    assert abs((when(found) - broken).total_seconds()) < 35
    assert found["evidence"].startswith("WorkOS has not answered for ")
    assert (await integration.indicator("credentials"))["status"] == "ok", "what it last said still holds"
    await integration.stage.twin.accept_connections()
    await integration.pass_time(seconds=31)
    assert (await integration.indicator("api_reachable"))["status"] == "ok"


async def test_events_that_wait_because_no_worker_runs(integration: Integration, home: Tenant) -> None:
    await well(integration, "oldest_pending_event", home)
    await integration.inbox.deliver(connection_event(home, "connection.activated"))
    sent = integration.stage.clock.now()
    await integration.pass_time(minutes=20)
    for tenant, remedy in ((home, remedies.PENDING_TENANT), (None, remedies.PENDING)):
        found = await integration.indicator("oldest_pending_event", tenant)
        assert (found["status"], found["remedy"]) == ("failing", remedy)
        assert "has waited for 20 minutes" in found["evidence"]
        assert abs((when(found) - sent).total_seconds() - 300) < 2
    await integration.inbox.work_off()
    await well(integration, "oldest_pending_event", home)


async def test_an_event_that_cannot_be_applied(integration: Integration, home: Tenant) -> None:
    await well(integration, "dead_events", home)
    event = connection_event(home, "connection.deactivated", organization_id="org_01ANOTHER")
    assert await integration.inbox.applied(event) == ["dead"]
    died = integration.stage.clock.now()
    await integration.pass_time(minutes=20)
    found = await integration.indicator("dead_events")
    assert (found["status"], found["remedy"]) == ("failing", remedies.DEAD)
    assert "1 event could not be applied; the latest: connection.deactivated: org_mismatch" in found["evidence"]
    assert abs((when(found) - died).total_seconds()) < 2


async def test_a_list_of_events_that_is_not_read(integration: Integration) -> None:
    await integration.inbox.catch_up()
    await well(integration, "oldest_pending_event")
    read = integration.stage.clock.now()
    await integration.inbox.catch_up()
    assert (await integration.indicator("events_api_lag"))["status"] == "ok"
    await integration.stage.twin.refuse_connections()
    await integration.pass_time(minutes=20)
    await integration.inbox.catch_up()
    found = await integration.indicator("events_api_lag")
    assert (found["status"], found["remedy"]) == ("failing", remedies.LAG_REFUSED)
    assert "The last reading failed: " in found["evidence"]
    assert abs((when(found) - read).total_seconds() - 600) < 5
    await integration.stage.twin.accept_connections()


async def test_a_certificate_that_ends_soon(integration: Integration, home: Tenant) -> None:
    ends = integration.stage.clock.now().replace(microsecond=0)
    await integration.stage.sql(
        "update connections set certificate_expires_at = $2 where organization_id = $1",
        home.id,
        ends + timedelta(days=20),
    )
    found = await integration.indicator("certificates", home)
    assert (found["status"], found["remedy"]) == ("warning", remedies.CERTIFICATE)
    assert "its certificate ends in 19 days" in found["evidence"]
    assert abs((when(found) - ends).total_seconds() + 10 * 86_400) < 1
