"""A24: discovery answers by domain only: who works where cannot be asked (timing: bench/faults)."""

from tests.builders import Tenant
from tests.gateway import Stage


def _without_request_id(headers: object) -> dict[str, str]:
    return {name: value for name, value in dict(headers).items() if name != "x-request-id"}  # type: ignore[call-overload]  # httpx.Headers is a mapping


async def test_a24_known_and_unknown_people_of_one_domain_are_byte_equal(tenant: Tenant, stage: Stage) -> None:
    known = tenant.people["ada"]
    await tenant.signed_in("ada")
    answers = [
        await stage.browser().http.post("/auth/discover", json={"email": email})
        for email in (known, f"nobody@{tenant.domain}", known.upper(), f"{'x' * 200}@{tenant.domain}")
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert all(_without_request_id(a.headers) == _without_request_id(answers[0].headers) for a in answers)
    assert answers[0].json() == {
        "organization": f"Tenant {tenant.domain.removeprefix('tenant').partition('.')[0]}",
        "sso": "available",
        "start": f"/auth/sso?domain={tenant.domain}",
    }


async def test_a24_domains_nobody_knows_have_the_same_shape(tenant: Tenant, stage: Stage) -> None:
    asked = [
        f"a@{tenant.domain}",
        "a@nobody.example",
        "a@x",
        "a",
        "@",
        "",
        "a@b@nobody.example",
        "\u202e@\u2603.example",
    ]
    answers = [await stage.browser().http.post("/auth/discover", json={"email": email}) for email in asked]
    assert {answer.status_code for answer in answers} == {200}
    assert {tuple(answer.json()) for answer in answers} == {("organization", "sso", "start")}
    assert len({answer.content for answer in answers[1:]}) == 1


async def test_a24_a_start_tells_as_little(tenant: Tenant, stage: Stage) -> None:
    """With an address as selector, a known and an unknown person differ in nothing but what they sent."""
    told: list[tuple[int, list[str]]] = []
    for email in (tenant.people["ada"], f"nobody@{tenant.domain}"):
        answer = await stage.browser().start(email=email)
        location = answer.headers["location"].partition("?")[2].split("&")
        told.append((answer.status_code, sorted(part.partition("=")[0] for part in location)))
    assert told[0] == told[1]
