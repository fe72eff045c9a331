"""The record of what was done: one row in the transaction of every privileged act and every login.

Promises: if the deed is committed its row is, and if it is not, neither is the row. Rows
are appended and read, never changed: the database grants nothing else. They hold ids, no
names, so erasing a person leaves no name behind.

Decided: audit is not logging. A log line may be lost; a row in the deed's own transaction
may not. Refused: writing the row after the commit, or from a decorator that guesses targets.
"""
