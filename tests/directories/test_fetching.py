"""Fetching: pages are staged in portions; what was read before a refusal is kept, what a kill loses is read again."""

import asyncio
import contextlib
import random  # noqa: TID251 -- seeded, so that a failure can be repeated
from typing import Any

import pytest

from app.directories import fetching, sync
from app.workos.errors import UpstreamUnavailable
from app.workos.records import Member, Page
from tests.syncs import Directory, hired

_RUN = "select status, error_code, failures, attempts, pages from directory_sync_runs where organization_id = $1"
_STAGED = "select number from directory_sync_pages where organization_id = $1 order by number"

_MEMBERS = """
select g.workos_id as club, p.workos_id as person from directory_memberships m
join directory_groups g on g.id = m.group_id join directory_users p on p.id = m.directory_user_id
where m.organization_id = $1 and m.member
"""


async def numbers(directory: Directory) -> list[int]:
    """Return the numbers of the staged pages."""
    return [row["number"] for row in await directory.tenant.stage.sql(_STAGED, directory.tenant.id)]


async def the_run(directory: Directory) -> dict[str, Any]:
    """Return the directory's one run."""
    (row,) = await directory.tenant.stage.sql(_RUN, directory.tenant.id)
    return dict(row)


async def test_what_was_read_before_a_refusal_is_kept(directory: Directory) -> None:
    await hired(directory, 101)
    directory.twin.add_fault("GET /directory_users", "status", status=503, after=1)
    await sync.run_next(directory.worker, directory.begin)
    assert await numbers(directory) == [1, 2], "the groups and the first hundred people"
    assert (await the_run(directory))["failures"] == 1


@pytest.mark.parametrize("how", ["told to stop", "cancelled"])
async def test_a_worker_that_ends_leaves_its_run_to_the_next_at_once(directory: Directory, how: str) -> None:
    """Otherwise every deployment would hold up a full sync that is under way until its lease is over."""
    await hired(directory, 101)
    order = directory.twin.add_fault("GET /directory_users", "latency", delay_ms=300)
    stop = asyncio.Event()
    working = asyncio.create_task(sync.run_next(directory.worker, directory.begin, stop))
    while not directory.twin.hits("/directory_users"):
        await asyncio.sleep(0.01)
    if how == "cancelled":
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working
    else:
        stop.set()
        assert await working
        assert await numbers(directory) == [1, 2], "the groups, and the people that were on their way"
    run = await the_run(directory)
    assert (run["status"], run["failures"]) == ("running", 0)
    directory.twin.remove_fault(order.id)
    directory.tenant.stage.clock.advance(seconds=1)
    await directory.work_off()
    assert (await the_run(directory))["status"] == "completed"
    assert len(await directory.people()) == 101


async def test_a_run_that_reads_no_page_any_more_fails_in_the_end(directory: Directory) -> None:
    """It looks which groups it has each time; that is no page, and must not count as one."""
    await hired(directory, 3)
    directory.twin.add_fault("GET /directory_users", "status", status=503, after=1)
    for _ in range(8):
        await directory.work_off()
        directory.tenant.stage.clock.advance(seconds=300)
    run = await the_run(directory)
    assert (run["status"], run["error_code"], run["attempts"]) == ("failed", "upstream_unavailable", 5)


@pytest.mark.parametrize("killed_at", range(1, 4))  # at the people, at either group
async def test_a_kill_at_any_page_loses_less_than_a_portion(
    directory: Directory, monkeypatch: pytest.MonkeyPatch, killed_at: int
) -> None:
    await hired(directory, 3)
    monkeypatch.setattr(fetching, "_PORTION", 2)
    asked: list[str] = []

    def killing(real: Any) -> Any:  # noqa: ANN401 -- whichever of the two
        async def read(self: object, **sent: Any) -> Any:  # noqa: ANN401 -- as above
            asked.append(sent.get("group") or "people")
            if len(asked) == killed_at:
                raise asyncio.CancelledError
            return await real(self, **sent)

        return read

    source = type(directory.worker.workos)
    for name in ("list_directory_users", "list_group_members"):
        monkeypatch.setattr(source, name, killing(getattr(source, name)))
    with pytest.raises(asyncio.CancelledError):
        await sync.run_next(directory.worker, directory.begin)
    staged = await numbers(directory)
    assert staged == list(range(1, len(staged) + 1))
    assert killed_at - 1 <= len(staged) <= killed_at
    assert (await the_run(directory))["pages"] == len(staged)
    directory.tenant.stage.clock.advance(seconds=300)
    await directory.work_off()
    run = await the_run(directory)
    assert (run["status"], run["pages"]) == ("completed", 4)
    assert len(asked) <= 3 + 2, "the three pages, the one that was lost and what was with it in a portion"
    assert {told[0] for told in (await directory.people()).values()} == {"active"}
    assert len(await directory.people()) == 3


@pytest.mark.parametrize("seed", range(4))
async def test_groups_that_are_read_at_once_keep_their_members_whatever_comes_first(
    directory: Directory, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Pages of seven groups come in any order, some are refused, and the worker is cancelled in the middle of some."""
    tenant, dice = directory.tenant, random.Random(seed)
    people = await hired(directory, 9)
    groups = [directory.twin.add_group(tenant.workos_id, f"G{n}", directory=directory.workos_id).id for n in range(5)]
    wanted = {group: sorted(dice.sample(people, dice.randrange(len(people)))) for group in groups}
    faults = [UpstreamUnavailable("Not now.", cause="status"), asyncio.CancelledError()] * 2

    async def members(_: object, *, directory: str, group: str, after: str | None = None) -> Page[Member]:
        await asyncio.sleep(dice.random() / 100)
        if faults and dice.random() < 0.25:
            raise faults.pop()
        found, start = wanted.get(group, []), int(after or 0)
        page = tuple(Member(one, directory) for one in found[start : start + 2])
        return Page(page, str(start + 2) if start + 2 < len(found) else None)

    monkeypatch.setattr(type(directory.worker.workos), "list_group_members", members)
    monkeypatch.setattr(fetching, "_PORTION", 3)
    while (await the_run(directory))["status"] in {"queued", "running"}:
        with contextlib.suppress(asyncio.CancelledError):
            await sync.run_next(directory.worker, directory.begin)
        assert "_Listing" not in repr(asyncio.all_tasks()), "what was asked for ahead ends with the reading"
        tenant.stage.clock.advance(seconds=300)
    rows = await tenant.stage.sql(_MEMBERS, tenant.id)
    found = {group: sorted(row["person"] for row in rows if row["club"] == group) for group in groups}
    assert found == wanted
    assert len(rows) == sum(map(len, wanted.values()))
