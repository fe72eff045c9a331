"""Events: a webhook's body -> event -> what it says happened; the same readers as for the API's answers.

`parse` and `read` raise `Mismatch` with a field's name and never with a value; no Problem, for nobody waits.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Final

from app.workos import fields, payloads, shapes
from app.workos.bodies import Unreadable, json_tolerant
from app.workos.fields import Mismatch, Object
from app.workos.records import Connection, Event

# What a connection's older, shorter form leaves out.
_WHOLE_CONNECTION = ("connection_type", "created_at", "updated_at")
_CLOSED = frozenset({"draft", "requires_type", "validating", "inactive", "deleting"})


def parse(body: bytes) -> Event:
    """Return the event of a webhook's body, whose signature was verified (workos.com/docs/events/data-syncing).

    Raises:
        Mismatch: no JSON object (`body`), or a field of the envelope is broken.
    """
    try:
        return shapes.event(json_tolerant(body))
    except Unreadable:
        raise Mismatch("body") from None


def read(event: Event) -> payloads.Payload:
    """Return what an event says happened (workos.com/docs/events); `Unknown` for a type that we do not know.

    Raises:
        Mismatch: the event is broken, or what its type promises is not in its data.
    """
    if event.broken:
        raise Mismatch(event.broken)
    reader = READERS.get(event.event)
    return reader(event.data) if reader else payloads.Unknown(event.event, event.data)


def _user_changed(data: Object) -> payloads.UserChanged:
    return payloads.UserChanged(shapes.directory_user(data))


def _user_removed(data: Object) -> payloads.UserRemoved:
    return payloads.UserRemoved(
        fields.key(data, "id"), fields.key(data, "directory_id"), _owner(data), fields.hint(data, "idp_id"), data
    )


def _group_changed(data: Object) -> payloads.GroupChanged:
    return payloads.GroupChanged(shapes.directory_group(data))


def _group_removed(data: Object) -> payloads.GroupRemoved:
    return payloads.GroupRemoved(fields.key(data, "id"), fields.key(data, "directory_id"), _owner(data))


def _joined(data: Object) -> payloads.MembershipChanged:
    home, told_user, told_group = _pair(data)
    user = shapes.directory_user(fields.inside_of(home, told_user))
    group = shapes.directory_group(fields.inside_of(home, told_group))
    owner = _named(data) or user.organization_id or group.organization_id
    return payloads.MembershipChanged(home, user.id, group.id, True, owner, user, group)


def _left(data: Object) -> payloads.MembershipChanged:
    home, told_user, told_group = _pair(data)
    user, group = None, None
    with suppress(Mismatch):
        user = shapes.directory_user(fields.inside_of(home, told_user))
    with suppress(Mismatch):
        group = shapes.directory_group(fields.inside_of(home, told_group))
    return payloads.MembershipChanged(
        directory_id=home,
        user_id=fields.key(told_user, "id"),
        group_id=fields.key(told_group, "id"),
        member=False,
        organization_id=_owner(data) or _owner(told_user) or _owner(told_group),
        user=user,
        group=group,
    )


def _pair(data: Object) -> tuple[str, Object, Object]:
    """Return a membership's directory, person and group; of two directories they would mix up two tenants."""
    home = fields.key(data, "directory_id")
    user, group = fields.one(data, "user"), fields.one(data, "group")
    for told in (user, group):
        if not fields.absent(told, "directory_id") and told["directory_id"] != home:
            raise Mismatch("directory_id")
    return home, user, group


def _directory_changed(data: Object) -> payloads.DirectoryChanged:
    return payloads.DirectoryChanged(shapes.directory(data))


def _directory_removed(data: Object) -> payloads.DirectoryRemoved:
    return payloads.DirectoryRemoved(fields.key(data, "id"), _owner(data))


def _activated(data: Object) -> payloads.ConnectionChanged:
    told = {"state": "active", **data}
    whole = not any(fields.absent(told, name) for name in _WHOLE_CONNECTION)
    _named(told)
    return _connection(told, shapes.connection(told) if whole else None)


def _deactivated(data: Object) -> payloads.ConnectionChanged:
    # Switched off is what the event says; a state from before must not keep the door open.
    told = {**data, "state": "inactive"} if fields.hint(data, "state") not in _CLOSED else data
    found = None
    with suppress(Mismatch):
        found = shapes.connection(told)
    return _connection(told, found)


def _connection(told: Object, found: Connection | None) -> payloads.ConnectionChanged:
    return payloads.ConnectionChanged(fields.key(told, "id"), fields.word(told, "state"), _owner(told), found)


def _connection_removed(data: Object) -> payloads.ConnectionRemoved:
    return payloads.ConnectionRemoved(fields.key(data, "id"), _owner(data))


def _expiring(data: Object) -> payloads.CertificateExpiring:
    connection, owner, kind, expires_at = _certificate(data)
    expired = fields.one(data, "certificate").get("is_expired") is True
    days = fields.whole_number_or_none(data, "days_until_expiry")
    return payloads.CertificateExpiring(connection, owner, kind, expires_at, expired, days)


def _renewed(data: Object) -> payloads.CertificateRenewed:
    return payloads.CertificateRenewed(*_certificate(data), fields.instant_or_none(data, "renewed_at"))


def _certificate(data: Object) -> tuple[str, str | None, str, datetime]:
    connection, certificate = fields.one(data, "connection"), fields.one(data, "certificate")
    kind = fields.word(certificate, "certificate_type")
    return fields.key(connection, "id"), _owner(connection), kind, fields.instant(certificate, "expiry_date")


def _organization_changed(data: Object) -> payloads.OrganizationChanged:
    return payloads.OrganizationChanged(shapes.organization(data))


def _organization_removed(data: Object) -> payloads.OrganizationRemoved:
    return payloads.OrganizationRemoved(fields.key(data, "id"))


def _domain_changed(data: Object) -> payloads.DomainChanged:
    return payloads.DomainChanged(shapes.domain(data), fields.key(data, "organization_id"), None)


def _domain_failed(data: Object) -> payloads.DomainChanged:
    told = fields.one(data, "organization_domain")
    reason = fields.word_or_empty(data, "reason") or None
    return payloads.DomainChanged(shapes.domain(told), fields.key(told, "organization_id"), reason)


def _domain_removed(data: Object) -> payloads.DomainRemoved:
    return payloads.DomainRemoved(fields.key(data, "id"), _owner(data))


def _sso_failed(data: Object) -> payloads.SsoFailed:
    sso = fields.inside(data, "sso")
    return payloads.SsoFailed(
        outcome="timed_out" if data.get("status") == "timed_out" else "failed",
        organization_id=_owner(sso),
        connection_id=fields.hint(sso, "connection_id"),
        session_id=fields.hint(sso, "session_id"),
        email=fields.hint(data, "email"),
        ip_address=fields.hint(data, "ip_address"),
        code=fields.word_or_empty(fields.inside(data, "error"), "code") or None,
    )


def _owner(data: Object) -> str | None:
    """Return the organization of what is taken away; an odd one is none, for it must not keep anybody in."""
    return fields.hint(data, "organization_id")


def _named(data: Object) -> str | None:
    """Return the organization of what gives access; an odd one is not none: whose it is would be guessed."""
    return None if fields.absent(data, "organization_id") else fields.key(data, "organization_id")


def _unneeded(event: str) -> Callable[[Object], payloads.Payload]:
    return lambda _data: payloads.Unneeded(event)


UNNEEDED: Final = (
    "dsync.token.created",
    "dsync.token.revoked",
    "authentication.sso_started",
    "authentication.sso_succeeded",
)
READERS: Final[Mapping[str, Callable[[Object], payloads.Payload]]] = {
    "dsync.activated": _directory_changed,
    "dsync.deleted": _directory_removed,
    "dsync.user.created": _user_changed,
    "dsync.user.updated": _user_changed,
    "dsync.user.deleted": _user_removed,
    "dsync.group.created": _group_changed,
    "dsync.group.updated": _group_changed,
    "dsync.group.deleted": _group_removed,
    "dsync.group.user_added": _joined,
    "dsync.group.user_removed": _left,
    "connection.activated": _activated,
    "connection.deactivated": _deactivated,
    "connection.deleted": _connection_removed,
    "connection.saml_certificate_renewal_required": _expiring,
    "connection.saml_certificate_renewed": _renewed,
    "organization.created": _organization_changed,
    "organization.updated": _organization_changed,
    "organization.deleted": _organization_removed,
    "organization_domain.created": _domain_changed,
    "organization_domain.updated": _domain_changed,
    "organization_domain.verified": _domain_changed,
    "organization_domain.verification_failed": _domain_failed,
    "organization_domain.deleted": _domain_removed,
    "authentication.sso_failed": _sso_failed,
    "authentication.sso_timed_out": _sso_failed,
    **{event: _unneeded(event) for event in UNNEEDED},
}
"""Event type -> reader of its data: every type of workos.md section 2."""
WANTED: Final = tuple(sorted(READERS.keys() - UNNEEDED))
"""What is worth asking for: without these every sign-in would be read, and kept, as an event that changes nothing."""
