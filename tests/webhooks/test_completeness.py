"""Up to when everything is applied: gaps heal and are shown, what is not applied holds it back and says so."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.kit.instants import lenient
from app.webhooks import gauges
from app.webhooks.backlog_repository import Backlogs
from app.webhooks.completeness import HELD_BACK, Figures, completeness
from tests.builders import Tenant, a_tenant
from tests.deliveries import Inbox, an_event, connection_event, moment
from tests.directory_events import Home, a_directory
from tests.gateway import Browser
from tests.syncs import Directory

Json = dict[str, Any]
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


def figures(**changes: Any) -> Figures:  # noqa: ANN401 -- any field
    whole = Figures(NOON, wanted_since=None, last_error=None, held_since=None, waiting=0, healed=0, unread=0)
    return replace(whole, **changes)


def test_a_reading_proves_what_happened_a_while_before_it() -> None:
    assert completeness(figures()).through == NOON - HELD_BACK
    assert completeness(figures()).reason is None


@pytest.mark.parametrize(
    ("changes", "seconds", "word"),
    [
        ({"held_since": NOON - timedelta(hours=1)}, 3600.001, "not applied"),
        ({"held_since": NOON}, 30, None),  # later than the reading proves anyway
        ({"wanted_since": NOON - timedelta(hours=2)}, 7200.001, "read again"),
        ({"wanted_since": NOON - timedelta(hours=2), "held_since": NOON - timedelta(hours=1)}, 7200.001, "read again"),
        ({"last_error": "WorkOS is away."}, 30, "WorkOS is away."),
        ({"read_to": None}, None, "not been read yet"),
        ({"unread": 2}, None, "2 of the directories"),
        ({"unread": 1, "held_since": NOON - timedelta(hours=1)}, None, "1 of the directories"),
    ],
)
def test_what_holds_it_back_says_so(changes: Json, seconds: float | None, word: str | None) -> None:
    found = completeness(figures(**changes))
    assert found.through == (None if seconds is None else NOON - timedelta(seconds=seconds))
    assert (word or "") in (found.reason or "")
    assert bool(word) == bool(found.reason)


async def told(browser: Browser) -> Json:
    answer = await browser.api("GET", "/api/webhooks/completeness")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def caught_up(inbox: Inbox) -> None:
    inbox.stage.clock.advance(seconds=61)
    assert await inbox.catch_up() is not None
    await inbox.work_off()


async def linked(inbox: Inbox) -> Tenant:
    """Return a tenant whose every event so far is read and applied."""
    await inbox.catch_up()
    tenant = await a_tenant(inbox.stage, ada="MemberPulse Admins")
    inbox.stage.twin.take_deliveries()
    await caught_up(inbox)
    return tenant


async def test_before_the_first_reading_nothing_is_known(alone: Inbox) -> None:
    found = await told(await alone.stage.platform_admin())
    assert (found["object"], found["complete_through"], found["lag_seconds"]) == ("webhook_completeness", None, None)
    assert found["reason"] == "WorkOS's list of events has not been read yet."


async def test_a_gap_is_healed_and_shown(alone: Inbox) -> None:
    tenant = await linked(alone)
    admin = await alone.stage.platform_admin()
    before = await told(admin)
    assert before["reason"] is None
    assert before["lag_seconds"] < 60
    alone.stage.twin.change_connection(tenant.connection_workos_id, state="inactive")
    (lost,) = alone.stage.twin.take_deliveries()
    await caught_up(alone)
    after = await told(admin)
    assert after["complete_through"] > before["complete_through"]
    assert after["complete_through"] == _written(lenient(after["checked_at"]), after["lag_seconds"])
    (entry, *_) = after["healed"]
    assert (entry["event_id"], entry["event"]) == (lost.event.id, "connection.deactivated")
    assert entry["occurred_at"] < entry["received_at"]
    assert after["healed_count"] == before["healed_count"] + 1
    # Its webhook comes after all: it was late, and not lost.
    answer = await alone.send(lost.body, alone.stage.twin.sign(lost.body, at=alone.stage.clock.now().timestamp()))
    assert answer.status_code == 200
    late = await told(admin)
    assert lost.event.id not in {each["event_id"] for each in late["healed"]}
    assert late["healed_count"] == before["healed_count"]
    alone.stage.clock.advance(hours=25)
    assert (await told(await alone.stage.platform_admin()))["healed_count"] == 0


def _written(at: datetime | None, lag: float) -> str:
    assert at is not None
    return (at - timedelta(seconds=lag)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def test_what_is_not_read_is_not_called_complete(alone: Inbox) -> None:
    await linked(alone)
    alone.stage.twin.add_fault("GET /events", "status", status=500)
    alone.stage.clock.advance(minutes=20)
    assert await alone.catch_up() is None
    found = await told(await alone.stage.platform_admin())
    assert found["lag_seconds"] > 1200
    assert "WorkOS" in found["reason"]


async def test_a_dead_event_holds_it_back_until_it_is_replayed(alone: Inbox) -> None:
    tenant = await linked(alone)
    admin = await alone.stage.platform_admin()
    dead = connection_event(tenant, "connection.deactivated", connection_type=7, id=7)
    await alone.applied(dead)
    assert (await alone.row(dead["id"]))["status"] == "dead"
    await caught_up(alone)
    held = await told(admin)
    assert held["complete_through"] < dead["created_at"]
    assert held["waiting_count"] == 1
    (entry,) = held["waiting"]
    assert (entry["event_id"], entry["event"], entry["status"]) == (dead["id"], "connection.deactivated", "dead")
    assert "not as documented" in entry["reason"]
    assert "not applied" in held["reason"]
    # What was wrong is mended: the same event is read now.
    good = connection_event(tenant, "connection.deactivated", at=dead["created_at"])
    body = as_it_came({**good, "id": dead["id"]})
    await alone.stage.sql("update webhook_events set payload = $2 where event_id = $1", dead["id"], body)
    path = f"/api/webhooks/events/{(await alone.row(dead['id']))['id']}/replay"
    assert (await admin.api("POST", path)).status_code == 202
    await alone.work_off()
    released = await told(admin)
    assert (released["waiting_count"], released["waiting"], released["reason"]) == (0, [], None)
    assert released["complete_through"] > dead["created_at"]


def as_it_came(event: Json) -> bytes:
    """Return an event as it came."""
    return json.dumps(event).encode()


async def test_what_waits_for_its_person_holds_it_back_and_who_is_not_linked_does_not(alone: Inbox) -> None:
    tenant = await linked(alone)
    admin = await alone.stage.platform_admin()
    home = await a_directory(alone, tenant, 0)
    foreign = an_event("dsync.user.created", _person_of_nobody(home), created_at=moment(alone.stage))
    early = home.joined("eve", "MemberPulse Staff")
    assert await alone.applied(home.group("MemberPulse Staff"), foreign, early) == ["done", "parked", "parked"]
    await caught_up(alone)
    held = await told(admin)
    assert [(each["event_id"], each["status"]) for each in held["waiting"]] == [(early["id"], "parked")]
    assert held["complete_through"] < early["created_at"]
    assert await alone.applied(home.user("eve")) == ["done"]
    await alone.work_off()
    assert (await told(admin))["waiting"] == []


def _person_of_nobody(home: Home) -> Json:
    return {**home.person("eve"), "directory_id": "directory_01NOBODYS", "organization_id": "org_01NOBODYS"}


async def test_of_a_directory_that_is_not_here_yet_the_tenant_is_known(alone: Inbox) -> None:
    tenant = await linked(alone)
    home = Home(tenant, "directory_01LATER")
    early = home.user("eve")
    assert await alone.applied(early) == ["parked"]
    assert (await alone.row(early["id"]))["organization_id"] == tenant.id
    assert [each["event_id"] for each in (await told(await tenant.signed_in()))["waiting"]] == [early["id"]]
    known = home.event("dsync.activated", {**_directory(home), "updated_at": moment(alone.stage)})
    assert await alone.applied(known) == ["done"]
    assert (await alone.row(early["id"]))["status"] == "done", "it waits for its directory, and no minute longer"


async def test_of_a_directory_that_is_deleted_before_it_was_known_nothing_waits(alone: Inbox) -> None:
    tenant = await linked(alone)
    home = Home(tenant, "directory_01BRIEF")
    early, late = home.user("eve", 1), home.user("bob", 1)
    assert await alone.applied(early) == ["parked"]
    assert await alone.applied(home.gone(3)) == ["done"]
    known = home.event("dsync.activated", {**_directory(home), "updated_at": moment(alone.stage)}, 0)
    assert await alone.applied(known, late) == ["skipped", "skipped"]
    assert (await alone.row(early["id"]))["status"] == "skipped"
    assert (await told(await alone.stage.platform_admin()))["waiting"] == []


def _directory(home: Home) -> Json:
    return {
        "object": "directory", "id": home.id, "organization_id": home.tenant.workos_id, "type": "okta scim v2.0",
        "name": "Later", "state": "active", "domains": [], "created_at": "2026-11-01T00:00:00.000Z",
    }  # fmt: skip


async def test_a_client_admin_is_told_of_their_own(alone: Inbox) -> None:
    tenant = await linked(alone)
    other = await a_tenant(alone.stage, ada="MemberPulse Admins")
    await caught_up(alone)
    dead = connection_event(other, "connection.deactivated")
    await alone.deliver(dead)
    theirs, mine = await told(await other.signed_in()), await told(await tenant.signed_in())
    for seen in (theirs, mine):
        assert seen["complete_through"] < dead["created_at"], "nobody has looked whose it is"
        assert seen["waiting"] == []
    await alone.stage.sql(
        "update webhook_events set status = 'dead', organization_id = $2 where event_id = $1", dead["id"], other.id
    )
    await caught_up(alone)
    theirs, mine = await told(await other.signed_in()), await told(await tenant.signed_in())
    assert [each["event_id"] for each in theirs["waiting"]] == [dead["id"]]
    assert theirs["complete_through"] < dead["created_at"] < mine["complete_through"]
    assert (mine["waiting"], mine["waiting_count"], mine["reason"]) == ([], 0, None)
    mine_healed = {each["event_id"] for each in mine["healed"]}
    assert not mine_healed & {each["event_id"] for each in theirs["healed"]}
    member = await (await a_tenant(alone.stage, mia="MemberPulse Members")).signed_in("mia")
    assert (await member.api("GET", "/api/webhooks/completeness")).status_code == 403
    assert (await alone.stage.browser().http.get("/api/webhooks/completeness")).status_code == 401


async def test_lost_history_is_unknown_until_the_directories_are_read(alone: Inbox) -> None:
    tenant = await linked(alone)
    assert alone.worker is not None
    home = alone.stage.twin.add_directory(tenant.workos_id, "Okta")
    alone.stage.twin.add_person(tenant.workos_id, directory=home.id, email=f"eve@{tenant.domain}", first_name="E")
    await caught_up(alone)
    directory = Directory(tenant, alone.worker, home.id)
    await directory.work_off()
    alone.stage.clock.advance(days=91)
    alone.stage.twin.world.clock_offset += 91 * 86_400
    assert await alone.catch_up() is not None
    await alone.work_off()
    lost = await told(await alone.stage.platform_admin())
    assert (lost["complete_through"], lost["lag_seconds"]) == (None, None)
    assert "1 of the directories" in lost["reason"]
    assert (await gauge(alone)) == "nan"
    await directory.synced()
    found = await told(await alone.stage.platform_admin())
    assert found["reason"] is None
    assert found["lag_seconds"] < 60
    assert 0 < float(await gauge(alone)) < 90


async def gauge(inbox: Inbox) -> str:
    """Return what Prometheus reads."""
    runtime = inbox.stage.assembly.runtime
    await gauges.refresh(Backlogs(runtime.lane, runtime.clock).now)
    return str(gauges.REGISTRY.get_sample_value("gateway_complete_through_age_seconds"))
