"""Sessions, and the access tokens minted from them.

Promises: a session's cookie is an opaque 256-bit value of which only the hash is kept; its
idle and absolute ends are compared with one clock that all processes share; a session ended
anywhere is refused by every process of this service within a second, by introspection at
once, and elsewhere by its token's 300 seconds at the latest.

Decided: what ends or changes a session also writes a row of `stale_sessions` in the same
transaction; every process follows that table (`live.py`), so a cached session is trusted
only while its process has looked within the last second. Signing keys overlap by states
(`keys.py`). Refused: JWTs as sessions (they cannot be ended), and idle times per request.
"""
