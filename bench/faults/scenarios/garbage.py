"""X-08: WorkOS answers what it never should: nothing is believed, nobody is signed in, nobody is switched off."""

import asyncio
from collections.abc import Mapping
from typing import Any

from bench.faults import inbox, mirror
from bench.faults.findings import Findings
from bench.faults.scenario import Run, Scenario
from bench.faults.stage import Set, Stage, a_stage
from bench.faults.visitor import Visitor, one_sign_in, planted

_ANSWERS: Mapping[str, Mapping[str, Any]] = {
    "a page": {"kind": "html"},
    "an empty object": {"kind": "json", "body": {}},
    "an array": {"kind": "json", "body": []},
    "null": {"kind": "json", "body": None},
    "data is null": {"kind": "json", "body": {"object": "list", "data": None, "list_metadata": {}}},
    "no profile": {"kind": "json", "body": {"profile": None, "access_token": "x"}},
    "one megabyte": {"kind": "json", "body": {"profile": {"id": "x" * 1_000_000}}},
    "not UTF-8": {"kind": "garbage"},
    "204": {"kind": "empty", "status": 204},
    "302": {"kind": "redirect"},
    "nothing": {"kind": "empty"},
    "50,000 deep": {"kind": "html", "body": "[" * 50_000 + "]" * 50_000},
    "half a character": {"kind": "html", "body": '{"profile": {"id": "\\ud800"}}'},
    "half of it": {"kind": "truncated"},
}
_LISTS = ("GET /directory_users", "GET /directory_groups", "GET /directories/{id}", "GET /events")
_STATE = "select md5(string_agg(t::text, '' order by t::text)) from (select {columns} from {table}) t"
_KEPT = {
    "users": "id, state, email, first_name, mapped_role",
    "connections": "workos_id, state, name",
    "directories": "workos_id, state",
    "organizations": "workos_id, state",
    "organization_domains": "workos_id, domain, state",
    "directory_users": "workos_id, state, email, user_id",
    "directory_groups": "workos_id, state, name",
    "directory_memberships": "group_id, directory_user_id, member",
}


async def _garbage(run: Run) -> Findings:
    found = Findings()
    # So many that a list of half of them would be a mass deactivation, which the guard must hold.
    async with a_stage(run.server, run.seed, Set(organizations=1, people=60)) as stage:
        await inbox.settled(stage)
        sessions = await _at_the_exchange(stage, found)
        before = await _state(stage)
        await _in_lists(stage, found, quick=run.quick)
        after = await _state(stage)
        found.must_be_zero("tables changed by garbage", [t for t in before if before[t] != after[t]])
        found.note("sessions ended", sessions - await _alive(stage), at_most=0)
        await mirror.check(stage, found)
    return found


async def _at_the_exchange(stage: Stage, found: Findings) -> int:
    """Answer the exchange of a code with garbage of every kind; return how many sessions there are, all rightful."""
    assert (await one_sign_in(stage)).signed_in
    rightful, wrong = await _alive(stage), list[str]()
    for number, (name, fault) in enumerate(_ANSWERS.items()):
        visitor = Visitor(stage, planted(stage, number))
        callback = await visitor.start()
        stage.twin.add_fault("POST /sso/token", **fault)
        done = await visitor.finish(callback)
        stage.twin.clear_faults()
        await visitor.close()
        if done.signed_in or done.status not in {502, 503}:
            wrong.append(f"{name}: {done.status}")
        # One that is whole in between: garbage in a row opens the breaker, and would hide what it stops.
        rightful += (await one_sign_in(stage, number)).signed_in
    found.note("kinds of garbage", len(_ANSWERS))
    found.must_be_zero("answers not 502, 503", wrong)
    found.note("sessions by garbage", await _alive(stage) - rightful, at_most=0)
    return rightful


async def _in_lists(stage: Stage, found: Findings, *, quick: bool) -> None:
    """Answer every list that a full sync or the catch-up reads with garbage."""
    kinds = [*_ANSWERS.values(), {"kind": "half_page"}]
    chosen = stage.rng.sample(kinds, 4) if quick else kinds
    admin = await stage.admin()
    (directory,) = [tenant.directory for tenant in stage.model.tenants]
    done: list[str] = []
    for fault in chosen:
        for route in _LISTS:
            stage.twin.add_fault(route, **fault)
        await stage.sql("update event_polls set polled_at = polled_at - interval '61 seconds'")
        if await inbox.is_mirrored(stage):
            await admin.post(f"/api/directories/{directory}/sync", {})
            await _tried_in_vain(stage)
            status = (await stage.sql("select status from directory_sync_runs order by id desc limit 1"))[0][0]
            done += [str(fault["kind"])] if status == "completed" else []
        else:
            await _polled(stage)
        stage.twin.clear_faults()
    await admin.close()
    found.must_be_zero("full syncs that believed garbage", done)


async def _tried_in_vain(stage: Stage) -> None:
    """Wait until the sync has ended; the pauses between its tries, 75 s in all, are cut short."""
    for _ in range(600):
        # A run at work is leased for two minutes; one that rests, for less than one.
        await stage.sql(
            "update directory_sync_runs set leased_until = clock_timestamp()"
            " where status = 'running' and leased_until < clock_timestamp() + interval '60 seconds'"
        )
        if not await stage.count("select count(*) from directory_sync_runs where status in ('queued', 'running')"):
            return
        await asyncio.sleep(0.1)


async def _polled(stage: Stage) -> None:
    """Wait until the list has been asked for, in vain."""
    for _ in range(100):
        if await stage.count("select count(*) from event_polls where last_error is not null"):
            return


async def _state(stage: Stage) -> dict[str, object]:
    """Return a digest of each table's rows, without what moves by itself."""
    there = {row[0] for row in await stage.sql("select tablename from pg_tables where schemaname = 'public'")}
    chosen = {table: columns for table, columns in _KEPT.items() if table in there}
    return {
        table: (await stage.sql(_STATE.format(columns=columns, table=table)))[0][0] for table, columns in chosen.items()
    }


async def _alive(stage: Stage) -> int:
    return await stage.count("select count(*) from sessions where ended_at is null and connection_id is not null")


SCENARIOS = (Scenario("X-08", "WorkOS answers garbage", _garbage),)
