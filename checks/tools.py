"""Runs the tools of this environment, and prints what a check has to say."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def run(tool: str, *arguments: str, given: str | None = None, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a tool installed beside this interpreter, in the folder `root`; the caller judges its exit code."""
    program = Path(sys.executable).with_name(tool)
    return subprocess.run(  # noqa: S603 -- a program of our own environment, no shell
        [str(program), *arguments], cwd=root, capture_output=True, text=True, input=given or "", check=False
    )


def repository_files(root: Path = ROOT) -> list[Path]:
    """Return the files that are or would be committed: tracked, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 -- git as it is installed
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return sorted(Path(name) for name in set(listed.split("\0")) if name and (root / name).is_file())


def report(check: str, findings: Sequence[str]) -> int:
    """Print the findings, or that there are none; return the exit code."""
    for finding in findings:
        sys.stdout.write(f"{finding}\n")
    sys.stdout.write(f"{check}: {len(findings)} findings\n")
    return 1 if findings else 0
