"""The names of the events that the twin makes, as WorkOS spells them."""

import re

EVENTS = (
    "connection.activated",
    "connection.deactivated",
    "connection.deleted",
    "connection.saml_certificate_renewal_required",
    "connection.saml_certificate_renewed",
    "dsync.activated",
    "dsync.deleted",
    "dsync.group.created",
    "dsync.group.deleted",
    "dsync.group.updated",
    "dsync.group.user_added",
    "dsync.group.user_removed",
    "dsync.user.created",
    "dsync.user.deleted",
    "dsync.user.updated",
    "organization.created",
    "organization.deleted",
    "organization.updated",
    "organization_domain.created",
    "organization_domain.deleted",
    "organization_domain.updated",
    "organization_domain.verification_failed",
    "organization_domain.verified",
)
# WorkOS lists these in the Events API and does not deliver them.
NOT_DELIVERED = frozenset({"dsync.token.created", "dsync.token.revoked"})


def is_event_name(name: str) -> bool:
    """Tell whether WorkOS could have an event of this name; it has many that the twin never makes."""
    return bool(re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", name))
