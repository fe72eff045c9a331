"""Faults: what still holds when processes die, networks lie and messages come twice, late, or never.

`python -m bench.faults` (`make faults`) runs the scenarios of the threat model's section 3 (X-01 ...) against the
gateway as it ships: its own `serve` and `worker` processes, a PostgreSQL of its own, the WorkOS twin over a socket. It
promises that each scenario is bounded, ends by itself, ends only what it started, and can be repeated: everything that
is left to chance follows from a seed, and the seed is printed.

What must hold is asked of the final state in SQL, never of logs. What got a 2xx is in a ledger on disk, and how the
people of a tenant ought to be is in a model of its own: neither the gateway nor the twin is asked what is right.
"""
