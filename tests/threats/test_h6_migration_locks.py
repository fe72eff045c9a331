"""H6: no migration waits long for a lock, and none does what would stop traffic."""

import dataclasses

import pytest

from checks import migration_locks
from checks.migration_locks import Decisions, Migration, Warned

GOOD = Migration(
    "x", "migrations/versions/x.py", "set local lock_timeout = '500ms';\n", "SET LOCAL lock_timeout = '500ms';\n"
)
NONE: Decisions = {"everywhere": {}, "revisions": {}}
TABLE = "set local lock_timeout = '500ms';\n\n"


def test_h6_every_migration_of_the_repository_passes() -> None:
    assert migration_locks.main() == 0


def test_h6_every_migration_is_looked_at() -> None:
    files = {path.name for path in (migration_locks.ROOT / "migrations" / "versions").glob("*.py")}
    migrations = migration_locks.rendered()
    assert {migration.path.rsplit("/", 1)[-1] for migration in migrations} == files
    assert all("CREATE" in migration.upgrade.upper() for migration in migrations[:1])


def test_h6_short_timeout_both_ways_is_enough() -> None:
    assert list(migration_locks.patience(GOOD)) == []


@pytest.mark.parametrize(
    "sql",
    [
        "",
        "drop table users;\nset local lock_timeout = '500ms';\n",
        "set lock_timeout = '2s';\n",
        "set local lock_timeout = '0';\n",
        "set local lock_timeout = '0s';\n",
        "set local lock_timeout = '1s';\n",
        "set local lock_timeout = '501ms';\n",
    ],
)
@pytest.mark.parametrize("direction", ["upgrade", "downgrade"])
def test_h6_missing_late_or_long_timeout_is_found(direction: str, sql: str) -> None:
    changed = {direction: sql}
    assert len(list(migration_locks.patience(dataclasses.replace(GOOD, **changed)))) == 1


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("create index ix_users_email on users (email_lower);", "require-concurrent-index-creation"),
        ("alter table users add constraint c check (state <> '') ;", "constraint-missing-not-valid"),
        ("alter table users alter column state type varchar(9);", "changing-column-type"),
        ("alter table users rename column state to status;", "renaming-column"),
        ("drop table users;", "ban-drop-table"),
    ],
)
def test_h6_statement_that_stops_traffic_is_found(statement: str, rule: str) -> None:
    warned = migration_locks.warnings(dataclasses.replace(GOOD, upgrade=TABLE + statement + "\n"))
    assert (rule, 3) in [(one.rule, one.line) for one in warned]
    assert any(rule in line for line in migration_locks.judged(warned, NONE))


def test_h6_decision_holds_where_it_was_taken_and_gives_its_reason() -> None:
    warned = [Warned("spine", 3, "ban-drop-table", "no")]
    assert migration_locks.judged(warned, {"everywhere": {"ban-drop-table": "why"}, "revisions": {}}) == []
    assert migration_locks.judged(warned, {**NONE, "revisions": {"spine": {"ban-drop-table": "why"}}}) == []
    assert migration_locks.judged(warned, {**NONE, "revisions": {"spine": {"ban-drop-table": " "}}}) == [
        "spine: ban-drop-table: no reason is given"
    ]
    elsewhere = migration_locks.judged(warned, {**NONE, "revisions": {"walls": {"ban-drop-table": "why"}}})
    assert elsewhere == ["spine:3: ban-drop-table: no", "walls: ban-drop-table: the exception is no longer needed"]
