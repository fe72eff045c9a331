"""Migrations that would stop traffic (threats.md H6): `python -m checks.migration_locks`.

Each migration is rendered offline (`alembic upgrade --sql`), must begin with a short `lock_timeout` (both ways), and
is linted by squawk. `migration-locks.toml` beside this file says which of squawk's rules do not apply, and why.
"""

import io
import json
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, TypedDict, cast

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from checks.tools import ROOT, report, run

DECISIONS: Final = Path(__file__).with_name("migration-locks.toml")
_TIMEOUT = re.compile(r"\s*set\s+local\s+lock_timeout\s*=\s*'(?P<value>\d+)(?P<unit>ms|s)'\s*;", re.IGNORECASE)
_LONGEST_MS = 500
# Alembic's own lines around what the migration says.
_FRAME = re.compile(
    r"^(?:BEGIN;|COMMIT;|-- Running (?:up|down)grade .*|(?:INSERT INTO|UPDATE|DELETE FROM) alembic_version .*;)$",
    re.MULTILINE,
)
_BOOK = re.compile(r"^(?:CREATE TABLE alembic_version \(.*?\);|DROP TABLE alembic_version;)$", re.MULTILINE | re.DOTALL)


class _Direction(Protocol):
    """`alembic.command.upgrade` or `downgrade`."""

    def __call__(self, config: Config, revision: str, sql: bool = ...) -> None:  # noqa: FBT001 -- alembic's own
        """Render the steps of `revision` (`from:to`) into the configuration's buffer."""


class _Line(TypedDict):
    """What squawk writes about one statement; lines count from 0."""

    line: int
    rule_name: str
    message: str


class Decisions(TypedDict):
    """Which rules do not apply, rule -> reason: anywhere, or in one revision."""

    everywhere: dict[str, str]
    revisions: dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Migration:
    """One migration as the SQL that it runs."""

    revision: str
    path: str
    upgrade: str
    downgrade: str


@dataclass(frozen=True, slots=True)
class Warned:
    """What squawk says about one statement."""

    revision: str
    line: int
    rule: str
    message: str


def rendered() -> list[Migration]:
    """Return every migration of the repository, the first one first."""
    script = ScriptDirectory.from_config(Config(str(ROOT / "alembic.ini")))
    return [
        Migration(
            revision=step.revision,
            path=Path(step.path).relative_to(ROOT).as_posix(),
            upgrade=_sql(command.upgrade, f"{step.down_revision or 'base'}:{step.revision}"),
            downgrade=_sql(command.downgrade, f"{step.revision}:{step.down_revision or 'base'}"),
        )
        for step in reversed(list(script.walk_revisions()))
    ]


def _sql(direction: _Direction, span: str) -> str:
    """Return what alembic would run, without its transaction and its own table."""
    buffer = io.StringIO()
    direction(Config(str(ROOT / "alembic.ini"), output_buffer=buffer), span, sql=True)
    return _FRAME.sub("", _BOOK.sub("", buffer.getvalue())).strip() + "\n"


def patience(migration: Migration) -> Iterator[str]:
    """Yield what is wrong with the migration's lock_timeout."""
    for direction, sql in (("upgrade", migration.upgrade), ("downgrade", migration.downgrade)):
        found = _TIMEOUT.match(sql)
        if found is None:
            yield f"{migration.path}: {direction} does not begin with `set local lock_timeout`: one reader stops all"
        elif int(found["value"]) * (1 if found["unit"] == "ms" else 1_000) not in range(1, _LONGEST_MS + 1):
            yield f"{migration.path}: {direction} waits longer than {_LONGEST_MS} ms for a lock"


def warnings(migration: Migration) -> list[Warned]:
    """Return what squawk says about the upgrade, line numbers counted in the rendered SQL."""
    done = run(
        "squawk",
        "--reporter=json",
        "--pg-version=15.0",
        "--assume-in-transaction",
        f"--stdin-filepath={migration.path}",
        given=migration.upgrade,
    )
    if done.returncode and not done.stdout.strip():
        raise RuntimeError(f"squawk failed: {done.stderr[-500:]}")
    return [
        Warned(migration.revision, one["line"] + 1, one["rule_name"], one["message"])
        for one in cast("list[_Line]", json.loads(done.stdout))
    ]


def judged(warned: Sequence[Warned], decisions: Decisions) -> list[str]:
    """Return the warnings that no decision covers, and the decisions that cover nothing or give no reason."""
    everywhere, revisions = decisions["everywhere"], decisions["revisions"]
    open_ones = [
        f"{one.revision}:{one.line}: {one.rule}: {one.message}"
        for one in warned
        if one.rule not in everywhere and one.rule not in revisions.get(one.revision, {})
    ]
    return (
        open_ones
        + list(_bad_decisions(Counter(one.rule for one in warned), None, everywhere))
        + [
            line
            for revision, rules in revisions.items()
            for line in _bad_decisions(Counter(one.rule for one in warned if one.revision == revision), revision, rules)
        ]
    )


def _bad_decisions(seen: Mapping[str, int], revision: str | None, rules: Mapping[str, str]) -> Iterator[str]:
    for rule, reason in rules.items():
        if not reason.strip():
            yield f"{revision or 'everywhere'}: {rule}: no reason is given"
        if not seen.get(rule):
            yield f"{revision or 'everywhere'}: {rule}: the exception is no longer needed"


def main() -> int:
    """Render, look and lint; return the exit code."""
    migrations = rendered()
    decisions = cast("Decisions", tomllib.loads(DECISIONS.read_text()))
    impatient = [line for migration in migrations for line in patience(migration)]
    warned = [one for migration in migrations for one in warnings(migration)]
    return report(f"locks of {len(migrations)} migrations", impatient + judged(warned, decisions))


if __name__ == "__main__":
    sys.exit(main())
