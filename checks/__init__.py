"""Checks of our own: what no linter of general use can know about this repository.

Each module is a program (`python -m checks.static_rules`) that `make check` runs, and a few
functions that the tests of threats H1 to H6 call, so that every check has been seen red:
`static_rules` (forbidden code), `audit` (known vulnerabilities), `secret_scan` (credentials
in files), `migration_locks` (migrations that would stop traffic).

Promises: exit 0 or a list of places to look at; every exception lives in a file beside the
check, with its reason, and an exception that is no longer needed is itself a finding.

Refused: a check that turns green because it could not look. `audit` says 'not audited'
when no advisory database answers.
"""
