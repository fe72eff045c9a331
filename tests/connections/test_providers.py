"""GET /api/providers: the identity and directory providers we can name, with protocol and set-up hint."""

from typing import Any

import pytest

from app.connections.providers import DIRECTORIES, SSO
from app.workos.records import SpokenProtocol
from tests.builders import Tenant
from tests.fakes.fake_workos import a_connection
from tests.gateway import SERVICE, Stage

PATH = "/api/providers"
# contract.md, POST /api/directories: the names by which a directory is added.
ADDABLE = ["okta", "azure", "google", "onelogin", "jumpcloud", "generic"]
MEMBERS = {"id", "name", "kind", "protocol", "type", "hint", "steps"}


async def listed(tenant: Tenant, name: str = "ada") -> list[dict[str, Any]]:
    answer = await (await tenant.signed_in(name)).api("GET", PATH)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found.keys() == {"object", "data"}
    assert found["object"] == "list"
    data: list[dict[str, Any]] = found["data"]
    return data


async def test_every_provider_says_what_it_is_and_what_to_do(tenant: Tenant) -> None:
    providers = await listed(tenant)
    assert len(providers) > 30
    for provider in providers:
        assert provider.keys() == MEMBERS
        words = [provider[name] for name in MEMBERS - {"steps"}] + provider["steps"]
        assert all(isinstance(value, str) and value.strip() == value for value in words), provider
        assert all(step.endswith(".") for step in provider["steps"])
        assert bool(provider["steps"]) == (provider["kind"] == "directory")
        assert provider["hint"].endswith(".")
        assert provider["kind"] in {"sso", "directory"}


async def test_the_directory_providers_are_those_that_can_be_added(tenant: Tenant) -> None:
    directories = [provider for provider in await listed(tenant) if provider["kind"] == "directory"]
    assert [provider["id"] for provider in directories] == ADDABLE
    assert {provider["id"]: (provider["protocol"], provider["type"]) for provider in directories} == {
        "okta": ("scim", "okta scim v2.0"),
        "azure": ("scim", "azure scim v2.0"),
        "google": ("api", "gsuite directory"),
        "onelogin": ("scim", "onelogin scim v2.0"),
        "jumpcloud": ("scim", "jump cloud scim v2.0"),
        "generic": ("scim", "generic scim v2.0"),
    }


async def test_the_common_identity_providers_are_there(tenant: Tenant) -> None:
    types = {provider["type"]: provider["protocol"] for provider in await listed(tenant) if provider["kind"] == "sso"}
    for kind in ("OktaSAML", "AzureSAML", "GoogleSAML", "OneLoginSAML", "JumpCloudSAML", "ADFSSAML", "GenericSAML"):
        assert types[kind] == "saml"
    for kind in ("GenericOIDC", "OktaOIDC", "EntraIdOIDC", "GoogleOIDC"):
        assert types[kind] == "oidc"


def test_each_is_named_once() -> None:
    for providers in (SSO, DIRECTORIES):
        for member in ("id", "name", "type"):
            values = [(provider[member], provider["protocol"]) for provider in providers]
            assert len(values) == len(set(values)), member
        ids = [provider["id"] for provider in providers]
        assert len(ids) == len(set(ids))


@pytest.mark.parametrize("provider", SSO, ids=lambda provider: provider["id"])
def test_a_connection_of_its_type_speaks_its_protocol(provider: dict[str, str]) -> None:
    spoken: SpokenProtocol = a_connection(type=provider["type"]).protocol
    assert spoken == provider["protocol"]


async def test_everybody_with_a_session_sees_the_same(tenant: Tenant) -> None:
    assert await listed(tenant, "mia") == await listed(tenant, "sam") == await listed(tenant)


async def test_nobody_else_does(stage: Stage) -> None:
    http = stage.browser().http
    for answer in (await http.get(PATH), await http.get(PATH, auth=SERVICE)):
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
