"""Attributes of a sign-in, pure: a profile -> the Person whom it describes, or what it lacks."""

from collections.abc import Mapping, Sequence
from typing import Final, cast

from app.sso.errors import AttributeMissing
from app.users import attributes
from app.users.person import Person
from app.workos.records import Profile

_AT_THE_PROVIDER: Final = {
    "email": "email",
    "first_name": "given_name or firstName",
    "last_name": "family_name or lastName",
}


def to_person(profile: Profile, mapping: Mapping[str, Sequence[str]] = attributes.DEFAULTS) -> Person:
    """Return the person that a profile describes; the first non-empty attribute wins.

    Raises:
        AttributeMissing: a required field has no value; names it and where to map it.
    """
    source = profile.attributes
    found = attributes.described(source, mapping)
    for field in attributes.REQUIRED:
        if not found[field]:
            raise AttributeMissing(
                f"The attribute {field} is missing: map {_wanted(field, mapping)} in the identity provider's attribute"
                " statements (or claims) for MemberPulse.",
                attribute=field,
            )
    return Person(
        idp_id=profile.idp_id,
        profile_id=profile.id,
        email=cast("str", found["email"]),
        first_name=cast("str", found["first_name"]),
        last_name=cast("str", found["last_name"]),
        department=found["department"],
        job_title=found["job_title"],
        groups=attributes.groups(source, mapping),
    )


def _wanted(field: str, mapping: Mapping[str, Sequence[str]]) -> str:
    """Return what the identity provider has to send, in its own words, or in those of the tenant's own mapping."""
    paths = mapping.get(field, ())
    return _AT_THE_PROVIDER[field] if paths == attributes.DEFAULTS[field] else " or ".join(paths) or field
