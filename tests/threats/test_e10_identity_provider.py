"""E10, by the provider: who is an operator is told by whom operators chose, and a client admin shuts none of them out.

Whoever may exchange the identity provider or the directory of the platform's own organization could name themselves in
a group of operators.
"""

from typing import Any, get_args

import pytest

from app.workos.gateway import PortalIntent
from tests.sso.provider import saml_body
from tests.sso.test_policy import change, changed
from tests.threats.test_e10_manual_roles import Platform, code_of, platform

__all__ = ["platform"]  # a fixture
CONFIGURATION = saml_body()
DOORS: list[tuple[str, str, dict[str, Any]]] = [
    *(("POST", "/api/portal/links", {"intent": intent}) for intent in get_args(PortalIntent)),
    ("POST", "/api/directories", {"provider": "okta"}),
]


@pytest.mark.parametrize(("method", "path", "body"), DOORS, ids=str)
async def test_e10_at_home_only_an_operator_has_a_way_into_the_portal(
    platform: Platform, method: str, path: str, body: dict[str, Any]
) -> None:
    tenant = platform.tenant
    asked = {**body, "organization": str(tenant.id)}
    cleo, olga = await tenant.signed_in("cleo"), await tenant.signed_in("olga")
    tenant.stage.twin.clear_hits()
    assert code_of(await cleo.api(method, path, json=asked)) == (403, "not_permitted")
    assert tenant.stage.twin.hits(path="/portal/generate_link") == []
    assert (await olga.api(method, path, json=asked)).status_code == 200


async def test_e10_at_home_only_an_operator_says_who_tells_who_people_are(platform: Platform) -> None:
    tenant = platform.tenant
    path = f"/api/organizations/{tenant.id}/sso/configuration"
    cleo, olga = await tenant.signed_in("cleo"), await tenant.signed_in("olga")
    tenant.stage.twin.clear_hits()
    assert code_of(await cleo.api("PUT", path, json=CONFIGURATION)) == (403, "not_permitted")
    assert tenant.stage.twin.hits() == []
    assert (await olga.api("PUT", path, json=CONFIGURATION)).status_code == 200


async def test_e10_at_home_only_an_operator_says_whether_operators_come_in(platform: Platform) -> None:
    tenant = platform.tenant
    cleo, olga = await tenant.signed_in("cleo"), await tenant.signed_in("olga")
    for wanted in ({"enabled": False}, {"jit_provisioning": "always", "allow_foreign_domains": True}):
        assert code_of(await change(cleo, tenant, None, **wanted)) == (403, "not_permitted")
    assert (await cleo.api("GET", f"/api/organizations/{tenant.id}/sso")).json()["version"] == 1
    assert (await changed(olga, tenant, session_idle_seconds=3_600))["session_idle_seconds"] == 3_600
