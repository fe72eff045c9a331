"""Names that customers choose: long ones, and ones that look like something else."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.console.house import NARROW, OLIVIA, WIDE, House, story

pytestmark = story
NO_INSTANT = "Okta 2026-13-45T99:99:99Z"
LONG = "W" * 120
_EVERYWHERE = ["people", "people?search=WWW", "health", "organizations", "directories", "connections", "sso", "audit", "webhooks", "diagnostics"]
_NAMED = f"""
update organizations set name = '{LONG}' where name = 'Globex';
update users set first_name = '{LONG}', last_name = '{LONG}' where email = 'alan@acme.example';
update directories set name = '{LONG}' where name = 'Acme Okta Directory';
update connections set name = '{LONG}' where name in ('Acme OpenID', '{NO_INSTANT}')"""


async def test_a_name_that_looks_like_an_instant_is_a_name(house: House) -> None:
    await house.as_superuser(
        f"update connections set name = '{NO_INSTANT}', last_login_at = now() where name = 'Acme OpenID'"
    )
    olivia = await house.visitor()
    await olivia.sign_in(OLIVIA, "health")
    await expect(olivia.page.get_by_role("list", name="Indicators")).to_contain_text(NO_INSTANT)
    await olivia.open("settings/workos")
    await expect(olivia.page.get_by_role("region", name="Health")).to_contain_text(NO_INSTANT)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["375", "1280"])
async def test_a_long_name_stays_on_the_page(house: House, size: dict[str, int]) -> None:
    for statement in _NAMED.split(";"):
        await house.as_superuser(statement)
    options: dict[str, Any] = {"viewport": size}
    olivia = await house.visitor(**options)
    await olivia.sign_in(OLIVIA, "account")
    wide: dict[str, int] = {}
    for path in _EVERYWHERE:
        await olivia.open(path)
        await expect(olivia.page.get_by_text("Loading…")).to_have_count(0)
        await olivia.page.wait_for_load_state("networkidle")
        width = await olivia.page.evaluate("document.documentElement.scrollWidth")
        if width > size["width"]:
            wide[path] = width
    assert wide == {}
