"""Work that is not done inside one request: micro-batches, periodic jobs, the outbox.

Promises: requests that arrive together are committed together, each answered only after
its commit (`batch.py`); a periodic job runs in one process at a time however many workers
there are, and a job that failed says so in its row (`periodic.py`). What needs the network is a row in the deed's own
transaction (`outbox.py`): done at least once if that commits and never if it does not; what fails for good stays, with
the reason in words, until it is replayed.

Decided: when a job is due is a row in Postgres, taken by one statement, so that processes
need no leader. Refused: a second store, and answering before the commit (what was answered
must survive a crash).
"""
