"""Importing connections: WorkOS's words in ours, and a word nobody knows lets nobody in and breaks nothing."""

import pytest

from app.connections import service as connections
from app.connections.service import protocol_of
from tests.builders import Tenant
from tests.fakes.fake_workos import a_connection

STATES = {
    "active": "active",
    "inactive": "inactive",
    "draft": "draft",
    "requires_type": "draft",
    "validating": "validating",
    "deleting": "deleted",
    "quantum": "inactive",
}


@pytest.mark.parametrize(
    ("kind", "protocol"),
    [
        ("OktaSAML", "saml"),
        ("GenericSAML", "saml"),
        ("GenericOIDC", "oidc"),
        ("AdpOidc", "oidc"),
        ("GoogleOAuth", "oidc"),
        ("MicrosoftOAuth", "oidc"),
        ("TestIdp", "saml"),
        ("SomethingNew", "saml"),
    ],
)
def test_every_type_speaks_one_of_two_protocols(kind: str, protocol: str) -> None:
    assert protocol_of(a_connection(type=kind)) == protocol


async def test_every_state_has_one_of_ours(tenant: Tenant) -> None:
    listed = [a_connection(id=f"conn_of_{state}", name=state, state=state, domains=("a.example",)) for state in STATES]
    async with tenant.stage.unit(tenant.id) as uow:
        known = await connections.import_all(uow, listed)
    assert set(known) == {tenant.connection_workos_id, *(each.id for each in listed)}, "what is gone is known, too"
    rows = await tenant.stage.sql(
        "select name, state, domains, created_at from connections"
        " where organization_id = $1 and workos_id like 'conn_of%'",
        tenant.id,
    )
    assert {row["name"]: row["state"] for row in rows} == STATES
    assert {tuple(row["domains"]) for row in rows} == {("a.example",)}
    assert {row["created_at"] for row in rows} == {listed[0].created_at}, "WorkOS's instant, not ours"


async def test_an_empty_listing_leaves_nothing_active(tenant: Tenant) -> None:
    async with tenant.stage.unit(tenant.id) as uow:
        assert await connections.import_all(uow, []) == [tenant.connection_workos_id]
    rows = await tenant.stage.sql("select id, state from connections where organization_id = $1", tenant.id)
    assert [tuple(row) for row in rows] == [(tenant.connection_id, "deleted")]
