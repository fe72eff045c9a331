"""Service clients: the credentials of MemberPulse's backend services.

Promises: a secret is compared by its hash, in constant time, and an unknown client costs as
much as a known one. Clients come from `SERVICE_CLIENTS`; later ones are managed by API.

Decided: HTTP Basic (RFC 6749 section 2.3.1), because every HTTP library speaks it.
Refused: access tokens for services (introspection must not depend on what it introspects).
"""
