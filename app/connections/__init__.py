"""SSO connections, mirrored from WorkOS: which identity providers a tenant has, and in what state.

Promises: a connection that is not active starts no sign-in and finishes none; it is asked
at both ends, because it may be switched off in between. The mirror holds WorkOS's words in
ours (`protocol`, `state`), and an unknown word of WorkOS never breaks it.

Decided: the last login is noted on the connection every ten seconds at most, because a
thousand people signing in together would queue for one row. Refused: trusting a login's own
connection id before it was compared with the one that the sign-in was started for.
"""
