"""A directory is asked 4 times a second at most, as WorkOS counts it, and each directory for itself (threats.md G3)."""

import asyncio
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.workos.calls import Limits
from app.workos.client import WorkOSClient
from app.workos.errors import UpstreamUnavailable
from app.workos.pace import Pace
from app.workos.transport import open_http_client
from sandbox.server import Sandbox
from tests.workos.answers import a_directory_group_answer, a_directory_user_answer, a_list
from tests.workos.conftest import QUICK, Connect
from tests.workos.upstream import Upstream, answering_json


def test_four_at_once_and_the_fifth_a_second_after_the_first_ended() -> None:
    pace = Pace()
    for _ in range(4):
        assert pace.wait("d", 0.0) == 0.0
        pace.take("d", 0.0)
    assert pace.wait("d", 0.1) > 0
    for ended in (0.3, 0.4, 0.5, 0.6):
        pace.give_back("d", ended)
    assert pace.wait("d", 0.6) == pytest.approx(0.7)
    assert pace.wait("d", 1.299) > 0
    assert pace.wait("d", 1.3) == 0.0
    assert pace.wait("another", 0.6) == 0.0


@settings(database=None, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 0.5), st.floats(0, 2), st.floats(0, 1)),
        min_size=1,
        max_size=40,
    )
)
def test_workos_never_sees_five_within_a_second(calls: list[tuple[float, float, float]]) -> None:
    """Whatever each call takes, and whenever within it WorkOS counts it; up to 3 of them at once."""
    pace, now, arrivals, open_calls = Pace(), 0.0, list[float](), list[float]()
    for pause, length, share in calls:
        now += pause
        while len(open_calls) > 2 or pace.wait("d", now):
            for ended in sorted(end for end in open_calls if end <= now):
                pace.give_back("d", ended)
                open_calls.remove(ended)
            now += 0.01
        pace.take("d", now)
        arrivals.append(now + length * share)
        open_calls.append(now + length)
    arrivals.sort()
    assert all(later - earlier > 0.999 for earlier, later in zip(arrivals, arrivals[4:], strict=False))


def test_directories_that_are_not_asked_any_more_are_forgotten() -> None:
    pace = Pace()
    for number in range(5000):
        pace.take(f"d{number}", float(number))
        pace.give_back(f"d{number}", float(number))
    assert len(pace._buckets) <= 1025  # pyright: ignore[reportPrivateUsage] -- nothing else shows it


async def test_workos_has_nothing_to_refuse() -> None:
    """Users and members of one directory share its pace; the twin refuses the fifth call within a second."""
    twin = Sandbox.from_seed()
    twin.world.switches.rate_limits = True
    home = twin.world.directory("Acme Okta Directory")
    async with twin.running() as urls:
        source = WorkOSClient(
            api_key=twin.world.credentials.api_keys[0],
            client_id="c",
            base_url=urls.base_url,
            http=open_http_client(),
        )
        began = time.monotonic()
        await asyncio.gather(*[source.list_directory_users(directory=home.id) for _ in range(9)])
        assert 2.0 <= time.monotonic() - began < 3.0
        await source.aclose()


async def test_members_take_turns_with_people(upstream: Upstream, connect: Connect) -> None:
    upstream.script = answering_json(a_list(a_directory_user_answer()))
    client = connect(limits=Limits(pace_wait=0.1))
    for group in ("g1", "g2"):
        await client.list_directory_users(directory="directory_1")
        await client.list_group_members(directory="directory_1", group=group)
    with pytest.raises(UpstreamUnavailable) as caught:
        await client.list_group_members(directory="directory_1", group="g3")
    assert caught.value.cause == "crowded"
    assert len(upstream.requests) == 4


async def test_a_turn_comes_back_however_a_call_ends(upstream: Upstream, connect: Connect) -> None:
    async def hang(_writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    upstream.script = hang
    client = connect(limits=Limits(page_answer=30, page_deadline=30, pace_wait=3))
    stuck = [asyncio.create_task(client.list_directory_users(directory="directory_1")) for _ in range(4)]
    await asyncio.sleep(0.1)
    for task in stuck:
        task.cancel()
    await asyncio.gather(*stuck, return_exceptions=True)
    upstream.script = answering_json(a_list(a_directory_user_answer()))
    began = time.monotonic()
    assert (await client.list_directory_users(directory="directory_1")).items
    assert 0.9 < time.monotonic() - began < 1.5


async def test_a_second_try_waits_for_its_turn_too(upstream: Upstream, connect: Connect) -> None:
    async def well_at_last(writer: asyncio.StreamWriter) -> None:
        good = answering_json(a_list(a_directory_user_answer()))
        await (good if len(upstream.requests) != 4 else answering_json({}, 502))(writer)

    upstream.script = well_at_last
    client = connect(limits=Limits(retry_pause=0.01))
    for _ in range(3):
        await client.list_directory_users(directory="directory_1")
    began = time.monotonic()
    await client.list_directory_users(directory="directory_1")
    assert len(upstream.requests) == 5
    assert time.monotonic() - began > 0.9


async def test_a_rate_limit_stops_directories_and_nothing_else(upstream: Upstream, connect: Connect) -> None:
    upstream.script = answering_json("Ratelimited", 429, "retry-after: 7")
    client = connect(limits=QUICK)
    for directory in ("directory_1", "directory_2"):
        with pytest.raises(UpstreamUnavailable) as caught:
            await client.list_directory_users(directory=directory)
        assert caught.value.headers["Retry-After"] == "7"
    assert len(upstream.requests) == 1
    upstream.script = answering_json(a_list())
    assert (await client.list_connections(organization="org_1")).items == ()
    assert (await client.list_events(events=["dsync.deleted"])).items == ()


async def test_pages_in_trouble_cost_few_calls_more_than_needed(upstream: Upstream, connect: Connect) -> None:
    """With every tenth answer a 502 all pages are read; with nothing but 502 the second tries stop (threats.md G3)."""

    async def stumbling(writer: asyncio.StreamWriter) -> None:
        good = answering_json(a_list(a_directory_group_answer()))
        await (good if len(upstream.requests) % 10 else answering_json({}, 502))(writer)

    upstream.script = stumbling
    client = connect()
    for _ in range(50):
        await client.list_directory_groups(directory="directory_1")
    assert 50 < len(upstream.requests) <= 60
    upstream.requests.clear()
    upstream.script = answering_json({}, 502)
    for _ in range(50):
        with pytest.raises(UpstreamUnavailable):
            await client.list_directory_groups(directory="directory_1")
    assert len(upstream.requests) <= 60
