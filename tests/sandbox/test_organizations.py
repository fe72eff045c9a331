"""Organizations and their domains through the official SDK."""

from typing import Any

import pytest
from workos import AuthorizationError, BadRequestError, NotFoundError, UnprocessableEntityError
from workos.organizations.models import OrganizationDomainData

from tests.sandbox.conftest import Bench


async def test_create_read_change_delete(bench: Bench) -> None:
    rooms = bench.workos.organizations
    made = await rooms.create_organization(
        name="Initech",
        external_id="initech",
        metadata={"tier": "gold"},
        domain_data=[OrganizationDomainData.from_dict({"domain": "Initech.example", "state": "verified"})],
    )
    assert [(d.domain, d.state) for d in made.domains] == [("initech.example", "verified")]
    assert await rooms.get_organization(made.id) == made
    assert await rooms.get_organization_by_external_id("initech") == made
    changed = await rooms.update_organization(made.id, name="Initrode")
    assert (changed.name, changed.metadata, len(changed.domains)) == ("Initrode", {"tier": "gold"}, 1)
    await rooms.delete_organization(made.id)
    with pytest.raises(NotFoundError):
        await rooms.get_organization(made.id)


async def test_list_filters(bench: Bench) -> None:
    listed = bench.workos.organizations.list_organizations
    assert [o.name for o in (await listed(order="asc")).data] == ["Acme Corp", "Globex", "MemberPulse"]
    assert [o.name for o in (await listed(domains=["globex.example", "x.example"])).data] == ["Globex"]
    assert [o.name for o in (await listed(search="acme")).data] == ["Acme Corp"]


async def test_refusals(bench: Bench) -> None:
    rooms = bench.workos.organizations
    with pytest.raises(UnprocessableEntityError) as nameless:
        await rooms.create_organization(name="")
    assert nameless.value.errors == [{"code": "required", "field": "name"}]
    with pytest.raises(BadRequestError) as taken:
        await rooms.create_organization(name="Again", external_id="acme")
    assert taken.value.code == "external_id_already_used"
    globex = (await rooms.list_organizations(search="globex")).data[0]
    with pytest.raises(BadRequestError):
        await rooms.update_organization(globex.id, external_id="acme")
    assert (await rooms.update_organization(globex.id, external_id="globex")).external_id == "globex"
    with pytest.raises(BadRequestError) as squatted:
        await rooms.create_organization(
            name="Squat", domain_data=[OrganizationDomainData.from_dict({"domain": "acme.example", "state": "pending"})]
        )
    assert squatted.value.code == "domain_already_exists"
    assert len((await rooms.list_organizations()).data) == 3
    with pytest.raises(NotFoundError):
        await rooms.get_organization("Acme Corp")  # names are for the control API only


async def test_update_replaces_domains_and_keeps_ids(bench: Bench) -> None:
    acme = (await bench.workos.organizations.list_organizations(search="acme")).data[0]
    wanted = [
        OrganizationDomainData.from_dict({"domain": d, "state": "pending"}) for d in ("acme.example", "new.example")
    ]
    changed = await bench.workos.organizations.update_organization(acme.id, domain_data=wanted)
    assert [(d.domain, d.state) for d in changed.domains] == [("acme.example", "pending"), ("new.example", "pending")]
    assert changed.domains[0].id == acme.domains[0].id


async def test_domain_is_pending_until_verified(bench: Bench) -> None:
    domains, owner = bench.workos.organization_domains, str(bench.acme.organization_id)
    made = await domains.create_organization_domain(domain="second.example", organization_id=owner)
    assert (made.state, bool(made.verification_token)) == ("pending", True)
    assert (await domains.verify_organization_domain(made.id)).state == "verified"
    assert (await domains.get_organization_domain(made.id)).state == "verified"
    await domains.delete_organization_domain(made.id)
    with pytest.raises(NotFoundError):
        await domains.get_organization_domain(made.id)


async def test_domain_refusals(bench: Bench) -> None:
    domains, owner = bench.workos.organization_domains, str(bench.acme.organization_id)
    with pytest.raises(BadRequestError):
        await domains.create_organization_domain(domain="globex.example", organization_id=owner)
    with pytest.raises(NotFoundError):
        await domains.create_organization_domain(domain="third.example", organization_id="org_x")
    failed = bench.twin.add_domain("Acme Corp", "failed.example", state="failed")
    assert (await domains.verify_organization_domain(failed.id)).state == "failed"


async def test_connections_api_is_hidden_until_switched_on(bench: Bench) -> None:
    options = {"idp_metadata_url": "https://idp.example/metadata"}
    body: dict[str, Any] = {"organization_id": bench.acme.organization_id, "name": "New", "saml_options": options}
    with pytest.raises(AuthorizationError):
        await bench.workos.request_raw("post", ("connections",), body=body)
    bench.twin.set_switches(connections_api=True)
    made = await bench.workos.request_raw("post", ("connections",), body=body)
    assert (made["name"], made["connection_type"]) == ("New", "GenericSAML")
    changed = await bench.workos.request_raw("patch", ("connections", made["id"]), body={"name": "Newer"})
    assert changed["name"] == "Newer"
    with pytest.raises(BadRequestError):
        await bench.workos.request_raw("post", ("connections",), body=body | {"oidc_options": {}})
