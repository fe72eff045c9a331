"""Embedded PostgreSQL: find or start the one server of a data folder; the last to leave stops it."""

import fcntl
import os
import pwd
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Self
from urllib.parse import quote

from app.db.embedded_host import (
    VERSION,
    EmbeddedPostgresUnavailable,
    find_binaries,
    lend_to_account,
    prepare_socket_folder,
    socket_folder,
)

_PATIENCE_S = 90
_START_ATTEMPTS = 5
_DATABASE_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_INITDB = (
    *("--username=postgres", "--auth-local=trust", "--auth-host=reject"),
    # The same order and the same lower() on every machine, whatever locales it has.
    *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
)


class EmbeddedPostgres:
    """The server in `folder`, shared by every process that has joined it.

    Membership is a shared `flock` on a file, so the kernel forgets a process that was killed: there are no
    process ids to go stale. Joining and leaving are serialised by a second lock. `trust` is the server's only
    authentication, so its socket lives in a folder of mode 0700 and it never listens on TCP.
    All methods block (up to 90 s); call them outside the event loop.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.expanduser().resolve()
        self.cluster = self.folder / "cluster"
        self._log = self.folder / "server.log"
        self._binaries = find_binaries()
        self._account: pwd.struct_passwd | None = None
        self._membership: IO[bytes] | None = None

    def join(self, database: str = "memberpulse") -> str:
        """Start the server unless it runs, create `database` unless it exists; return its SQLAlchemy URL.

        Call `leave` in a `finally`: `atexit` does not run when a signal ends the process.

        Raises:
            EmbeddedPostgresUnavailable: the server cannot start here; the message holds the remedy.
        """
        if not _DATABASE_NAME.fullmatch(database):
            raise EmbeddedPostgresUnavailable(f"{database!r} is not a database name: use a-z, 0-9 and underscores.")
        self._account = lend_to_account(self.folder, self._binaries)
        try:
            with self._gate():
                self._membership = self._membership or self._enter()
                self._ensure_running()
                self._ensure_database(database)
        except BaseException:
            self.leave()
            raise
        return self.url(database)

    def leave(self) -> None:
        """Give up membership and, when nobody else is a member, stop the server. Harmless when repeated."""
        membership, self._membership = self._membership, None
        if membership is None:
            return
        with membership, self._gate():
            # Not atomic (the shared lock is dropped first), which is why the gate is held.
            if _try_lock(membership):
                self._stop()

    def url(self, database: str = "memberpulse") -> str:
        """Return the asyncpg URL of `database`, as the superuser `postgres`, over the private socket."""
        # The port is named because PGPORT in somebody's environment would choose another socket.
        host = quote(str(socket_folder(self.folder)), safe="")
        return f"postgresql+asyncpg://postgres@/{database}?host={host}&port=5432"

    def __enter__(self) -> Self:
        self.join()
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    @contextmanager
    def _gate(self) -> Generator[None]:
        """Let one process at a time start or stop the server."""
        with self._open("gate.lock") as gate:
            deadline = time.monotonic() + _PATIENCE_S
            while not _try_lock(gate):
                if time.monotonic() > deadline:
                    raise EmbeddedPostgresUnavailable(
                        f"Another process has been starting or stopping the server in {self.folder} for "
                        f"{_PATIENCE_S} s: end it and try again."
                    )
                time.sleep(0.02)
            yield

    def _enter(self) -> IO[bytes]:
        membership = self._open("members.lock")
        fcntl.flock(membership, fcntl.LOCK_SH)
        return membership

    def _open(self, name: str) -> IO[bytes]:
        # Close-on-exec (Python's default) matters: a postmaster that inherited the lock would be its own member.
        return (self.folder / name).open("ab")

    def _ensure_running(self) -> None:
        if not (self.cluster / "PG_VERSION").exists():
            self._create_cluster()
        if (self.cluster / "PG_VERSION").read_text().strip() != VERSION:
            raise EmbeddedPostgresUnavailable(
                f"The data in {self.cluster} is of another PostgreSQL version than {VERSION}: "
                "dump it with that version, or move the folder away."
            )
        deadline = time.monotonic() + _PATIENCE_S
        while (status := self._status()) != "ready":
            if time.monotonic() > deadline:
                raise EmbeddedPostgresUnavailable(f"PostgreSQL is not ready after {_PATIENCE_S} s: see {self._log}.")
            if status is None:
                self._start()
            else:  # starting (its starter was killed) or stopping (by somebody else's hand)
                time.sleep(0.05)

    def _create_cluster(self) -> None:
        # Under another name until it is whole: a killed initdb must not leave what looks like a cluster.
        unfinished = self.folder / "cluster.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        self._run("initdb", *_INITDB, "-D", str(unfinished))
        unfinished.rename(self.cluster)

    def _start(self) -> None:
        sockets = prepare_socket_folder(self.folder, self._account)
        self._forget_inherited_number(sockets)
        settings = {
            "listen_addresses": "",
            "port": "5432",
            "unix_socket_directories": f'"{sockets}"',
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "timezone": "UTC",
        }
        options = " ".join(shlex.quote(f"--{name}={value}") for name, value in settings.items())
        for attempt in range(1, _START_ATTEMPTS + 1):
            try:
                self._control("start", "-t", str(_PATIENCE_S), "-l", str(self._log), "-o", options)
            except EmbeddedPostgresUnavailable:
                # After a crash the old server's children hold its shared memory for a moment.
                if attempt == _START_ATTEMPTS:
                    raise
                time.sleep(0.2 * attempt)
            else:
                return

    def _stop(self) -> None:
        if self._status() is None:
            return
        try:
            self._control("stop", "-m", "fast", "-t", "20")
        except EmbeddedPostgresUnavailable:
            self._control("stop", "-m", "immediate", "-t", "20")

    def _control(self, verb: str, *arguments: str) -> None:
        self._run("pg_ctl", verb, "-w", "-s", "-D", str(self.cluster), *arguments)

    def _status(self) -> str | None:
        """Return the postmaster's own word (`starting`, `ready`, `stopping`), None when there is no postmaster."""
        lines = self._postmaster_file()
        if not lines or not self._is_ours(int(lines[0])):
            return None
        return lines[7].strip() if len(lines) > 7 else "starting"  # noqa: PLR2004 -- the file's eighth line

    def _postmaster_file(self) -> list[str]:
        try:
            return (self.cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _is_ours(self, process_id: int) -> bool:
        """Tell whether that process is this folder's postmaster, and not one that inherited its number."""
        if not _is_alive(process_id):
            return False
        try:
            # A postmaster's working directory is its cluster.
            return Path(f"/proc/{process_id}/cwd").readlink() == self.cluster
        except OSError:
            return not Path("/proc/self").exists()

    def _forget_inherited_number(self, sockets: Path) -> None:
        """Remove a crashed server's process id when another program has that number now.

        PostgreSQL would refuse to start for ever. It is left alone otherwise: PostgreSQL reads from it whether
        children of the crashed server are still at work on the data.
        """
        lines = self._postmaster_file()
        if lines and _is_alive(int(lines[0])):
            (self.cluster / "postmaster.pid").unlink(missing_ok=True)
            (sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def _ensure_database(self, name: str) -> None:
        server = ("-h", str(socket_folder(self.folder)), "-p", "5432", "-U", "postgres")
        query = f"select 1 from pg_database where datname = '{name}'"  # noqa: S608 -- checked against _DATABASE_NAME
        if not self._run("psql", *server, "-XAt", "-c", query, "postgres").strip():
            self._run("createdb", *server, name)

    def _run(self, program: str, *arguments: str) -> str:
        """Run one of PostgreSQL's programs as the server's account; return what it printed."""
        account = self._account
        done = subprocess.run(  # noqa: S603 -- the program is ours, the arguments are a list
            [str(self._binaries / program), *arguments],
            cwd=self.folder,
            # A bare environment: PGPORT, PGOPTIONS and the like of the caller must not reach the server.
            env={"PATH": os.defpath, "LC_ALL": "C"},
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            text=True,
        )
        if done.returncode != 0:
            said = " ".join(done.stdout.split())[-500:]
            raise EmbeddedPostgresUnavailable(f"{program} failed in {self.folder} (log: {self._log}): {said}")
        return done.stdout


def _is_alive(process_id: int) -> bool:
    try:
        os.kill(abs(process_id), 0)  # negative: PostgreSQL's single-user mode
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _try_lock(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
