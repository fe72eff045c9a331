"""The gateway's WorkOS is the one whose credentials are in force: every call goes there, or says what is missing."""

import inspect
from typing import Any

import httpx
import pytest

from app.config import Config
from app.problems import SettingsIncomplete
from app.settings.gateway import SettingsGateway
from app.workos.gateway import WorkOSSource
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


@pytest.mark.parametrize("method", ASKED)
async def test_a_call_is_handed_on_whole(method: str) -> None:
    async with httpx.AsyncClient() as http:
        gateway, source, same = SettingsGateway(Config(environment="test"), http), FakeWorkOS(), FakeWorkOS()
        fill_directories(source)
        fill_directories(same)
        source.organizations = same.organizations = {"org_1": Organization("org_1", "Acme")}
        gateway._source = source  # pyright: ignore[reportPrivateUsage] -- in place of the one the credentials make
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
            await getattr(SettingsGateway(Config(environment="test"), http), method)(*positional, **named)


def test_no_method_of_the_port_is_left_out() -> None:
    async_methods = {name for name, _ in inspect.getmembers(WorkOSSource, inspect.isfunction) if name[0] != "_"}
    assert async_methods <= {name for name, _ in inspect.getmembers(SettingsGateway, inspect.isfunction)}
    assert set(ASKED) <= async_methods
