"""GET /api/audit/events/export: the record as a file, of any length, in which no cell is a formula."""

import asyncio
import csv
import io
import json
import tracemalloc
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.audit import flow
from app.audit.reading_repository import EventFilter
from tests.audit.test_reading import listed, recorded
from tests.builders import Tenant, a_tenant
from tests.gateway import Browser, Stage

PATH = "/api/audit/events/export"


async def table(browser: Browser, **query: str) -> list[dict[str, str]]:
    """Return the lines of a CSV export by their columns."""
    answer = await browser.api("GET", PATH, params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.text.count("\n") == answer.text.count("\r\n")
    return list(csv.DictReader(io.StringIO(answer.text)))


async def lines(browser: Browser, **query: str) -> list[dict[str, Any]]:
    """Return the lines of an NDJSON export."""
    answer = await browser.api("GET", PATH, params={"format": "ndjson", **query})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_both_formats_hold_what_the_list_shows(tenant: Tenant) -> None:
    await recorded(tenant, 7)
    ada = await tenant.signed_in()
    until = (tenant.stage.clock.now() - timedelta(minutes=30)).isoformat()
    shown = await listed(ada, limit="100", order="asc", until=until)
    assert await lines(ada, until=until) == shown
    assert await lines(ada, until=until, order="desc") == shown[::-1]
    assert [line["id"] for line in await table(ada, until=until)] == [event["id"] for event in shown]
    (login,) = await table(ada, action="sso.login.completed")
    (connection,) = await tenant.stage.sql("select name from connections where id = $1", tenant.connection_id)
    assert login["actor_name"] == tenant.people["ada"]
    assert f"connection {tenant.connection_id}" in login["targets"]
    assert connection["name"] in login["target_names"]
    assert json.loads(login["metadata"]) == {"created": True, "roles": ["ROLE_CLIENT_ADMIN"]}


async def test_it_takes_the_filters_of_the_list(tenant: Tenant) -> None:
    await recorded(tenant, 4)
    ada = await tenant.signed_in()
    (event,) = await lines(ada, target="t2")
    assert event["action"] == "test.2"
    assert {one["action"] for one in await lines(ada, until=event["occurred_at"])} == set()
    user = str(await tenant.user_id())
    assert {one["actor"]["id"] for one in await lines(ada, actor=user)} == {user}
    for odd in ({"format": "xml"}, {"since": "yesterday"}, {"order": "up"}):
        assert (await ada.api("GET", PATH, params=odd)).status_code == 422


async def test_its_answer_is_a_file_that_nobody_keeps(tenant: Tenant) -> None:
    ada = await tenant.signed_in()
    answer = await ada.api("GET", PATH)
    day = f"{tenant.stage.clock.now():%Y-%m-%d}"
    assert answer.headers["content-disposition"] == f'attachment; filename="audit-{day}.csv"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    before = await tenant.stage.count("audit_events")
    assert (await ada.api("HEAD", PATH)).status_code == 405
    assert await tenant.stage.count("audit_events") == before


async def test_an_export_is_an_event_of_whose_record_it_is(stage: Stage, tenant: Tenant) -> None:
    ada, operator = await tenant.signed_in(), await stage.platform_admin()
    await lines(ada, actor="ada@acme.example", since="2026-01-01T00:00:00Z")
    (own,) = await listed(ada, action="audit.exported")
    assert own["actor"]["id"] == str(await tenant.user_id())
    assert own["metadata"] == {"format": "ndjson", "filters": ["actor"], "since": "2026-01-01T00:00:00.000Z"}
    await table(operator, organization=tenant.workos_id)
    assert len(await listed(ada, action="audit.exported")) == 2, "the tenant sees that an operator read its record"
    await table(operator)
    assert len(await listed(ada, action="audit.exported")) == 2
    assert await listed(operator, action="audit.exported", organization="00000000-0000-0000-0000-000000000000")


async def test_a_tenant_exports_its_own_and_the_platform_all(stage: Stage, tenant: Tenant) -> None:
    other = await a_tenant(stage)
    await recorded(other, 1)
    ada, operator = await tenant.signed_in(), await stage.platform_admin()
    assert await lines(ada, action="test.0") == []
    assert str(other.id) in {event["organization_id"] for event in await lines(operator, action="test.0")}
    assert (await ada.api("GET", PATH, params={"organization": other.workos_id})).status_code == 404
    for name in ("sam", "mia"):
        assert (await (await tenant.signed_in(name)).api("GET", PATH)).status_code == 403


async def test_it_is_read_in_batches_without_a_gap(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "_AT_ONCE", 3)
    await recorded(tenant, 11)
    ada = await tenant.signed_in()
    until = (tenant.stage.clock.now() - timedelta(minutes=30)).isoformat()
    found = await lines(ada, until=until)
    assert found == await listed(ada, limit="100", order="asc", until=until)
    assert len(found) == 11


MANY = """
insert into audit_events (id, organization_id, action, occurred_at, actor_type, actor_id, targets, metadata)
select gen_random_uuid(), $1, 'test.many', now() - interval '2 hours' + n * interval '1 ms', 'system', 'gateway',
       '[{"type": "thing", "id": "t"}]', '{}' from generate_series(1, 20000) n
"""


async def test_a_long_record_is_never_in_memory_and_no_transaction_waits(stage: Stage, tenant: Tenant) -> None:
    await stage.sql(MANY, tenant.id)
    seen, most = 0, 0
    # What the process does by itself takes milliseconds; what waits for the client is as old as the pause below.
    open_ones = (
        "select count(*) as n from pg_stat_activity where datname = current_database() and state like 'idle in%'"
        " and xact_start < clock_timestamp() - interval '400 milliseconds'"
    )

    async def still_may() -> bool:
        return True

    sent = flow.export(
        lambda: stage.unit(tenant.id), EventFilter(action="test.many"), "csv", order="desc", still_may=still_may
    )
    tracemalloc.start()
    try:
        async for part in sent:
            seen += part.count(b"test.many")
            most = max(most, len(part))
            if seen % 10_000 == 0:
                await asyncio.sleep(0.5)
                assert (await stage.sql(open_ones))[0]["n"] == 0, "a client that reads slowly holds a transaction"
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert seen == 20_000
    assert most < 512 * 1024
    assert peak < 16 * 1024 * 1024


@pytest.mark.parametrize("roles", [None, ("ROLE_CLIENT_USER",)], ids=["ended", "lowered"])
async def test_who_may_no_more_gets_no_more(
    roles: tuple[str, ...] | None, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "_AT_ONCE", 1)
    await recorded(tenant, 5)
    ada = await tenant.signed_in()
    live, asked = tenant.stage.assembly.runtime.live, 0
    whole = (await ada.api("GET", PATH)).text
    find = type(live).find

    async def changed(self: Any, sid: Any) -> Any:  # noqa: ANN401 -- the port's own
        nonlocal asked
        asked += 1
        if asked > 4 and roles is None:
            return None
        found = await find(self, sid)
        return replace(found, roles=roles) if asked > 4 and found and roles else found

    monkeypatch.setattr(type(live), "find", changed)
    bearer = await ada.bearer()
    sent: list[bytes] = []
    messages = await raw(tenant.stage, bearer, sent)
    assert b"".join(sent).decode() in whole
    assert len(b"".join(sent)) < len(whole) / 2
    assert messages[-1].get("more_body") is True, "a file that was cut off must not look whole"


async def raw(stage: Stage, headers: dict[str, str], sent: list[bytes]) -> list[Any]:
    """Ask for an export at the ASGI interface; return the messages of its answer."""
    messages: list[Any] = []
    asked = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        return next(asked, None) or await asyncio.Future()  # it stays, and says no more

    async def send(message: Any) -> None:  # noqa: ANN401 -- ASGI's own
        messages.append(message)
        sent.append(message.get("body", b""))

    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": "GET",
        "path": PATH, "raw_path": PATH.encode(), "query_string": b"", "root_path": "", "scheme": "http",
        "headers": [(b"host", b"localhost:8000"), (b"authorization", headers["Authorization"].encode())],
        "client": ("203.0.113.7", 1), "server": ("localhost", 8000),
    }  # fmt: skip
    await stage.app(scope, receive, send)
    return messages
