"""Audit Logs: what is said of one event and what of all calls, and no more than ten calls a second."""

import time

import pytest

from app.problems import Problem
from app.workos.errors import AuditEntryRefused, UpstreamNotFound, UpstreamRefused, UpstreamUnavailable
from tests.workos.conftest import Connect
from tests.workos.test_contract import ENTRY
from tests.workos.upstream import Upstream, answering_json


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        (400, AuditEntryRefused), (409, AuditEntryRefused), (413, AuditEntryRefused), (422, AuditEntryRefused),
        (401, UpstreamRefused), (403, UpstreamRefused), (404, UpstreamNotFound), (429, UpstreamUnavailable),
        (500, UpstreamUnavailable),
    ],
)  # fmt: skip
async def test_what_is_about_one_event_is_told_from_what_is_about_all(
    upstream: Upstream, connect: Connect, status: int, problem: type[Problem]
) -> None:
    upstream.script = answering_json({"message": "No."}, status)
    with pytest.raises(Problem) as caught:
        await connect().create_audit_event(ENTRY, organization="org_1", idempotency_key="k")
    assert type(caught.value) is problem


async def test_the_eleventh_call_waits_for_its_turn(upstream: Upstream, connect: Connect) -> None:
    upstream.script = answering_json({"success": True}, 201)
    client, began = connect(), time.monotonic()
    for number in range(10):
        await client.create_audit_event(ENTRY, organization="org_1", idempotency_key=str(number))
    assert time.monotonic() - began < 0.9
    await client.create_audit_schema("user.changed", targets=["user"], metadata=[])
    assert time.monotonic() - began > 0.99
    assert len(upstream.requests) == 11
