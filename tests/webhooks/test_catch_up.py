"""The catch-up: what WorkOS lists and no webhook brought is found, whatever went wrong (threats D2, D17, D18)."""

import asyncio
import random  # noqa: TID251 -- seeded, so that a failure comes again
from datetime import timedelta
from typing import Any

from app.onboarding import flow as onboarding
from app.uow import SYSTEM
from tests.deliveries import Inbox, an_event, moment
from tests.logs import logged


async def linked(alone: Inbox) -> list[str]:
    """Link a tenant with three connections, read up to now; return the connections' WorkOS ids."""
    twin = alone.stage.twin
    organization = twin.add_organization("Caught Inc")
    connections = [twin.add_connection(organization.id, f"SSO {number}", type="OktaSAML") for number in range(3)]
    runtime = alone.stage.assembly.runtime
    await onboarding.create(runtime, name="Caught Inc", workos_id=organization.id, actor=SYSTEM)
    twin.take_deliveries()
    await alone.catch_up()
    await alone.work_off()
    return [connection.id for connection in connections]


async def states(alone: Inbox) -> dict[str, str]:
    return {row["workos_id"]: row["state"] for row in await alone.stage.sql("select workos_id, state from connections")}


async def test_d17_what_no_webhook_brought_is_found(alone: Inbox) -> None:
    connections = await linked(alone)
    chance, twin, delivered = random.Random(17), alone.stage.twin, 0
    for _ in range(60):
        twin.change_connection(chance.choice(connections), state=chance.choice(["active", "inactive"]))
        for sent in twin.take_deliveries():
            if chance.random() > 0.3:
                assert (await alone.send(sent.body, **_signed(sent))).status_code == 200
                delivered += 1
    alone.stage.clock.advance(seconds=61)
    made = len(twin.events("connection.activated")) + len(twin.events("connection.deactivated"))
    healed = await alone.catch_up()
    assert healed is not None
    assert 0 < healed <= made - delivered
    await alone.work_off()
    assert await states(alone) == {found: twin.world.connections[found].state for found in connections}
    assert await alone.catch_up() is None, "read a moment ago"


async def test_d18_by_webhook_and_by_list_at_once_is_once(alone: Inbox) -> None:
    (connection, *_) = await linked(alone)
    alone.stage.twin.change_connection(connection, state="inactive")
    (sent,) = alone.stage.twin.take_deliveries()
    alone.stage.clock.advance(seconds=61)
    await asyncio.gather(alone.catch_up(), *(alone.send(sent.body, **_signed(sent)) for _ in range(5)))
    assert await alone.count(sent.event.id) == 1
    assert await alone.work_off() == 1
    audited = await alone.stage.sql(
        "select 1 from audit_events where action = 'connection.changed' and metadata->>'state' = 'inactive'"
    )
    assert len(audited) == 1


async def test_d2_what_came_too_late_to_be_believed_is_asked_for(alone: Inbox) -> None:
    (connection, *_) = await linked(alone)
    alone.stage.twin.change_connection(connection, state="inactive")
    # Its webhook comes after two hours of failures, as first signed; by then we have read on.
    alone.stage.clock.advance(hours=2)
    (sent,) = alone.stage.twin.take_deliveries()
    await alone.stage.sql("update event_polls set read_to = $1, polled_at = $1", alone.stage.clock.now())
    alone.stage.clock.advance(seconds=6)
    assert await alone.catch_up() is None, "nothing is known to be missed"
    answer = await alone.send(sent.body, **_signed(sent))
    assert (answer.status_code, answer.json()["code"]) == (401, "webhook_timestamp_stale")
    assert await alone.count(sent.event.id) == 0
    assert (await alone.catch_up() or 0) >= 1
    assert await alone.count(sent.event.id) == 1
    # What is here is no reason to read again, however often a recording of it comes.
    alone.stage.clock.advance(seconds=6)
    await alone.send(sent.body, **_signed(sent))
    assert await alone.catch_up() is None


async def test_what_workos_lists_late_is_found_by_the_overlap(alone: Inbox) -> None:
    (connection, *_) = await linked(alone)
    alone.stage.twin.set_switches(events_delay_seconds=30)
    alone.stage.twin.change_connection(connection, state="inactive")
    alone.stage.clock.advance(seconds=61)
    assert await alone.catch_up() == 0
    alone.stage.twin.set_switches(events_delay_seconds=0)
    alone.stage.clock.advance(seconds=61)
    assert await alone.catch_up() == 1


async def test_one_process_reads_at_a_time(alone: Inbox) -> None:
    await linked(alone)
    alone.stage.clock.advance(seconds=61)
    alone.stage.twin.clear_hits()
    outcomes = await asyncio.gather(*(alone.catch_up() for _ in range(4)))
    assert sorted(outcomes, key=str) == [0, None, None, None]
    (hit,) = alone.stage.twin.hits(path="/events")
    assert "authentication.sso_succeeded" not in str(hit.query), "every sign-in would be kept as an event"
    assert "connection.deactivated" in str(hit.query)


async def test_who_reads_and_dies_is_replaced(alone: Inbox) -> None:
    await linked(alone)
    leased = alone.stage.clock.now() + timedelta(minutes=2)
    await alone.stage.sql("update event_polls set leased_until = $1, polled_at = null", leased)
    assert await alone.catch_up() is None
    alone.stage.clock.advance(minutes=3)
    assert await alone.catch_up() is not None


async def test_while_workos_is_away_nothing_is_called_read(alone: Inbox) -> None:
    (connection, *_) = await linked(alone)
    (before,) = await alone.stage.sql("select read_to from event_polls")
    alone.stage.twin.change_connection(connection, state="inactive")
    alone.stage.twin.add_fault("GET /events", "status", status=500)
    alone.stage.clock.advance(seconds=61)
    assert await alone.catch_up() is None
    (row,) = await alone.stage.sql("select read_to, last_error, leased_until from event_polls")
    assert (row["read_to"], row["leased_until"]) == (before["read_to"], None)
    assert "WorkOS" in row["last_error"]
    alone.stage.twin.clear_faults()
    alone.stage.clock.advance(seconds=61)
    assert (await alone.catch_up() or 0) >= 1
    (row,) = await alone.stage.sql("select last_error from event_polls")
    assert row["last_error"] is None


async def test_history_that_workos_no_longer_lists_is_said_to_be_lost(alone: Inbox) -> None:
    await linked(alone)
    await alone.stage.sql("update event_polls set read_to = $1", alone.stage.clock.now() - timedelta(days=100))
    alone.stage.clock.advance(seconds=61)
    alone.stage.twin.clear_hits()
    with logged("error") as log:
        assert await alone.catch_up() is not None
    assert log.of("webhooks.history.lost")
    asked = [dict(hit.query) for hit in alone.stage.twin.hits(path="/events")]
    assert len(asked) == 4, "90 days in spans of 29, the last one open"
    assert "range_end" not in asked[-1]


async def test_a_reading_that_is_dated_ahead_does_not_end_all_others(alone: Inbox) -> None:
    """A process whose clock was wrong wrote it; until then nothing would be found."""
    (connection, *_) = await linked(alone)
    await alone.stage.sql("update event_polls set read_to = $1", alone.stage.clock.now() + timedelta(hours=3))
    alone.stage.twin.change_connection(connection, state="inactive")
    alone.stage.clock.advance(seconds=61)
    assert await alone.catch_up() == 1
    (row,) = await alone.stage.sql("select read_to from event_polls")
    assert row["read_to"] <= alone.stage.clock.now()


async def test_after_a_long_silence_nothing_is_lost(alone: Inbox) -> None:
    """Where nothing ever happened there is no newest event to go on from; there is the last reading."""
    await linked(alone)
    organization = alone.stage.twin.add_organization("Silence Inc")
    alone.stage.clock.advance(minutes=45)
    assert await alone.catch_up() == 1
    assert alone.stage.twin.world.organizations[organization.id]


async def test_a_recording_of_long_ago_makes_nobody_read_months(alone: Inbox) -> None:
    await linked(alone)
    old = moment(alone.stage, -400 * 86400)
    alone.stage.twin.clear_hits()
    for event in (an_event("connection.activated", {}, created_at=old), an_event("unlisted.type", {}, created_at=old),
                  an_event("connection.activated", {}, created_at="0001-01-01T00:00:00Z")):  # fmt: skip
        answer = await alone.deliver(event, at=alone.stage.clock.now() - timedelta(days=1))
        assert answer.status_code == 401
        alone.stage.clock.advance(seconds=6)
        await alone.catch_up()
    asked = [dict(hit.query)["range_start"] for hit in alone.stage.twin.hits(path="/events")]
    assert len(asked) == 2
    assert min(asked) > moment(alone.stage, -5 * 86400)


def _signed(sent: Any) -> dict[str, Any]:  # noqa: ANN401 -- the twin's delivery
    return {"signed": sent.headers["WorkOS-Signature"]}
