"""Work that is not done inside one request: micro-batches and periodic jobs.

Promises: requests that arrive together are committed together, each answered only after
its commit (`batch.py`); a periodic job runs in one process at a time however many workers
there are, and a job that failed says so in its row (`periodic.py`).

Decided: Postgres is the queue, because a job row can then be written in the caller's own
transaction. Refused: a second store, and enqueueing after the commit (a crash between the
two loses the job).
"""
