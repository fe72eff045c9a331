"""Inbox: waiting until everything is applied, and what must hold of the inbox whatever happened."""

import asyncio
import time
from collections.abc import Iterable, Sequence

from bench.faults.findings import Findings
from bench.faults.poison import kept_as
from bench.faults.sender import Delivery
from bench.faults.stage import Stage

_HELD = "select id, directory_id from directory_sync_runs where status = 'needs_confirmation'"
_RUNS = "select count(*) from directory_sync_runs where status in ('queued', 'running')"
_LAGS = (
    "select 1000 * extract(epoch from done_at - received_at)::float8 as ms from webhook_events"
    " where event_id = any($1::text[]) and done_at is not null"
)
_MIRRORED = "select to_regclass('public.directory_memberships') is not null"


class NotSettled(Exception):  # noqa: N818 -- named for what happened
    """Events were still pending when the patience ended; the message says how many, and how the worker ended."""


async def is_mirrored(stage: Stage) -> bool:
    """Return whether this release mirrors people and groups."""
    return bool((await stage.sql(_MIRRORED))[0][0])


async def settled(stage: Stage, *, within: float = 120, pending: int = 0) -> float:
    """Wait until at most so many events are pending and no full sync runs; return the seconds. Raises NotSettled."""
    began = time.monotonic()
    while (left := await _left(stage)) > pending:
        if time.monotonic() - began > within:
            raise NotSettled(f"{left} pending after {within:.0f} s; the worker said:\n{stage.worker.said()}")
        await asyncio.sleep(0.1)
    return time.monotonic() - began


async def _left(stage: Stage) -> int:
    left = await stage.count("select count(*) from webhook_events where status = 'pending'")
    syncs = await stage.count("select (to_regclass('public.directory_sync_runs') is not null)::int")
    return left + (await stage.count(_RUNS) if syncs else 0)


async def lags(stage: Stage, events: Sequence[str]) -> list[float]:
    """Return the milliseconds from receiving each of these events to applying it, of those that are applied."""
    return [row["ms"] for row in await stage.sql(_LAGS, events)]


async def catch_up_now(stage: Stage) -> None:
    """Make the next reading of WorkOS's list due: it comes once a minute, and scenarios are shorter than that."""
    await stage.sql("update event_polls set polled_at = polled_at - interval '61 seconds'")


async def polled_since(stage: Stage, *, within: float = 30) -> float:
    """Have WorkOS's list read once more and wait until that has ended; return the seconds. Raises NotSettled."""
    began = time.monotonic()
    # By the database's clock, as the worker's own is.
    now = (await stage.sql("select clock_timestamp()"))[0][0]
    await catch_up_now(stage)
    while not await stage.count(
        "select count(*) from event_polls where polled_at > $1 and leased_until is null and last_error is null", now
    ):
        if time.monotonic() - began > within:
            raise NotSettled(
                f"WorkOS's list was not read within {within:.0f} s; the worker said:\n{stage.worker.said()}"
            )
        await asyncio.sleep(0.1)
    return time.monotonic() - began


async def listed(stage: Stage, *, within: float = 60) -> int:
    """Wait until every directory that is to be listed anew has been, hurried on. Raises NotSettled.

    What the guard holds, because half of a small company has left at once, is confirmed as a person would; return how
    many runs that were.
    """
    began, held, admin = time.monotonic(), set[object](), await stage.admin()
    await stage.sql("update periodic_jobs set last_run_at = 'epoch' where name = 'directories.queue_due'")
    while left := await stage.count("select count(*) from directories where sync_wanted_at is not null"):
        if time.monotonic() - began > within:
            raise NotSettled(f"{left} directories not listed after {within:.0f} s:\n{stage.worker.said()}")
        for run in await stage.sql(_HELD):
            held.add(run["id"])
            await admin.post(f"/api/directories/{run['directory_id']}/syncs/{run['id']}/confirm", {})
        await asyncio.sleep(0.1)
    await admin.close()
    return len(held)


async def check(stage: Stage, findings: Findings, happened: Iterable[str], *, poison: Sequence[Delivery] = ()) -> None:
    """Note what must hold of the inbox: all is there, once, applied once, and only poison is dead.

    `happened`: the events that must be there, beside those of the ledger.
    """
    unread, told = kept_as(poison), await stage.sql("select event_id, status from webhook_events")
    rows = {unread.get(str(row["event_id"]), str(row["event_id"])): str(row["status"]) for row in told}
    promised = set(stage.ledger.entries())
    bad = {each.event_id for each in poison}
    findings.must_be_zero("lost after 2xx", sorted(promised - rows.keys()))
    findings.must_be_zero("never arrived", sorted(set(happened) - promised - rows.keys()))
    findings.must_be_zero("still pending", sorted(id_ for id_, status in rows.items() if status == "pending"))
    findings.must_be_zero("dead, not poison", sorted(i for i, s in rows.items() if s == "dead" and i not in bad))
    findings.must_be_zero("poison, not dead", sorted(i for i in bad if rows.get(i) != "dead"))
    await _effects(stage, findings)


async def _effects(stage: Stage, findings: Findings) -> None:
    twice = await stage.sql(
        "select event_id || ' on ' || place as word from faults.applied"
        " group by event_id, place, object_id having count(*) > 1"
    )
    findings.must_be_zero("effects twice", [row["word"] for row in twice])
    torn = await stage.sql(
        "select a.event_id as word from faults.applied a join webhook_events w on w.event_id = a.event_id"
        " where w.status not in ('done', 'skipped') group by 1"
    )
    findings.must_be_zero("applied, not finished", [row["word"] for row in torn])
    if await is_mirrored(stage):
        parked = await stage.sql("select event_id || ' ' || event || ': ' || coalesce(last_error, '') as word"
                                 " from webhook_events where status = 'parked'")  # fmt: skip
        findings.must_be_zero("parked for ever", [row["word"] for row in parked])
