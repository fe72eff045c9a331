"""The Admin Portal: links for an organization, and what a person sets up behind one."""

import re
from typing import Any

import httpx
import pytest
from workos import NotFoundError, UnprocessableEntityError

from tests.sandbox.conftest import Bench

BACK = "https://app.memberpulse.example/settings"


@pytest.fixture
def acme(bench: Bench) -> str:
    return bench.twin.world.organization("Acme Corp").id


async def link_for(bench: Bench, organization: str, **asked: Any) -> str:  # noqa: ANN401 -- the SDK's arguments
    return (await bench.workos.admin_portal.generate_link(organization=organization, **asked)).link


async def opened(bench: Bench, link: str) -> str:
    """Open a link and return the address of the visit."""
    answer = await bench.browser.get(link)
    assert answer.status_code == 302, answer.text
    return bench.base_url + answer.headers["location"]


async def post(bench: Bench, url: str, **form: str) -> httpx.Response:
    return await bench.browser.post(url, data=form)


async def test_a_link_opens_the_portal_once(bench: Bench, acme: str) -> None:
    link = await link_for(bench, acme, intent="dsync", return_url=BACK)
    assert link.startswith(f"{bench.base_url}/portal/launch?token=")
    visit = await opened(bench, link)
    page = (await bench.browser.get(visit)).text
    assert "Directory sync of Acme Corp" in page
    assert BACK in page
    assert (await bench.browser.get(link)).status_code == 404
    assert (await bench.browser.get(visit)).status_code == 200


async def test_a_link_ages_and_so_does_its_visit(bench: Bench, acme: str) -> None:
    link = await link_for(bench, acme, intent="dsync")
    bench.twin.advance_clock(301)
    assert (await bench.browser.get(link)).status_code == 404
    visit = await opened(bench, await link_for(bench, acme, intent="dsync"))
    bench.twin.advance_clock(301)
    assert (await bench.browser.get(visit)).status_code == 200
    bench.twin.advance_clock(3600)
    assert (await bench.browser.get(visit)).status_code == 404
    assert (await post(bench, f"{visit}/dsync", provider="okta")).status_code == 404


@pytest.mark.parametrize(
    "asked", [{"intent": "everything"}, {"return_url": "app.example"}, {"success_url": "http://x.y/"}]
)
async def test_what_workos_does_not_take_is_refused(bench: Bench, acme: str, asked: dict[str, str]) -> None:
    with pytest.raises(UnprocessableEntityError):
        await link_for(bench, acme, **{"intent": "sso", **asked})
    with pytest.raises(NotFoundError):
        await link_for(bench, "org_nobody", intent="sso")
    assert bench.twin.world.portal_links == {}


async def test_a_link_needs_the_api_key(bench: Bench, acme: str) -> None:
    answer = await bench.browser.post(f"{bench.base_url}/portal/generate_link", json={"organization": acme})
    assert answer.status_code == 401


async def test_a_directory_is_connected_with_its_people(bench: Bench, acme: str) -> None:
    visit = await opened(bench, await link_for(bench, acme, intent="dsync", return_url=BACK))
    step = (await bench.browser.get(visit, params={"provider": "okta"})).text
    assert re.search(r"/scim/v2\.0/\w+", step)
    assert "Bearer token" in step
    answer = await post(bench, f"{visit}/dsync", provider="okta")
    assert (answer.status_code, answer.headers["location"]) == (303, BACK)
    world = bench.twin.world
    made = world.directory("Acme Corp Okta")
    assert (made.type, made.state, made.organization_id) == ("okta scim v2.0", "linked", acme)
    people = {person.email: [group.name for group in world.groups_of(person)] for person in world.people.values()
              if person.directory_id == made.id}  # fmt: skip
    assert people == {
        "annie@acme.example": ["MemberPulse Admins"],
        "ken@acme.example": ["MemberPulse Staff"],
        "lynn@acme.example": ["MemberPulse Members"],
        "tony@acme.example": ["MemberPulse Members"],
    }
    told = [event.event for event in bench.twin.events()]
    assert told[0] == "dsync.activated"
    assert bench.twin.events()[0].context["actor"]["source"] == "admin_portal"
    assert (told.count("dsync.group.created"), told.count("dsync.user.created")) == (3, 4)
    assert told.count("dsync.group.user_added") == 4


async def test_who_could_only_sign_in_is_in_the_directory_then(bench: Bench) -> None:
    twin = bench.twin
    new = twin.add_organization("Initech").id
    twin.add_domain(new, "initech.example")
    twin.add_person(new, email="ada@initech.example", first_name="Ada", last_name="L", groups=["MemberPulse Admins"])
    visit = await opened(bench, await link_for(bench, new, intent="dsync"))
    for _ in range(2):
        answer = await post(bench, f"{visit}/dsync", provider="google")
        assert "Done" in answer.text
    first, second = [each for each in twin.world.directories.values() if each.organization_id == new]
    ada = twin.world.person("ada@initech.example")
    assert ada.directory_id == first.id
    assert [group.directory_id for group in twin.world.groups_of(ada)] == [first.id]
    assert twin.world.person("annie2@initech.example").directory_id == second.id


async def test_sso_is_connected(bench: Bench, acme: str) -> None:
    done = "https://app.memberpulse.example/done"
    visit = await opened(bench, await link_for(bench, acme, intent="sso", return_url=BACK, success_url=done))
    assert "Connect" in (await bench.browser.get(visit, params={"provider": "generic"})).text
    answer = await post(bench, f"{visit}/sso", provider="generic")
    assert (answer.status_code, answer.headers["location"]) == (303, done)
    made = bench.twin.world.connection("Acme Corp Custom SAML")
    assert (made.type, made.state, made.organization_id) == ("GenericSAML", "active", acme)
    assert [event.event for event in bench.twin.events()] == ["connection.activated"]


async def test_a_visit_does_what_its_link_is_for_and_no_more(bench: Bench, acme: str) -> None:
    visit = await opened(bench, await link_for(bench, acme, intent="audit_logs", return_url=BACK))
    assert "nothing to set up" in (await bench.browser.get(visit)).text
    assert (await post(bench, f"{visit}/dsync", provider="okta")).status_code == 422
    assert (await post(bench, f"{visit}/done")).headers["location"] == BACK
    visit = await opened(bench, await link_for(bench, acme, intent="dsync"))
    assert (await post(bench, f"{visit}/dsync", provider="nobody")).status_code == 422
    assert bench.twin.events() == []


async def test_without_an_intent_both_are_offered(bench: Bench, acme: str) -> None:
    visit = await opened(bench, await link_for(bench, acme))
    page = (await bench.browser.get(visit)).text
    assert "Single sign-on" in page
    assert "Directory sync" in page
    assert "Okta" in (await bench.browser.get(visit, params={"intent": "dsync"})).text


async def test_a_persons_links_are_revoked_with_their_visits(bench: Bench, acme: str) -> None:
    theirs = await link_for(bench, acme, intent="dsync", external_user_id="u1")
    visit = await opened(bench, await link_for(bench, acme, intent="dsync", external_user_id="u1"))
    others = await link_for(bench, acme, intent="dsync", external_user_id="u2")
    await bench.workos.admin_portal.revoke_link(organization=acme, external_user_id="u1")
    assert (await bench.browser.get(theirs)).status_code == 404
    assert (await bench.browser.get(visit)).status_code == 404
    await opened(bench, others)


async def test_a_domain_is_verified_in_the_portal(bench: Bench, acme: str) -> None:
    made = bench.twin.add_domain(acme, "new.example", state="pending")
    other = bench.twin.add_domain("globex", "other.example", state="pending")
    visit = await opened(bench, await link_for(bench, acme, intent="domain_verification", return_url=BACK))
    page = (await bench.browser.get(visit)).text
    assert made.verification_token in page
    assert other.domain not in page
    assert (await post(bench, f"{visit}/domain_verification", provider=other.id)).status_code == 422
    assert (await post(bench, f"{visit}/domain_verification", provider=made.id)).headers["location"] == BACK
    assert (made.state, other.state) == ("verified", "pending")
    assert "The record is there" not in (await bench.browser.get(visit)).text


async def test_a_domain_is_added_in_the_portal(bench: Bench, acme: str) -> None:
    visit = await opened(bench, await link_for(bench, acme, intent="domain_verification", return_url=BACK))
    assert (await post(bench, f"{visit}/add_domain", provider=" New.example")).status_code == 303
    page = (await bench.browser.get(visit)).text
    assert "<b>new.example</b> (pending)" in page
    for wrong in ("new.example", "", "no domain", "<b>"):
        assert (await post(bench, f"{visit}/add_domain", provider=wrong)).status_code == 422
    assert [each.domain for each in bench.twin.world.domains_of(acme)].count("new.example") == 1
