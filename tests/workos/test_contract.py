"""The port's contract, over every implementation: the fake, the client over respx, the client over the twin."""

import base64
import hashlib
from collections.abc import AsyncGenerator
from typing import Any, Literal

import httpx
import pytest

from app.workos.errors import CodeRejected, UpstreamNotFound
from tests.workos import benches
from tests.workos.benches import REDIRECT, Bench

VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture(params=[benches.fake, benches.over_respx, benches.over_sandbox], ids=["fake", "respx", "sandbox"])
async def bench(request: pytest.FixtureRequest) -> AsyncGenerator[Bench]:
    async with request.param() as opened:
        yield opened


def start(bench: Bench, **changes: Any) -> str:  # noqa: ANN401 -- any parameter of authorization_url
    """Return an authorization URL for the bench's person over its SAML connection, unless the changes say otherwise."""
    values: dict[str, Any] = {
        "redirect_uri": REDIRECT,
        "state": "s1",
        "code_challenge": CHALLENGE,
        "login_hint": bench.person,
        "connection": bench.saml,
        **changes,
    }
    return bench.source.authorization_url(**values)


async def test_the_authorization_url_says_what_was_asked(bench: Bench) -> None:
    url = start(bench, domain_hint="acme.example", prompt="login")
    query = dict(httpx.URL(url).params)
    client_id = query.pop("client_id")
    assert client_id.startswith("client_")
    assert httpx.URL(url).path == "/sso/authorize"
    assert query == {
        "response_type": "code",
        "redirect_uri": REDIRECT,
        "state": "s1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "connection": bench.saml,
        "login_hint": bench.person,
        "domain_hint": "acme.example",
        "prompt": "login",
    }


async def test_an_organization_may_be_the_selector(bench: Bench) -> None:
    query = httpx.URL(start(bench, connection=None, organization=bench.organization)).params
    assert query["organization"] == bench.organization
    assert "connection" not in query


@pytest.mark.parametrize("selectors", ["none", "both"])
async def test_exactly_one_selector(bench: Bench, selectors: Literal["none", "both"]) -> None:
    connection, organization = (None, None) if selectors == "none" else (bench.saml, bench.organization)
    with pytest.raises(ValueError, match="exactly one"):
        start(bench, connection=connection, organization=organization)


async def test_a_code_tells_who_signed_in(bench: Bench) -> None:
    code = await bench.approve(start(bench))
    profile = await bench.source.exchange_code(code=code, code_verifier=VERIFIER)
    assert profile.email == bench.person
    assert profile.connection_id == bench.saml
    assert profile.connection_type == "OktaSAML"
    assert profile.organization_id == bench.organization
    assert (profile.first_name, profile.last_name) == ("Ada", "Lovelace")
    assert "Engineering" in profile.groups
    assert profile.attributes["id"] == profile.id
    assert profile.idp_id


async def test_a_code_works_once(bench: Bench) -> None:
    code = await bench.approve(start(bench))
    await bench.source.exchange_code(code=code, code_verifier=VERIFIER)
    with pytest.raises(CodeRejected):
        await bench.source.exchange_code(code=code, code_verifier=VERIFIER)


async def test_another_sign_ins_verifier_is_refused(bench: Bench) -> None:
    code = await bench.approve(start(bench))
    with pytest.raises(CodeRejected):
        await bench.source.exchange_code(code=code, code_verifier="w" * 43)


@pytest.mark.parametrize("code", ["never_issued", "", "a b", "é", "\ud800", "x" * 5000, "a\r\nb", "a\0b"])
async def test_an_unknown_code_is_refused(bench: Bench, code: str) -> None:
    with pytest.raises(CodeRejected):
        await bench.source.exchange_code(code=code, code_verifier=VERIFIER)


async def test_an_oidc_profile_can_sign_out_at_its_provider(bench: Bench) -> None:
    code = await bench.approve(start(bench, connection=bench.oidc))
    profile = await bench.source.exchange_code(code=code, code_verifier=VERIFIER)
    url = await bench.source.logout_url(profile_id=profile.id)
    assert url is not None
    assert url.startswith("http")


async def test_a_saml_profile_cannot(bench: Bench) -> None:
    code = await bench.approve(start(bench))
    profile = await bench.source.exchange_code(code=code, code_verifier=VERIFIER)
    assert await bench.source.logout_url(profile_id=profile.id) is None


async def test_a_profile_that_is_gone_has_no_sign_out(bench: Bench) -> None:
    assert await bench.source.logout_url(profile_id="prof_gone") is None


async def test_an_organization_has_its_domains(bench: Bench) -> None:
    found = await bench.source.get_organization(bench.organization)
    assert found.id == bench.organization
    assert found.name == "Acme Corp"
    assert [(domain.domain, domain.verified) for domain in found.domains] == [(bench.domain, True)]


async def test_a_created_organization_carries_our_id(bench: Bench) -> None:
    made = await bench.source.create_organization(name="Initech", external_id="0197-abc")
    assert made.external_id == "0197-abc"
    assert await bench.source.get_organization(made.id) == made


@pytest.mark.parametrize("unknown", ["nope_1", "", ".", "..", "a/b", "a?b", "a b", "org_\0", "\ud800", "x" * 300])
async def test_an_unknown_id_is_not_found(bench: Bench, unknown: str) -> None:
    with pytest.raises(UpstreamNotFound):
        await bench.source.get_organization(unknown)
    with pytest.raises(UpstreamNotFound):
        await bench.source.get_connection(unknown)


async def test_a_connection_is_found_by_its_id(bench: Bench) -> None:
    saml = await bench.source.get_connection(bench.saml)
    oidc = await bench.source.get_connection(bench.oidc)
    assert (saml.id, saml.type, saml.protocol, saml.state) == (bench.saml, "OktaSAML", "saml", "active")
    assert (oidc.type, oidc.protocol) == ("GenericOIDC", "oidc")
    assert saml.created_at.tzinfo is not None


async def test_connections_are_those_of_the_organization(bench: Bench) -> None:
    page = await bench.source.list_connections(organization=bench.organization)
    assert {connection.id for connection in page.items} == {bench.saml, bench.oidc}
    assert page.after is None


async def test_pages_add_up_to_the_whole(bench: Bench) -> None:
    first = await bench.source.list_connections(organization=bench.crowd)
    rest = await bench.source.list_connections(organization=bench.crowd, after=first.after)
    assert (len(first.items), len(rest.items)) == (100, 3)
    assert len({connection.id for connection in first.items + rest.items}) == 103
    assert rest.after is None


async def test_directories_are_those_of_the_organization(bench: Bench) -> None:
    page = await bench.source.list_directories(organization=bench.organization)
    assert [(directory.id, directory.type) for directory in page.items] == [(bench.directory, "okta scim v2.0")]
