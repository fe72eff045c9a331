"""The port's contract, over every implementation: the fake, the client over respx, the client over the twin."""

import base64
import hashlib
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Literal

import httpx
import pytest

from app.workos.connection_records import ConfiguredConnection, OidcOptions, Options, SamlOptions
from app.workos.errors import (
    AuditEntryRefused,
    CodeRejected,
    ConnectionsApiClosed,
    EventsCursorRejected,
    UpstreamInvalidResponse,
    UpstreamNotFound,
)
from app.workos.records import AuditEntry, DirectoryPull
from sandbox.certificates import self_signed
from tests.workos import benches
from tests.workos.benches import REDIRECT, Bench

VERIFIER = "v" * 43
ENTRY = AuditEntry(
    "user.deactivated",
    datetime(2026, 11, 28, 10, tzinfo=UTC),
    ("user", "u1"),
    (("user", "u2"),),
    "203.0.113.7",
    None,
    {"reason": "left"},
)
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture(params=[benches.fake, benches.over_respx, benches.over_sandbox], ids=["fake", "respx", "sandbox"])
async def bench(request: pytest.FixtureRequest) -> AsyncGenerator[Bench]:
    async with request.param() as opened:
        yield opened


@pytest.fixture(params=[benches.fake, benches.over_respx], ids=["fake", "respx"])
async def told(request: pytest.FixtureRequest) -> AsyncGenerator[Bench]:
    """The benches that were told 103 events; how the twin's are read is in tests/webhooks/test_catch_up.py."""
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
    with pytest.raises(UpstreamNotFound):
        await bench.source.get_directory(unknown)
    with pytest.raises(UpstreamNotFound):
        await bench.source.get_directory_user(unknown)
    with pytest.raises(UpstreamNotFound):
        await bench.source.list_directory_users(directory=unknown)
    with pytest.raises(UpstreamNotFound):
        await bench.source.list_group_members(directory=bench.directory, group=unknown)
    with pytest.raises(UpstreamNotFound):
        await bench.source.list_directory_groups(directory=unknown)
    with pytest.raises(UpstreamNotFound):
        await bench.source.request_directory_pull(unknown)
    with pytest.raises(UpstreamNotFound):
        await bench.source.portal_link(organization=unknown, intent="sso", external_user_id="u1")
    with pytest.raises(UpstreamNotFound):
        await bench.source.revoke_portal_links(organization=unknown, external_user_id="u1")
    await bench.source.create_audit_schema("user.deactivated", targets=["user"], metadata=["reason"])
    with pytest.raises(UpstreamNotFound):
        await bench.source.create_audit_event(ENTRY, organization=unknown, idempotency_key="k")


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


SAML = SamlOptions(
    idp_entity_id="https://idp.example/entity", idp_sso_url="https://idp.example/sso", certificates=(self_signed(30),)
)
OIDC = OidcOptions("https://idp.example/.well-known/openid-configuration", "client", "s3cr3t-of-the-client")


async def test_a_connection_is_made_once(bench: Bench) -> None:
    async def made(options: Options, external_id: str, kind: str | None = None) -> ConfiguredConnection:
        return await bench.source.create_connection(
            organization=bench.organization, options=options, name="By hand", external_id=external_id, type=kind
        )

    saml = (await made(SAML, "first", "OktaSAML")).connection
    assert (saml.organization_id, saml.type, saml.name) == (bench.organization, "OktaSAML", "By hand")
    assert (await bench.source.get_connection(saml.id)).id == saml.id
    assert (await made(SAML, "first")).connection.id == saml.id
    oidc = (await made(OIDC, "second")).connection
    assert (oidc.type, oidc.protocol) == ("GenericOIDC", "oidc")
    assert oidc.id != saml.id
    (certificate,) = await bench.source.list_connection_certificates(saml.id)
    assert certificate.pem == SAML.certificates[0]
    assert OIDC.client_secret not in repr(OIDC)


async def test_a_changed_connection_has_its_new_certificate_beside_the_old_one(bench: Bench) -> None:
    other = SamlOptions(SAML.idp_metadata_url, SAML.idp_entity_id, SAML.idp_sso_url, (self_signed(60),))
    for options in (SAML, SAML, other):
        changed = await bench.source.update_connection(bench.saml, options=options)
        assert changed.connection.id == bench.saml
    found = await bench.source.list_connection_certificates(bench.saml)
    assert [one.pem for one in found] == [*SAML.certificates, *other.certificates]
    by_url = SamlOptions(idp_metadata_url="https://idp.example/metadata")
    assert (await bench.source.update_connection(bench.saml, options=by_url)).connection.id == bench.saml
    assert (await bench.source.update_connection(bench.oidc, options=OIDC)).connection.id == bench.oidc


async def test_an_account_without_the_connections_api_is_told_apart(bench: Bench) -> None:
    bench.open_connections_api(False)
    with pytest.raises(ConnectionsApiClosed):
        await bench.source.create_connection(organization=bench.organization, options=OIDC, name="x", external_id="x")
    with pytest.raises(ConnectionsApiClosed):
        await bench.source.update_connection(bench.oidc, options=OIDC)
    with pytest.raises(ConnectionsApiClosed):
        await bench.source.list_connection_certificates(bench.saml)
    assert (await bench.source.get_connection(bench.saml)).id == bench.saml


@pytest.mark.parametrize("unknown", ["conn_01NO", "..", "a/b", ""])
async def test_a_connection_that_is_not_there_is_not_configured(bench: Bench, unknown: str) -> None:
    with pytest.raises(UpstreamNotFound):
        await bench.source.update_connection(unknown, options=OIDC)
    with pytest.raises(UpstreamNotFound):
        await bench.source.list_connection_certificates(unknown)
    with pytest.raises(UpstreamNotFound):
        await bench.source.create_connection(organization=unknown, options=OIDC, name="x", external_id="x")


async def test_directories_are_those_of_the_organization(bench: Bench) -> None:
    page = await bench.source.list_directories(organization=bench.organization)
    assert [(directory.id, directory.type) for directory in page.items] == [(bench.directory, "okta scim v2.0")]


async def test_everybodys_directories_are_listed_too(bench: Bench) -> None:
    page = await bench.source.list_all_directories()
    assert bench.directory in {directory.id for directory in page.items}


async def test_a_directory_is_found_by_its_id(bench: Bench) -> None:
    found = await bench.source.get_directory(bench.directory)
    assert (found.id, found.organization_id, found.state) == (bench.directory, bench.organization, "linked")


async def test_a_directory_tells_its_people(bench: Bench) -> None:
    page = await bench.source.list_directory_users(directory=bench.directory)
    people = {user.attributes["email"]: user for user in page.items}
    ada = people[bench.person]
    assert (ada.attributes["first_name"], ada.attributes["last_name"]) == ("Ada", "Lovelace")
    assert (ada.state, ada.active) == ("active", True)
    assert (ada.directory_id, ada.organization_id) == (bench.directory, bench.organization)
    assert ada.attributes["id"] == ada.id
    assert ada.idp_id
    assert ada.custom_attributes["department_name"]
    assert ada.updated_at is not None
    assert ada.updated_at.tzinfo is not None
    assert (people[bench.away].state, people[bench.away].active) == ("inactive", False)
    assert page.after is None
    assert await bench.source.get_directory_user(ada.id) == ada


async def test_the_people_of_a_directory_add_up(bench: Bench) -> None:
    first = await bench.source.list_directory_users(directory=bench.directory_crowd)
    rest = await bench.source.list_directory_users(directory=bench.directory_crowd, after=first.after)
    assert (len(first.items), len(rest.items), rest.after) == (100, 3, None)
    assert len({user.id for user in first.items + rest.items}) == 103


async def test_a_directory_tells_its_groups_and_they_their_members(bench: Bench) -> None:
    page = await bench.source.list_directory_groups(directory=bench.directory)
    groups = {group.id: group for group in page.items}
    assert len(groups) >= 2
    assert groups[bench.group].name == "MemberPulse Admins"
    assert {group.directory_id for group in page.items} == {bench.directory}
    members = await bench.source.list_group_members(directory=bench.directory, group=bench.group)
    people = {user.id: user for user in (await bench.source.list_directory_users(directory=bench.directory)).items}
    assert bench.person in {people[member.id].attributes["email"] for member in members.items}
    assert bench.away not in {people[member.id].attributes["email"] for member in members.items}
    assert {member.directory_id for member in members.items} == {bench.directory}


async def test_another_directorys_group_is_no_group_of_this_one(bench: Bench) -> None:
    with pytest.raises(UpstreamInvalidResponse):
        await bench.source.list_group_members(directory=bench.directory_crowd, group=bench.group)


async def test_workos_reads_google_again_and_no_other(bench: Bench) -> None:
    assert await bench.source.request_directory_pull(bench.google) == DirectoryPull("queued")
    assert await bench.source.request_directory_pull(bench.directory) == DirectoryPull("unsupported")


async def test_a_portal_link_opens_the_portal_and_does_not_show_itself(bench: Bench) -> None:
    back = "https://app.memberpulse.example/settings"
    made = await bench.source.portal_link(
        organization=bench.organization, intent="dsync", external_user_id="u1", return_url=back, success_url=back
    )
    assert made.url.startswith("http")
    assert made.url not in repr(made)


async def test_portal_links_are_revoked_as_often_as_one_likes(bench: Bench) -> None:
    made = await bench.source.portal_link(organization=bench.organization, intent="sso", external_user_id="u1")
    for _ in range(2):
        await bench.source.revoke_portal_links(organization=bench.organization, external_user_id="u1")
    await bench.source.revoke_portal_links(organization=bench.organization, external_user_id="nobody")
    assert made.url


async def test_an_audit_event_needs_a_schema_and_may_be_sent_again(bench: Bench) -> None:
    told = {"organization": bench.organization, "idempotency_key": "01a2"}
    with pytest.raises(AuditEntryRefused):
        await bench.source.create_audit_event(ENTRY, **told)
    for _ in range(2):
        await bench.source.create_audit_schema("user.deactivated", targets=["user"], metadata=["reason"])
    for _ in range(2):
        await bench.source.create_audit_event(ENTRY, **told)
    for odd in (replace(ENTRY, targets=(("team", "t"),)), replace(ENTRY, metadata={"other": "x"})):
        with pytest.raises(AuditEntryRefused):
            await bench.source.create_audit_event(odd, organization=bench.organization, idempotency_key="01a3")


async def test_events_are_read_on_from_the_last_one(told: Bench) -> None:
    kinds = ["dsync.user.created", "dsync.user.updated"]
    first = await told.source.list_events(events=kinds)
    rest = await told.source.list_events(events=kinds, after=first.after)
    assert [len(first.items), len(rest.items)] == [100, 3]
    assert [event.id for event in first.items + rest.items] == [f"event_{n}" for n in range(103)]
    assert rest.after is None
    last = rest.items[-1]
    assert (last.event, last.organization_id, last.broken) == ("dsync.user.created", "org_1", None)
    assert last.raw["data"] == last.data
    assert (await told.source.list_events(events=kinds, after=last.id)).items == ()
    assert (await told.source.list_events(events=["connection.deleted"])).items == ()


async def test_events_are_read_of_a_time(told: Bench) -> None:
    plus_two = timezone(timedelta(hours=2))
    start = datetime(2026, 1, 1, 1, 59, tzinfo=plus_two)  # one minute before LONG_AGO, told with an offset
    found = await told.source.list_events(events=["dsync.user.created"], range_start=start)
    assert len(found.items) == 100
    none = await told.source.list_events(events=["dsync.user.created"], range_end=start)
    assert none.items == ()
    with pytest.raises(ValueError, match="time zone"):
        await told.source.list_events(events=["dsync.user.created"], range_start=datetime(2026, 1, 1))  # noqa: DTZ001 -- the point
    with pytest.raises(ValueError, match="event type"):
        await told.source.list_events(events=[])


@pytest.mark.parametrize("cursor", ["event_never", "", "a b", "a/../b", "x" * 300])
async def test_a_cursor_that_is_no_more_has_a_problem_of_its_own(bench: Bench, cursor: str) -> None:
    with pytest.raises(EventsCursorRejected):
        await bench.source.list_events(events=["dsync.user.created"], after=cursor)
