"""Shapes: WorkOS's JSON -> records. Strict on what the gateway uses, indifferent to what it does not know.

Each reader raises `Mismatch` with the field's name and nothing else, whatever the JSON object holds. An API's answer
and a webhook's `data` are read by the same ones (`events.py`).
"""

import re
from collections.abc import Callable
from typing import Final, TypeVar

from app.workos import fields
from app.workos.fields import Mismatch, Object
from app.workos.records import (
    Connection,
    Directory,
    DirectoryGroup,
    DirectoryUser,
    Domain,
    Event,
    Member,
    Organization,
    Page,
    PortalLink,
    Profile,
)

T = TypeVar("T")
_WEB_ADDRESS = re.compile(r"https?://[!-~]+")
_PORTAL_LINK = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?([/?#][!-~]*)?")
_LONGEST_LINK = 4096

# WorkOS's state API and its events use different words for the same states of a directory (workos.md section 2).
_DIRECTORY_STATES: Final = {"active": "linked", "inactive": "unlinked"}


def profile(answer: Object) -> Profile:
    """Return the person of a token answer (workos.com/docs/reference/sso/profile/get-profile-and-token)."""
    found = fields.one(answer, "profile")
    return Profile(
        id=fields.key(found, "id"),
        connection_id=fields.key(found, "connection_id"),
        connection_type=fields.text(found, "connection_type"),
        idp_id=fields.key(found, "idp_id"),
        organization_id=fields.text_or_none(found, "organization_id"),
        email=fields.text_or_none(found, "email"),
        first_name=fields.text_or_none(found, "first_name"),
        last_name=fields.text_or_none(found, "last_name"),
        groups=fields.texts(found, "groups"),
        username=fields.text_or_none(found, "username"),
        job_title=fields.text_or_none(found, "job_title"),
        emails=fields.addresses(found),
        custom_attributes=fields.one_or_empty(found, "custom_attributes"),
        raw_attributes=fields.one_or_empty(found, "raw_attributes"),
        attributes=found,
    )


def connection(answer: Object) -> Connection:
    """Return a connection (workos.com/docs/reference/sso/connection)."""
    return Connection(
        id=fields.key(answer, "id"),
        type=fields.text(answer, "connection_type"),
        name=fields.name_or_none(answer, "name") or "",
        state=fields.text(answer, "state"),
        created_at=fields.instant(answer, "created_at"),
        updated_at=fields.instant(answer, "updated_at"),
        organization_id=fields.key_or_none(answer, "organization_id"),
        domains=tuple(fields.text(entry, "domain") for entry in fields.objects(answer, "domains")),
    )


def directory(answer: Object) -> Directory:
    """Return a directory, in the state API's form or the events' (workos.com/docs/reference/directory-sync/directory).

    The events' words for its state become the state API's; the first of their `domains` becomes its domain.
    """
    state = fields.text(answer, "state")
    domains = fields.objects(answer, "domains")
    domain = fields.text_or_none(answer, "domain")
    return Directory(
        id=fields.key(answer, "id"),
        organization_id=fields.key(answer, "organization_id"),
        type=fields.text(answer, "type"),
        name=fields.name_or_none(answer, "name") or "",
        state=_DIRECTORY_STATES.get(state, state),
        created_at=fields.instant(answer, "created_at"),
        updated_at=fields.instant(answer, "updated_at"),
        external_key=fields.text_or_none(answer, "external_key"),
        domain=domain if domain or not domains else fields.text(domains[0], "domain"),
        active_users=fields.whole_number_or_none(fields.inside(fields.inside(answer, "metadata"), "users"), "active"),
    )


def directory_user(answer: Object) -> DirectoryUser:
    """Return a person of a directory (workos.com/docs/reference/directory-sync/directory-user).

    Today's form and the seed's older one, which has no organization, identity provider's id or instants. The state is
    any word: one that WorkOS invents later is not `active`, and must not spoil the page that it stands on.
    """
    fields.prove_described(answer)
    return DirectoryUser(
        fields.key(answer, "id"),
        fields.key(answer, "directory_id"),
        fields.key(answer, "state"),
        fields.key_or_none(answer, "organization_id"),
        fields.key_or_none(answer, "idp_id"),
        fields.instant_or_none(answer, "updated_at"),
        fields.free(fields.one_or_empty(answer, "custom_attributes")),
        fields.free(answer),
    )


def member(answer: Object) -> Member:
    """Return who is a member of a group; the rest of them stands in the directory's own list."""
    return Member(fields.key(answer, "id"), fields.key(answer, "directory_id"))


def directory_group(answer: Object) -> DirectoryGroup:
    """Return a group of a directory (workos.com/docs/reference/directory-sync/directory-group).

    Its name is a key: roles are given by it, and cut it could become a name that gives one (threats.md E10).
    """
    return DirectoryGroup(
        id=fields.key(answer, "id"),
        directory_id=fields.key(answer, "directory_id"),
        name=fields.key(answer, "name"),
        organization_id=fields.key_or_none(answer, "organization_id"),
        idp_id=fields.key_or_none(answer, "idp_id"),
        created_at=fields.instant_or_none(answer, "created_at"),
        updated_at=fields.instant_or_none(answer, "updated_at"),
    )


def organization(answer: Object) -> Organization:
    """Return an organization; a domain without a state is unverified (workos.com/docs/reference/organization)."""
    return Organization(
        id=fields.key(answer, "id"),
        name=fields.text(answer, "name"),
        domains=tuple(domain(entry) for entry in fields.objects(answer, "domains")),
        external_id=fields.text_or_none(answer, "external_id"),
    )


def domain(answer: Object) -> Domain:
    """Return an organization's domain (workos.com/docs/reference/domain-verification)."""
    state = fields.text_or_none(answer, "state") or "unverified"
    return Domain(fields.key(answer, "id"), fields.text(answer, "domain"), state)


def event(answer: Object) -> Event:
    """Return an event, of a webhook or of the Events API (workos.com/docs/events); its data is read by `events.read`.

    The seed's older form has no `created_at`.
    """
    kind = fields.word(answer, "event")
    data = fields.one(answer, "data")
    return Event(
        id=fields.word(answer, "id"),
        event=kind,
        data=data,
        created_at=fields.instant_or_none(answer, "created_at"),
        organization_id=fields.hint(answer, "organization_id") or _organization_of(kind, data),
        raw=answer,
    )


def event_or_broken(answer: Object) -> Event:
    """Return an event; one that cannot be read as a raw record whose `broken` names the field. Raises nothing.

    One tenant's broken event would otherwise stop the events of all that stand on the same page.
    """
    try:
        return event(answer)
    except Mismatch as mismatch:
        return Event(
            id=fields.word_or_empty(answer, "id"),
            event=fields.word_or_empty(answer, "event"),
            data={},
            raw=answer,
            broken=mismatch.field,
        )


def logout_url(answer: Object) -> str:
    """Return the address that signs out (workos.com/docs/reference/sso/logout); a browser is sent there."""
    url = fields.text(answer, "logout_url")
    if not _WEB_ADDRESS.fullmatch(url):
        raise Mismatch("logout_url")
    return url


def portal_link(answer: Object) -> PortalLink:
    """Return an Admin Portal link (workos.com/docs/reference/admin-portal/portal-link); a browser is sent there."""
    url = fields.text(answer, "link")
    if len(url) > _LONGEST_LINK or not _PORTAL_LINK.fullmatch(url):
        raise Mismatch("link")
    return PortalLink(url)


def page(answer: Object, item: Callable[[Object], T], *, after: str | None) -> Page[T]:
    """Return one page of a list asked for with the cursor `after`.

    A page must say that it is a list, hold one, and say whether there is more: whoever deletes what a listing does not
    show must not take a broken one for an empty company (threats.md E7). A cursor that stands still would never end.
    """
    if answer.get("object") != "list":
        raise Mismatch("object")
    if not isinstance(answer.get("data"), list):
        raise Mismatch("data")
    found = tuple(item(entry) for entry in fields.objects(answer, "data"))
    metadata = fields.one(answer, "list_metadata")
    if "after" not in metadata:
        raise Mismatch("list_metadata.after")
    following = fields.text_or_none(metadata, "after")
    if following is not None and (following == after or not found):
        raise Mismatch("list_metadata.after")
    return Page(found, following)


def _organization_of(kind: str, data: Object) -> str | None:
    """Return the organization that an event's data tells of; where it stands differs from type to type."""
    if kind.startswith("organization."):
        return fields.hint(data, "id")
    places = (data, *(fields.inside(data, name) for name in ("user", "connection", "organization_domain", "sso")))
    return next((found for place in places if (found := fields.hint(place, "organization_id"))), None)
