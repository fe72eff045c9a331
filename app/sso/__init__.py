"""The login journey: from a selector to a session.

Promises: a callback makes a session only for the browser that started that very sign-in,
once, within ten minutes, for the organization and connection it was started for. What
WorkOS's redirect says is never shown raw. A sign-in that an identity provider starts by itself never makes a session
without a person's click: it is restarted from our side, or (by policy) asks first. What became of every attempt is kept
for 30 days without anybody's values (`trace.py`); a test of a connection, and a diagnosis, rehearse a sign-in by the
very code that lets people in (`rehearsal.py`).

Decided: the one-time state lives in the database and is consumed by one statement; the
exchange of the code happens with no transaction open; what follows is one unit of work, or, for
somebody of whom nothing is new, one statement shared with others (`login_repository.py`).
Refused: state inside a signed cookie (it could be replayed), and WorkOS's advice to skip
the state check for identity-provider-initiated sign-ins (login CSRF).
"""
