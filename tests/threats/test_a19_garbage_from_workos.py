"""A19: an answer that is not what WorkOS documents is refused as a whole: 502, no session, no traceback."""

import json
from typing import Any

import pytest

from tests.builders import Tenant
from tests.gateway import Stage
from tests.logs import logged

GARBAGE: dict[str, dict[str, Any]] = {
    "html": {"kind": "html"},
    "empty object": {"kind": "json", "body": {}},
    "array": {"kind": "json", "body": []},
    "null": {"kind": "json", "body": None},
    "text": {"kind": "json", "body": "ok"},
    "no profile": {"kind": "json", "body": {"profile": None, "access_token": "x"}},
    "profile is a list": {"kind": "json", "body": {"profile": []}},
    "one megabyte": {"kind": "json", "body": {"profile": {"id": "x" * 1_000_000}}},
    "invalid UTF-8": {"kind": "garbage"},
    "204": {"kind": "empty", "status": 204},
    "200 without a body": {"kind": "empty"},
    "201 of something else": {"kind": "json", "status": 201, "body": {"object": "list", "data": []}},
    "NaN": {"kind": "html", "body": '{"profile": NaN}'},
    "deep": {"kind": "html", "body": "[" * 50_000 + "]" * 50_000},
    "deep object": {"kind": "html", "body": '{"a":' * 20_000 + "1" + "}" * 20_000},
    "half": {"kind": "truncated"},
    "lone surrogate": {"kind": "html", "body": '{"profile": {"id": "\\ud800"}}'},
}
FIELDS: dict[str, dict[str, Any]] = {
    "e-mail is a number": {"email": 7},
    "e-mail is a list": {"email": ["a@b.example"]},
    "id is missing": {"id": None},
    "id is empty": {"id": ""},
    "idp_id is a number": {"idp_id": 12345},
    "idp_id is missing": {"idp_id": None},
    "idp_id is 100 kB": {"idp_id": "x" * 100_000},
    "idp_id holds NUL": {"idp_id": "a\x00b"},
    "connection is missing": {"connection_id": None},
    "organization is a number": {"organization_id": 7},
    "first name holds NUL": {"first_name": "A\x00da"},
    "a key holds NUL": {"custom_attributes": {"a\x00b": 1}},
    "groups is text": {"groups": "MemberPulse Admins"},
    "groups of numbers": {"groups": [1, 2]},
    "custom attributes are a list": {"custom_attributes": []},
}


@pytest.mark.parametrize("name", GARBAGE)
async def test_a19_the_body(tenant: Tenant, stage: Stage, name: str) -> None:
    fault = dict(GARBAGE[name])
    stage.twin.add_fault("POST /sso/token", fault.pop("kind"), **fault)
    await _refused(tenant, stage, {503} if name == "half" else {502})


@pytest.mark.parametrize("name", FIELDS)
async def test_a19_one_field(tenant: Tenant, stage: Stage, name: str) -> None:
    stage.twin.override_profile(FIELDS[name], connection=tenant.connection_workos_id)
    await _refused(tenant, stage, {502})


async def _refused(tenant: Tenant, stage: Stage, statuses: set[int]) -> None:
    counted = ("sessions", "users", "identities")
    before = [await stage.count(table) for table in counted]
    browser, callback = await tenant.at_callback()
    with logged() as log:
        answer = await browser.visit(callback)
    assert answer.status_code in statuses
    if answer.status_code == 502:
        assert answer.json()["code"] == "upstream_invalid_response"
    assert browser.session_cookie is None
    assert [await stage.count(table) for table in counted] == before
    assert "Traceback" not in log.text
    assert not any(line["level"] in {"error", "critical"} for line in log.lines)
    # The next person is not harmed.
    stage.twin.clear_faults()
    assert (await tenant.signed_in("sam")).session_cookie


async def test_a19_what_is_new_is_accepted(tenant: Tenant, stage: Stage) -> None:
    news: dict[str, Any] = {
        "connection_type": "QuantumSAML",
        "object": "profile_v2",
        "unheard_of": {"deep": [1, {"er": None}]},
        "custom_attributes": {"number": 10**40, "n\u00e9": [[]], "": ""},
        "raw_attributes": None,
        "role": None,
    }
    stage.twin.override_profile(news, connection=tenant.connection_workos_id)
    assert (await tenant.signed_in()).session_cookie


async def test_a19_the_question_keeps_any_profile(tenant: Tenant, stage: Stage) -> None:
    """A profile that waits for a person's yes is stored and read again: nothing WorkOS may send breaks that."""
    await tenant.policy(allow_idp_initiated=True)
    odd: dict[str, Any] = {"number": 10**40, "float": 1e308, "text": "\u2028\U0001f600", "deep": [[[[[[]]]]]]}
    stage.twin.override_profile({"custom_attributes": odd}, connection=tenant.connection_workos_id)
    browser = stage.browser()
    page = await browser.visit(stage.twin.idp_initiated(tenant.connection_workos_id, tenant.people["ada"]))
    ticket = page.text.partition('name="ticket" value="')[2].partition('"')[0]
    headers = {"origin": "null", "sec-fetch-site": "same-origin"}
    assert (await browser.http.post("/auth/sso/continue", data={"ticket": ticket}, headers=headers)).status_code == 303


def test_a19_the_table_says_what_it_means() -> None:
    assert len(json.dumps(GARBAGE["one megabyte"])) > 1_000_000
