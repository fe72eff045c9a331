"""D16: an event that always fails holds up nobody, ends `dead` after eight attempts, and can be replayed."""

import pytest

from app.connections import service as connections
from app.kit.backoff import full_jitter
from app.uow import UnitOfWork
from app.workos import records
from tests.builders import Tenant
from tests.deliveries import Inbox, connection_event, moment
from tests.directories.test_mirror import poison_people
from tests.directory_events import a_directory


async def test_d16_eight_attempts_then_dead_then_replayed(
    inbox: Inbox, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow = connections.follow

    async def poisoned(uow: UnitOfWork, told: records.Connection) -> None:
        await follow(uow, told)  # what was done before the failure must not stay
        if told.name == "Poison":
            raise ValueError("Jane Doe")

    monkeypatch.setattr(connections, "follow", poisoned)
    bad = connection_event(tenant, "connection.deactivated", name="Poison", at=moment(inbox.stage, 100))
    good = [connection_event(tenant, "connection.activated", at=moment(inbox.stage, second)) for second in range(30)]
    for event in (bad, *good):
        await inbox.deliver(event)
    await inbox.work_off()
    assert {(await inbox.row(event["id"]))["status"] for event in good} <= {"done", "skipped"}
    first = await inbox.row(bad["id"])
    assert (first["status"], first["attempts"]) == ("pending", 1)
    assert first["last_error"] == "A fault of ours: ValueError.", "and nothing of the event's own"
    for _ in range(8):
        inbox.stage.clock.advance(minutes=11)
        await inbox.work_off()
    dead = await inbox.row(bad["id"])
    assert (dead["status"], dead["attempts"], dead["due_at"]) == ("dead", 8, None)
    names = await inbox.stage.sql("select name from connections where id = $1", tenant.connection_id)
    assert names[0]["name"] != "Poison"

    monkeypatch.undo()
    admin = await inbox.stage.platform_admin()
    answer = await admin.api("POST", f"/api/webhooks/events/{dead['id']}/replay")
    assert (answer.status_code, answer.json()["status"], answer.json()["attempts"]) == (202, "pending", 0)
    await inbox.work_off()
    replayed = await inbox.row(bad["id"])
    assert (replayed["status"], replayed["source"], replayed["attempts"]) == ("done", "replay", 1)
    names = await inbox.stage.sql("select name from connections where id = $1", tenant.connection_id)
    assert names[0]["name"] == "Poison"


def test_d16_attempts_are_spread_and_never_long_apart() -> None:
    for attempt in range(1, 9):
        pauses = [full_jitter(f"event_{number}", attempt, base=1, longest=100) for number in range(200)]
        longest = min(100, 2 ** (attempt - 1))
        assert 0 <= min(pauses) < longest * 0.1
        assert longest * 0.9 < max(pauses) <= longest


async def test_d16_one_poison_among_many_of_its_directory(
    inbox: Inbox, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = await a_directory(inbox, tenant)
    poison_people(monkeypatch)
    told = [home.user(f"p{number}", 1, first_name="Poison" if number == 100 else "Good") for number in range(200)]
    for event in told:
        await inbox.deliver(event)
    await inbox.work_off()
    rows = [await inbox.row(event["id"]) for event in told]
    assert [row["status"] for row in rows].count("done") == 199
    assert (rows[100]["status"], rows[100]["attempts"]) == ("pending", 1)
    for _ in range(8):
        inbox.stage.clock.advance(minutes=11)
        await inbox.work_off()
    dead = await inbox.row(told[100]["id"])
    assert (dead["status"], dead["attempts"], dead["last_error"]) == ("dead", 8, "A fault of ours: ValueError.")

    monkeypatch.undo()
    admin = await inbox.stage.platform_admin()
    assert (await admin.api("POST", f"/api/webhooks/events/{dead['id']}/replay")).status_code == 202
    await inbox.work_off()
    assert (await inbox.row(told[100]["id"]))["status"] == "done"
    assert (await home.somebody("p100"))["first_name"] == "Poison"
