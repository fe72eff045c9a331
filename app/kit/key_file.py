"""KeyFile: an encryption key of a developer's own, made once and readable by its owner alone."""

import base64
import contextlib
import os
from pathlib import Path

from app.kit.sealing import KEY_BYTES


def read(folder: Path) -> str:
    """Return the keys in the folder's file, as `ENCRYPTION_KEYS` has them; the first call makes one."""
    path = folder / "encryption-keys"
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        own = folder / f"encryption-keys.{os.getpid()}"
        descriptor = os.open(own, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"dev:{base64.b64encode(os.urandom(KEY_BYTES)).decode('ascii')}")
        # Linked into place whole: another process that starts now reads all of it, or makes no second one.
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(own)
        own.unlink()
    return path.read_text().strip()
