"""The inbox: WorkOS's events, kept as they came, applied once, in whatever order they arrive.

Promises: a delivery is answered 2xx only when it is committed, and the same event twice is one row; effect and
completion are one commit, so a killed worker loses nothing and repeats nothing; an older version of an object never
overwrites a newer one; what cannot be applied yet is parked until it can, what never can ends `dead` with a reason in
words, and neither holds up what comes behind it; what no webhook brought is found in WorkOS's list (`flow.py`), and up
to when all of it is applied can be asked (`completeness.py`).

Decided: raw bytes are kept and read only in the worker, inside a guarded step, because one message that PostgreSQL's
jsonb or a parser chokes on would block the queue for ever. Whose event it is follows from our own tables and never
from the event alone. Refused: the SDK's parser and its signature check (threats.md section 0), and tenants that appear
because an event names them.

Events about the people of one directory are taken and applied together (`people.py`); each falls back to being applied
alone where they fail.
"""
