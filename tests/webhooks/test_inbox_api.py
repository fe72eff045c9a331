"""/api/webhooks/events: who sees which events, filters, pages, replay."""

from datetime import timedelta

from app.webhooks import jobs
from tests.builders import Tenant, a_tenant
from tests.deliveries import Inbox, an_event, connection_event, moment


async def test_an_admin_sees_the_events_of_their_own_organization(inbox: Inbox, tenant: Tenant) -> None:
    other = await a_tenant(inbox.stage, ada="MemberPulse Admins")
    mine, theirs = (connection_event(each, "connection.activated") for each in (tenant, other))
    unknown = an_event("unknown.type")
    await inbox.applied(mine, theirs, unknown)
    admin = await tenant.signed_in()
    listed = (await admin.api("GET", "/api/webhooks/events")).json()["data"]
    assert [row["event_id"] for row in listed] == [mine["id"]]
    assert listed[0] | {"id": None, "received_at": None, "done_at": None} == {
        "object": "webhook_event", "id": None, "event_id": mine["id"], "event": "connection.activated",
        "status": "done", "source": "webhook", "attempts": 1, "last_error": None, "organization_id": str(tenant.id),
        "occurred_at": mine["created_at"], "received_at": None, "done_at": None,
    }  # fmt: skip
    for event in (theirs, unknown):
        identifier = (await inbox.row(event["id"]))["id"]
        assert (await admin.api("GET", f"/api/webhooks/events/{identifier}")).status_code == 404
    platform = await inbox.stage.platform_admin()
    seen: set[str] = set()
    params = {"limit": "100"}
    for _ in range(50):  # what other tests have left stands before and after
        page = (await platform.api("GET", "/api/webhooks/events", params=params)).json()
        seen |= {row["event_id"] for row in page["data"]}
        if page["list_metadata"]["after"] is None:
            break
        params["after"] = page["list_metadata"]["after"]
    assert {mine["id"], theirs["id"], unknown["id"]} <= seen


async def test_only_who_may_replay_does(inbox: Inbox, tenant: Tenant) -> None:
    event = connection_event(tenant, "connection.activated")
    await inbox.applied(event)
    path = f"/api/webhooks/events/{(await inbox.row(event['id']))['id']}/replay"
    for name in ("ada", "sam", "mia"):
        assert (await (await tenant.signed_in(name)).api("POST", path)).status_code == 403
    admin = await inbox.stage.platform_admin()
    assert (await admin.api("POST", path)).status_code == 202
    second = await admin.api("POST", path)
    assert (second.status_code, second.json()["code"]) == (409, "webhook_event_not_replayable")
    audited = await inbox.stage.sql(
        "select 1 from audit_events where organization_id = $1 and action = 'webhook.replayed'", tenant.id
    )
    assert len(audited) == 1
    await inbox.work_off()


async def test_members_see_no_events(tenant: Tenant) -> None:
    for name in ("sam", "mia"):
        assert (await (await tenant.signed_in(name)).api("GET", "/api/webhooks/events")).status_code == 403


async def test_filters_and_pages(inbox: Inbox, tenant: Tenant) -> None:
    sent = [connection_event(tenant, "connection.activated", at=moment(inbox.stage, n)) for n in range(5)]
    await inbox.applied(*sent)
    admin = await tenant.signed_in()
    seen: list[str] = []
    after: str | None = None
    while True:
        params = {"limit": "2", "order": "asc", **({"after": after} if after else {})}
        page = (await admin.api("GET", "/api/webhooks/events", params=params)).json()
        seen += [row["event_id"] for row in page["data"]]
        after = page["list_metadata"]["after"]
        if after is None:
            break
    assert seen == [event["id"] for event in sent]
    for query, expected in (({"status": "dead"}, 0), ({"status": "done"}, 5), ({"event": "dsync.deleted"}, 0)):
        assert len((await admin.api("GET", "/api/webhooks/events", params=query)).json()["data"]) == expected
    assert (await admin.api("GET", "/api/webhooks/events", params={"status": "lost"})).status_code == 422


async def test_payloads_are_emptied_after_two_weeks_and_events_forgotten_after_a_hundred_days(
    inbox: Inbox, tenant: Tenant
) -> None:
    event = connection_event(tenant, "connection.activated")
    await inbox.applied(event)
    for days, kept, payload in ((13, True, True), (15, True, False), (99, True, False), (101, False, False)):
        received = inbox.stage.clock.now() - timedelta(days=days)
        await inbox.stage.sql("update webhook_events set received_at = $2 where event_id = $1", event["id"], received)
        async with inbox.begin() as uow:
            await jobs.tidy(uow)
        rows = await inbox.stage.sql("select payload from webhook_events where event_id = $1", event["id"])
        assert [row["payload"] is not None for row in rows] == ([payload] if kept else [])


async def test_an_event_whose_payload_is_gone_is_not_replayed(inbox: Inbox, tenant: Tenant) -> None:
    event = connection_event(tenant, "connection.activated")
    await inbox.applied(event)
    await inbox.stage.sql("update webhook_events set payload = null where event_id = $1", event["id"])
    admin = await inbox.stage.platform_admin()
    answer = await admin.api("POST", f"/api/webhooks/events/{(await inbox.row(event['id']))['id']}/replay")
    assert answer.status_code == 409
