"""The fourteen callback errors: on demand, and the ones a request earns."""

import pytest

from sandbox.callback_errors import CALLBACK_ERRORS
from sandbox.refusals import Refusal
from tests.sandbox.conftest import Bench, landed

ADA = {"login_hint": "ada@acme.example"}


def test_there_are_fourteen() -> None:
    assert len(CALLBACK_ERRORS) == 14


@pytest.mark.parametrize("code", CALLBACK_ERRORS)
async def test_every_error_on_demand_once(bench: Bench, code: str) -> None:
    bench.twin.fail_logins(code)
    failed = landed(await bench.authorize(**ADA))
    assert (failed["error"], failed["state"]) == (code, "s1")
    assert failed["error_description"] == CALLBACK_ERRORS[code]
    assert "code" not in failed
    assert "code" in landed(await bench.authorize(**ADA))


@pytest.mark.parametrize("code", CALLBACK_ERRORS)
async def test_every_error_from_the_page(bench: Bench, code: str) -> None:
    assert f"<option>{code}</option>" in (await bench.authorize()).text
    assert landed(await bench.authorize(sandbox_error=code))["error"] == code


async def test_connection_can_fail_until_told_otherwise(bench: Bench) -> None:
    bench.twin.change_connection("Acme Okta", fail_with="server_error")
    for _ in range(3):
        assert landed(await bench.authorize(**ADA))["error"] == "server_error"
    bench.twin.change_connection("Acme Okta", fail_with=None)
    assert "code" in landed(await bench.authorize(**ADA))


async def test_order_for_another_connection_waits(bench: Bench) -> None:
    bench.twin.fail_logins("access_denied", connection="Globex Entra ID")
    assert "code" in landed(await bench.authorize(**ADA))


def test_unknown_error_is_refused(bench: Bench) -> None:
    with pytest.raises(Refusal):
        bench.twin.fail_logins("no_such_error")


async def test_disabled_idp_login_names_connection_and_organization(bench: Bench) -> None:
    bench.twin.fail_logins("idp_initiated_sso_disabled")
    failed = landed(await bench.authorize(**ADA))
    assert (failed["connection_id"], failed["organization_id"]) == (bench.acme.id, bench.acme.organization_id)


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"connection": ""}, "invalid_connection_selector"),
        ({"organization": "org_x"}, "invalid_connection_selector"),
        ({"connection": "", "domain": "acme.example"}, "domain_connection_selector_not_allowed"),
        ({"connection": "conn_x"}, "connection_invalid"),
        ({"connection": "", "organization": "org_x"}, "organization_invalid"),
        ({"connection": "", "provider": "GoogleOAuth"}, "connection_invalid"),
    ],
)
async def test_selector_that_leads_nowhere(bench: Bench, query: dict[str, str], error: str) -> None:
    assert landed(await bench.authorize(**ADA, **query))["error"] == error


@pytest.mark.parametrize(("state", "error"), [("inactive", "connection_unlinked"), ("draft", "connection_invalid")])
async def test_connection_out_of_use(bench: Bench, state: str, error: str) -> None:
    bench.twin.change_connection("Acme Okta", state=state)
    assert landed(await bench.authorize(**ADA))["error"] == error


async def test_two_active_connections_are_ambiguous(bench: Bench) -> None:
    bench.twin.change_connection("Acme OpenID", state="active")
    query = {"connection": "", "organization": str(bench.acme.organization_id)}
    assert landed(await bench.authorize(**ADA, **query))["error"] == "ambiguous_connection_selector"


async def test_organization_whose_connections_are_all_inactive(bench: Bench) -> None:
    bench.twin.change_connection("Acme Okta", state="inactive")
    query = {"connection": "", "organization": str(bench.acme.organization_id)}
    assert landed(await bench.authorize(**ADA, **query))["error"] == "connection_unlinked"


async def test_two_connections_of_a_provider_are_a_strategy_question(bench: Bench) -> None:
    bench.twin.add_connection("Globex", "Second", type="GoogleSAML")
    query = {"connection": "", "provider": "GoogleSAML"}
    assert landed(await bench.authorize(**query))["error"] == "connection_strategy_invalid"


async def test_foreign_domain_needs_the_organizations_leave(bench: Bench) -> None:
    bench.twin.add_person("Acme Corp", email="guest@elsewhere.example")
    guest = {"login_hint": "guest@elsewhere.example"}
    assert landed(await bench.authorize(**guest))["error"] == "profile_not_allowed_outside_organization"
    bench.twin.change_organization("Acme Corp", allow_profiles_outside_organization=True)
    assert "code" in landed(await bench.authorize(**guest))


async def test_inactive_person_is_denied(bench: Bench) -> None:
    assert landed(await bench.authorize(login_hint="john@acme.example"))["error"] == "access_denied"


async def test_state_that_was_not_sent_is_not_invented(bench: Bench) -> None:
    bench.twin.fail_logins("server_error")
    assert "state" not in landed(await bench.authorize(state="", **ADA))
    assert "state" not in landed(await bench.authorize(state="", **ADA))
