"""The record of what was done: one row in the transaction of every privileged act and every login.

Promises: if the deed is committed its row is, and if it is not, neither is the row. Rows are appended and read, never
changed: the database grants nothing else. They hold ids, no names, so erasing a person leaves no name behind. Every row
is sealed into its organization's hash chain within seconds, so that one which somebody changes, takes out or puts in
all the same is named (`chain.py`). It can be taken away as a file, however long it is (`flow.py`), and a tenant's is
told to its audit log at WorkOS, each event once (`forwarding.py`).

Decided: audit is not logging. A log line may be lost; a row in the deed's own transaction may not. What waits to be
sealed is marked by the statement that writes the row: so nothing that commits late is passed over, which an order by
instants, ids or transaction numbers could not promise after a restore. Refused: writing the row after the commit, or
from a decorator that guesses targets; a trigger, which would seal what somebody puts in past the gateway.
"""
