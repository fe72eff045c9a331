"""Attribute mapping: which attribute feeds which field, and what is no attribute at all."""

from typing import Any

import pytest

from app.sso.attributes import to_person
from app.sso.errors import AttributeMissing
from app.users.attributes import LONGEST
from app.workos.records import Profile

FULL: dict[str, Any] = {"email": "ada@a.example", "first_name": "Ada", "last_name": "Lovelace"}


def a_profile(attributes: dict[str, Any]) -> Profile:
    return Profile(
        id="prof_1", connection_id="conn_1", connection_type="OktaSAML", idp_id="00u1", attributes=attributes
    )


def mapped(field: str, **attributes: Any) -> Any:  # noqa: ANN401 -- any field of Person
    return getattr(to_person(a_profile({**FULL, **attributes})), field)


@pytest.mark.parametrize(
    ("attributes", "email"),
    [
        ({"email": "a@b.example"}, "a@b.example"),
        ({"email": "  a@b.example\n"}, "a@b.example"),
        (
            {"email": None, "emails": [{"value": "x@b.example"}, {"primary": True, "value": "p@b.example"}]},
            "p@b.example",
        ),
        ({"email": "", "emails": [{"value": "first@b.example"}, {"value": "second@b.example"}]}, "first@b.example"),
        ({"email": None, "emails": ["plain@b.example"]}, "plain@b.example"),
        ({"email": None, "emails": [], "username": "user@b.example"}, "user@b.example"),
        ({"email": "not an address", "username": "user@b.example"}, "user@b.example"),
        ({"email": None, "emails": [{"value": None}], "username": "user@b.example"}, "user@b.example"),
        ({"email": "First@Wins.example", "username": "user@b.example"}, "First@Wins.example"),
    ],
)
def test_the_email_is_the_first_usable_address(attributes: dict[str, Any], email: str) -> None:
    assert mapped("email", **attributes) == email


@pytest.mark.parametrize(
    "text",
    [
        "ada",
        "@a.example",
        "ada@",
        "ada@localhost",
        "ada lovelace@a.example",
        "<ada@a.example>",
        '"ada"@a.example',
        "ada@a.example\r\nbcc:x@y.example",
        "ada\x00@a.example",
        "ada\x7f@a.example",
        "ada\u200b@a.example",
        "\u202emoc.live@a.example",
        "ada\u00a0@a.example",
        "u" * (LONGEST - len("@a.example")) + "@a.example.evil.example",
        7,
        True,
        {"value": "ada@a.example"},
    ],
    ids=repr,
)
def test_what_is_no_address_is_missing(text: object) -> None:
    with pytest.raises(AttributeMissing) as missing:
        to_person(a_profile({**FULL, "email": text}))
    assert missing.value.extra == {"attribute": "email"}


def test_a_long_address_is_not_cut_into_another_domain() -> None:
    """Cut at 256 characters this one would end in `@a.example` (threats.md A11)."""
    assert LONGEST == 256
    exact = "u" * (LONGEST - len("@a.example")) + "@a.example"
    assert mapped("email", email=exact) == exact
    with pytest.raises(AttributeMissing):
        mapped("email", email=exact + ".evil.example")


@pytest.mark.parametrize("field", ["first_name", "last_name"])
@pytest.mark.parametrize("home", ["custom_attributes", "raw_attributes"])
def test_names_come_from_the_seeds_fallbacks_in_order(field: str, home: str) -> None:
    claim, camel = {"first_name": ("given_name", "firstName"), "last_name": ("family_name", "lastName")}[field]
    assert mapped(field, **{field: None, home: {claim: "Claim", camel: "Camel"}}) == "Claim"
    assert mapped(field, **{field: "  ", home: {camel: "Camel"}}) == "Camel"
    assert mapped(field, **{field: "Top", home: {claim: "Claim"}}) == "Top"
    assert mapped(field, **{field: None, "custom_attributes": {claim: "C"}, "raw_attributes": {claim: "R"}}) == "C"


@pytest.mark.parametrize(
    ("field", "attributes", "value"),
    [
        ("department", {"custom_attributes": {"department_name": "R&D", "department": "x"}}, "R&D"),
        ("department", {"custom_attributes": {"department": "R&D"}}, "R&D"),
        ("department", {"department": "R&D"}, "R&D"),
        ("department", {"raw_attributes": {"department": "R&D"}}, "R&D"),
        ("department", {"custom_attributes": None, "raw_attributes": "text"}, None),
        ("job_title", {"job_title": "Engineer", "custom_attributes": {"title": "x"}}, "Engineer"),
        ("job_title", {"custom_attributes": {"title": "Engineer"}}, "Engineer"),
        ("job_title", {"raw_attributes": {"title": "Engineer"}}, "Engineer"),
        ("job_title", {"job_title": 7}, None),
        ("department", {"custom_attributes": {"department": [{"value": "R&D"}]}}, "R&D"),
    ],
)
def test_optional_fields(field: str, attributes: dict[str, Any], value: str | None) -> None:
    assert mapped(field, **attributes) == value


@pytest.mark.parametrize("field", ["email", "first_name", "last_name"])
@pytest.mark.parametrize("value", [None, "", "   ", [], {}, 0, [None], [{"primary": True}]], ids=repr)
def test_a_missing_required_attribute_is_named_with_where_to_map_it(field: str, value: object) -> None:
    with pytest.raises(AttributeMissing) as missing:
        to_person(a_profile({**FULL, field: value}))
    assert missing.value.extra == {"attribute": field}
    assert f"The attribute {field} is missing" in (missing.value.detail or "")
    claim = {"email": "email", "first_name": "given_name", "last_name": "family_name"}[field]
    assert f"map {claim}" in (missing.value.detail or "")


def test_other_fields_are_cut_to_the_limit() -> None:
    assert mapped("first_name", first_name="x" * 100_000) == "x" * LONGEST
    assert mapped("job_title", job_title="y" * 100_000) == "y" * LONGEST


@pytest.mark.parametrize(
    ("groups", "names"),
    [
        (["MemberPulse Admins", "Other"], ("MemberPulse Admins", "Other")),
        ([{"value": "g1", "display": "MemberPulse Staff"}], ("MemberPulse Staff",)),
        (None, ()),
        ("MemberPulse Admins", ()),
        ([None, 7, "", {"value": "MemberPulse Admins"}], ()),
        # Not trimmed and not cut: a group that anybody may found must not pass for the one that a rule trusts.
        ([" MemberPulse Admins"], (" MemberPulse Admins",)),
        (["MemberPulse Admins\u00a0"], ("MemberPulse Admins\u00a0",)),
        (["x" * (LONGEST + 1), "y" * LONGEST], ("y" * LONGEST,)),
    ],
)
def test_groups_are_taken_as_they_are(groups: object, names: tuple[str, ...]) -> None:
    assert mapped("groups", groups=groups) == names


def test_a_mapping_of_the_tenants_own_wins() -> None:
    mapping = {"email": ("custom_attributes.mail",), "first_name": ("fn",), "last_name": ("last_name",)}
    person = to_person(a_profile({**FULL, "fn": "Augusta", "custom_attributes": {"mail": "own@a.example"}}), mapping)
    assert (person.email, person.first_name, person.department, person.groups) == ("own@a.example", "Augusta", None, ())
