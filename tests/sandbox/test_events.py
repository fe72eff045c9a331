"""Every change is one event in WorkOS's form, which the official SDK can read."""

from typing import Any

import pytest
from workos.events.models import EventSchemaUnknown

from sandbox.event_names import EVENTS
from sandbox.refusals import Refusal
from sandbox.server import Sandbox
from tests.sandbox.conftest import Bench

SECRET = "whsec_made_up"
HOME = "Acme Okta Directory"
ADA = "ada@acme.example"


@pytest.fixture
def twin() -> Sandbox:
    return Sandbox.from_seed(webhook_url="https://gateway.test/webhooks/workos", webhook_secret=SECRET)


def names(twin: Sandbox) -> list[str]:
    return [each.event for each in twin.events()]


def data(twin: Sandbox, event: str) -> dict[str, Any]:
    (found,) = twin.events(event)
    return found.data


def test_the_seed_is_no_event(twin: Sandbox) -> None:
    assert twin.events() == []
    twin.add_person("acme", email="x@acme.example", directory=HOME)
    assert len(twin.events()) == 1
    twin.reset()
    assert twin.events() == []


def test_joining_a_directory(twin: Sandbox) -> None:
    hired = twin.add_person("acme", email="x@acme.example", directory=HOME, groups=["Engineering", "New"])
    assert names(twin) == [
        "dsync.user.created", "dsync.group.created", "dsync.group.user_added", "dsync.group.user_added",
    ]  # fmt: skip
    created = data(twin, "dsync.user.created")
    assert (created["id"], created["email"], created["emails"], created["raw_attributes"]) == (
        hired.id, "x@acme.example", [], {},
    )  # fmt: skip
    assert "groups" not in created
    added = twin.events("dsync.group.user_added")[0].data
    assert set(added) == {"directory_id", "user", "group"}
    assert (added["user"]["id"], added["group"]["name"]) == (hired.id, "Engineering")


def test_nobody_without_a_directory_makes_events(twin: Sandbox) -> None:
    someone = twin.add_person("acme", email="x@acme.example", groups=["Engineering", "Only logins"])
    twin.change_person(someone.id, first_name="X", state="inactive")
    twin.remove_member(twin.world.groups_of(someone)[0].id, someone.id)
    twin.remove_person(someone.id)
    twin.change_group(twin.add_group("acme", "Also only logins").id, name="Other")
    assert names(twin) == []


def test_update_tells_what_was(twin: Sandbox) -> None:
    before = twin.world.person(ADA).updated_at
    twin.change_person(ADA, first_name="Augusta", job_title="Countess")
    updated = data(twin, "dsync.user.updated")
    assert updated["previous_attributes"] == {
        "first_name": "Ada",
        "name": "Ada Lovelace",
        "custom_attributes": {"job_title": "Head of Engineering"},
    }
    assert (updated["first_name"], updated["custom_attributes"]["job_title"]) == ("Augusta", "Countess")
    assert twin.world.person(ADA).updated_at > before


def test_a_new_attribute_was_null(twin: Sandbox) -> None:
    twin.change_person(ADA, custom_attributes={"department_name": "Engineering", "desk": "7"})
    previous = data(twin, "dsync.user.updated")["previous_attributes"]
    assert previous == {"custom_attributes": {"job_title": "Head of Engineering", "desk": None}}


def test_inactive_is_an_update(twin: Sandbox) -> None:
    twin.change_person(ADA, state="inactive")
    assert names(twin) == ["dsync.user.updated"]
    assert data(twin, "dsync.user.updated")["state"] == "inactive"
    assert data(twin, "dsync.user.updated")["previous_attributes"] == {"state": "active"}


def test_a_change_that_changes_nothing_is_none(twin: Sandbox) -> None:
    before = twin.world.person(ADA).updated_at
    twin.change_person(ADA, first_name="Ada", sso=False)
    group = twin.world.groups_of(twin.world.person(ADA))[0]
    twin.add_member(group.id, ADA)
    twin.change_group(group.id, name=group.name)
    twin.change_organization("acme", name="Acme Corp")
    twin.change_domain("acme.example", state="verified")
    twin.change_connection("Acme Okta", state="active")
    twin.change_directory(HOME, state="linked")
    assert names(twin) == []
    assert twin.world.person(ADA).updated_at == before


def test_memberships_do_not_move_updated_at(twin: Sandbox) -> None:
    before = twin.world.person(ADA).updated_at
    twin.change_person(ADA, groups=["MemberPulse Staff", "Engineering"])
    assert names(twin) == ["dsync.group.user_removed", "dsync.group.user_added"]
    assert twin.world.person(ADA).updated_at == before
    assert twin.events()[0].data["user"]["updated_at"] == twin.events()[1].data["user"]["updated_at"]


def test_leaving_is_deletion_and_a_rehire_somebody_new(twin: Sandbox) -> None:
    old = twin.world.person(ADA).id
    twin.change_person(ADA, directory=None)
    assert names(twin) == ["dsync.user.deleted"]
    assert data(twin, "dsync.user.deleted")["id"] == old
    new = twin.change_person(ADA, directory=HOME, last_name="King").id
    created = data(twin, "dsync.user.created")
    assert new != old
    assert (created["id"], created["last_name"]) == (new, "King")
    assert names(twin)[2:] == ["dsync.group.user_added"] * 2


def test_changing_directories_is_leaving_and_joining(twin: Sandbox) -> None:
    other = twin.add_directory("acme", "Second", state="validating").id
    twin.add_group("acme", "Over there", directory=other)
    old = twin.world.person(ADA).id
    twin.change_person(ADA, groups=["MemberPulse Admins", "Engineering", "Over there"])
    new = twin.change_person(ADA, directory=other).id
    assert names(twin)[1:] == ["dsync.user.deleted", "dsync.user.created", "dsync.group.user_added"]
    assert [each.data.get("id") for each in twin.events()[1:3]] == [old, new]
    assert twin.events()[-1].data["group"]["name"] == "Over there"


def test_dismissal(twin: Sandbox) -> None:
    twin.remove_person(ADA)
    assert names(twin) == ["dsync.user.deleted"]


def test_groups(twin: Sandbox) -> None:
    group = twin.add_group("acme", "Board", directory=HOME)
    twin.add_member(group.id, ADA)
    twin.change_group(group.id, name="Directors")
    twin.remove_group(group.id)  # with Ada in it
    assert names(twin) == [
        "dsync.group.created", "dsync.group.user_added", "dsync.group.updated", "dsync.group.deleted",
    ]  # fmt: skip
    assert data(twin, "dsync.group.updated")["previous_attributes"] == {"name": "Board"}


def test_many_people_are_many_events(twin: Sandbox) -> None:
    twin.generate_people("acme", 300)
    assert len(twin.events("dsync.user.created")) == len(twin.events("dsync.group.user_added")) == 300


def test_a_removed_directory_says_one_thing(twin: Sandbox) -> None:
    twin.remove_directory(HOME)
    assert names(twin) == ["dsync.deleted"]
    gone = data(twin, "dsync.deleted")
    assert gone["state"] == "active"
    assert not {"domain", "domains", "external_key"} & set(gone)
    twin.change_person(ADA, first_name="X")
    twin.remove_person("grace@acme.example")
    assert names(twin) == ["dsync.deleted"]


def test_a_directory_is_activated_in_events_words(twin: Sandbox) -> None:
    twin.change_directory(HOME, state="unlinked")
    assert names(twin) == []
    twin.change_directory(HOME, state="linked")
    told = data(twin, "dsync.activated")
    assert (told["state"], [d["domain"] for d in told["domains"]]) == ("active", ["acme.example"])
    assert "external_key" in told
    twin.add_directory("acme", "Second", state="validating")
    twin.add_directory("acme", "Third")
    assert names(twin) == ["dsync.activated"] * 2


def test_connections(twin: Sandbox) -> None:
    twin.change_connection("Acme Okta", state="inactive")
    twin.change_connection("Acme Okta", fail_with="server_error", name="Okta")
    twin.change_connection("Okta", state="active")
    twin.remove_connection("Okta")
    twin.add_connection("acme", "Draft", state="draft")
    twin.add_connection("acme", "Live")
    assert names(twin) == [
        "connection.deactivated", "connection.activated", "connection.deleted", "connection.activated",
    ]  # fmt: skip
    assert twin.events()[0].data["external_key"] == twin.events()[1].data["external_key"]
    assert not {"status", "domains", "external_key"} & set(data(twin, "connection.deleted"))


def test_certificates(twin: Sandbox) -> None:
    twin.require_certificate_renewal("Acme Okta", days_until_expiry=-7)
    twin.renew_certificate("Acme Okta")
    warned = data(twin, "connection.saml_certificate_renewal_required")
    assert (warned["days_until_expiry"], warned["certificate"]["is_expired"]) == (-7, True)
    assert "renewed_at" in data(twin, "connection.saml_certificate_renewed")
    for connection, kind in (("Acme OpenID", "ResponseSigning"), ("Acme Okta", "None")):
        with pytest.raises(Refusal):
            twin.renew_certificate(connection, certificate_type=kind)


def test_organizations_and_domains(twin: Sandbox) -> None:
    made = twin.add_organization("Initech", domains=[("initech.example", "pending")])
    twin.change_domain("initech.example", state="failed")
    twin.change_domain("initech.example", state="verified")
    twin.change_domain("initech.example", state="pending")
    twin.change_organization(made.id, name="Initrode", metadata={"tier": "gold"})
    assert names(twin) == [
        "organization.created", "organization_domain.created", "organization_domain.verification_failed",
        "organization_domain.verified", "organization_domain.updated", "organization.updated",
    ]  # fmt: skip
    assert [d["domain"] for d in data(twin, "organization.created")["domains"]] == ["initech.example"]
    (updated,) = twin.events("organization.updated")
    assert updated.context["previous_attributes"] == {"name": "Initech", "metadata": {"tier": None}}


def test_a_removed_organization_takes_its_own_first(twin: Sandbox) -> None:
    twin.remove_organization("acme")
    assert names(twin) == [
        "dsync.deleted", "connection.deleted", "connection.deleted", "organization_domain.deleted",
        "organization.deleted",
    ]  # fmt: skip
    assert data(twin, "organization.deleted")["domains"][0]["domain"] == "acme.example"


def test_legacy_directories_fill_the_old_fields(twin: Sandbox) -> None:
    twin.change_directory(HOME, wire="legacy")
    twin.change_person(ADA, email="countess@acme.example")
    user = data(twin, "dsync.user.updated")
    assert user["emails"] == [{"primary": True, "type": "work", "value": "countess@acme.example"}]
    assert (user["username"], user["job_title"]) == ("countess@acme.example", "Head of Engineering")
    assert user["raw_attributes"]["given_name"] == "Ada"
    assert user["previous_attributes"]["raw_attributes"] == {"email": ADA}


async def test_workos_routes_make_events_too(bench: Bench) -> None:
    twin, workos = bench.twin, bench.workos
    made = await workos.organizations.create_organization(name="Initech")
    domains = workos.organization_domains
    domain = await domains.create_organization_domain(domain="initech.example", organization_id=made.id)
    await domains.verify_organization_domain(domain.id)
    await domains.delete_organization_domain(domain.id)
    await workos.organizations.update_organization(made.id, name="Initrode")
    await workos.sso.delete_connection(bench.acme.id)
    await workos.directory_sync.delete_directory(twin.world.directory(HOME).id)
    await workos.organizations.delete_organization(made.id)
    assert names(twin) == [
        "organization.created", "organization_domain.created", "organization_domain.verified",
        "organization_domain.deleted", "organization.updated", "connection.deleted", "dsync.deleted",
        "organization.deleted",
    ]  # fmt: skip
    assert {each.context["actor"]["source"] for each in twin.events()} == {"api"}


async def test_the_control_page_makes_events_too(bench: Bench) -> None:
    ada = bench.twin.world.person(ADA)
    await bench.browser.post(f"{bench.control_url}/forms/person", data={"id": ada.id, "state": "inactive"})
    assert names(bench.twin) == ["dsync.user.updated", *["dsync.group.user_removed"] * 2]
    page = (await bench.browser.get(bench.control_url)).text
    assert "<td>dsync.user.updated<td>" in page


async def test_the_sdk_reads_every_kind(twin: Sandbox, bench: Bench) -> None:
    made = twin.add_organization("Initech", domains=[("initech.example", "pending")])
    for state in ("failed", "verified", "pending"):
        twin.change_domain("initech.example", state=state)
    twin.change_organization(made.id, name="Initrode")
    connection = twin.add_connection(made.id, "C")
    twin.change_connection(connection.id, state="requires_type")
    twin.require_certificate_renewal(connection.id)
    twin.renew_certificate(connection.id)
    home = twin.add_directory(made.id, "D", wire="legacy").id
    person = twin.add_person(made.id, directory=home, email="x@initech.example", groups=["G"])
    twin.change_person(person.id, first_name="X", state="inactive", groups=[])
    twin.change_group(next(g.id for g in twin.world.groups.values() if g.directory_id == home), name="H")
    twin.remove_group(next(g.id for g in twin.world.groups.values() if g.directory_id == home))
    twin.remove_person(person.id)
    twin.remove_organization(made.id)
    assert set(names(twin)) == set(EVENTS)
    for delivery in twin.take_deliveries():
        read = bench.workos.webhooks.verify_event(
            event_body=delivery.body, event_signature=delivery.headers["WorkOS-Signature"], secret=SECRET
        )
        assert not isinstance(read, EventSchemaUnknown), delivery.event.event
        assert read.id == delivery.event.id
