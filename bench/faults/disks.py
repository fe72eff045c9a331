"""Disks: a small file system in memory that can be filled to the brim, and is unmounted whatever happens."""

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from bench.faults.findings import Skipped
from bench.faults.server import FOLDER

_BALLAST = "ballast"
_MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Disk:
    """A mounted file system of so many megabytes."""

    folder: Path

    @property
    def free(self) -> int:
        """Return the free bytes."""
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize

    def fill(self, *, leaving: float) -> None:
        """Take all but so many megabytes."""
        with (self.folder / _BALLAST).open("ab") as file:
            left = self.free - int(leaving * _MB)
            while left > 0:
                left -= file.write(b"\0" * min(left, _MB))

    def clear(self) -> None:
        """Give back what was taken."""
        (self.folder / _BALLAST).unlink(missing_ok=True)


@contextlib.contextmanager
def a_disk(megabytes: int) -> Generator[Disk]:
    """Mount one and yield it. Raises Skipped where this machine does not let us."""
    if os.geteuid() != 0:
        raise Skipped("a small file system can be mounted by root only")
    FOLDER.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=FOLDER, prefix="disk-"))
    try:
        told = _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", str(folder))
        if told:
            raise Skipped(f"mount refuses: {told}")
        try:
            yield Disk(folder)
        finally:
            # Lazily where somebody still holds it: it vanishes with the last of them.
            if _run("umount", str(folder)):
                _run("umount", "-l", str(folder))
    finally:
        folder.rmdir()


def _run(*command: str) -> str:
    """Run a command; return what it said if it failed, else nothing."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stderr.strip() or str(done.returncode)) if done.returncode else ""
