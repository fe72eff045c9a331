"""The gateway's WorkOS is the one whose credentials are in force: every call goes there, or says what is missing."""

import inspect
from dataclasses import replace
from typing import Any

import httpx
import pytest

from app.problems import SettingsIncomplete
from app.settings.gateway import SettingsGateway
from app.workos.errors import UpstreamRefused
from app.workos.gateway import WorkOSSource
from app.workos.in_force import InForce, Values
from app.workos.records import Organization
from tests.fakes.fake_workos import FakeWorkOS
from tests.workos.benches import fill_directories

ASKED: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "get_directory": (("directory_1",), {}),
    "list_directory_users": ((), {"directory": "directory_1", "after": None}),
    "list_group_members": ((), {"directory": "directory_1", "group": "directory_group_1", "after": None}),
    "get_directory_user": (("directory_user_1",), {}),
    "list_directory_groups": ((), {"directory": "directory_1", "after": None}),
    "request_directory_pull": (("directory_google",), {}),
    "list_events": (
        (),
        {"events": ("dsync.user.created",), "after": "event_1", "range_start": None, "range_end": None},
    ),
    "list_all_directories": ((), {"after": None}),
    "list_directories": ((), {"organization": "org_1", "after": None}),
    "portal_link": (
        (),
        {
            "organization": "org_1",
            "intent": "dsync",
            "external_user_id": "u1",
            "return_url": "https://app.example/a",
            "success_url": "https://app.example/b",
        },
    ),
}


def a_gateway(http: httpx.AsyncClient, *api_keys: str) -> SettingsGateway:
    """Return a gateway in which these API keys are in force."""
    values = Values("http://localhost/auth/callback/workos", client_id="client_1", api_keys=api_keys)
    return SettingsGateway("https://api.workos.test", http, InForce(values))


def in_place(gateway: SettingsGateway, **sources: FakeWorkOS) -> None:
    """Put these, by API key, in place of the clients that the credentials would make."""
    gateway._clients.update({("client_1", key): source for key, source in sources.items()})  # pyright: ignore[reportPrivateUsage]


@pytest.mark.parametrize("method", ASKED)
async def test_a_call_is_handed_on_whole(method: str) -> None:
    async with httpx.AsyncClient() as http:
        gateway, source, same = a_gateway(http, "sk_old"), FakeWorkOS(), FakeWorkOS()
        fill_directories(source)
        fill_directories(same)
        source.organizations = same.organizations = {"org_1": Organization("org_1", "Acme")}
        in_place(gateway, sk_old=source)
        positional, named = ASKED[method]
        found = await getattr(gateway, method)(*positional, **named)
        assert found == await getattr(same, method)(*positional, **named)
        assert source.calls == same.calls
        assert all(call.arguments[name] == value for call in source.calls for name, value in named.items())


@pytest.mark.parametrize("method", ASKED)
async def test_without_credentials_every_call_says_so(method: str) -> None:
    async with httpx.AsyncClient() as http:
        positional, named = ASKED[method]
        with pytest.raises(SettingsIncomplete):
            await getattr(a_gateway(http), method)(*positional, **named)


def test_no_method_of_the_port_is_left_out() -> None:
    async_methods = {name for name, _ in inspect.getmembers(WorkOSSource, inspect.isfunction) if name[0] != "_"}
    assert async_methods <= {name for name, _ in inspect.getmembers(SettingsGateway, inspect.isfunction)}
    assert set(ASKED) <= async_methods


async def test_a_key_that_workos_refuses_is_followed_by_the_one_that_replaces_it() -> None:
    async with httpx.AsyncClient() as http:
        gateway, old, new = a_gateway(http, "sk_old", "sk_new"), FakeWorkOS(), FakeWorkOS()
        in_place(gateway, sk_old=old, sk_new=new)
        new.organizations = {"org_1": Organization("org_1", "Acme")}
        for refusal in (
            UpstreamRefused(upstream_status=401),
            UpstreamRefused(upstream_status=400, upstream_errors=("invalid_client",)),
        ):
            old.fail("get_organization", refusal)
            assert (await gateway.get_organization("org_1")).name == "Acme"
        assert len(old.calls) == len(new.calls) == 2


@pytest.mark.parametrize("refusal", [{"upstream_status": 403}, {"upstream_errors": ("invalid_request",)}, {}])
async def test_what_is_refused_for_another_reason_is_not_asked_twice(refusal: dict[str, Any]) -> None:
    async with httpx.AsyncClient() as http:
        gateway, old, new = a_gateway(http, "sk_old", "sk_new"), FakeWorkOS(), FakeWorkOS()
        in_place(gateway, sk_old=old, sk_new=new)
        old.fail("exchange_code", UpstreamRefused(**refusal))
        with pytest.raises(UpstreamRefused):
            await gateway.exchange_code(code="c", code_verifier="v")
        assert new.calls == []


async def test_where_there_is_no_other_key_the_refusal_stays() -> None:
    async with httpx.AsyncClient() as http:
        gateway, old = a_gateway(http, "sk_old"), FakeWorkOS()
        in_place(gateway, sk_old=old)
        old.fail("logout_url", UpstreamRefused(upstream_status=401))
        with pytest.raises(UpstreamRefused):
            await gateway.logout_url(profile_id="prof_1")


async def test_a_refused_key_is_looked_up_anew_whether_the_database_answers_or_not() -> None:
    async with httpx.AsyncClient() as http:
        gateway, old, new = a_gateway(http, "sk_old"), FakeWorkOS(), FakeWorkOS()
        in_place(gateway, sk_old=old)
        new.logout_urls = {"prof_1": "https://idp.test/out"}

        async def away() -> None:
            raise ConnectionError

        async def look() -> None:
            values = gateway._values  # pyright: ignore[reportPrivateUsage]
            values.swap(replace(values.now, api_keys=("sk_new",)))
            in_place(gateway, sk_new=new)

        for answers, gateway.look in ((None, away), ("https://idp.test/out", look)):
            old.fail("logout_url", UpstreamRefused(upstream_status=401))
            if answers is None:
                with pytest.raises(UpstreamRefused):
                    await gateway.logout_url(profile_id="prof_1")
            else:
                assert await gateway.logout_url(profile_id="prof_1") == answers


async def test_a_client_lives_as_long_as_its_key_is_in_force() -> None:
    """Its breakers and its pace are what it has learnt of WorkOS."""
    async with httpx.AsyncClient() as http:
        gateway = a_gateway(http, "sk_old")
        (first,) = gateway._in_force()  # pyright: ignore[reportPrivateUsage]
        values = gateway._values  # pyright: ignore[reportPrivateUsage]
        values.swap(replace(values.now, api_keys=("sk_old", "sk_new")))
        assert gateway._in_force()[0] is first  # pyright: ignore[reportPrivateUsage]
        values.swap(replace(values.now, api_keys=("sk_new",)))
        assert gateway._in_force()[0] is not first  # pyright: ignore[reportPrivateUsage]
        assert len(gateway._clients) == 1  # pyright: ignore[reportPrivateUsage]
