"""The bench: how much of the machine the gateway leaves unused.

`python -m bench` (`make bench`) runs each workload against three programs in turn: its floor (the least that any
program could do on this stack, `bench/floors/`), the gateway as it ships, and `bench/plain/` (the way a FastAPI +
SQLAlchemy project is usually written). It promises ratios, not absolute figures: a machine's figures drift, ratios
taken side by side in one run hold. So floor and gateway alternate and the ratio is the median of the pairs.

A floor keeps the contract (the same durability, crypto, checks and answers), or it would be no floor but a lie;
`bench/proof.py` asks each program for the same proofs before its figures count. A micro-benchmark of functions was
refused: it tells nothing about sockets, commits and the event loop, where the time goes.
"""
