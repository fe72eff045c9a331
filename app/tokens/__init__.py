"""Tokens: the signing keys, and the access tokens that other services verify offline.

`keyring` holds a snapshot of the keys and what of them is published; `access_token` mints and verifies and is the
only file that imports jose; `claims` is what a verified token says; `verified` remembers tokens already verified;
`live` is the port by which a verified token is still asked whether its session is alive.

Promised: one verifier (threats.md 5.2) that answers every bad token with `TokenInvalid` and nothing else; a key that
is unsuitable for its algorithm cannot be built; nothing private is published; time comes from the caller.

Decided: ES256, because issuing is what costs and it signs nine times as fast as RS256, which stays a choice per key
(RFC 9068 asks for it). The header never chooses anything: it names a key, and the key's record says the algorithm.
Refused: calling `jose.jwt.decode` bare (CVE-2026-85394, `crit`, missing claims, foreign exceptions), JWE, HMAC.
"""
