"""Events are read by their type, today's form and the seed's; broken ones name a field, never a value."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.users import attributes
from app.workos import events, payloads, shapes
from app.workos.fields import Mismatch
from app.workos.payloads import Payload
from app.workos.records import Domain, Event
from tests.fakes.workos_records import LONG_AGO
from tests.workos.answers import a_connection_answer, a_directory_user_answer, an_event_answer
from tests.workos.samples import DATA, MEMBERSHIP, SEED, SIGN_IN

KINDS: dict[str, type[Payload]] = {
    "dsync.activated": payloads.DirectoryChanged,
    "dsync.deleted": payloads.DirectoryRemoved,
    "dsync.user.created": payloads.UserChanged,
    "dsync.user.updated": payloads.UserChanged,
    "dsync.user.deleted": payloads.UserRemoved,
    "dsync.group.created": payloads.GroupChanged,
    "dsync.group.updated": payloads.GroupChanged,
    "dsync.group.deleted": payloads.GroupRemoved,
    "dsync.group.user_added": payloads.MembershipChanged,
    "dsync.group.user_removed": payloads.MembershipChanged,
    "dsync.token.created": payloads.Unneeded,
    "dsync.token.revoked": payloads.Unneeded,
    "connection.activated": payloads.ConnectionChanged,
    "connection.deactivated": payloads.ConnectionChanged,
    "connection.deleted": payloads.ConnectionRemoved,
    "connection.saml_certificate_renewal_required": payloads.CertificateExpiring,
    "connection.saml_certificate_renewed": payloads.CertificateRenewed,
    "organization.created": payloads.OrganizationChanged,
    "organization.updated": payloads.OrganizationChanged,
    "organization.deleted": payloads.OrganizationRemoved,
    "organization_domain.created": payloads.DomainChanged,
    "organization_domain.updated": payloads.DomainChanged,
    "organization_domain.deleted": payloads.DomainRemoved,
    "organization_domain.verified": payloads.DomainChanged,
    "organization_domain.verification_failed": payloads.DomainChanged,
    "authentication.sso_started": payloads.Unneeded,
    "authentication.sso_succeeded": payloads.Unneeded,
    "authentication.sso_failed": payloads.SsoFailed,
    "authentication.sso_timed_out": payloads.SsoFailed,
}
QUICK = settings(max_examples=60, database=None, deadline=None)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


def told(kind: str, data: dict[str, Any] | None = None) -> Event:
    """Return the sample event of this type, with other data if so told."""
    return shapes.event(an_event_answer(event=kind, data=DATA[kind] if data is None else data))


def read(kind: str, data: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 -- the test knows which payload
    return events.read(told(kind, data))


def changed(kind: str, **changes: object) -> dict[str, Any]:
    return {**DATA[kind], **changes}


@pytest.mark.parametrize("kind", DATA)
def test_every_type_of_the_table_is_read(kind: str) -> None:
    event = events.parse(json.dumps(an_event_answer(event=kind, data=DATA[kind])).encode())
    assert type(events.read(event)) is KINDS[kind]
    assert event.created_at == LONG_AGO
    assert event.organization_id == ("org_1" if not kind.startswith("dsync.token") else None)


def test_the_table_is_whole() -> None:
    assert set(DATA) == set(KINDS) == set(events.READERS)


def test_a_type_of_tomorrow_is_kept() -> None:
    event = told("dsync.user.promoted", {"id": 5})
    assert events.read(event) == payloads.Unknown("dsync.user.promoted", {"id": 5})


def test_the_seeds_own_example_is_read() -> None:
    event = events.parse(json.dumps(SEED).encode())
    assert (event.id, event.created_at, event.organization_id) == ("event_01234567890", None, None)
    payload = events.read(event)
    assert isinstance(payload, payloads.UserChanged)
    user = payload.user
    assert (user.id, user.directory_id) == ("directory_user_01234567890", "directory_01234567890")
    who = attributes.described(user.attributes)
    assert (who["email"], who["first_name"], who["last_name"]) == ("user@example.com", "John", "Doe")
    assert (user.active, user.organization_id, user.idp_id, user.updated_at) == (True, None, None, None)


def test_todays_form_is_read() -> None:
    user = read("dsync.user.updated").user
    assert attributes.described(user.attributes)["email"] == "ada@acme.example"
    assert user.custom_attributes["department_name"] == "Engineering"
    assert user.attributes["previous_attributes"] == {"first_name": "Augusta"}


def test_the_older_fields_are_read_where_they_are_filled() -> None:
    emails = [{"value": "second@acme.example"}, {"primary": True, "value": "first@acme.example"}, "x@y.z", 7, None]
    data = a_directory_user_answer(email=None, emails=emails, job_title="Analyst", raw_attributes={"department": "R"})
    who = attributes.described(read("dsync.user.created", data).user.attributes)
    assert (who["email"], who["job_title"]) == ("first@acme.example", "Analyst")


@pytest.mark.parametrize("state", ["Active", "active ", "ACTIVE", "suspended", "inactive", "enabled", "staged"])
def test_only_the_word_active_lets_anybody_in(state: str) -> None:
    user = read("dsync.user.updated", changed("dsync.user.updated", state=state)).user
    assert (user.state, user.active) == (state, False)


@pytest.mark.parametrize(
    ("told_state", "state"),
    [
        ("active", "linked"),
        ("inactive", "unlinked"),
        ("validating", "validating"),
        ("deleting", "deleting"),
        ("x", "x"),
    ],
)
def test_a_directorys_state_is_in_the_state_apis_words(told_state: str, state: str) -> None:
    directory = read("dsync.activated", changed("dsync.activated", state=told_state)).directory
    assert (directory.state, directory.domain) == (state, "acme.example")


def test_instants_are_read_without_t_and_z() -> None:
    event = shapes.event(an_event_answer(created_at="2023-04-28 20:05:31.093"))
    assert event.created_at == datetime(2023, 4, 28, 20, 5, 31, 93000, tzinfo=UTC)
    assert str(event.created_at).endswith("+00:00")


def test_a_membership_names_both() -> None:
    joined, left = read("dsync.group.user_added"), read("dsync.group.user_removed")
    assert (joined.member, left.member) == (True, False)
    for payload in (joined, left):
        assert (payload.directory_id, payload.user_id, payload.group_id) == (
            "directory_1",
            "directory_user_1",
            "directory_group_1",
        )
        assert payload.user.attributes["email"] == "ada@acme.example"
        assert payload.group.name == "MemberPulse Admins"


@pytest.mark.parametrize("kind", ["dsync.group.user_added", "dsync.group.user_removed"])
@pytest.mark.parametrize("who", ["user", "group"])
def test_a_membership_over_two_directories_is_broken(kind: str, who: str) -> None:
    data = {**MEMBERSHIP, who: {**MEMBERSHIP[who], "directory_id": "directory_2"}}
    with pytest.raises(Mismatch, match="directory_id"):
        read(kind, data)


REMOVALS: dict[str, dict[str, Any]] = {
    "dsync.user.deleted": {"id": "u", "directory_id": "d", "email": 5, "state": None, "emails": {}, "created_at": "?"},
    "dsync.group.deleted": {"id": "g", "directory_id": "d", "name": None, "updated_at": 0},
    "dsync.group.user_removed": {"directory_id": "d", "user": {"id": "u", "email": 5}, "group": {"id": "g"}},
    "dsync.deleted": {"id": "d", "state": 1, "type": [], "organization_id": {}},
    "connection.deactivated": {"id": "c", "state": 7, "domains": "acme.example"},
    "connection.deleted": {"id": "c", "name": 5},
    "organization.deleted": {"id": "o", "domains": 7},
    "organization_domain.deleted": {"id": "d", "state": 5},
}


@pytest.mark.parametrize(("kind", "data"), REMOVALS.items(), ids=REMOVALS)
def test_what_takes_away_needs_ids_only(kind: str, data: dict[str, Any]) -> None:
    assert type(read(kind, data)) is KINDS[kind]
    del data[next(name for name in ("id", "group") if name in data)]
    with pytest.raises(Mismatch):
        read(kind, data)


@pytest.mark.parametrize("state", ["active", None, "on", 7])
def test_a_connection_that_was_switched_off_is_off(state: object) -> None:
    payload = read("connection.deactivated", a_connection_answer(state=state))
    assert payload.state == "inactive"
    assert payload.connection.state == "inactive"


def test_a_connections_short_form_tells_its_state() -> None:
    payload = read("connection.activated", {"id": "conn_1", "name": "Acme Okta"})
    assert payload == payloads.ConnectionChanged("conn_1", "active", None, None)
    whole = read("connection.activated").connection
    assert (whole.id, whole.protocol, whole.domains) == ("conn_1", "saml", ("acme.example",))
    with pytest.raises(Mismatch, match="domains"):
        read("connection.activated", a_connection_answer(domains=5))


def test_a_certificate_tells_when_it_ends() -> None:
    soon, renewed = (read(f"connection.saml_certificate_{word}") for word in ("renewal_required", "renewed"))
    assert (soon.connection_id, soon.organization_id, soon.days_left, soon.expired) == ("conn_1", "org_1", 7, False)
    assert soon.expires_at == renewed.expires_at == datetime(2026, 12, 1, tzinfo=UTC)
    assert (soon.certificate_type, renewed.renewed_at) == ("ResponseSigning", LONG_AGO)


def test_a_domains_proof_may_fail() -> None:
    failed = read("organization_domain.verification_failed")
    assert failed.reason == "domain_verification_period_expired"
    assert (failed.domain, failed.organization_id) == (Domain("dom_1", "acme.example", "failed"), "org_1")
    assert read("organization_domain.verified").domain.verified


def test_a_failed_sign_in_keeps_the_code_and_no_sentence() -> None:
    failed = read("authentication.sso_failed")
    assert failed.code == "profile_not_allowed_outside_organization"
    assert (failed.outcome, read("authentication.sso_timed_out").outcome) == ("failed", "timed_out")
    assert "<b>" not in repr(failed)
    assert read("authentication.sso_failed", {**SIGN_IN, "error": {"code": "<script> x"}}).code is None
    assert read("authentication.sso_failed", {"sso": []}).connection_id is None


BROKEN: dict[str, dict[str, Any]] = {
    "directory_id": a_directory_user_answer(directory_id=None),
    "id": a_directory_user_answer(id="x" * 513),
    "email": a_directory_user_answer(email="e" * 513),
    "idp_id": a_directory_user_answer(idp_id="i" * 513),
    "state": a_directory_user_answer(state=True),
    "updated_at": a_directory_user_answer(updated_at="soon, says private-value"),
    "custom_attributes": a_directory_user_answer(custom_attributes=["private-value"]),
    "emails": a_directory_user_answer(emails="private-value"),
    "first_name": a_directory_user_answer(first_name=["private-value"]),
}


@pytest.mark.parametrize(("field", "data"), BROKEN.items(), ids=BROKEN)
def test_what_is_broken_is_named_and_not_repeated(field: str, data: dict[str, Any]) -> None:
    with pytest.raises(Mismatch) as caught:
        read("dsync.user.created", data)
    assert caught.value.field == field
    assert "private-value" not in repr(caught.value)


def test_names_are_cut_and_what_decides_is_not() -> None:
    user = read("dsync.user.created", a_directory_user_answer(first_name="é" * 100_000, job_title="x" * 300)).user
    who = attributes.described({**user.attributes, "custom_attributes": {}})
    assert (len(who["first_name"] or ""), len(who["job_title"] or "")) == (256, 256)
    with pytest.raises(Mismatch, match="name"):
        read("dsync.group.created", changed("dsync.group.created", name="MemberPulse Admins" * 40))


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"{", b'{"id":}', b"\xff", b'{"id":nan}', b'{"a":"\0"}', b"[" * 100_000],
)
def test_a_body_that_is_no_event_is_named_so(body: bytes) -> None:
    with pytest.raises(Mismatch, match="body"):
        events.parse(body)


@pytest.mark.parametrize(
    "changes", [{"id": ""}, {"id": "a\nb"}, {"event": None}, {"event": "é"}, {"data": []}, {"data": None}]
)
def test_an_envelope_must_be_whole(changes: dict[str, Any]) -> None:
    with pytest.raises(Mismatch) as caught:
        events.parse(json.dumps(an_event_answer(**changes)).encode())
    assert caught.value.field in changes
    broken = shapes.event_or_broken(an_event_answer(**changes))
    assert broken.broken in changes
    with pytest.raises(Mismatch, match=str(broken.broken)):
        events.read(broken)


@pytest.mark.parametrize("kind", DATA)
@QUICK
@given(data=st.data())
def test_no_data_breaks_a_reader(kind: str, data: st.DataObject) -> None:
    """Any JSON object, and any sample with any of its fields (inner ones too) made anything."""
    value = _disturbed(dict(DATA[kind]), data)
    event = Event("event_1", kind, value)
    try:
        assert type(events.read(event)) is KINDS[kind]
    except Mismatch as mismatch:
        assert mismatch.field  # noqa: PT017 -- most examples are broken, none may end otherwise


READ_ALONE = [
    shapes.profile,
    shapes.connection,
    shapes.directory,
    shapes.directory_user,
    shapes.directory_group,
    shapes.organization,
    shapes.domain,
    shapes.event,
    shapes.logout_url,
]


@pytest.mark.parametrize("shape", READ_ALONE)
@QUICK
@given(answer=st.dictionaries(st.sampled_from(["id", "state", "emails", "groups", "domains", "data", "event"]), JSON))
def test_a_shape_raises_nothing_but_a_mismatch(shape: Any, answer: dict[str, Any]) -> None:  # noqa: ANN401 -- any of them
    answer |= {"profile": answer, "list_metadata": answer}
    for page in (False, True):
        try:
            _ = shapes.page({**answer, "object": "list"}, shape, after=None) if page else shape(answer)
        except Mismatch as mismatch:
            assert mismatch.field  # noqa: PT017 -- as above
    shapes.event_or_broken(answer)


def _disturbed(value: dict[str, Any], data: st.DataObject) -> dict[str, Any]:
    for name in data.draw(st.lists(st.sampled_from(sorted(value)), max_size=2, unique=True)):
        inner = value[name]
        if isinstance(inner, dict) and inner and data.draw(st.booleans()):
            value[name] = _disturbed(dict(inner), data)  # pyright: ignore[reportUnknownArgumentType] -- JSON
        else:
            value[name] = data.draw(JSON)
    return value
