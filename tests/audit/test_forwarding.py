"""Forwarding: tenants' events reach their own audit logs at WorkOS, in order and once, whatever happens on the way."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from app import uow as units
from app.audit import forwarding
from app.audit import service as audit
from app.audit.forwarded import ACTIONS
from app.audit.forwarding import FORWARD
from app.jobs import handlers, periodic, senders
from app.queue import outbox, outbox_runner
from app.runtime import Runtime
from tests.audit.conftest import Forwarder, describe
from tests.audit.test_alerts import happened
from tests.builders import Tenant, a_tenant
from tests.deliveries import Inbox
from tests.directory_events import a_directory

EVENTS = "POST /audit_logs/events"


async def ended(tenant: Tenant, *reasons: str) -> None:
    """Let sessions end, each for a reason of its own."""
    async with units.beginner(tenant.stage.assembly.runtime)(tenant.id) as uow:
        for reason in reasons:
            await audit.record(uow, "session.ended", targets=[("session", "s1")], reason=reason)


async def test_a_sign_in_is_told_as_workos_wants_it_and_without_names(forwarder: Forwarder, home: Tenant) -> None:
    describe(forwarder.stage.twin)
    await home.signed_in()
    await forwarder.work_off()
    (told,) = [one for one in forwarder.log(home) if one["action"] == "sso.login.completed"]
    ada = await home.user_id()
    assert told["actor"] == {"type": "user", "id": str(ada), "metadata": {}}
    assert [target["type"] for target in told["targets"]] == ["session", "connection"]
    assert told["context"]["location"] == "203.0.113.7"
    assert told["metadata"] == {"created": "true", "roles": '["ROLE_CLIENT_ADMIN"]'}
    (row,) = await forwarder.stage.sql("select occurred_at from audit_events where action = 'sso.login.completed'")
    assert told["occurred_at"] == row["occurred_at"].isoformat(timespec="milliseconds").replace("+00:00", "Z")
    for name in (home.people["ada"], "Ada", "Tenant"):
        assert name not in json.dumps(forwarder.log(home))
    assert "203.0.113.7" not in json.dumps({**told, "context": {**told["context"], "location": ""}})
    assert (await forwarder.stage.sql("select 1 from audit_refused")) == []


async def test_the_order_is_the_chains_and_every_event_comes_once(forwarder: Forwarder, home: Tenant) -> None:
    describe(forwarder.stage.twin)
    wanted = [f"r{number}" for number in range(5)]
    await ended(home, *wanted)
    await forwarder.work_off()
    await forwarder.work_off()
    assert forwarder.reasons(home) == wanted
    keys = [kept.idempotency_key for kept in forwarder.stage.twin.world.audit_events]
    rows = await forwarder.stage.sql("select id from audit_events where organization_id = $1", home.id)
    assert sorted(map(str, keys)) == sorted(str(row["id"]) for row in rows)
    assert len(forwarder.stage.twin.hits(path="/audit_logs/events")) == len(keys)


async def test_more_than_a_batch_goes_on_and_tenants_take_turns(
    forwarder: Forwarder, home: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarding, "_AT_ONCE", 3)
    describe(forwarder.stage.twin)
    other = await a_tenant(forwarder.stage)
    await ended(home, *map(str, range(7)))
    await ended(other, "theirs")
    await forwarder.queue()
    assert [await forwarder.step() for _ in range(2)] == [True, True]
    assert len(forwarder.log(home)) == 3, "one batch, and then it is the other's turn"
    assert len(forwarder.log(other)) >= 2
    while await forwarder.step():
        pass
    assert forwarder.reasons(home) == list(map(str, range(7)))
    assert forwarder.reasons(other) == ["theirs"]


async def test_what_was_sealed_before_it_was_on_is_not_sent(forwarder: Forwarder, home: Tenant) -> None:
    describe(forwarder.stage.twin)
    await forwarder.work_off()
    assert [told["action"] for told in forwarder.log(home)] == ["organization.created"]
    await forwarder.stage.sql("delete from audit_cursors")
    forwarder.stage.clock.advance(minutes=1)
    await ended(home, "later")
    await forwarder.work_off()
    assert forwarder.reasons(home) == []
    forwarder.stage.clock.advance(minutes=1)
    await ended(home, "since")
    await forwarder.work_off()
    assert forwarder.reasons(home) == ["since"]


async def test_a_tenant_never_has_anothers_and_who_is_not_linked_has_none(forwarder: Forwarder, home: Tenant) -> None:
    describe(forwarder.stage.twin)
    other = await a_tenant(forwarder.stage)
    await forwarder.stage.sql("update organizations set workos_id = null where id = $1", other.id)
    await ended(home, "ours")
    await ended(other, "theirs")
    await forwarder.stage.platform_admin()  # the platform's own record is nobody's
    await forwarder.work_off()
    assert forwarder.reasons(home) == ["ours"]
    organizations = {kept.organization_id for kept in forwarder.stage.twin.world.audit_events}
    assert organizations == {home.workos_id}
    await forwarder.stage.sql("update organizations set workos_id = $2 where id = $1", other.id, other.workos_id)
    await forwarder.work_off()
    assert forwarder.reasons(other) == ["theirs"], "once it is linked it has what came before, too"


@pytest.mark.parametrize("lost", ["after", "during"])
async def test_a_lost_answer_makes_no_second_event(forwarder: Forwarder, home: Tenant, lost: str) -> None:
    describe(forwarder.stage.twin)
    await ended(home, "a", "b", "c")
    forwarder.stage.twin.add_fault(EVENTS, "reset", when=lost, after=1, times=3)
    await forwarder.work_off()
    assert forwarder.reasons(home) == ["a"], "it has arrived, and nobody knows"
    while not await forwarder.is_done():
        forwarder.stage.clock.advance(minutes=16)
        await forwarder.step()
    assert forwarder.reasons(home) == ["a", "b", "c"]
    assert len(forwarder.stage.twin.hits(path="/audit_logs/events")) == 7, "four events, and three answers lost"


async def test_a_killed_worker_loses_nothing_and_sends_nothing_twice(forwarder: Forwarder, home: Tenant) -> None:
    describe(forwarder.stage.twin)
    await ended(home, "a", "b", "c")
    await forwarder.queue()
    async with forwarder.begin() as uow:
        job = await outbox.take(uow, [FORWARD], lasting=outbox_runner.LASTING)
    assert job is not None
    # It dies after the second answer and before it wrote anything down.
    forwarder.stage.twin.add_fault(EVENTS, "latency", delay_ms=60_000, after=2)
    dying = asyncio.create_task(forwarding.forward(forwarder.runtime, forwarder.begin, job))
    async with asyncio.timeout(20):
        while len(forwarder.stage.twin.hits(path="/audit_logs/events")) < 3:
            await asyncio.sleep(0.02)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    forwarder.stage.twin.clear_faults()
    assert not await forwarder.step(), "its lease lasts"
    forwarder.stage.clock.advance(seconds=61)
    assert await forwarder.step()
    assert forwarder.reasons(home) == ["a", "b", "c"]


async def test_workos_away_only_delays(forwarder: Forwarder, home: Tenant) -> None:
    describe(forwarder.stage.twin)
    await ended(home, "a", "b")
    forwarder.stage.twin.add_fault(EVENTS, "status", status=503)
    await forwarder.work_off()
    assert forwarder.log(home) == []
    (job,) = await forwarder.stage.sql("select status, failures, last_error from outbox where job = $1", FORWARD)
    assert (job["status"], job["failures"]) == ("pending", 0)
    await home.signed_in()  # nothing else waits for it
    forwarder.stage.twin.clear_faults()
    forwarder.stage.clock.advance(minutes=16)
    await asyncio.sleep(1.1)  # the pause of the lane that calls WorkOS is of real time
    while await forwarder.step():
        pass
    await forwarder.work_off()
    assert forwarder.reasons(home) == ["a", "b"]


async def test_what_was_sent_before_workos_went_away_is_not_sent_again(forwarder: Forwarder, home: Tenant) -> None:
    describe(forwarder.stage.twin)
    await forwarder.work_off()
    await ended(home, "a", "b", "c")
    forwarder.stage.twin.clear_hits()
    forwarder.stage.twin.add_fault(EVENTS, "status", status=403, after=2, times=1)
    await forwarder.work_off()
    assert forwarder.reasons(home) == ["a", "b"]
    forwarder.stage.clock.advance(minutes=1)
    assert await forwarder.step()
    assert forwarder.reasons(home) == ["a", "b", "c"]
    assert len(forwarder.stage.twin.hits(path="/audit_logs/events")) == 4


async def test_a_refused_event_holds_up_nothing_and_goes_once_it_is_described(
    forwarder: Forwarder, home: Tenant
) -> None:
    describe(forwarder.stage.twin, *(action for action in ACTIONS if action != "user.deactivated"))
    await ended(home, "before")
    await happened(home, "user.deactivated", 4)
    await ended(home, "behind")
    forwarder.stage.twin.clear_hits()
    await forwarder.work_off()
    assert forwarder.reasons(home) == ["before", "behind"]
    assert len(await forwarder.refused()) == 4
    assert len(forwarder.stage.twin.hits(path="/audit_logs/events")) == 4, "one of the four found out, for all"
    for _ in range(6):
        forwarder.stage.clock.advance(minutes=15)
        await forwarder.work_off()
    assert {row["tries"] for row in await forwarder.refused()} == {7}
    describe(forwarder.stage.twin, "user.deactivated")
    forwarder.stage.clock.advance(minutes=16)
    await forwarder.work_off()
    assert await forwarder.refused() == []
    actions = [told["action"] for told in forwarder.log(home)]
    assert actions.count("user.deactivated") == 4
    assert await forwarder.is_done()


async def test_one_odd_event_keeps_none_of_its_kind_back_for_ever(forwarder: Forwarder, home: Tenant) -> None:
    describe(forwarder.stage.twin)
    await forwarder.work_off()
    await ended(home, "odd")
    (odd,) = await forwarder.stage.sql(
        "select id from audit_events where organization_id = $1 and targets::text ~ 's1'", home.id
    )
    await ended(home, *map(str, range(6)))
    taken = forwarder.runtime.workos.create_audit_event

    class Picky:
        """WorkOS, which never takes one event."""

        async def create_audit_event(self, entry: Any, *, organization: str, idempotency_key: str) -> None:  # noqa: ANN401 -- handed on
            if idempotency_key == str(odd["id"]):
                raise forwarding.AuditEntryRefused
            await taken(entry, organization=organization, idempotency_key=idempotency_key)

    begin = forwarder.begin
    picky = _replaced(forwarder.runtime, Picky())
    for _ in range(12):
        await forwarder.queue()
        while await outbox_runner.run_next(begin, senders(picky, begin)):
            pass
        forwarder.stage.clock.advance(minutes=16)
    assert sorted(forwarder.reasons(home)) == list(map(str, range(6)))
    assert [row["event_id"] for row in await forwarder.refused()] == [odd["id"]]


async def test_off_is_off_and_forwarding_has_a_place_of_its_own(forwarder: Forwarder) -> None:
    off = _replaced(forwarder.runtime, forwarder.runtime.workos, audit_forwarding="off")
    assert senders(off, forwarder.begin) == {}
    assert "audit.forward" not in periodic(off)
    assert "audit.forward" in periodic(forwarder.runtime)
    assert FORWARD not in handlers(forwarder.runtime, forwarder.begin), "links are revoked beside it"


async def test_who_was_erased_is_sent_without_a_name(forwarder: Forwarder, home: Tenant) -> None:
    describe(forwarder.stage.twin)
    inbox = Inbox(forwarder.stage, forwarder.begin)
    directory = await a_directory(inbox, home)
    await home.policy(hard_delete_removed_users=True)
    told = [directory.user("zelda", 1), directory.user("zelda", 3, "deleted")]
    assert await inbox.applied(*told) == ["done"] * 2
    await forwarder.work_off()
    (gone,) = await forwarder.stage.sql("select id from users where organization_id = $1", home.id)
    said = json.dumps(forwarder.log(home))
    assert str(gone["id"]) in said
    for name in ("zelda", "Zelda", "Mirrored"):
        assert name not in said


def _replaced(runtime: Runtime, workos: Any, **config: str) -> Runtime:  # noqa: ANN401 -- a part of the port
    return replace(runtime, workos=workos, config=runtime.config.model_copy(update=config))
