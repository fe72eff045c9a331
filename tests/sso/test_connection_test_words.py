"""What a connection test says of the role, and the page at which its tab ends."""

from pathlib import Path

import pytest

from app.access.roles import TITLES
from app.sso.trial_page import STEP_TITLES
from tests.builders import Tenant
from tests.sso.test_connection_tests import at_callback, begun, taken_through

_CONSOLE = Path(__file__).parents[2] / "console/src"
_DEFAULT = "ROLE_MEMBER: the default role, as no role rule is for a group of the sign-in."


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ([], _DEFAULT),
        (["Engineering"], _DEFAULT),
        (["MemberPulse Members"], "ROLE_MEMBER: by the groups of the sign-in."),
    ],
)
async def test_it_is_said_why_the_role_is_this_one(tenant: Tenant, groups: list[str], said: str) -> None:
    ada = await tenant.signed_in()
    tenant.stage.twin.override_profile({"groups": groups}, connection=tenant.connection_workos_id)
    found = await taken_through(ada, tenant, "mia")
    assert found["steps"][6]["evidence"].startswith(said)


async def test_the_page_of_the_test_speaks_as_the_console_does(tenant: Tenant) -> None:
    ada = await tenant.signed_in()
    url = await at_callback(ada, await begun(ada, tenant, "mia"))
    page = (await ada.visit(url, Accept="text/html")).text
    assert "Sent to WorkOS: The browser" in page
    assert "Role: Member: by the groups" in page
    assert "ROLE_" not in page


def test_the_words_are_those_of_the_console() -> None:
    steps, roles = ((_CONSOLE / path).read_text() for path in ("pages/connection/trial.ts", "ui/names.ts"))
    assert [name for name, title in STEP_TITLES.items() if f'{name}: "{title}"' not in steps] == []
    assert [name for name, title in TITLES.items() if f'{name}: "{title}"' not in roles] == []
