"""H2: an environment is installed from the lock's hashes, and a package that does not match is refused."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from checks.tools import ROOT, run

# Small, pure, and present in every environment of ours.
PACKAGES = ("idna", "annotated-types")
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def _export() -> str:
    exported = run(
        "uv", "export", "--frozen", "--no-dev", "--no-emit-project", "--format=requirements-txt", "--no-header"
    )
    assert exported.returncode == 0, exported.stderr
    return exported.stdout


def _requirement(export: str, package: str) -> str:
    found = re.search(rf"^{package}==(?:.*\\\n)*.*$", export, re.MULTILINE)
    assert found, f"{package} is not in the lock"
    return found[0] + "\n"


def _install(requirements: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Install into a clean environment, packages from the registry, nothing from a cache."""
    wanted = folder / "requirements.txt"
    wanted.write_text(requirements)
    subprocess.run((sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")), check=True)  # noqa: S603 -- our interpreter
    python = str(folder / "venv" / "bin" / "python")
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "--no-cache-dir", "--disable-pip-version-check")
    options = ("--require-hashes", "--no-deps", "--only-binary=:all:", "--retries=1", "-r", str(wanted))
    return subprocess.run((*pip, *options), capture_output=True, text=True, check=False)  # noqa: S603 -- our interpreter


def _needs_registry(done: subprocess.CompletedProcess[str]) -> None:
    if "NewConnectionError" in done.stderr or "No matching distribution found" in done.stderr:
        pytest.skip("no package registry answers here")


def test_h2_every_package_of_the_lock_is_pinned_by_hash() -> None:
    export = _export()
    pinned = re.findall(r"^[a-z0-9._-]+==\S+(?: ; .*?)? \\$", export, re.MULTILINE)
    named = re.findall(r"^[a-z0-9][^\s#]*", export, re.MULTILINE)
    assert len(pinned) == len(named) > len(PACKAGES)


def test_h2_lock_installs_and_one_changed_hash_does_not(tmp_path: Path) -> None:
    export = _export()
    requirements = "".join(_requirement(export, package) for package in PACKAGES)
    (tmp_path / "good").mkdir()
    good = _install(requirements, tmp_path / "good")
    _needs_registry(good)
    assert good.returncode == 0, good.stderr
    assert "Successfully installed" in good.stdout

    tampered = _HASH.sub(f"--hash=sha256:{'0' * 64}", _requirement(export, PACKAGES[0]))
    (tmp_path / "bad").mkdir()
    bad = _install(tampered + _requirement(export, PACKAGES[1]), tmp_path / "bad")
    assert bad.returncode != 0
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in bad.stderr
    assert not list((tmp_path / "bad" / "venv").glob("lib/python*/site-packages/*"))


def test_h2_image_and_makefile_install_the_lock_and_nothing_newer() -> None:
    for name in ("Makefile", "Dockerfile"):
        text = (ROOT / name).read_text()
        assert "uv sync" in text
        assert all("--frozen" in line for line in text.splitlines() if "uv sync" in line)


def test_h2_console_installs_its_lock_which_knows_every_package_by_its_hash() -> None:
    lock = json.loads((ROOT / "console" / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert len(packages) > 100
    assert [name for name, package in packages.items() if not package["integrity"].startswith("sha512-")] == []
    assert [name for name, package in packages.items() if "resolved" in package] == [], "no host: any registry will do"
    for name in ("Makefile", "Dockerfile"):
        text = (ROOT / name).read_text()
        assert "npm ci" in text
        assert "npm install" not in text
