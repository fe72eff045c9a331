"""Embedded PostgreSQL with real servers and real processes: shared, private, durable, and gone with its last user."""

import asyncio
import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from app.db.embedded import EmbeddedPostgres, EmbeddedPostgresUnavailable
from app.db.embedded_host import socket_folder

ROOT = Path(__file__).resolve().parents[2]
AS_ROOT = os.geteuid() == 0
# Joins, says the URL, waits for the end of its input, leaves; SIGTERM passes through the finally too.
MEMBER = """
import signal, sys
from pathlib import Path
from app.db.embedded import EmbeddedPostgres
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
server = EmbeddedPostgres(Path(sys.argv[1]))
try:
    print(server.join(), flush=True)
    sys.stdin.read()
finally:
    server.leave()
"""

Member = subprocess.Popen[str]
Join = Callable[[], Member]


@pytest.fixture
def fresh() -> Generator[Path]:
    """Name a folder that is not there yet; whatever a failed test left running in it is stopped."""
    base = Path(tempfile.mkdtemp(prefix="mp-"))
    base.chmod(0o755)
    yield base / "postgres"
    with contextlib.suppress(OSError, IndexError):
        os.kill(postmaster(base / "postgres"), signal.SIGKILL)
    shutil.rmtree(base)


@pytest.fixture(scope="module")
def template() -> Generator[Path]:
    """Keep one stopped server's folder to copy, because initdb is what takes long."""
    base = Path(tempfile.mkdtemp(prefix="mp-"))
    base.chmod(0o755)
    with EmbeddedPostgres(base / "postgres"):
        pass
    yield base / "postgres"
    shutil.rmtree(base)


@pytest.fixture
def folder(fresh: Path, template: Path) -> Path:
    """Return a data folder whose server has run before."""
    subprocess.run(["/bin/cp", "-a", template, fresh], check=True)  # noqa: S603
    return fresh


@pytest.fixture
def join(folder: Path) -> Generator[Join]:
    """Start another process that joins the server of `folder`."""
    members: list[Member] = []

    def start() -> Member:
        member = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", MEMBER, str(folder)],
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        members.append(member)
        return member

    yield start
    for member in members:
        member.kill()
        member.communicate()


def says(member: Member) -> str:
    assert member.stdout is not None
    return member.stdout.readline().strip()


def postmaster(folder: Path) -> int:
    return int((folder / "cluster/postmaster.pid").read_text().splitlines()[0])


def answers(folder: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as door:
        return door.connect_ex(str(socket_folder(folder) / ".s.PGSQL.5432")) == 0


async def query(url: str, statement: str) -> str:
    place = make_url(url)
    connection = await asyncpg.connect(
        host=str(place.query["host"]), port=5432, user=place.username, database=place.database, timeout=10
    )
    try:
        return str(await connection.fetchval(statement))
    finally:
        await connection.close()


async def test_a_fresh_folder_gets_a_durable_server_without_tcp(fresh: Path) -> None:
    with EmbeddedPostgres(fresh) as server:
        url = server.url()
        assert url.startswith("postgresql+asyncpg://postgres@/memberpulse?host=")
        assert await query(url, "select current_database()") == "memberpulse"
        assert not await query(url, "show listen_addresses")
        assert await query(url, "show fsync") == "on"
        assert await query(url, "show synchronous_commit") == "on"
        assert await query(url, "select lower('ÄÖ')") == "äö"
        assert await query(server.join("second_one"), "select current_database()") == "second_one"
    assert not answers(fresh)


def test_the_last_to_leave_stops_it_and_the_data_stays(folder: Path, join: Join) -> None:
    first, second = join(), join()
    assert says(first) == says(second)
    first.communicate("")
    assert answers(folder)
    second.communicate("")
    assert not answers(folder)
    third = join()
    assert says(third)
    third.communicate("")
    assert third.returncode == 0


def test_processes_that_start_together_share_one_server(fresh: Path, join: Join) -> None:
    members = [join() for _ in range(4)]
    assert len({says(member) for member in members}) == 1
    for member in members:
        assert answers(fresh)
        member.communicate("")
    assert not answers(fresh)


def test_a_killed_process_is_not_counted(folder: Path, join: Join) -> None:
    killed, last = join(), join()
    assert says(killed)
    assert says(last)
    killed.kill()
    killed.wait()
    last.communicate("")
    assert not answers(folder)


def test_sigterm_leaves_too(folder: Path, join: Join) -> None:
    member = join()
    assert says(member)
    member.terminate()
    assert member.wait(10) == 0
    assert not answers(folder)


async def test_a_crashed_server_starts_again_with_its_data(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    url = server.join()
    await query(url, "create table kept as select 7 as n")
    crashed = postmaster(folder)
    os.kill(crashed, signal.SIGKILL)
    await until(lambda: not Path(f"/proc/{crashed}").exists())
    assert not answers(folder)
    again = EmbeddedPostgres(folder)
    try:
        assert again.join() == url
        assert await query(url, "select n from kept") == "7"
    finally:
        again.leave()
        server.leave()
    assert not answers(folder)


async def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not true():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def test_a_crashed_servers_process_id_given_to_another_program_is_no_server(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    server.join()
    lines = (folder / "cluster/postmaster.pid").read_text().splitlines()
    server.leave()
    # Of the same account: PostgreSQL sees for itself that what belongs to others is not its server.
    other = subprocess.Popen(["/bin/sleep", "60"], user=folder.stat().st_uid)
    (folder / "cluster/postmaster.pid").write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
    try:
        with server:
            assert answers(folder)
            assert postmaster(folder) != other.pid
    finally:
        other.kill()
        other.wait()


def test_an_initdb_that_was_killed_is_begun_again(fresh: Path) -> None:
    (fresh / "cluster.unfinished").mkdir(parents=True)
    (fresh / "cluster.unfinished/PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(fresh):
        assert answers(fresh)


def test_only_the_owner_reaches_the_socket(folder: Path) -> None:
    with EmbeddedPostgres(folder):
        door = socket_folder(folder)
        assert door.stat().st_mode & 0o777 == 0o700
        assert (door / ".s.PGSQL.5432").stat().st_mode & 0o777 == 0o700
        if AS_ROOT:
            assert as_nobody(f"import socket; socket.socket(socket.AF_UNIX).connect('{door}/.s.PGSQL.5432')") == 1


def as_nobody(program: str) -> int:
    """Run `program` as an unprivileged user that is not the server's; return its exit code."""
    found = shutil.which("python3", path=os.defpath)
    if found is None:
        pytest.skip("no interpreter that another user may run")
    return subprocess.run([found, "-c", program], user=65534, group=65534, capture_output=True, check=False).returncode  # noqa: S603


def test_a_path_too_long_for_a_socket_gets_a_private_folder(folder: Path) -> None:
    deep = folder.parent / ("x" * 90) / "postgres"
    with EmbeddedPostgres(deep):
        door = socket_folder(deep)
        assert door.parent == Path(tempfile.gettempdir())
        assert door.stat().st_mode & 0o777 == 0o700
        assert answers(deep)
    assert not answers(deep)
    door.rmdir()


def test_a_private_folder_that_others_may_enter_is_refused(folder: Path) -> None:
    deep = folder.parent / ("x" * 90) / "postgres"
    with EmbeddedPostgres(deep):
        door = socket_folder(deep)
    door.chmod(0o777)
    try:
        with pytest.raises(EmbeddedPostgresUnavailable, match="open to others"):
            EmbeddedPostgres(deep).join()
    finally:
        door.rmdir()


@pytest.mark.skipif(not AS_ROOT, reason="only root has another account run the server")
def test_root_opens_the_folders_above_for_passing_and_not_for_reading(folder: Path) -> None:
    folder.parent.chmod(0o700)
    with EmbeddedPostgres(folder):
        assert answers(folder)
    assert folder.parent.stat().st_mode & 0o777 == 0o701


@pytest.mark.skipif(AS_ROOT, reason="root may use any folder")
def test_a_folder_that_cannot_be_made_is_one_clear_line() -> None:
    with pytest.raises(EmbeddedPostgresUnavailable, match="Choose another DATA_DIR"):
        EmbeddedPostgres(Path("/proc/postgres")).join()


def test_data_of_another_version_is_refused(fresh: Path) -> None:
    (fresh / "cluster").mkdir(parents=True)
    (fresh / "cluster/PG_VERSION").write_text("16\n")
    with pytest.raises(EmbeddedPostgresUnavailable, match="another PostgreSQL version than 18"):
        EmbeddedPostgres(fresh).join()


def test_a_database_name_that_is_not_one_is_refused(fresh: Path) -> None:
    with pytest.raises(EmbeddedPostgresUnavailable, match="not a database name"):
        EmbeddedPostgres(fresh).join("a'; drop")


def test_without_the_package_the_remedy_is_told(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def find_nothing(_name: str) -> None:
        return None

    monkeypatch.setattr(importlib.util, "find_spec", find_nothing)
    with pytest.raises(EmbeddedPostgresUnavailable, match=r"set DATABASE_URL, or install the extra.*\[local\]"):
        EmbeddedPostgres(fresh)
