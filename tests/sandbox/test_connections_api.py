"""The twin's connections API: made and changed by the SDK's own calls, refused with WorkOS's codes."""

from typing import Any

import httpx
import pytest
from workos import BadRequestError, ConflictError, NotFoundError, UnprocessableEntityError
from workos.sso._resource import CreateProtocolOptionsOIDC, CreateProtocolOptionsSAML
from workos.sso.models import CreateConnectionOIDCOptions, CreateConnectionSAMLOptions

from sandbox.certificates import self_signed
from tests.sandbox.conftest import Bench

SSO_URL = "https://idp.example/sso"


@pytest.fixture
def opened(bench: Bench) -> Bench:
    bench.twin.set_switches(connections_api=True)
    return bench


def saml(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    """Return complete SAML options, changed."""
    whole = {"idp_entity_id": "https://idp.example", "idp_sso_url": SSO_URL, "idp_signing_certs": [self_signed(30)]}
    return {"saml_options": {name: value for name, value in {**whole, **changes}.items() if value is not None}}


def oidc(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    """Return complete OIDC options, changed."""
    url = "https://idp.example/.well-known/openid-configuration"
    whole = {"discovery_endpoint": url, "client_id": "c", "client_secret": "s"}
    return {"oidc_options": {name: value for name, value in {**whole, **changes}.items() if value is not None}}


async def test_a_connection_is_made_by_the_sdk_and_is_active(opened: Bench) -> None:
    home = opened.acme.organization_id
    options = CreateConnectionSAMLOptions.from_dict(saml()["saml_options"])
    made = await opened.workos.sso.create_connection(
        organization_id=str(home), name="By hand", protocol_options=CreateProtocolOptionsSAML(saml_options=options)
    )
    assert (made.name, made.connection_type, made.state) == ("By hand", "GenericSAML", "active")
    assert opened.twin.events("connection.activated")[-1].data["id"] == made.id
    kept = opened.twin.world.connections[made.id]
    assert (kept.options["idp_sso_url"], len(kept.certificates)) == (SSO_URL, 1)
    certificates = await opened.workos.sso.list_connection_saml_idp_signing_certs(made.id)
    assert [one.value for one in certificates.data] == options.idp_signing_certs


async def test_the_same_external_id_makes_one_connection(opened: Bench) -> None:
    body = {"organization_id": opened.acme.organization_id, "external_id": "ours", **oidc()}
    first = await opened.workos.request_raw("post", ("connections",), body=body)
    again = await opened.workos.request_raw("post", ("connections",), body=body | {"name": "Other"})
    assert (again["id"], again["name"]) == (first["id"], "GenericOIDC")


async def test_a_client_secret_is_kept_nowhere(opened: Bench) -> None:
    told = CreateConnectionOIDCOptions.from_dict(oidc(client_secret="n0t-kept")["oidc_options"])
    made = await opened.workos.sso.create_connection(
        organization_id=str(opened.acme.organization_id),
        protocol_options=CreateProtocolOptionsOIDC(oidc_options=told),
    )
    kept = opened.twin.world.connections[made.id]
    assert kept.options["has_client_secret"] is True
    assert "n0t-kept" not in repr(kept)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "connection_type_or_options_required"),
        ({**saml(), **oidc()}, "both_saml_and_oidc_options_provided"),
        (saml(idp_sso_url=None), "incomplete_saml_options"),
        (saml(idp_metadata_url="https://idp.example/m"), "ambiguous_saml_options"),
        (saml(idp_signing_certs=["nonsense"]), "invalid_certificate"),
        (saml(idp_signing_certs=[self_signed(-1)]), "certificate_expired"),
        (saml(idp_sso_url="http://idp.example/sso"), "invalid_idp_sso_url"),
        ({"saml_options": {"idp_metadata_url": "http://idp.example/m"}}, "idp_metadata_fetch_failed"),
        (saml(unknown="x"), "invalid_request_parameters"),
        (oidc(client_secret=None), "client_secret_required"),
        (oidc(discovery_endpoint="http://idp.example/x"), "discovery_endpoint_must_use_https"),
        ({**saml(), "connection_type": "GenericOIDC"}, "connection_type_conflicts_with_options"),
        ({**saml(), "connection_type": "TestIdp"}, "connection_type_not_supported"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_is_wrong_has_workoss_code(opened: Bench, body: dict[str, Any], code: str) -> None:
    before = set(opened.twin.world.connections)
    with pytest.raises((BadRequestError, UnprocessableEntityError)) as refused:
        await opened.workos.request_raw(
            "post", ("connections",), body={"organization_id": opened.acme.organization_id, **body}
        )
    assert code in str(refused.value)
    assert set(opened.twin.world.connections) == before


async def test_a_connection_is_changed_within_its_protocol(opened: Bench) -> None:
    path = ("connections", opened.acme.id)
    await opened.workos.request_raw("patch", path, body={"saml_options": {"idp_sso_url": SSO_URL}})
    assert opened.twin.world.connections[opened.acme.id].options == {"idp_sso_url": SSO_URL}
    with pytest.raises(BadRequestError, match="saml_options_required"):
        await opened.workos.request_raw("patch", path, body=oidc())
    opened.twin.change_connection(opened.acme.id, state="deleting")
    with pytest.raises(ConflictError):
        await opened.workos.request_raw("patch", path, body={"saml_options": {"idp_sso_url": SSO_URL}})
    with pytest.raises(NotFoundError):
        await opened.workos.request_raw("patch", ("connections", "conn_01NO"), body=saml())


async def test_certificates_come_and_go_but_the_last_one(opened: Bench) -> None:
    first = opened.twin.add_certificate(opened.acme.id, valid_days=20)
    path = ("connections", opened.acme.id, "saml_idp_signing_certs")
    added = await opened.workos.request_raw("post", path, body={"value": self_signed(400)})
    listed = await opened.workos.request_raw("get", path)
    assert [one["id"] for one in listed["data"]] == [first.id, added["id"]]
    await opened.workos.request_raw("delete", (*path, first.id))
    with pytest.raises(BadRequestError, match="cannot_delete_last_certificate"):
        await opened.workos.request_raw("delete", (*path, added["id"]))
    other = opened.twin.world.connection("Acme OpenID").id
    with pytest.raises(BadRequestError, match="connection_is_not_saml"):
        await opened.workos.request_raw("get", ("connections", other, "saml_idp_signing_certs"))


async def test_it_is_an_identity_provider_with_papers(opened: Bench) -> None:
    async with httpx.AsyncClient(base_url=f"{opened.base_url}/idp/papers") as http:
        told = (await http.get("/.well-known/openid-configuration")).json()
        metadata = (await http.get("/metadata.xml", params={"days": "30"})).text
    assert told["issuer"] == f"{opened.base_url}/idp/papers"
    assert f'entityID="{opened.base_url}/idp/papers/entity"' in metadata
