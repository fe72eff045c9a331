"""Whether forwarding works stands on the status page: what is refused, given up or late, since when, and the cure."""

from typing import Any

import pytest

from app import uow as units
from app.audit.forwarding import FORWARD
from app.status import health, remedies
from app.status.facts import ForwardingFacts
from app.status.reading import Reading
from app.status.record import forwarding
from app.status.watching import configured
from app.workos.errors import UpstreamRefused
from tests.audit.conftest import Forwarder, describe
from tests.audit.test_forwarding import EVENTS, ended
from tests.builders import Tenant
from tests.status.test_health import statements
from tests.status.test_indicators import ACME, Configured, ago, facts


async def read(forwarder: Forwarder) -> Reading:
    runtime = forwarder.runtime
    async with units.beginner(runtime, unscoped=True)() as uow:
        found = await health.of_one(uow, configured(runtime.config, runtime.in_force.now), None)
    return found.readings["audit_forwarding"]


async def test_what_workos_refuses_is_told_until_it_takes_it(forwarder: Forwarder, home: Tenant) -> None:
    describe(forwarder.stage.twin)
    await forwarder.work_off()
    assert (await read(forwarder)).status == "ok"
    del forwarder.stage.twin.world.audit_schemas["session.ended"]
    await ended(home, "a", "b")
    await forwarder.work_off()
    forwarder.stage.clock.advance(hours=2)
    found = await read(forwarder)
    assert (found.status, found.remedy) == ("failing", remedies.FORWARDING_REFUSED)
    assert "memberpulse-auth audit-schemas" in str(found.remedy)
    assert found.evidence.endswith("WorkOS refuses 2 events of session.ended, first 2 hours ago.")
    assert [one.organization_id for one in found.objects] == [home.id]
    describe(forwarder.stage.twin)
    await forwarder.work_off()
    assert (await read(forwarder)).status == "ok"


async def test_what_was_given_up_is_told_and_replayed(forwarder: Forwarder, home: Tenant) -> None:
    describe(forwarder.stage.twin)
    await ended(home, "a")
    forwarder.stage.twin.add_fault(EVENTS, "status", status=403)
    await forwarder.queue()
    for _ in range(12):
        forwarder.stage.clock.advance(minutes=16)
        assert await forwarder.step()
    found = await read(forwarder)
    assert (found.status, found.remedy) == ("failing", remedies.FORWARDING_DEAD)
    assert UpstreamRefused.title in found.evidence
    forwarder.stage.twin.clear_faults()
    await forwarder.stage.sql("update outbox set status = 'pending', failures = 0 where job = $1", FORWARD)
    await forwarder.work_off()
    assert forwarder.reasons(home) == ["a"]
    assert (await read(forwarder)).status == "ok"


async def test_an_answer_takes_nine_statements_with_it(forwarder: Forwarder) -> None:
    assert len(await statements(forwarder.runtime, None)) == 9


def waiting(**changes: Any) -> ForwardingFacts:  # noqa: ANN401 -- any column
    values: dict[str, Any] = {
        "organization_id": ACME, "workos_id": "org_1", "name": "Acme", "waiting": 3, "waiting_since": ago(minutes=1),
        "refused": 0, "refused_since": None, "refused_actions": [], "job_status": "pending", "job_error": None,
        "job_ended_at": None,
    }  # fmt: skip
    return ForwardingFacts(**{**values, **changes})


@pytest.mark.parametrize(
    ("changes", "status", "since", "words"),
    [
        ({}, "ok", None, "Audit events are on their way to WorkOS, of organizations: 1."),
        (
            {"waiting_since": ago(minutes=6), "job_error": "WorkOS does not answer."}, "warning", ago(minutes=1),
            "1 of 1: Acme: 3 events to be forwarded, the oldest for 6 minutes. WorkOS does not answer.",
        ),
        (
            {"waiting_since": ago(hours=3)}, "failing", ago(hours=2),
            "1 of 1: Acme: 3 events to be forwarded, the oldest for 3 hours.",
        ),
        (
            {"job_status": "dead", "job_error": "Refused.", "job_ended_at": ago(hours=1)}, "failing", ago(hours=1),
            "1 of 1: Acme: 3 events to be forwarded, and it was given up. Refused.",
        ),
    ],
)  # fmt: skip
def test_what_waits(changes: dict[str, Any], status: str, since: Any, words: str) -> None:  # noqa: ANN401 -- an instant
    found = forwarding(facts(configured=Configured(forwarding=True), forwarding=[waiting(**changes)]))
    assert (found.status, found.since, found.evidence) == (status, since, words)


def test_off_is_said_and_no_trouble() -> None:
    assert (forwarding(facts()).status, forwarding(facts()).remedy) == ("unknown", remedies.FORWARDING_OFF)
    assert forwarding(facts(configured=Configured(forwarding=True))).evidence == "WorkOS has every audit event."
