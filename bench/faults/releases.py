"""Releases: copies of this tree that expect another schema, so that an old and a new one can run on one database."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.db.revisions import revisions
from bench.faults.processes import ROOT

_MODELS = Path("app/connections/models.py")
_BEFORE = "    state: Mapped[str]\n"
_MIGRATION = '''"""{revision}."""

from alembic import op

revision = "{revision}"
down_revision = "{down}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
{steps}


def downgrade() -> None:
    raise NotImplementedError
'''


@dataclass(frozen=True, slots=True)
class Step:
    """A migration that the harness adds: its revision, and its statements."""

    revision: str
    statements: tuple[str, ...]


def a_release(folder: Path, *, column: str, steps: Sequence[Step]) -> Path:
    """Make a release in a folder: this one with one column more of connections, and these steps more of its schema."""
    for name in ("app", "migrations"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "alembic.ini", folder)
    models = folder / _MODELS
    text = models.read_text()
    assert _BEFORE in text, f"{_MODELS} has no {_BEFORE!r}"
    models.write_text(text.replace(_BEFORE, f"{_BEFORE}    {column}: Mapped[str | None]\n", 1))
    down = revisions()[0]
    for step in steps:
        lines = "\n".join(f"    op.execute({statement!r})" for statement in step.statements)
        written = _MIGRATION.format(revision=step.revision, down=down, steps=lines)
        (folder / "migrations" / "versions" / f"2100_01_01_{step.revision}.py").write_text(written)
        down = step.revision
    return folder
