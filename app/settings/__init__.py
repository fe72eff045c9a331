"""Platform settings: which WorkOS credentials are in force, and what the platform decides beyond the environment.

Promises: what the platform has set comes before the environment and counts in every process within five seconds.
Secrets go in and never come out. A value is tried at WorkOS before it is saved, and an API key only with the client id
it was verified with. While a secret rotates both count, so no sign-in fails and no event is lost. A secret that does
not open counts as missing, with an alarm. Without credentials the routes that need WorkOS answer `settings_incomplete`.

Decided: one row with a version; secrets in rows of their own, sealed for that row; each process looks once a second,
because a notification may be swallowed by a pooler. The rest reads `InForce`; `config` is the environment alone.
Refused: a masked secret that stands for the stored one, and the environment's secret in place of one that is broken.
"""
