"""C11: an Admin Portal link needs a sign-in of the last fifteen minutes."""

import pytest

from tests.builders import Tenant
from tests.gateway import Stage
from tests.threats.test_f9_portal_link import DOORS


@pytest.mark.parametrize("path", DOORS)
async def test_c11_an_old_sign_in_opens_no_portal(path: str, tenant: Tenant, stage: Stage) -> None:
    browser = await tenant.signed_in()
    body = {"organization": str(tenant.id), **DOORS[path]}
    stage.clock.advance(minutes=14)
    assert (await browser.api("POST", path, json=body)).status_code == 200
    stage.clock.advance(minutes=2)
    stage.twin.clear_hits()
    answer = await browser.api("POST", path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (401, "reauthentication_required")
    assert stage.twin.hits(path="/portal/generate_link") == []
    again = await tenant.signed_in()
    assert (await again.api("POST", path, json=body)).status_code == 200
