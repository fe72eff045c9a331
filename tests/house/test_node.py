"""Node for the console: the system's, else the one of PyPI, whose npm must run as well."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("dirname", "ln", "mkdir", "sh", "env")


@pytest.fixture
def without_node(tmp_path: Path) -> dict[str, str]:
    """An environment in which there is neither node nor npm."""
    for tool in TOOLS:
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    return {"PATH": str(tmp_path), "HOME": str(tmp_path)}


@pytest.mark.parametrize("program", ["node", "npm"])
def test_without_a_node_of_the_systems_there_is_one(without_node: dict[str, str], program: str) -> None:
    command = ["/bin/sh", str(ROOT / "console" / "with-node"), program, "--version"]
    done = subprocess.run(command, env=without_node, capture_output=True, text=True, check=False)  # noqa: S603 -- ours
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.removeprefix("v").partition(".")[0]) >= (20 if program == "node" else 9)
