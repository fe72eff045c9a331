"""The import contracts hold, and each of them turns red at one offending import."""

import shutil
import subprocess
import sys
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ("app", "sandbox", "migrations")


@dataclass(frozen=True)
class Offence:
    """An import that a contract forbids, and where."""

    contract: str
    file: str
    line: str
    # What the report must point at.
    names: str


OFFENCES = (
    # A room looks up, sideways, or out of the cellar; a room that the plan does not know.
    Offence(
        "floors", "app/connections/service.py", "import app.sso.errors", "app.connections.service -> app.sso.errors"
    ),
    Offence("floors", "app/portal/flow.py", "import app.directories.runs", "app.portal.flow -> app.directories.runs"),
    Offence("floors", "app/clients/service.py", "import app.organizations.errors", "app.organizations.errors"),
    Offence("floors", "app/kit/ids.py", "import app.config", "app.kit.ids -> app.config"),
    Offence("floors", "app/queue/batch.py", "import app.bootstrap", "app.queue.batch -> app.bootstrap"),
    Offence("floors", "app/utilities/__init__.py", "", "app.utilities"),
    # Inside a room: SQL calls a verb, a verb calls the door, a table calls SQL.
    Offence(
        "rooms", "app/users/repository.py", "import app.users.service", "app.users.repository -> app.users.service"
    ),
    Offence("rooms", "app/connections/service.py", "import app.connections.endpoints", "app.connections.endpoints"),
    Offence("rooms", "app/sso/errors.py", "import app.sso.repository", "app.sso.errors -> app.sso.repository"),
    Offence("cellar", "app/kit/clock.py", "import app.log", "app.kit.clock -> app.log"),
    Offence("workos", "app/workos/gateway.py", "import workos", "app.workos.gateway -> workos"),
    Offence(
        "workos", "app/settings/gateway.py", "from workos import AsyncWorkOSClient", "app.settings.gateway -> workos"
    ),
    Offence("jose", "app/tokens/claims.py", "from jose import jwt", "app.tokens.claims -> jose"),
    Offence("sqlalchemy", "app/users/service.py", "import sqlalchemy", "app.users.service -> sqlalchemy"),
    Offence("sqlalchemy", "app/sso/endpoints.py", "import asyncpg", "app.sso.endpoints -> asyncpg"),
    Offence("fastapi", "app/users/service.py", "import fastapi", "app.users.service -> fastapi"),
    Offence("fastapi", "app/access/permissions.py", "import starlette.status", "app.access.permissions -> starlette"),
    Offence("sandbox", "app/config.py", "import sandbox", "app.config -> sandbox"),
    Offence("sandbox", "sandbox/ids.py", "import app.kit.ids", "sandbox.ids -> app.kit.ids"),
)


def _contracts() -> dict[str, str]:
    """Return the contracts' ids and names."""
    parser = ConfigParser()
    parser.read(ROOT / ".importlinter")
    prefix = "importlinter:contract:"
    return {name.removeprefix(prefix): parser[name]["name"] for name in parser.sections() if name.startswith(prefix)}


def _lint(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    command = (str(program), "--no-cache", *options)
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 -- our own tool


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the programs, to be spoiled and mended."""
    folder = tmp_path_factory.mktemp("contracts")
    for program in PROGRAMS:
        shutil.copytree(ROOT / program, folder / program, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", folder)
    return folder


def test_every_contract_is_kept() -> None:
    done = _lint(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("offence", OFFENCES, ids=lambda offence: f"{offence.contract}: {offence.names}")
def test_one_offending_import_breaks_its_contract(offence: Offence, copy: Path) -> None:
    spoiled = copy / offence.file
    before = spoiled.read_text() if spoiled.exists() else None
    spoiled.parent.mkdir(exist_ok=True)
    spoiled.write_text(f"{before or ''}\n{offence.line}\n")
    try:
        done = _lint(copy, "--contract", offence.contract)
    finally:
        if before is None:
            shutil.rmtree(spoiled.parent)
        else:
            spoiled.write_text(before)
    assert done.returncode == 1, done.stdout
    assert f"{_contracts()[offence.contract]} BROKEN" in done.stdout
    assert offence.names in done.stdout.replace("\n", " ")


def test_every_contract_has_been_seen_red() -> None:
    assert {offence.contract for offence in OFFENCES} == set(_contracts())
