"""The floors: for each workload the least that any program could do on this stack.

A floor is a bare ASGI callable under the gateway's own uvicorn protocol class, asyncpg with prepared statements on
held connections, hand-written SQL, `cryptography` on a cached key, ready bytes where bytes can be ready. It keeps what
the contract asks: state, sessions, idle stamps and audit are committed with fsync before the answer, a one-time state
is consumed by one statement, a session ended anywhere is refused within a second and by introspection at once.

One file is one workload: it says what is asked (`WORKLOAD`) and answers it (`open_doors`), or does it (`work`). Adding
a workload is adding a file here and a line in `bench/bars.py`. No framework, no router, no validation of what the load
generator never sends: what is left out here is what a product has to pay for.
"""
