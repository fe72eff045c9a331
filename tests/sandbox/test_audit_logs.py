"""Audit Logs: an event needs a schema, and is kept once however often it is sent."""

from datetime import UTC, datetime
from typing import Any

import pytest
from workos import NotFoundError, UnprocessableEntityError
from workos.audit_logs.models import (
    AuditLogEvent,
    AuditLogEventActor,
    AuditLogEventContext,
    AuditLogEventTarget,
    AuditLogSchemaTargetInput,
)

from tests.sandbox.conftest import Bench


def an_event(**changes: Any) -> AuditLogEvent:  # noqa: ANN401 -- any field
    told: dict[str, Any] = {
        "action": "user.deactivated",
        "occurred_at": datetime(2026, 11, 28, 10, tzinfo=UTC),
        "actor": AuditLogEventActor(id="u1", type="user"),
        "targets": [AuditLogEventTarget(id="u2", type="user")],
        "context": AuditLogEventContext(location="203.0.113.7", user_agent="curl"),
        "metadata": {"reason": "left"},
        **changes,
    }
    return AuditLogEvent(**told)


@pytest.fixture
def acme(bench: Bench) -> str:
    return bench.twin.world.organization("Acme Corp").id


@pytest.fixture
async def described(bench: Bench) -> None:
    await bench.workos.audit_logs.create_schema(
        "user.deactivated",
        targets=[AuditLogSchemaTargetInput(type="user")],
        metadata={"type": "object", "properties": {"reason": {"type": "string"}}},
    )


async def test_without_a_schema_it_is_refused(bench: Bench, acme: str) -> None:
    with pytest.raises(UnprocessableEntityError, match="missing or incorrect data"):
        await bench.workos.audit_logs.create_event(organization_id=acme, event=an_event())
    assert bench.twin.world.audit_events == []


@pytest.mark.usefixtures("described")
async def test_with_one_it_is_kept(bench: Bench, acme: str) -> None:
    answer = await bench.workos.audit_logs.create_event(organization_id=acme, event=an_event())
    assert answer.success is True
    (kept,) = bench.twin.world.audit_events
    assert (kept.organization_id, kept.told["action"], kept.told["metadata"]) == (
        acme,
        "user.deactivated",
        {"reason": "left"},
    )


@pytest.mark.usefixtures("described")
async def test_the_same_key_is_the_same_event(bench: Bench, acme: str) -> None:
    for key in ("k1", "k1", "k2"):
        answer = await bench.workos.audit_logs.create_event(organization_id=acme, event=an_event(), idempotency_key=key)
        assert answer.success is True
    assert [kept.idempotency_key for kept in bench.twin.world.audit_events] == ["k1", "k2"]


@pytest.mark.usefixtures("described")
@pytest.mark.parametrize(
    "changes",
    [
        {"targets": [AuditLogEventTarget(id="x", type="team")]},
        {"targets": []},
        {"metadata": {"other": "x"}},
        {"metadata": {"reason": "x" * 501}},
        {"action": "user.promoted"},
    ],
)
async def test_what_the_schema_does_not_know_is_refused(bench: Bench, acme: str, changes: dict[str, Any]) -> None:
    with pytest.raises(UnprocessableEntityError):
        await bench.workos.audit_logs.create_event(organization_id=acme, event=an_event(**changes))


@pytest.mark.usefixtures("described")
async def test_of_an_unknown_organization_there_is_no_log(bench: Bench) -> None:
    with pytest.raises(NotFoundError):
        await bench.workos.audit_logs.create_event(organization_id="org_x", event=an_event())


async def test_a_schema_that_is_the_same_is_no_new_version(bench: Bench) -> None:
    versions = [
        (
            await bench.workos.audit_logs.create_schema(
                "a.b", targets=[AuditLogSchemaTargetInput(type=kind)], metadata=None
            )
        ).version
        for kind in ("user", "user", "team")
    ]
    assert versions == [1, 1, 2]
    found = await bench.workos.audit_logs.list_actions()
    assert [action.name for action in found.data] == ["a.b"]
