"""Revisions: what is read from the migrations' text is what alembic makes of them."""

from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from app.db.migrate import alembic_config
from app.db.revisions import revisions


def _migration(folder: Path, name: str, below: str | None) -> None:
    told = "None" if below is None else f'"{below}"'
    (folder / f"{name}.py").write_text(f'"""{name}"""\n\nrevision = "{name}"\ndown_revision = {told}\n')


def test_the_text_says_what_alembic_reads() -> None:
    script = ScriptDirectory.from_config(alembic_config(""))
    assert revisions() == [step.revision for step in script.walk_revisions()]


def test_a_chain_is_told_from_its_head(tmp_path: Path) -> None:
    for name, below in (("c", "b"), ("a", None), ("b", "a")):
        _migration(tmp_path, name, below)
    assert revisions(tmp_path) == ["c", "b", "a"]


@pytest.mark.parametrize(
    "chain", [{"a": None, "b": "a", "c": "a"}, {"a": None, "b": "x"}, {"b": "a"}, {"a": "b", "b": "a"}]
)
def test_what_is_no_chain_is_refused(tmp_path: Path, chain: dict[str, str | None]) -> None:
    for name, below in chain.items():
        _migration(tmp_path, name, below)
    with pytest.raises(ValueError, match="one chain"):
        revisions(tmp_path)


def test_a_file_that_is_no_migration_is_refused(tmp_path: Path) -> None:
    _migration(tmp_path, "a", None)
    (tmp_path / "b.py").write_text("revision = 'b'\n")
    with pytest.raises(ValueError, match="one chain"):
        revisions(tmp_path)
