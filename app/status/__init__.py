"""Is the gateway alive, and is it ready?

Promises: live means that this process answers; ready means that it can do its work: the
database answers within three seconds, its schema is the one this code expects, and the
encryption keys are the right ones. WorkOS being away does not make the gateway unready:
tokens, keys and directory reads go on without it.

Decided: the database is asked each time, and its answer not remembered; the keys are proven
once, when the process starts or the database comes back.
Refused: one health route for both questions (an orchestrator would restart what it should only unplug).
"""
