"""Configuring single sign-on: field by field, by WorkOS's API where the account has it, else by the Admin Portal."""

import asyncio
import json
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.builders import Tenant, a_tenant
from tests.gateway import Browser, Stage
from tests.logs import logged
from tests.sessions.stages import dump
from tests.sso import provider
from tests.sso.provider import a_certificate, lasting_certificate, private_key_pem, saml_body

SECRET = "c4n4ry-client-secret"
LASTING = lasting_certificate()
METADATA = provider.metadata(LASTING)
AUDITED = """
select action, targets::text as targets, metadata::text as metadata from audit_events
where organization_id = $1 and action like 'sso.configuration.%' order by occurred_at, id
"""


@pytest.fixture
async def opened(stage: Stage) -> AsyncGenerator[Stage]:
    """A stage whose WorkOS account may configure connections; it has forgotten that it once might not."""
    stage.twin.set_switches(connections_api=True)
    _forget(stage)
    yield stage
    stage.twin.set_switches(connections_api=False)
    _forget(stage)


@pytest.fixture
async def closed(stage: Stage) -> Stage:
    """A stage whose WorkOS account may not, and that does not know yet."""
    _forget(stage)
    return stage


def _forget(stage: Stage) -> None:
    workos: Any = stage.assembly.runtime.workos
    workos._in_force()[0]._connections._closed_until = float("-inf")


async def put(browser: Browser, tenant: Tenant, body: dict[str, Any]) -> httpx.Response:
    """Configure a tenant's single sign-on."""
    return await browser.api("PUT", f"/api/organizations/{tenant.workos_id}/sso/configuration", json=body)


async def configured(browser: Browser, tenant: Tenant, body: dict[str, Any]) -> dict[str, Any]:
    """Configure it and return what became of it."""
    answer = await put(browser, tenant, body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def faults(browser: Browser, tenant: Tenant, body: dict[str, Any]) -> dict[str, str]:
    """Return what is wrong by field; nothing was asked of WorkOS."""
    tenant.stage.twin.clear_hits()
    answer = await put(browser, tenant, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), answer.text
    assert [hit for hit in tenant.stage.twin.hits() if "/idp/papers" not in hit.path] == []
    return {error["field"]: error["message"] for error in answer.json()["errors"]}


def oidc_body(stage: Stage, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    """Return what configures the twin's OpenID provider."""
    url = f"{stage.twin.public_url}/idp/papers/.well-known/openid-configuration"
    return {"client_id": "memberpulse", "client_secret": SECRET, "discovery_url": url, **changes}


async def test_saml_by_its_fields_changes_the_one_connection(tenant: Tenant, opened: Stage) -> None:
    ada = await tenant.signed_in()
    found = await configured(ada, tenant, saml_body())
    assert (found["protocol"], found["source"], found["outcome"]) == ("saml", "fields", "applied")
    assert (found["oidc"], found["portal"], found["warnings"]) == (None, None, [])
    assert found["saml"]["idp_sso_url"] == "https://idp.example/sso"
    (certificate,) = found["saml"]["certificates"]
    assert (certificate["key_type"], certificate["subject"]) == ("EC", "CN=idp.example")
    assert found["connection"]["workos_id"] == tenant.connection_workos_id
    assert found["connection"]["certificate_expires_at"] == certificate["not_after"]
    kept = opened.twin.world.connections[tenant.connection_workos_id]
    assert kept.options["idp_entity_id"] == "https://idp.example/entity"
    assert [one.value for one in kept.certificates] == [lasting_certificate()]
    assert (found["sp_entity_id"], found["sp_acs_url"], found["redirect_uri"]) == (None, None, None)
    assert "Admin Portal" in found["hint"]
    (row,) = await opened.sql(AUDITED, tenant.id)
    assert row["action"] == "sso.configuration.changed"
    assert {target["type"]: target["id"] for target in json.loads(row["targets"])} == {
        "organization": str(tenant.id), "connection": str(tenant.connection_id)
    }  # fmt: skip
    assert json.loads(row["metadata"]) == {
        "protocol": "saml", "source": "fields", "certificates": [certificate["fingerprint_sha256"]]
    }  # fmt: skip


async def test_oidc_makes_a_connection_once_and_changes_it_from_then_on(tenant: Tenant, opened: Stage) -> None:
    ada = await tenant.signed_in()
    found = await configured(ada, tenant, oidc_body(opened, type="OktaOIDC", name="Okta by hand"))
    assert (found["protocol"], found["source"], found["outcome"]) == ("oidc", "discovery_url", "applied")
    assert found["oidc"]["issuer"] == f"{opened.twin.public_url}/idp/papers"
    made = found["connection"]
    assert (made["type"], made["protocol"], made["name"], made["state"]) == (
        "OktaOIDC", "oidc", "Okta by hand", "active"
    )  # fmt: skip
    again = await configured(ada, tenant, oidc_body(opened, client_id="other"))
    assert again["connection"]["id"] == made["id"]
    assert opened.twin.world.connections[made["workos_id"]].options["client_id"] == "other"
    new = await configured(ada, tenant, oidc_body(opened, connection="new"))
    assert new["connection"]["id"] != made["id"]
    unclear = await faults(ada, tenant, oidc_body(opened))
    assert "which of the organization's 2" in unclear["connection"]
    named = await configured(ada, tenant, oidc_body(opened, connection=made["workos_id"]))
    assert named["connection"]["id"] == made["id"]


async def test_two_who_press_the_button_at_once_make_one_connection(tenant: Tenant, opened: Stage) -> None:
    ada = await tenant.signed_in()
    bearer = await ada.bearer()
    path = f"/api/organizations/{tenant.id}/sso/configuration"
    answers = await asyncio.gather(*(ada.http.put(path, json=oidc_body(opened), headers=bearer) for _ in range(3)))
    assert [answer.status_code for answer in answers] == [200] * 3, answers[0].text
    assert len({answer.json()["connection"]["id"] for answer in answers}) == 1
    held = [one for one in opened.twin.world.connections.values() if one.organization_id == tenant.workos_id]
    assert len(held) == 2


@pytest.mark.parametrize("way", ["metadata_url", "metadata_xml"])
async def test_saml_by_metadata(way: str, tenant: Tenant, opened: Stage) -> None:
    ada = await tenant.signed_in()
    url = f"{opened.twin.public_url}/idp/papers/metadata.xml?days=36000"
    async with httpx.AsyncClient() as http:
        document = (await http.get(url)).text
    found = await configured(ada, tenant, {way: url if way == "metadata_url" else document})
    assert (found["source"], found["outcome"]) == (way, "applied")
    assert found["saml"]["idp_entity_id"] == f"{opened.twin.public_url}/idp/papers/entity"
    kept = opened.twin.world.connections[tenant.connection_workos_id]
    if way == "metadata_url":
        assert kept.options == {"idp_metadata_url": url}
    else:
        assert kept.options["idp_sso_url"] == f"{opened.twin.public_url}/idp/papers/sso"
        assert len(kept.certificates) == 1


async def test_certificates_of_before_that_are_still_trusted_are_told(tenant: Tenant, opened: Stage) -> None:
    ada, changed = await tenant.signed_in(), a_certificate()
    assert (await configured(ada, tenant, saml_body()))["warnings"] == []
    (told,) = (await configured(ada, tenant, saml_body(idp_certificate=changed)))["warnings"]
    assert (told["code"], told["field"]) == ("certificates_still_trusted", "idp_certificate")
    assert "beside 1 older" in told["detail"]
    kept = opened.twin.world.connections[tenant.connection_workos_id].certificates
    assert [one.value for one in kept] == [lasting_certificate(), changed]


async def test_of_several_certificates_the_expired_ones_are_told_and_left_out(tenant: Tenant, opened: Stage) -> None:
    ada = await tenant.signed_in()
    document = provider.metadata(
        a_certificate(days=-3_000, since=-4_000), lasting_certificate(), entity_id="https://idp.example/entity"
    )
    found = await configured(ada, tenant, {"metadata_xml": document})
    assert [warning["code"] for warning in found["warnings"]] == ["certificate_expired"]
    assert len(found["saml"]["certificates"]) == 1
    assert len(opened.twin.world.connections[tenant.connection_workos_id].certificates) == 1


async def test_without_the_api_the_portal_is_answered_with_what_was_checked(tenant: Tenant, closed: Stage) -> None:
    ada = await tenant.signed_in()
    found = await configured(ada, tenant, saml_body())
    assert (found["outcome"], found["connection"]["workos_id"]) == ("portal", tenant.connection_workos_id)
    assert found["portal"]["link"].startswith(closed.twin.public_url)
    assert found["saml"]["certificates"]
    assert "Admin Portal" in found["hint"]
    async with httpx.AsyncClient() as http:
        assert (await http.get(found["portal"]["link"])).status_code in {200, 302, 303}
    (row,) = await closed.sql(AUDITED, tenant.id)
    assert row["action"] == "sso.configuration.checked"
    linked = "select 1 from audit_events where organization_id = $1 and action = 'portal.link.created'"
    assert len(await closed.sql(linked, tenant.id)) == 1
    closed.twin.clear_hits()
    assert (await configured(ada, tenant, oidc_body(closed)))["outcome"] == "portal"
    assert [hit.path for hit in closed.twin.hits() if hit.path.startswith("/connections")] == [], "for an hour"


async def test_the_portal_leads_back_to_us_only(tenant: Tenant, closed: Stage) -> None:
    ada = await tenant.signed_in()
    answer = await put(ada, tenant, saml_body(return_url="https://evil.example/"))
    assert (answer.status_code, answer.json()["code"]) == (422, "portal_return_not_allowed")
    back = f"{closed.config.public_url}/settings"
    assert (await configured(ada, tenant, saml_body(return_url=back)))["outcome"] == "portal"


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (saml_body(idp_certificate=None), {"idp_certificate": "is missing"}),
        ({"idp_sso_url": "https://idp.example/"}, {"idp_entity_id": "missing", "idp_certificate": "missing"}),
        (saml_body(metadata_url="https://idp.example/m"), {"metadata_url": "does not go with"}),
        (saml_body(client_id="x"), {"client_id": "does not go with"}),
        ({"metadata_url": "https://idp.example/m", "metadata_xml": "<a/>"}, {"metadata_xml": "does not go with"}),
        ({"client_id": "x"}, {"client_secret": "missing", "discovery_url": "missing"}),
        (
            saml_body(idp_entity_id="a b", idp_sso_url="http://idp.example", idp_certificate="x"),
            {"idp_entity_id": "entity id", "idp_sso_url": "https URL", "idp_certificate": "no X.509"},
        ),
        (saml_body(idp_sso_url="https://user@idp.example/"), {"idp_sso_url": "https URL"}),
        (saml_body(idp_sso_url="javascript:alert(1)"), {"idp_sso_url": "https URL"}),
        (saml_body(idp_sso_url="https://idp.example:99999/"), {"idp_sso_url": "https URL"}),
        (saml_body(idp_certificate=a_certificate(days=-3_000, since=-4_000)), {"idp_certificate": "expired on"}),
        (saml_body(idp_certificate=private_key_pem()), {"idp_certificate": "private key"}),
        (saml_body(type="GenericOIDC", connection="new"), {"type": "no type of a SAML provider"}),
        (saml_body(type="Nonsense", connection="new"), {"type": "no type of a SAML provider"}),
        (saml_body(connection="conn_01UNKNOWN"), {"connection": "no connection of this organization"}),
        ({"metadata_xml": "hello"}, {"metadata_xml": "no XML"}),
        ({"metadata_xml": "<!DOCTYPE a>" + METADATA}, {"metadata_xml": "document type"}),
        ({"metadata_xml": provider.metadata()}, {"metadata_xml": "no signing certificate"}),
        ({"metadata_xml": provider.metadata(LASTING, bindings=())}, {"metadata_xml": "no single sign-on"}),
        (
            {"metadata_xml": provider.metadata(lasting_certificate(), sso_url="http://idp.example/")},
            {"metadata_xml": "https URL"},
        ),
        (
            {"metadata_xml": provider.metadata(lasting_certificate(), attributes=' validUntil="2020-01-01T00:00:00Z"')},
            {"metadata_xml": "was good until"},
        ),
        (
            {"metadata_xml": provider.metadata(a_certificate(days=-3_000, since=-4_000))},
            {"metadata_xml": "expired on"},
        ),
    ],
    ids=",".join,
)  # fmt: skip
async def test_each_field_is_told_what_is_wrong_with_it(
    body: dict[str, Any], wrong: dict[str, str], tenant: Tenant, opened: Stage
) -> None:
    found = await faults(await tenant.signed_in(), tenant, body)
    assert found.keys() == wrong.keys()
    for name, message in wrong.items():
        assert message in found[name]
    assert opened.twin.world.connections[tenant.connection_workos_id].options == {}


@pytest.mark.parametrize("body", [{}, {"name": "x"}, {"return_url": "http://localhost:8000/"}])
async def test_nothing_to_configure_is_told(body: dict[str, Any], tenant: Tenant) -> None:
    answer = await put(await tenant.signed_in(), tenant, body)
    assert (answer.status_code, answer.json()["errors"]) == (422, [])
    assert "SAML" in answer.json()["detail"]


async def test_another_protocols_connection_is_not_turned_around(tenant: Tenant, opened: Stage) -> None:
    ada = await tenant.signed_in()
    found = await faults(ada, tenant, oidc_body(opened, connection=tenant.connection_workos_id))
    assert "speaks SAML" in found["connection"]
    other = await a_tenant(opened)
    for foreign in (str(other.connection_id), other.connection_workos_id):
        assert "no connection" in (await faults(ada, tenant, saml_body(connection=foreign)))["connection"]


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        ((400, "invalid_certificate"), "idp_certificate"),
        ((400, "certificate_expired"), "idp_certificate"),
        ((422, "invalid_idp_sso_url"), "idp_sso_url"),
        ((422, "connection_could_not_be_verified"), "idp_sso_url"),
        ((400, "incomplete_saml_options"), "idp_entity_id"),
        ((400, "connection_type_not_updatable"), "connection"),
    ],
)
async def test_workoss_refusals_name_the_field(
    answer: tuple[int, str], field: str, tenant: Tenant, opened: Stage
) -> None:
    ada = await tenant.signed_in()
    body = {"code": answer[1], "message": "<b>never shown</b>"}
    opened.twin.add_fault("PATCH /connections/{id}", "json", status=answer[0], body=body, times=1)
    refused = await put(ada, tenant, saml_body())
    assert (refused.status_code, refused.json()["code"]) == (422, "sso_configuration_refused")
    assert [(error["field"], error["code"]) for error in refused.json()["errors"]] == [(field, answer[1])]
    assert "never shown" not in refused.text
    assert await opened.sql(AUDITED, tenant.id) == []


@pytest.mark.parametrize(
    ("status", "word", "expected"),
    [
        (409, "connection_deletion_in_progress", (409, "sso_configuration_conflict")),
        (400, "external_id_already_in_use", (409, "sso_configuration_conflict")),
        (400, "something_new", (502, "upstream_refused")),
        (503, "x", (503, "upstream_unavailable")),
    ],
)
async def test_other_refusals_are_what_they_are(
    status: int, word: str, expected: tuple[int, str], tenant: Tenant, opened: Stage
) -> None:
    opened.twin.add_fault("PATCH /connections/{id}", "json", status=status, body={"code": word}, times=1)
    answer = await put(await tenant.signed_in(), tenant, saml_body())
    assert (answer.status_code, answer.json()["code"]) == expected


async def test_what_workos_tells_of_our_side_is_shown(tenant: Tenant, opened: Stage) -> None:
    ada = await tenant.signed_in()
    from_workos: dict[str, Any] = {
        "object": "connection", "id": tenant.connection_workos_id, "organization_id": tenant.workos_id,
        "connection_type": "OktaSAML", "name": "x", "state": "active", "domains": [],
        "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
        "saml_options": {"sp_entity_id": "https://api.workos.com/sso/saml/1", "acs_url": "https://api.workos.com/acs"},
    }  # fmt: skip
    opened.twin.add_fault("PATCH /connections/{id}", "json", body=from_workos, times=1)
    found = await configured(ada, tenant, saml_body())
    assert (found["sp_entity_id"], found["sp_acs_url"], found["hint"]) == (
        "https://api.workos.com/sso/saml/1", "https://api.workos.com/acs", None
    )  # fmt: skip


async def test_an_organization_that_is_not_linked_has_nothing_to_configure(tenant: Tenant, stage: Stage) -> None:
    admin = await stage.platform_admin()
    await stage.sql("update organizations set workos_id = null where id = $1", tenant.id)
    path = f"/api/organizations/{tenant.id}/sso/configuration"
    answer = await admin.api("PUT", path, json=saml_body())
    assert (answer.status_code, answer.json()["code"]) == (409, "organization_not_linked")


@pytest.mark.parametrize("api", [True, False])
async def test_the_client_secret_goes_to_workos_and_nowhere_else(api: bool, tenant: Tenant, stage: Stage) -> None:  # noqa: FBT001 -- pytest passes it
    ada, secret = await tenant.signed_in(), f"{SECRET}-{tenant.id.hex}"
    stage.twin.set_switches(connections_api=api)
    _forget(stage)
    stage.twin.clear_hits()
    with logged("debug") as log:
        done = await put(ada, tenant, oidc_body(stage, client_secret=secret))
        stage.twin.add_fault("POST /connections", "json", status=422, body={"code": "x", "message": secret}, times=1)
        refused = await put(ada, tenant, oidc_body(stage, client_secret=secret, connection="new"))
        odd = await put(ada, tenant, oidc_body(stage, client_secret=secret, client_id=" x"))
        wrong = await put(ada, tenant, oidc_body(stage, client_secret=[secret]))
    stage.twin.set_switches(connections_api=False)
    assert [answer.status_code for answer in (done, odd, wrong)] == [200, 422, 422]
    assert refused.status_code == (502 if api else 200)
    kept = await dump(stage)
    assert str(tenant.id) in kept, "the dump shows rows"
    for said in (done.text, refused.text, odd.text, wrong.text, log.text, kept):
        assert secret not in said
    (hit, *_) = stage.twin.hits(path="/connections", method="POST")
    assert secret.encode() in hit.body if isinstance(hit.body, bytes) else secret in str(hit.body)


@pytest.mark.parametrize("masked", ["••••••••cret", "********", "xxxxxxxx"])
async def test_what_a_form_shows_in_its_place_is_no_client_secret(masked: str, tenant: Tenant, opened: Stage) -> None:
    found = await faults(await tenant.signed_in(), tenant, oidc_body(opened, client_secret=masked))
    assert found == {"client_secret": "is masked, as forms show it: send the secret itself"}
    assert opened.twin.hits(path="/connections") == []


async def test_a_certificate_that_ends_soon_is_told(tenant: Tenant, opened: Stage) -> None:
    now = opened.clock.now().astimezone(UTC).replace(microsecond=0)
    found = await configured(
        await tenant.signed_in(), tenant, saml_body(idp_certificate=a_certificate(days=20, now=now, key="RSA-1024"))
    )
    assert [warning["code"] for warning in found["warnings"]] == ["certificate_expires_soon", "weak_key"]
    assert datetime.fromisoformat(found["connection"]["certificate_expires_at"]) > now
