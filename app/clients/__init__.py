"""Service clients: the credentials of MemberPulse's backend services.

Promises: a secret is 256 random bits, shown once and kept as its hash; it is compared in constant time, and an
unknown client costs as much as a known one. A credential that is revoked is refused by every process within a second,
and no request pays for that with a statement: each process remembers all credentials and looks four times a second
whether they are still these. A rotation overlaps: the old secrets are good until an instant that everybody can read,
and one can see which of them is still in use.

Decided: HTTP Basic (RFC 6749 section 2.3.1), because every HTTP library speaks it; clients of `SERVICE_CLIENTS` stay
good beside those that are managed by API. Refused: access tokens for services (introspection must not depend on what
it introspects), and slow hashes (nobody guesses 256 bits).
"""
