"""Is the gateway alive, is it ready, and does the integration with WorkOS work?

Promises: live means that this process answers; ready means that it can do its work (the database answers within three
seconds, the schema and the encryption keys are right). WorkOS being away makes nobody unready. Every indicator of the
integration says since when, why in words and what to do; a tenant is told of its own; answering asks nobody but the
database, a fixed number of times.

Decided: readiness asks the database each time. What WorkOS says is noticed by every process in the calls that it makes
anyway, and asked by a worker; processes merge what they noticed. Indicators are pure functions in one list, and read
other rooms' tables themselves: one statement for all tenants instead of one per tenant. A worker judges everybody every
15 seconds, so that `since` is true where nobody looks.
Refused: one health route for all questions (an orchestrator would restart what it should only unplug).
"""
