"""Lists through the official SDK: paging, filters, single objects, error shapes."""

from typing import Any

import pytest
from workos import (
    AsyncWorkOSClient,
    AuthenticationError,
    ConflictError,
    NotFoundError,
    RateLimitExceededError,
    UnprocessableEntityError,
)

from tests.sandbox.conftest import Bench


def _directory(bench: Bench) -> str:
    return bench.twin.world.directory("Acme Okta Directory").id


async def test_auto_paging_meets_everybody_once(bench: Bench) -> None:
    page = await bench.workos.directory_sync.list_users(directory=_directory(bench), limit=5)
    emails = [user.email async for user in page.auto_paging_iter()]
    assert len(emails) == len(set(emails)) == 12
    assert emails[0] == "john@acme.example"  # newest first, as the SDK asks by default
    assert len(bench.twin.hits("/directory_users")) == 3


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_before_walks_back_over_the_same_pages(bench: Bench, order: Any) -> None:  # noqa: ANN401
    listed = bench.workos.directory_sync.list_users
    first = await listed(directory=_directory(bench), limit=5, order=order)
    second = await listed(directory=_directory(bench), limit=5, order=order, after=first.after)
    back = await listed(directory=_directory(bench), limit=5, order=order, before=second.before)
    assert first.before is None
    assert [u.id for u in back.data] == [u.id for u in first.data]
    assert back.before is None
    third = await listed(directory=_directory(bench), limit=5, order=order, after=second.after)
    again = await listed(directory=_directory(bench), limit=5, order=order, before=third.before)
    assert [u.id for u in again.data] == [u.id for u in second.data]
    assert again.before == second.before


async def test_cursor_outlives_its_object(bench: Bench) -> None:
    first = await bench.workos.directory_sync.list_users(directory=_directory(bench), limit=5)
    bench.twin.remove_person(str(first.after))
    second = await bench.workos.directory_sync.list_users(directory=_directory(bench), limit=100, after=first.after)
    assert len(second.data) == 7


async def test_last_page_has_no_cursor(bench: Bench) -> None:
    page = await bench.workos.directory_sync.list_users(directory=_directory(bench), limit=12)
    assert page.after is None


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "after=nonsense", "order=sideways"])
async def test_bad_paging_is_422(bench: Bench, query: str) -> None:
    headers = {"authorization": f"Bearer {bench.twin.world.credentials.api_keys[0]}"}
    answer = await bench.browser.get(f"{bench.base_url}/connections?{query}", headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == query.partition("=")[0]


async def test_directory_user_filters(bench: Bench) -> None:
    listed, home = bench.workos.directory_sync.list_users, _directory(bench)
    ada = (await listed(directory=home, email="ADA@acme.example")).data
    assert [u.first_name for u in ada] == ["Ada"]
    assert (await listed(directory=home, idp_id=ada[0].idp_id)).data == ada
    groups = await bench.workos.directory_sync.list_groups(user=ada[0].id, order="asc")
    assert [g.name for g in groups.data] == ["MemberPulse Admins", "Engineering"]
    members = await listed(group=groups.data[0].id, order="asc")
    assert [u.first_name for u in members.data] == ["Ada", "Grace"]


async def test_directory_user_shape_since_april(bench: Bench) -> None:
    user = (await bench.workos.directory_sync.list_users(directory=_directory(bench), email="ada@acme.example")).data[0]
    assert user.custom_attributes["department_name"] == "Engineering"
    assert (user.emails, user.job_title, user.username, user.raw_attributes, user.groups) == ([], None, None, {}, [])
    assert await bench.workos.directory_sync.get_user(user.id) == user


async def test_legacy_directory_fills_the_old_fields(bench: Bench) -> None:
    bench.twin.change_directory("Acme Okta Directory", wire="legacy")
    user = (await bench.workos.directory_sync.list_users(directory=_directory(bench), email="ada@acme.example")).data[0]
    assert user.emails
    assert user.emails[0].value == "ada@acme.example"
    assert [g.name for g in user.groups or []] == ["MemberPulse Admins", "Engineering"]
    assert user.raw_attributes
    assert user.job_title == "Head of Engineering"


async def test_lists_that_need_a_filter(bench: Bench) -> None:
    with pytest.raises(UnprocessableEntityError):
        await bench.workos.directory_sync.list_users()
    with pytest.raises(UnprocessableEntityError):
        await bench.workos.directory_sync.list_groups()
    group = (await bench.workos.directory_sync.list_groups(directory=_directory(bench))).data[0]
    assert await bench.workos.directory_sync.get_group(group.id) == group
    with pytest.raises(UnprocessableEntityError):
        await bench.workos.directory_sync.list_users(group=group.id, email="ada@acme.example")


async def test_directories_count_their_people(bench: Bench) -> None:
    acme = str(bench.acme.organization_id)
    page = await bench.workos.directory_sync.list_directories(organization_id=acme)
    assert [d.name for d in page.data] == ["Acme Okta Directory"]
    metadata = page.data[0].metadata
    assert metadata
    assert (metadata.users.active, metadata.users.inactive, metadata.groups) == (11, 1, 4)
    assert (await bench.workos.directory_sync.get_directory(page.data[0].id)) == page.data[0]
    assert (await bench.workos.directory_sync.list_directories(search="nothing")).data == []
    assert len((await bench.workos.directory_sync.list_directories(domain="globex.example")).data) == 1


async def test_sync_is_for_google_workspace(bench: Bench) -> None:
    google = bench.twin.world.directory("MemberPulse Google Directory").id
    assert (await bench.workos.directory_sync.create_directory_sync(google)).status == "queued"
    with pytest.raises(UnprocessableEntityError) as refused:
        await bench.workos.directory_sync.create_directory_sync(_directory(bench))
    assert refused.value.code == "directory_sync_unsupported"


async def test_sync_cools_down_for_five_minutes(bench: Bench) -> None:
    google = bench.twin.world.directory("MemberPulse Google Directory").id
    ask = bench.workos.directory_sync.create_directory_sync
    bench.twin.set_switches(sync_seconds=60)
    await ask(google)
    with pytest.raises(ConflictError) as at_work:
        await ask(google)
    assert at_work.value.code == "directory_sync_in_progress"
    bench.twin.advance_clock(100)
    with pytest.raises(RateLimitExceededError) as too_soon:
        await ask(google)
    assert too_soon.value.code == "directory_sync_rate_limited"
    body = too_soon.value.response_json or {}
    assert body["retry_after_seconds"] == too_soon.value.retry_after == 200
    bench.twin.advance_clock(200)
    await ask(google)
    bench.twin.change_directory(google, state="invalid_credentials")
    with pytest.raises(UnprocessableEntityError):
        await ask(google)


async def test_deleted_directory_takes_its_groups(bench: Bench) -> None:
    group = (await bench.workos.directory_sync.list_groups(directory=_directory(bench))).data[0]
    await bench.workos.directory_sync.delete_directory(_directory(bench))
    with pytest.raises(NotFoundError):
        await bench.workos.directory_sync.get_group(group.id)


async def test_connection_filters(bench: Bench) -> None:
    listed = bench.workos.sso.list_connections
    assert [c.name for c in (await listed(connection_type="AzureSAML")).data] == ["Globex Entra ID"]
    assert len((await listed(organization_id=str(bench.acme.organization_id))).data) == 2
    assert len((await listed(domain="acme.example", search="okta")).data) == 1
    connection = await bench.workos.sso.get_connection(bench.acme.id)
    assert (connection.state, connection.status, connection.domains[0].domain) == ("active", "linked", "acme.example")
    await bench.workos.sso.delete_connection(bench.acme.id)
    with pytest.raises(NotFoundError) as gone:
        await bench.workos.sso.get_connection(connection.id)
    assert gone.value.code == "entity_not_found"
    assert gone.value.request_id


@pytest.mark.parametrize(
    "path",
    [
        "connections",
        "organizations",
        "directories",
        "directory_users",
        "directory_groups",
        "organization_domains/x",
        "webhook_endpoints",
    ],
)
async def test_api_key_is_needed(bench: Bench, path: str) -> None:
    for headers in ({}, {"authorization": "Bearer sk_wrong"}, {"authorization": "Basic c2s6"}):
        answer = await bench.browser.get(f"{bench.base_url}/{path}", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["x-request-id"]


async def test_wrong_key_is_the_sdks_authentication_error(bench: Bench) -> None:
    other = AsyncWorkOSClient(
        api_key="sk_wrong", client_id="c", base_url=bench.base_url, http_client=bench.browser, max_retries=0
    )
    with pytest.raises(AuthenticationError):
        await other.sso.list_connections()


async def test_unknown_route_is_404_with_a_message(bench: Bench) -> None:
    answer = await bench.browser.get(f"{bench.base_url}/nothing/here")
    assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})


async def test_fifth_read_of_a_directory_in_a_second_is_refused(bench: Bench) -> None:
    bench.twin.set_switches(rate_limits=True)
    for _ in range(4):
        await bench.workos.directory_sync.list_users(directory=_directory(bench))
    answer = await bench.workos.request_raw("get", ("directories",))  # another route has another budget
    assert answer["object"] == "list"
    # WorkOS answers a bare JSON string here, which the SDK cannot read (AttributeError instead of its own error).
    with pytest.raises((RateLimitExceededError, AttributeError)):
        await bench.workos.directory_sync.list_users(directory=_directory(bench))
    bench.twin.advance_clock(1.1)
    await bench.workos.directory_sync.list_users(directory=_directory(bench))
